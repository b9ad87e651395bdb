/* SPDX-License-Identifier: Apache-2.0 */
/* As much DER (X.690) as tokens wrap around public values, and no more. */
#ifndef CE_TOKEN_DER_H
#define CE_TOKEN_DER_H

#include <stddef.h>

/* A stretch of somebody else's bytes. */
struct ce_der {
    const unsigned char *data;
    size_t length;
};

#define CE_DER_BIT_STRING 0x03
#define CE_DER_OCTET_STRING 0x04
#define CE_DER_SEQUENCE 0x30

/* Takes one element with this tag off the front of `in`: `content` becomes what is in it. Returns
 * 0, or -1 and leaves both as they were. */
int ce_der_take(struct ce_der *content, struct ce_der *in, unsigned char tag);

#endif
