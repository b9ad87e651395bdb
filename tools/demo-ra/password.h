/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords of accounts: yescrypt through libcrypt. */
#ifndef DEMO_RA_PASSWORD_H
#define DEMO_RA_PASSWORD_H

#include <stddef.h>

/* Hashes with a fresh salt into `out`. Returns a class. */
int password_hash(char *out, size_t size, const char *password);

/* 1 when the password fits the hash. `hash` NULL: there is no such account; takes as long as a
 * real comparison and is never right. */
int password_matches(const char *hash, const char *password);

#endif
