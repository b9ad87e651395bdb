/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/logon.h"

#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "rules/credentials.h"

#include <string.h>

/* How a use of a password is told. */
static const struct {
    const char *right; /* events of the audit log */
    const char *wrong;
    const char *locked;
    enum problem problem;
} uses[] = {
    [PASSWORD_ALONE] = { "password-right", "password-wrong", "password-locked",
                         PROBLEM_WRONG_PASSWORD },
    [PASSWORD_WITH_CERTIFICATE] = { "logon-right", "logon-wrong", "logon-locked",
                                    PROBLEM_WRONG_PASSWORD },
    [PASSWORD_CONFIRMATION] = { "confirmation-right", "confirmation-wrong", "confirmation-locked",
                                PROBLEM_WRONG_CONFIRMATION },
};

static enum problem audited(struct ra *ra, const char *event, const char *name,
                            enum problem problem)
{
    return store_audit(ra->store, event, name, NULL) == STORE_OK ? problem : PROBLEM_FAILED;
}

/* What comes out of a try is written down whole. */
static enum problem record_try(struct ra *ra, const struct account *account, enum password_use use,
                               int is_right)
{
    enum store_result result = STORE_OK;
    enum problem problem;

    if (store_begin(ra->store) != STORE_OK)
        return PROBLEM_FAILED;
    if (!is_right) {
        result = store_account_count_wrong(ra->store, account->id, use);
        log_event(_("wrong password for the account \"%s\""), account->name);
    } else if (account->wrong_tries[use] > 0) {
        result = store_account_clear_wrong(ra->store, account->id, use);
    }
    problem = result != STORE_OK
                  ? PROBLEM_FAILED
                  : audited(ra, is_right ? uses[use].right : uses[use].wrong, account->name,
                            is_right ? PROBLEM_NONE : uses[use].problem);
    return store_end(ra->store, problem != PROBLEM_FAILED) == STORE_OK ? problem : PROBLEM_FAILED;
}

/* Of an account as it was found just now. */
static enum problem check_found(struct ra *ra, enum store_result found,
                                const struct account *account, const char *password,
                                enum password_use use)
{
    const char *hash =
        use == PASSWORD_CONFIRMATION ? account->confirmation_hash : account->password_hash;

    if (found == STORE_FAILED)
        return PROBLEM_FAILED;
    if (found == STORE_OK && account->wrong_tries[use] >= WRONG_TRIES_MAX)
        return audited(ra, uses[use].locked, account->name, PROBLEM_LOCKED);
    if (found == STORE_OK)
        return record_try(ra, account, use, password_matches(hash[0] ? hash : NULL, password));
    if (use != PASSWORD_ALONE) /* removed in the meantime */
        return PROBLEM_SESSION_OVER;
    (void)password_matches(NULL, password);
    /* A name that is not ours is not logged: people type passwords into name fields. */
    log_event(_("wrong password for an account that does not exist"));
    return audited(ra, uses[use].wrong, NULL, uses[use].problem);
}

enum problem logon_check(struct account *out, struct ra *ra, const char *name, const char *password)
{
    enum problem problem;

    pthread_mutex_lock(&ra->passwords);
    problem =
        check_found(ra, store_account_find(ra->store, out, name), out, password, PASSWORD_ALONE);
    pthread_mutex_unlock(&ra->passwords);
    return problem;
}

/* With the account's counts as they are by now. */
static enum problem check_again(struct account *out, struct ra *ra, int64_t account_id,
                                const char *password, enum password_use use)
{
    enum problem problem;

    pthread_mutex_lock(&ra->passwords);
    problem = check_found(ra, store_account_by_id(ra->store, out, account_id), out, password, use);
    pthread_mutex_unlock(&ra->passwords);
    return problem;
}

enum problem logon_certificate_problem(const struct peer *peer)
{
    static const enum problem problems[] = {
        [LOGON_OK] = PROBLEM_NONE,
        [LOGON_NONE] = PROBLEM_CERTIFICATE_NONE,
        [LOGON_FOREIGN] = PROBLEM_CERTIFICATE_FOREIGN,
        [LOGON_EXPIRED] = PROBLEM_CERTIFICATE_EXPIRED,
        [LOGON_NOT_YET_VALID] = PROBLEM_CERTIFICATE_NOT_YET_VALID,
        [LOGON_UNKNOWN] = PROBLEM_CERTIFICATE_UNKNOWN,
        [LOGON_REVOKED] = PROBLEM_CERTIFICATE_REVOKED,
        [LOGON_FAILED] = PROBLEM_FAILED,
    };

    return problems[peer->logon];
}

enum problem logon_with_certificate(struct account *out, struct ra *ra, const struct peer *peer,
                                    const char *password)
{
    enum problem problem = logon_certificate_problem(peer);

    memset(out, 0, sizeof(*out));
    return problem
               ? problem
               : check_again(out, ra, peer->record.account_id, password, PASSWORD_WITH_CERTIFICATE);
}

enum problem logon_confirm(struct ra *ra, const struct account *account,
                           const char *confirmation_password)
{
    struct account now;

    return check_again(&now, ra, account->id, confirmation_password, PASSWORD_CONFIRMATION);
}
