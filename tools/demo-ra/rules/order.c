/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/order.h"

#include "base/time.h"
#include "ground/japan_time.h"
#include "rules/browser_session.h"
#include "rules/ra_job.h"
#include "store/store_clock.h"
#include "store/store_order.h"

#include <stdio.h>
#include <string.h>

#define DAY 86400
#define DAYS_LOOKED_AT 400 /* more holidays in a row than that are an error in the table */

const char *certificate_state_name(enum certificate_state state)
{
    static const char *const names[] = {
        [CERTIFICATE_STATE_NONE] = "none",       [CERTIFICATE_STATE_WAITING] = "waiting",
        [CERTIFICATE_STATE_VALID] = "valid",     [CERTIFICATE_STATE_DUE] = "due",
        [CERTIFICATE_STATE_EXPIRED] = "expired", [CERTIFICATE_STATE_REVOKED] = "revoked",
    };

    return names[state];
}

/* --- how it stands --- */

enum certificate_state certificate_state_at(int64_t not_after, int64_t now)
{
    if (not_after < now)
        return CERTIFICATE_STATE_EXPIRED;
    return not_after - now < DUE_DAYS * DAY ? CERTIFICATE_STATE_DUE : CERTIFICATE_STATE_VALID;
}

void order_standing_of(struct standing_certificate *out, const struct order_record *record,
                       int64_t now)
{
    *out = (struct standing_certificate){
        .state = record->ordered            ? CERTIFICATE_STATE_WAITING
                 : !record->has_certificate ? CERTIFICATE_STATE_NONE
                 : record->revoked          ? CERTIFICATE_STATE_REVOKED
                                            : certificate_state_at(record->not_after, now),
        .collectable = record->ordered && record->effective_at <= now,
        .effective_at = record->ordered ? record->effective_at : 0,
        .not_after = record->not_after,
    };
    memcpy(out->serial, record->serial, sizeof(out->serial));
}

enum store_result order_standing(struct standing_certificate *out, struct ra *ra,
                                 int64_t account_id)
{
    struct order_record record;
    int64_t now = ra_now(ra);
    enum store_result result = store_order_find(ra->store, &record, account_id, now);

    if (result == STORE_OK)
        order_standing_of(out, &record, now);
    return result;
}

enum problem order_may_collect(struct ra *ra, int64_t account_id, int64_t *effective_at)
{
    struct standing_certificate standing;
    struct account account;

    *effective_at = 0;
    if (store_account_by_id(ra->store, &account, account_id) != STORE_OK ||
        order_standing(&standing, ra, account_id) != STORE_OK)
        return PROBLEM_FAILED;
    if (!account.needs_order || standing.collectable)
        return PROBLEM_NONE;
    *effective_at = standing.effective_at;
    return standing.state == CERTIFICATE_STATE_WAITING ? PROBLEM_ORDER_LATER : PROBLEM_NO_ORDER;
}

/* --- placing --- */

static enum store_result revoke_all(struct ra *ra, const struct account *account)
{
    char serial[SERIAL_TEXT_MAX + 1];
    enum store_result result;

    while ((result = store_certificate_usable(ra->store, serial, account->id, ra_now(ra))) ==
           STORE_OK)
        if (store_certificate_revoke(ra->store, account->name, serial, "superseded") != STORE_OK)
            return STORE_FAILED;
    return result == STORE_NONE ? STORE_OK : result;
}

enum store_result order_place(struct ra *ra, const struct account *account, int64_t effective_at,
                              const char *by)
{
    char detail[ACCOUNT_NAME_MAX + CE_TIME_SIZE + 16];
    char moment[CE_TIME_SIZE];
    enum store_result result = store_order_place(ra->store, account->id, effective_at, by);

    ce_time_format(moment, effective_at);
    snprintf(detail, sizeof(detail), "by %s, effective %s", by, moment);
    return result == STORE_OK ? store_audit(ra->store, "order-placed", account->name, detail)
                              : result;
}

enum store_result order_reissue(struct ra *ra, int64_t account_id, int64_t effective_at,
                                const char *by)
{
    struct account account;
    enum store_result result = store_begin(ra->store);

    if (result != STORE_OK)
        return result;
    result = store_account_by_id(ra->store, &account, account_id);
    if (result == STORE_OK)
        result = job_end_all(ra, &account);
    if (result == STORE_OK)
        result = revoke_all(ra, &account);
    if (result == STORE_OK)
        result = session_end_all(ra, account_id);
    if (result == STORE_OK)
        result = order_place(ra, &account, effective_at, by);
    return store_end(ra->store, result == STORE_OK) == STORE_OK ? result : STORE_FAILED;
}

/* --- the calendar --- */

enum store_result order_next_business_noon(int64_t *out, struct ra *ra, int64_t received)
{
    int64_t day = japan_day(received);

    for (int i = 0; i < DAYS_LOOKED_AT; i++) {
        int weekday = japan_weekday(++day);
        char date[JAPAN_DATE_SIZE];
        enum store_result holiday;

        if (weekday == 0 || weekday == 6)
            continue;
        japan_date(date, day);
        holiday = store_holiday_is(ra->store, date);
        if (holiday == STORE_OK)
            continue;
        *out = japan_noon(day);
        return holiday == STORE_NONE ? STORE_OK : STORE_FAILED;
    }
    return STORE_NONE;
}
