/* SPDX-License-Identifier: Apache-2.0 */
#include "apdu.h"

#include <string.h>

static size_t pair(const uint8_t *data)
{
    return (size_t)data[0] << 8 | data[1];
}

static size_t or_all(size_t expected, size_t all)
{
    return expected == 0 ? all : expected;
}

/* Lc and Le of one byte. What follows the header is at least one byte. */
static bool parse_short(struct apdu *out, struct bytes body)
{
    out->expected = 256;
    if (body.length == 1) { /* Le, or an Lc of nothing */
        out->expected = or_all(body.data[0], 256);
        return true;
    }
    out->data = (struct bytes){ body.data + 1, body.data[0] };
    if (body.length == out->data.length + 2)
        out->expected = or_all(body.data[body.length - 1], 256);
    return body.length == out->data.length + 1 || body.length == out->data.length + 2;
}

/* Lc and Le of two bytes, after a zero. */
static bool parse_extended(struct apdu *out, struct bytes body)
{
    out->expected = 65536;
    if (body.length == 3) {
        out->expected = or_all(pair(body.data + 1), 65536);
        return true;
    }
    out->data = (struct bytes){ body.data + 3, pair(body.data + 1) };
    if (body.length == out->data.length + 5)
        out->expected = or_all(pair(body.data + body.length - 2), 65536);
    return body.length == out->data.length + 3 || body.length == out->data.length + 5;
}

bool apdu_parse(struct apdu *out, struct bytes frame)
{
    if (frame.length < 4)
        return false;
    *out = (struct apdu){ frame.data[0], frame.data[1],     frame.data[2],
                          frame.data[3], { frame.data, 0 }, 256 };
    struct bytes body = { frame.data + 4, frame.length - 4 };
    if (body.length == 0)
        return true;
    if (body.data[0] == 0 && body.length >= 3)
        return parse_extended(out, body);
    return parse_short(out, body);
}

void answer_bytes(struct answer *answer, const void *data, size_t length)
{
    if (length > sizeof answer->data - answer->length) {
        answer->overflown = true;
        return;
    }
    memcpy(answer->data + answer->length, data, length);
    answer->length += length;
}

static void answer_byte(struct answer *answer, size_t byte)
{
    uint8_t one = (uint8_t)byte;
    answer_bytes(answer, &one, 1);
}

void answer_tlv(struct answer *answer, uint32_t tag, const void *data, size_t length)
{
    if (tag > 0xffff)
        answer_byte(answer, tag >> 16 & 0xff);
    if (tag > 0xff)
        answer_byte(answer, tag >> 8 & 0xff);
    answer_byte(answer, tag & 0xff);
    if (length > 0xff) {
        answer_byte(answer, 0x82);
        answer_byte(answer, length >> 8);
    } else if (length > 0x7f) {
        answer_byte(answer, 0x81);
    }
    answer_byte(answer, length & 0xff);
    answer_bytes(answer, data, length);
}

static bool take_byte(uint8_t *byte, struct bytes *rest)
{
    if (rest->length == 0)
        return false;
    *byte = *rest->data++;
    rest->length--;
    return true;
}

/* At most three bytes, ISO 7816-4 section 5.2.2.1. */
static bool take_tag(uint32_t *tag, struct bytes *rest)
{
    uint8_t byte;
    if (!take_byte(&byte, rest))
        return false;
    *tag = byte;
    if ((byte & 0x1f) != 0x1f)
        return true;
    do {
        if (*tag > 0xffff || !take_byte(&byte, rest))
            return false;
        *tag = *tag << 8 | byte;
    } while (byte & 0x80);
    return true;
}

static bool take_length(size_t *length, struct bytes *rest)
{
    uint8_t byte;
    if (!take_byte(&byte, rest))
        return false;
    *length = byte;
    if (byte < 0x80)
        return true;
    if (byte != 0x81 && byte != 0x82)
        return false;
    *length = 0;
    for (int count = byte - 0x80; count > 0; count--) {
        if (!take_byte(&byte, rest))
            return false;
        *length = *length << 8 | byte;
    }
    return true;
}

bool tlv_next(uint32_t *tag, struct bytes *value, struct bytes *rest)
{
    size_t length;
    if (!take_tag(tag, rest) || !take_length(&length, rest) || length > rest->length)
        return false;
    *value = (struct bytes){ rest->data, length };
    rest->data += length;
    rest->length -= length;
    return true;
}

bool tlv_find(struct bytes *value, struct bytes in, uint32_t tag)
{
    uint32_t found;
    while (tlv_next(&found, value, &in))
        if (found == tag)
            return true;
    return false;
}

bool tlv_byte(uint8_t *value, struct bytes in, uint32_t tag, uint8_t otherwise)
{
    struct bytes found;
    *value = otherwise;
    if (!tlv_find(&found, in, tag))
        return true;
    if (found.length != 1)
        return false;
    *value = found.data[0];
    return true;
}
