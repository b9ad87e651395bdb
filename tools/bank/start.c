/* SPDX-License-Identifier: Apache-2.0 */
/* Whose certificate, at which bank, on which token. */
#include "ask.h"
#include "bank.h"
#include "common/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_DEFAULT 30
#define DAYS_MAX 36500

int bank_days(struct bank *bank, int *days)
{
    const char *text = bank->options.days;
    char *end = NULL;
    long value = text ? strtol(text, &end, 10) : DAYS_DEFAULT;

    *days = (int)value;
    if (!text || (end != text && *end == '\0' && value >= 0 && value <= DAYS_MAX))
        return CERTENROLL_OK;
    return failure_set(&bank->failure, CERTENROLL_E_ARGUMENT,
                       _("--days \"%s\" is not a number from 0 to %d"), text, DAYS_MAX);
}

int bank_find_leftover(struct bank *bank, enum ra_leftover *out)
{
    const struct ra_collection what = { .context = bank->context,
                                        .place = bank->place,
                                        .token = bank->token,
                                        .name = bank->name,
                                        .journal_directory = bank->options.journal };

    return ra_collect_find(out, &what, &bank->failure);
}

int bank_take(struct bank *bank, certenroll_error *error)
{
    int status = failure_take(&bank->failure, error);

    if (status == CERTENROLL_E_PIN_INCORRECT) /* not every token says so by its flags */
        secrets_reject(&bank->secrets);
    return status;
}

/* --- the bank --- */

static int refuse_place(struct bank *bank, const char *what)
{
    char names[512] = "";
    size_t used = 0;

    for (size_t i = 0; i < bank->config.count && used < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s\"%s\"", i ? ", " : "",
                                 bank->config.places[i].name);
    failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, "%s", what);
    failure_advise(&bank->failure, _("Choose one by --ra: %s."), names);
    return CERTENROLL_E_ARGUMENT;
}

static int choose_place(struct bank *bank)
{
    const char *wanted = bank->options.ra;

    for (size_t i = 0; i < bank->config.count && wanted; i++)
        if (strcmp(bank->config.places[i].name, wanted) == 0)
            bank->place = &bank->config.places[i];
    if (!wanted && bank->config.count == 1)
        bank->place = bank->config.places;
    if (bank->place)
        return CERTENROLL_OK;
    return refuse_place(bank, wanted ? _("the configuration has no bank of this name")
                                     : _("the configuration has several banks"));
}

/* --- who --- */

static int ask_who(struct bank *bank)
{
    const struct options *options = &bank->options;
    int status = ask_id(bank, bank->corporate_id, options->corporate_id, "--corporate-id",
                        _("Corporate ID: "));

    if (status == CERTENROLL_OK && (bank->program->is_user || options->user_id))
        status = ask_id(bank, bank->user_id, options->user_id, "--user-id", _("User ID: "));
    if (status == CERTENROLL_OK && bank->program->is_user)
        snprintf(bank->name, sizeof(bank->name), "%s %s", bank->corporate_id, bank->user_id);
    else
        snprintf(bank->name, sizeof(bank->name), "%s", bank->corporate_id);
    return status;
}

/* --- the token --- */

static int open_token(struct bank *bank)
{
    const struct options *options = &bank->options;
    const char *uri = options->token ? options->token : bank->config.token;
    certenroll_token_options token_options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_error *error = NULL;

    token_options.module_path = options->module ? options->module : bank->config.module;
    token_options.allow_final_try = options->allow_final_try;
    if (options->pin_source || !secrets_in_uri(uri)) {
        token_options.secret = secrets_answer;
        token_options.secret_user = &bank->secrets;
    }
    if (certenroll_token_open(&bank->token, bank->context, uri, &token_options, &error) < 0)
        return bank_take(bank, error);
    return CERTENROLL_OK;
}

int bank_start(struct bank *bank)
{
    int status = ra_config_load(&bank->config, bank->options.config, &bank->failure);

    if (status == CERTENROLL_OK)
        status = choose_place(bank);
    if (status == CERTENROLL_OK)
        status = ask_who(bank);
    if (status == CERTENROLL_OK)
        status = open_token(bank);
    return status;
}
