/* SPDX-License-Identifier: Apache-2.0 */
/* Orders for certificates, and how an account's certificate stands. */
#ifndef DEMO_RA_ORDER_H
#define DEMO_RA_ORDER_H

#include "ground/problem.h"
#include "rules/ra.h"

#define DUE_DAYS 30

enum certificate_state {
    CERTIFICATE_STATE_NONE,    /* neither a certificate nor an order */
    CERTIFICATE_STATE_WAITING, /* an order that has not been collected */
    CERTIFICATE_STATE_VALID,
    CERTIFICATE_STATE_DUE,
    CERTIFICATE_STATE_EXPIRED,
    CERTIFICATE_STATE_REVOKED,
};
/* "none", "waiting", "valid", "due", "expired", "revoked". */
const char *certificate_state_name(enum certificate_state state);
/* VALID, DUE or EXPIRED. */
enum certificate_state certificate_state_at(int64_t not_after, int64_t now);

struct standing_certificate {
    enum certificate_state state;
    int collectable;      /* WAITING, and the order has taken effect */
    int64_t effective_at; /* of the order; 0: none */
    int64_t not_after;    /* of the newest certificate that can be used, else of the newest */
    char serial[SERIAL_TEXT_MAX + 1];
};
enum store_result order_standing(struct standing_certificate *out, struct ra *ra,
                                 int64_t account_id);
struct order_record;
void order_standing_of(struct standing_certificate *out, const struct order_record *record,
                       int64_t now);

/* Whether the account may collect one now: PROBLEM_NONE, PROBLEM_NO_ORDER, PROBLEM_ORDER_LATER
 * (then *effective_at says when), PROBLEM_FAILED. Accounts that need no order always may. */
enum problem order_may_collect(struct ra *ra, int64_t account_id, int64_t *effective_at);

/* Places one, in a transaction of the caller's, and tells the audit log. */
enum store_result order_place(struct ra *ra, const struct account *account, int64_t effective_at,
                              const char *by);
/* Revokes every certificate of the account that is still valid, ends its sessions and open jobs,
 * and places an order that takes effect at `effective_at`; one that is open is replaced. `by` is
 * the account or "branch", for the audit log. One transaction. */
enum store_result order_reissue(struct ra *ra, int64_t account_id, int64_t effective_at,
                                const char *by);

/* Noon, Japanese time, of the next business day after the day of `received`: no Saturday, no
 * Sunday, no bank holiday of the store's table. STORE_NONE: the table leaves none.
 */
enum store_result order_next_business_noon(int64_t *out, struct ra *ra, int64_t received);

#endif
