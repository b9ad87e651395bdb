/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 2 and 5: ID and password buy a job, the job a certificate. A valid one that is there is
 * kept. What an interrupted run has left is looked after first. */
#include "answers.h"
#include "common/tool_message.h"
#include "holding.h"
#include "results.h"

#include <stdio.h>
#include <string.h>

struct getting {
    struct bank *bank;
    certenroll_ra_collection what;
    certenroll_ra_leftover leftover;
    struct holding holding;
    certenroll_ra_collected collected;
    int is_kept;
    json_t *steps; /* how they stand then; NULL where nobody has said what the PC is for */
};

/* --- what is there --- */

/* Certificates first: the PIN is for whoever has something to keep. */
static int look_for_valid(struct getting *it, certenroll_error **error)
{
    int status = holding_look(&it->holding, it->bank, LOOK_ONLINE, error);

    if (status < 0 || !it->holding.best || !holding_is_valid(it->holding.best))
        return status;
    status = holding_look(&it->holding, it->bank, LOOK_REVOKED, error);
    if (status < 0)
        return status;
    if (it->holding.is_revoked)
        fprintf(stderr, "%s\n", _("- the certificate on the token has been revoked by the bank"));
    it->is_kept = it->holding.best && holding_is_valid(it->holding.best) && !it->holding.is_revoked;
    return status;
}

static int look_at_token(struct getting *it, certenroll_error **error)
{
    int status = certenroll_ra_leftover_find(&it->leftover, &it->what, error);

    if (status == CERTENROLL_OK && it->leftover == CERTENROLL_RA_LEFT_UNFINISHED) {
        it->leftover = CERTENROLL_RA_LEFT_NOTHING;
        status = certenroll_ra_leftover_take_back(&it->what, error);
        if (status == CERTENROLL_OK)
            fprintf(stderr, "%s\n",
                    _("- what an interrupted collection had left on the token is removed"));
    }
    if (status == CERTENROLL_OK && it->leftover == CERTENROLL_RA_LEFT_NOTHING &&
        !it->bank->options.again)
        status = look_for_valid(it, error);
    return status;
}

/* --- the job --- */

/* Nothing is left to collect: so the bank had confirmed what nobody here heard of. Unless it has
 * revoked that since, and the order was used up elsewhere: then its refusal, *error, stands. */
static int settle_leftover(struct getting *it, certenroll_error **error)
{
    certenroll_error *unsettled = NULL;
    int status = certenroll_ra_leftover_settle(&it->what, &unsettled);

    if (status == CERTENROLL_OK)
        status = look_for_valid(it, &unsettled);
    if (status == CERTENROLL_OK && !it->is_kept)
        return certenroll_error_status(*error);
    certenroll_error_free(*error);
    *error = unsettled;
    it->bank->code[0] = '\0';
    return status;
}

static int collect(struct getting *it, certenroll_error **error)
{
    struct bank *bank = it->bank;
    certenroll_ra_call call = CERTENROLL_RA_CALL_INIT;
    certenroll_ra_job job = { 0 };
    struct passwords passwords = { 0 };
    json_t *order = NULL;
    const char *name;
    int status = passwords_ask(&passwords, bank, PASSWORD_ACCOUNT, error);

    call.origin = certenroll_ra_entry(bank->ra);
    call.path = "/api/certificate";
    if (status == CERTENROLL_OK) {
        call.body = json_pack("{s:s, s:s*}", "corporate_id", bank->corporate_id, "user_id",
                              bank->program->is_user ? bank->user_id : NULL);
        status = bank_call(&order, bank, &call, &passwords, error);
    }
    passwords_free(&passwords);
    if (status < 0)
        return it->leftover == CERTENROLL_RA_LEFT_UNCONFIRMED &&
                       strcmp(bank->code, CODE_NO_ORDER) == 0
                   ? settle_leftover(it, error)
                   : status;
    name = certenroll_ra_json_text(order, "name");
    job.id = certenroll_ra_json_text(order, "job");
    job.token = certenroll_ra_json_text(order, "token");
    job.expires = json_integer_value(json_object_get(order, "expires"));
    if (job.id && job.token && job.expires && name && strcmp(name, bank->name) == 0)
        status = certenroll_ra_collect(&it->collected, &it->what, &job, error);
    else
        status = certenroll_error_set(error, CERTENROLL_E_SERVER,
                                      _("the bank's answer is not about this certificate"));
    certenroll_ra_json_free(order);
    return status;
}

/* --- what is told --- */

static int print_result(struct getting *it, certenroll_error **error)
{
    struct bank *bank = it->bank;
    int status = CERTENROLL_OK;

    printf(it->is_kept ? _("a valid certificate of \"%s\" is on the token and is kept\n")
                       : _("the certificate of \"%s\" is on the token, and the bank has confirmed "
                           "it\n"),
           bank->name);
    print_entry(it->holding.best);
    /* Those that the person has had removed just now are not told. */
    if (revoked_offer(bank, &it->holding) > 0)
        status = holding_look(&it->holding, bank, LOOK_REVOKED, error);
    if (status < 0)
        return status;
    if (it->holding.of_name > 1)
        printf(
            _("Older ones of this name stay on the token (%zu); where a program asks, choose the "
              "one above.\n"),
            it->holding.of_name - 1);
    if (it->is_kept)
        printf("%s\n", _("A token moves to another PC with its certificate: no reissue is needed. "
                         "--again gets a new one."));
    if (it->steps)
        steps_print(it->steps, bank);
    printf(_("To log on: %s logon\n"), bank->program->name);
    return CERTENROLL_OK;
}

static int show_certificate(struct getting *it, certenroll_error **error)
{
    struct bank *bank = it->bank;
    json_t *object;
    int is_due, status = CERTENROLL_OK;

    if (!it->is_kept)
        status = holding_look(&it->holding, bank, LOOK_REVOKED, error);
    if (status == CERTENROLL_OK && it->collected.id_length)
        holding_prefer(&it->holding, bank, it->collected.id, it->collected.id_length);
    if (status == CERTENROLL_OK)
        status = holding_require(&it->holding, bank, error);
    if (status == CERTENROLL_OK && bank->purpose)
        status = steps_find(&it->steps, &is_due, bank, error);
    if (status < 0)
        return status;
    if (!bank->options.json)
        return print_result(it, error);
    object = entry_json(it->holding.best);
    if (object) {
        json_object_set_new(object, "name", json_string(bank->name));
        json_object_set_new(object, "kept", json_boolean(it->is_kept));
        json_object_set_new(object, "revoked", revoked_json(bank, &it->holding));
        if (it->steps)
            json_object_set(object, "steps", it->steps);
    }
    return print_json(object, error);
}

int command_get(struct bank *bank, certenroll_error **error)
{
    struct getting it = { .bank = bank, .collected = { .size = sizeof(it.collected) } };
    int status = answer_purpose(bank, 0, error);

    if (status == CERTENROLL_OK)
        status = bank_start(bank, error);
    if (status < 0)
        return status;
    it.what = bank_collection(bank);
    status = bank_key_type(bank, &it.what.key_type, error);
    if (status == CERTENROLL_OK)
        status = look_at_token(&it, error);
    if (status == CERTENROLL_OK && !it.is_kept)
        status = collect(&it, error);
    if (status == CERTENROLL_OK)
        status = show_certificate(&it, error);
    json_decref(it.steps);
    return status;
}
