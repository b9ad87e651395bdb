/* SPDX-License-Identifier: Apache-2.0 */
#include "calls/bank_api.h"

#include "base/platform.h"
#include "calls/revocation_list.h"
#include "http/json_call.h"
#include "rules/credentials.h"
#include "rules/logon.h"
#include "rules/ra_job.h"
#include "rules/users.h"

#include <string.h>

#define API_PATH "/api/"
#define ALL_USERS 10000 /* of a corporation, in one answer */

static const char *kind_of(const struct account *account)
{
    return account->corporation_id ? "user" : "corporate";
}

/* --- entry --- */

/* By the ID and the password of a person without a certificate. What cannot be an ID is nobody's.
 */
static struct fault certificate(json_t **answer, const struct json_call *call)
{
    struct ra *ra = call->request->ra;
    const char *corporate_id = call->members[0], *user_id = call->members[1];
    char name[ACCOUNT_NAME_MAX + 1] = "", token[JOB_TOKEN_SIZE];
    struct account account;
    struct job job;
    struct fault fault = { 0 };
    int is_under_way = 0;

    if (account_id_is_sound(corporate_id) && (!user_id || account_id_is_sound(user_id)))
        account_name(name, corporate_id, user_id);
    fault.problem = logon_check(&account, ra, name, call->members[2]);
    if (!fault.problem)
        fault.problem = job_can_take_over(&is_under_way, ra, account.id);
    if (!fault.problem && !is_under_way)
        fault.problem = order_may_collect(ra, account.id, &fault.effective_at);
    if (!fault.problem)
        fault.problem = job_begin_executed(&job, token, ra, account.id);
    if (fault.problem)
        return fault;
    *answer = json_pack("{s:s, s:s, s:s, s:I}", "job", job.id, "token", token, "name", account.name,
                        "expires", (json_int_t)job.expires_at);
    ce_wipe(token, sizeof(token));
    return FAULT_WITHOUT(*answer);
}

/* --- login --- */

/* Who is at the other end, by certificate and password. */
struct caller {
    struct account account;
    struct certificate_record certificate;
};

static enum problem identify(struct caller *out, const struct request *request,
                             const char *password, int corporation_only)
{
    struct peer peer;
    enum problem problem;

    memset(out, 0, sizeof(*out));
    peer_judge(&peer, request->ra, request->session);
    out->certificate = peer.record;
    /* Another certificate than the call is for costs no try. */
    if (peer.logon == LOGON_OK && corporation_only && strchr(peer.record.account_name, ' '))
        problem = PROBLEM_CERTIFICATE_OTHER;
    else
        problem = logon_with_certificate(&out->account, request->ra, &peer, password);
    peer_clear(&peer);
    return problem;
}

static struct fault logon(json_t **answer, const struct json_call *call)
{
    struct caller caller;
    const struct certificate_record *record = &caller.certificate;
    enum problem problem = identify(&caller, call->request, call->members[0], 0);

    if (problem)
        return FAULT(problem);
    *answer = json_pack(
        "{s:s, s:s, s:{s:s, s:s, s:I}}", "name", caller.account.name, "kind",
        kind_of(&caller.account), "certificate", "serial", record->serial, "state",
        certificate_state_name(certificate_state_at(record->not_after, ra_now(call->request->ra))),
        "not_after", (json_int_t)record->not_after);
    return FAULT_WITHOUT(*answer);
}

/* "not_after" is null where there is no certificate yet. */
static int add_user(void *user, const struct user_entry *entry)
{
    json_t *list = user;
    const struct standing_certificate *certificate = &entry->certificate;
    json_t *not_after =
        certificate->not_after ? json_integer((json_int_t)certificate->not_after) : json_null();

    return json_array_size(list) >= ALL_USERS ||
           json_array_append_new(
               list, json_pack("{s:s, s:s, s:b, s:o}", "user_id", entry->user_id, "state",
                               certificate_state_name(certificate->state), "collectable",
                               certificate->collectable, "not_after", not_after)) < 0;
}

static struct fault users(json_t **answer, const struct json_call *call)
{
    struct caller caller;
    enum problem problem = identify(&caller, call->request, call->members[0], 1);
    json_t *list;

    if (problem)
        return FAULT(problem);
    list = json_array();
    if (users_list(call->request->ra, caller.account.id, add_user, list) != STORE_OK) {
        json_decref(list);
        return FAULT(PROBLEM_FAILED);
    }
    *answer = json_pack("{s:o}", "users", list);
    return FAULT_WITHOUT(*answer);
}

/* By both passwords of the corporation. */
static enum problem identify_twice(struct caller *out, const struct json_call *call)
{
    enum problem problem = identify(out, call->request, call->members[0], 1);

    return !problem ? logon_confirm(call->request->ra, &out->account, call->members[1]) : problem;
}

static struct fault reissue(json_t **answer, const struct json_call *call)
{
    struct ra *ra = call->request->ra;
    const char *user_id = call->members[2];
    struct caller caller;
    struct user_entry entry;
    enum problem problem = identify_twice(&caller, call);

    if (!problem)
        problem = users_reissue(ra, &caller.account, user_id);
    if (!problem && users_find(&entry, ra, caller.account.id, user_id) != STORE_OK)
        problem = PROBLEM_FAILED;
    if (problem)
        return FAULT(problem);
    *answer = json_pack("{s:s, s:I}", "user_id", user_id, "effective_at",
                        (json_int_t)entry.certificate.effective_at);
    return FAULT_WITHOUT(*answer);
}

/* What gives a user two passwords: registering one, or new ones for one that there is. */
typedef enum problem users_change(struct ra *ra, const struct account *corporation,
                                  const struct new_user *order, const char **field);

static struct fault give_passwords(json_t **answer, const struct json_call *call,
                                   users_change *change)
{
    const struct new_user order = { call->members[2], call->members[3], call->members[4] };
    struct caller caller;
    struct fault fault = FAULT(identify_twice(&caller, call));

    if (!fault.problem)
        fault.problem = change(call->request->ra, &caller.account, &order, &fault.field);
    if (fault.problem)
        return fault;
    *answer = json_pack("{s:s}", "user_id", order.user_id);
    return FAULT_WITHOUT(*answer);
}

static struct fault register_user(json_t **answer, const struct json_call *call)
{
    return give_passwords(answer, call, users_register);
}

static struct fault reset(json_t **answer, const struct json_call *call)
{
    return give_passwords(answer, call, users_reset);
}

static const struct json_operation operations[] = {
    { HOST_ENTRY,
      API_PATH "certificate",
      0,
      "user_id",
      { "corporate_id", "user_id", "password" },
      certificate },
    { HOST_LOGIN, API_PATH "logon", 0, NULL, { "password" }, logon },
    { HOST_LOGIN, API_PATH "users", 0, NULL, { "password" }, users },
    { HOST_LOGIN,
      API_PATH "reissue",
      0,
      NULL,
      { "password", "confirmation_password", "user_id" },
      reissue },
    { HOST_LOGIN,
      API_PATH "register",
      0,
      NULL,
      { "password", "confirmation_password", "user_id", "new_password",
        "new_confirmation_password" },
      register_user },
    { HOST_LOGIN,
      API_PATH "reset",
      0,
      NULL,
      { "password", "confirmation_password", "user_id", "new_password",
        "new_confirmation_password" },
      reset },
};

int bank_api_answer(struct reply *reply, const struct request *request)
{
    if (request->host == HOST_ENTRY && crl_answer(reply, request))
        return 1;
    if (strncmp(request->path, API_PATH, sizeof(API_PATH) - 1) != 0)
        return 0;
    json_call_answer(reply, request, operations, sizeof(operations) / sizeof(operations[0]));
    return 1;
}
