/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that are handed out once: random hexadecimal digits, of which the store has a hash. */
#ifndef DEMO_RA_TOKEN_TEXT_H
#define DEMO_RA_TOKEN_TEXT_H

#include <stddef.h>

#define TOKEN_HASH_LENGTH 32 /* SHA-256 */

/* Fills `out` with `size` - 1 (an even number of) digits. Returns 0 or -1. */
int token_text_new(char *out, size_t size);
/* Whether it is exactly so many lower-case digits. */
int token_text_is(const char *text, size_t digits);
/* Returns 0 or -1. */
int token_text_hash(unsigned char out[TOKEN_HASH_LENGTH], const char *text);
/* In a time that does not tell where they differ. */
int token_text_matches(const unsigned char hash[TOKEN_HASH_LENGTH], const char *text);

#endif
