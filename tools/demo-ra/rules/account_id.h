/* SPDX-License-Identifier: Apache-2.0 */
/* IDs of corporations and users, and the names of accounts that they make. */
#ifndef DEMO_RA_ACCOUNT_ID_H
#define DEMO_RA_ACCOUNT_ID_H

#include "store/store.h"

/* 1 to ACCOUNT_ID_MAX letters, digits, "-", "_" and ".": what is the same in a name, a URL and a
 * file name. */
int account_id_is_sound(const char *id);

/* Of sound IDs; `user_id` NULL: the corporation's own. */
void account_name(char out[ACCOUNT_NAME_MAX + 1], const char *corporate_id, const char *user_id);

#endif
