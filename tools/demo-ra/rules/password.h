/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords of accounts: yescrypt through libcrypt. */
#ifndef DEMO_RA_PASSWORD_H
#define DEMO_RA_PASSWORD_H

#include <stddef.h>

#define PASSWORD_LENGTH_MIN 8 /* characters */
#define PASSWORD_LENGTH_MAX 64

/* Whether it may be chosen: so many characters of printable UTF-8. */
int password_is_sound(const char *password);

/* Hashes with a fresh salt into `out`. Returns a class. */
int password_hash(char *out, size_t size, const char *password);

/* 1 when the password fits the hash. `hash` NULL: there is no such account; takes as long as a
 * real comparison and is never right. */
int password_matches(const char *hash, const char *password);

#endif
