/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates issued, for the operator. */
#ifndef DEMO_RA_CERTIFICATE_LIST_H
#define DEMO_RA_CERTIFICATE_LIST_H

#include "store/store.h"

/* Prints them in the order of issue, each on a line of fields parted by tabs, or with `json` as an
 * object on a line; `account_name` NULL: those of all accounts. Returns a class. */
int certificate_list(struct store *store, const char *account_name, int json);

#endif
