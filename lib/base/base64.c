/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <certenroll/error.h>

#include <openssl/evp.h>

#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 48 /* 64 characters */

int ce_base64_encode(struct ce_buffer *out, const struct ce_buffer *bytes, certenroll_error **error)
{
    size_t lines = bytes->length / LINE_BYTES + 1;
    unsigned char *end;

    *out = (struct ce_buffer){ NULL, 0 };
    out->data = malloc(lines * (LINE_BYTES / 3 * 4 + 1) + 1);
    if (!out->data)
        return certenroll_error_set_memory(error);
    end = out->data;
    for (size_t done = 0; done < bytes->length; done += LINE_BYTES) {
        size_t rest = bytes->length - done;
        int now = rest < LINE_BYTES ? (int)rest : LINE_BYTES;

        end += EVP_EncodeBlock(end, bytes->data + done, now);
        *end++ = '\n';
    }
    *end = '\0';
    out->length = (size_t)(end - out->data);
    return CERTENROLL_OK;
}

char *base64url_encode(const struct ce_buffer *bytes)
{
    char *out = malloc((bytes->length + 2) / 3 * 4 + 1);
    size_t length;

    if (!out)
        return NULL;
    length = (size_t)EVP_EncodeBlock((unsigned char *)out, bytes->data, (int)bytes->length);
    while (length > 0 && out[length - 1] == '=')
        length--;
    out[length] = '\0';
    for (size_t i = 0; i < length; i++)
        out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
    return out;
}

/* The six bits that a character stands for, or -1. */
static int value_of(unsigned char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(alphabet, c) : NULL;

    return found ? (int)(found - alphabet) : -1;
}

/* One group of four. Returns how many bytes it makes, or -1. */
static int decode_group(unsigned char *out, const unsigned char group[4])
{
    unsigned bits = 0;
    int pads = group[3] != '=' ? 0 : group[2] != '=' ? 1 : 2;

    for (int i = 0; i < 4; i++) {
        int value = i < 4 - pads ? value_of(group[i]) : 0;

        if (value < 0)
            return -1;
        bits = bits << 6 | (unsigned)value;
    }
    /* Bits that no byte uses must be zero: one encoding for one content. */
    if (pads > 0 && (bits & ((1U << 8 * pads) - 1)) != 0)
        return -1;
    for (int i = 0; i < 3 - pads; i++)
        out[i] = (unsigned char)(bits >> (16 - 8 * i));
    return 3 - pads;
}

static int decode(unsigned char *out, size_t *length, const struct ce_buffer *text)
{
    unsigned char group[4];
    size_t filled = 0;
    int ended = 0;

    for (size_t i = 0; i < text->length; i++) {
        int made;

        if (memchr(" \t\r\n", text->data[i], 4))
            continue;
        if (ended)
            return -1;
        group[filled++] = text->data[i];
        if (filled < sizeof(group))
            continue;
        made = decode_group(out + *length, group);
        if (made < 0)
            return -1;
        *length += (size_t)made;
        ended = made < 3;
        filled = 0;
    }
    return filled == 0 ? 0 : -1;
}

int ce_base64_decode(struct ce_buffer *out, const struct ce_buffer *text)
{
    *out = (struct ce_buffer){ malloc(text->length / 4 * 3 + 1), 0 };
    if (!out->data)
        return CERTENROLL_E_MEMORY;
    if (decode(out->data, &out->length, text) < 0) {
        ce_buffer_clear(out);
        return CERTENROLL_E_CERT_MALFORMED;
    }
    out->data[out->length] = '\0';
    return CERTENROLL_OK;
}
