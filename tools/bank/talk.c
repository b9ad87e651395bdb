/* SPDX-License-Identifier: Apache-2.0 */
#include "talk.h"

#include "ask.h"
#include "common/message.h"
#include "common/strict_json.h"

const char *talk_question(const struct bank *bank)
{
    return bank->program->is_user ? _("User password (too many wrong ones lock it): ")
                                  : _("Corporate password (too many wrong ones lock it): ");
}

int talk_begin(struct talk *talk, struct bank *bank)
{
    int status = bank_start(bank);

    if (status == CERTENROLL_OK)
        status = holding_need_pair(&talk->holding, bank);
    if (status == CERTENROLL_OK)
        status = ask_password(bank, &talk->password, bank->options.password_source,
                              "--password-source", talk_question(bank));
    return status;
}

int talk_call(json_t **answer, struct talk *talk, struct bank *bank, const char *path, json_t *body)
{
    struct ra_call call = { .context = bank->context,
                            .place = bank->place,
                            .origin = bank->place->login,
                            .path = path,
                            .body = body,
                            .token = bank->token };
    int status =
        body ? ask_put(bank, body, "password", talk->password) : failure_memory(&bank->failure);

    call.id = certenroll_entry_id(talk->holding.best, &call.id_length);
    if (status == CERTENROLL_OK)
        return ra_call(answer, &call, bank->code, &bank->failure);
    strict_json_free(body);
    return status;
}

void talk_end(struct talk *talk)
{
    secret_line_free(talk->password);
    talk->password = NULL;
    holding_clear(&talk->holding);
}
