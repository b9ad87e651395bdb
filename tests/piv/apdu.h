/* SPDX-License-Identifier: Apache-2.0 */
/* ISO 7816-4: the frames of commands and answers, and BER-TLV inside them. */
#ifndef PIV_APDU_H
#define PIV_APDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest command, chained or extended, and the longest answer. */
#define APDU_LIMIT 4096

/* Status words, ISO 7816-4 section 5.6. */
enum status_word {
    SW_OK = 0x9000,
    SW_TRIES_LEFT = 0x63c0, /* and the number of tries in the last four bits */
    SW_MEMORY_FAILURE = 0x6581,
    SW_WRONG_LENGTH = 0x6700,
    SW_SECURITY_STATUS = 0x6982, /* not logged in */
    SW_BLOCKED = 0x6983,
    SW_CONDITIONS = 0x6985,
    SW_WRONG_DATA = 0x6a80,
    SW_NOT_FOUND = 0x6a82,
    SW_NO_SPACE = 0x6a84,
    SW_WRONG_P1P2 = 0x6a86,
    SW_NO_KEY = 0x6a88,
    SW_UNKNOWN_INS = 0x6d00,
    SW_UNKNOWN_CLA = 0x6e00,
};

/* Bytes of somebody else. */
struct bytes {
    const uint8_t *data;
    size_t length;
};

struct apdu {
    uint8_t cla, ins, p1, p2;
    struct bytes data;
    size_t expected; /* bytes that fit into the answer: Le */
};

/* An answer in the making. What does not fit makes it `overflown`, and nothing else. */
struct answer {
    uint8_t data[APDU_LIMIT];
    size_t length;
    bool overflown;
};

/* A short or extended command; false: its lengths are wrong. */
bool apdu_parse(struct apdu *out, struct bytes frame);

void answer_bytes(struct answer *answer, const void *data, size_t length);
void answer_tlv(struct answer *answer, uint32_t tag, const void *data, size_t length);

/* The next element; false: there is none, or it is malformed. */
bool tlv_next(uint32_t *tag, struct bytes *value, struct bytes *rest);

/* The first element with this tag; false: there is none. */
bool tlv_find(struct bytes *value, struct bytes in, uint32_t tag);

/* An element of exactly one byte; `otherwise` when it is not there. False: it is not a byte. */
bool tlv_byte(uint8_t *value, struct bytes in, uint32_t tag, uint8_t otherwise);

#endif
