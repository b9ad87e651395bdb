/* SPDX-License-Identifier: Apache-2.0 */
/* What has been revoked, and the lists that have told so. */
#ifndef DEMO_RA_STORE_CRL_H
#define DEMO_RA_STORE_CRL_H

#include "store/store.h"

/* Calls `take` with each that has been revoked and would be valid at `now` or later, until it
 * returns non-zero. */
enum store_result store_revoked_list(struct store *store, int64_t now,
                                     int (*take)(void *user, const char *serial, int64_t revoked_at,
                                                 const char *reason),
                                     void *user);
enum store_result store_revoked_count(struct store *store, int64_t *out);

/* The newest list, where it was made at `since` or later but not after `now`, and tells of so many
 * revocations. `*der` is the caller's, freed by free(). */
enum store_result store_crl_find(struct store *store, unsigned char **der, size_t *length,
                                 int64_t revoked, int64_t since, int64_t now);
/* The number of a new one, whose DER follows. */
enum store_result store_crl_number(struct store *store, int64_t *out, int64_t revoked, int64_t now);
enum store_result store_crl_keep(struct store *store, int64_t number, const unsigned char *der,
                                 size_t length);

#endif
