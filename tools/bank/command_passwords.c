/* SPDX-License-Identifier: Apache-2.0 */
/* What gives a user two passwords: being registered, or a reset. */
#include "ask.h"
#include "change.h"
#include "common/message.h"
#include "common/strict_json.h"
#include "show.h"

#include <stdio.h>

struct passwords {
    struct secret_line *confirmation; /* the corporation's */
    struct secret_line *chosen, *chosen_confirmation;
};

static void wipe(struct passwords *passwords)
{
    secret_line_free(passwords->confirmation);
    secret_line_free(passwords->chosen);
    secret_line_free(passwords->chosen_confirmation);
}

static int ask(struct bank *bank, struct passwords *out)
{
    const struct options *options = &bank->options;
    int status = change_ask(bank, &out->confirmation);

    if (status == CERTENROLL_OK)
        status = ask_new_password(bank, &out->chosen, options->new_password_source,
                                  "--new-password-source", _("New user password: "));
    if (status == CERTENROLL_OK)
        status = ask_new_password(
            bank, &out->chosen_confirmation, options->new_confirmation_password_source,
            "--new-confirmation-password-source", _("New user confirmation password: "));
    return status;
}

static int compose(struct bank *bank, json_t **body, const struct passwords *passwords)
{
    int status;

    *body = json_pack("{s:s}", "user_id", bank->options.operand);
    status = *body ? ask_put(bank, *body, "new_password", passwords->chosen)
                   : failure_memory(&bank->failure);
    if (status == CERTENROLL_OK)
        status = ask_put(bank, *body, "new_confirmation_password", passwords->chosen_confirmation);
    if (status < 0) {
        strict_json_free(*body);
        *body = NULL;
    }
    return status;
}

static int call(struct talk *talk, struct bank *bank, const char *path)
{
    struct passwords passwords = { 0 };
    json_t *body = NULL, *answer = NULL;
    int status = ask(bank, &passwords);

    if (status == CERTENROLL_OK)
        status = compose(bank, &body, &passwords);
    if (status == CERTENROLL_OK)
        status = change_call(&answer, talk, bank, path, body, passwords.confirmation);
    strict_json_free(answer);
    wipe(&passwords);
    return status;
}

int command_register(struct bank *bank)
{
    const char *user = bank->options.operand;
    char checked[ID_SIZE];
    struct talk talk = { 0 };
    int status = ask_id(bank, checked, user, "USER", NULL);

    if (status == CERTENROLL_OK)
        status = talk_begin(&talk, bank);
    if (status == CERTENROLL_OK)
        status = call(&talk, bank, "/api/register");
    talk_end(&talk);
    if (status < 0)
        return status;
    if (bank->options.json)
        return show_json(bank, json_pack("{s:s}", "user_id", user));
    printf(_("user \"%s\" is registered; give the two passwords to nobody else\n"), user);
    printf(_("Next, step 5, by the user: certenroll-user get --corporate-id %s --user-id %s\n"),
           bank->corporate_id, user);
    return CERTENROLL_OK;
}

int command_reset(struct bank *bank)
{
    const char *user = bank->options.operand;
    struct talk talk = { 0 };
    int status = change_begin(&talk, bank, NULL);

    if (status == CERTENROLL_OK)
        status = call(&talk, bank, "/api/reset");
    talk_end(&talk);
    if (status < 0)
        return status;
    if (bank->options.json)
        return show_json(bank, json_pack("{s:s}", "user_id", user));
    printf(_("the two passwords of user \"%s\" are set anew; give them to nobody else\n"), user);
    return CERTENROLL_OK;
}
