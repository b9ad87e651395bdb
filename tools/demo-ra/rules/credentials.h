/* SPDX-License-Identifier: Apache-2.0 */
/* IDs and passwords: which there can be, the names of accounts that IDs make, and what is kept of a
 * password: yescrypt through libcrypt. */
#ifndef DEMO_RA_CREDENTIALS_H
#define DEMO_RA_CREDENTIALS_H

#include "store/store.h"

/* 1 to ACCOUNT_ID_MAX letters, digits, "-", "_" and ".": what is the same in a name, a URL and a
 * file name. */
int account_id_is_sound(const char *id);

/* Of sound IDs; `user_id` NULL: the corporation's own. */
void account_name(char out[ACCOUNT_NAME_MAX + 1], const char *corporate_id, const char *user_id);

#define PASSWORD_LENGTH_MIN 8 /* characters */
#define PASSWORD_LENGTH_MAX 64

/* Whether it may be chosen: so many characters of printable UTF-8. */
int password_is_sound(const char *password);

/* Hashes with a fresh salt. */
int password_hash(char out[PASSWORD_HASH_MAX + 1], const char *password, certenroll_error **error);

/* 1 when the password fits the hash. `hash` NULL: there is no such account; takes as long as a
 * real comparison and is never right. */
int password_matches(const char *hash, const char *password);

#endif
