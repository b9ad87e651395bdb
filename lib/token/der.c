/* SPDX-License-Identifier: Apache-2.0 */
#include "token/der.h"

/* The length octets (X.690 §8.1.3): short form, or the long form of one or two octets. Nothing
 * that is read here is longer than 64 KiB. */
static int take_length(size_t *length, struct ce_der *in)
{
    size_t octets, value = 0;

    if (in->length == 0)
        return -1;
    *length = in->data[0];
    octets = in->data[0] & 0x80 ? in->data[0] & 0x7fU : 0;
    if ((in->data[0] & 0x80 && octets == 0) || octets > 2 || in->length < 1 + octets)
        return -1;
    for (size_t i = 1; i <= octets; i++)
        value = value << 8 | in->data[i];
    if (octets > 0)
        *length = value;
    in->data += 1 + octets;
    in->length -= 1 + octets;
    return 0;
}

int ce_der_take(struct ce_der *content, struct ce_der *in, unsigned char tag)
{
    struct ce_der rest = *in;
    size_t length;

    if (rest.length < 2 || rest.data[0] != tag)
        return -1;
    rest.data++;
    rest.length--;
    if (take_length(&length, &rest) < 0 || length > rest.length)
        return -1;
    *content = (struct ce_der){ rest.data, length };
    *in = (struct ce_der){ rest.data + length, rest.length - length };
    return 0;
}
