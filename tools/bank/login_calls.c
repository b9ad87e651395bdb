/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"
#include "base/text.h"
#include "base/time.h"
#include "common/tool_message.h"
#include "results.h"

#include <stdio.h>
#include <string.h>

#define SERIAL_SIZE 65

int bank_call(json_t **answer, struct bank *bank, certenroll_ra_call *call,
              const struct passwords *passwords, certenroll_error **error)
{
    int status = call->body ? passwords_put(call->body, passwords, error)
                            : certenroll_error_set_memory(error);

    call->ra = bank->ra;
    if (status == CERTENROLL_OK)
        return certenroll_ra_call_json(answer, bank->context, call, bank->code, error);
    certenroll_ra_json_free(call->body);
    return status;
}

int login_begin(struct login *login, struct bank *bank, certenroll_error **error)
{
    int status = bank_start(bank, error);

    if (status == CERTENROLL_OK)
        status = holding_need_pair(&login->holding, bank, error);
    if (status == CERTENROLL_OK)
        status = passwords_ask(&login->passwords, bank, PASSWORD_ACCOUNT, error);
    return status;
}

int login_call(json_t **answer, const struct login *login, struct bank *bank, const char *path,
               json_t *body, certenroll_error **error)
{
    certenroll_ra_call call = CERTENROLL_RA_CALL_INIT;

    call.origin = certenroll_ra_login(bank->ra);
    call.path = path;
    call.body = body;
    call.token = bank->token;
    call.id = certenroll_entry_id(login->holding.best, &call.id_length);
    return bank_call(answer, bank, &call, &login->passwords, error);
}

/* --- logging on --- */

static int show_account(struct bank *bank, const json_t *answer, certenroll_error **error)
{
    static const struct member members[] = {
        { "state", N_("state") },
        { "not_after", N_("valid until") },
        { "serial", N_("serial number") },
        { NULL, NULL },
    };
    const json_t *certificate = json_object_get(answer, "certificate");
    const char *state = certenroll_ra_json_text(certificate, "state");
    const certenroll_ra_collection what = bank_collection(bank);
    certenroll_ra_leftover leftover = CERTENROLL_RA_LEFT_NOTHING;
    const char *number = certenroll_ra_json_text(certificate, "serial");
    char until[CE_TIME_SIZE], serial[SERIAL_SIZE] = "";
    json_t *result;
    int status;

    /* In lower case, as the token's certificates are shown; "" where the bank has told none. */
    for (size_t i = 0; number && strlen(number) < SERIAL_SIZE && number[i]; i++)
        serial[i] = (char)ce_text_lower((unsigned char)number[i]);
    ce_time_format(until, json_integer_value(json_object_get(certificate, "not_after")));
    result = json_pack("{s:s, s:s*, s:s, s:s}", "name", bank->name, "state", state, "serial",
                       serial, "not_after", until);
    if (bank->options.json)
        return print_json(result, error);
    printf(_("logged on at %s as %s\n"), certenroll_ra_name(bank->ra), bank->name);
    print_members(result, members);
    json_decref(result);
    if (state && strcmp(state, "due") == 0)
        printf(_("The certificate ends soon: %s renew\n"), bank->program->name);
    /* What is not confirmed the bank takes now, and revokes soon. */
    status = certenroll_ra_leftover_find(&leftover, &what, error);
    if (leftover != CERTENROLL_RA_LEFT_NOTHING)
        printf(_("A collection was interrupted; begin it again: %s get\n"), bank->program->name);
    return status;
}

int command_logon(struct bank *bank, certenroll_error **error)
{
    struct login login = { 0 };
    json_t *answer = NULL;
    const char *name;
    int status = login_begin(&login, bank, error);

    if (status == CERTENROLL_OK)
        status = login_call(&answer, &login, bank, "/api/logon", json_object(), error);
    /* The bank speaks of the account that we are: anything else is not what was asked for. */
    name = certenroll_ra_json_text(answer, "name");
    if (status == CERTENROLL_OK && !(name && strcmp(name, bank->name) == 0))
        status = certenroll_error_set(error, CERTENROLL_E_SERVER,
                                      _("the bank's answer is about somebody else"));
    if (status == CERTENROLL_OK)
        status = show_account(bank, answer, error);
    certenroll_ra_json_free(answer);
    passwords_free(&login.passwords);
    return status;
}
