/* SPDX-License-Identifier: Apache-2.0 */
/* Orders, and what is known of an account's certificate. */
#ifndef DEMO_RA_STORE_ORDER_H
#define DEMO_RA_STORE_ORDER_H

#include "store/store.h"

struct order_record {
    int64_t account_id;
    char name[ACCOUNT_NAME_MAX + 1];
    char title[256];
    int locked; /* one of its passwords */
    int ordered;
    int64_t effective_at; /* of the open order */
    int has_certificate;  /* the newest that can still be used, else the newest */
    int revoked;
    int64_t not_after;
    char serial[SERIAL_TEXT_MAX + 1];
};

enum store_result store_order_find(struct store *store, struct order_record *out,
                                   int64_t account_id, int64_t now);
/* Calls `take` with each of a corporation's users, in the order of their names, until it returns
 * non-zero. */
enum store_result store_order_users(struct store *store, int64_t corporation_id, int64_t now,
                                    int (*take)(void *user, const struct order_record *record),
                                    void *user);
/* The same with each corporation whose ID is `text`, or whose name for people has it in it. */
enum store_result store_order_search(struct store *store, const char *text, int64_t now,
                                     int (*take)(void *user, const struct order_record *record),
                                     void *user);

/* Closes the one that is open and places another. */
enum store_result store_order_place(struct store *store, int64_t account_id, int64_t effective_at,
                                    const char *by);
/* STORE_NONE: there is none that is open and has taken effect. */
enum store_result store_order_collect(struct store *store, int64_t account_id,
                                      int64_t certificate_id);
/* Opens the one again that was collected with this certificate, unless there is another. */
enum store_result store_order_reopen(struct store *store, int64_t certificate_id);

#endif
