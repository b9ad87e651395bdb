/* SPDX-License-Identifier: Apache-2.0 */
/* Whose certificate, at which bank, on which token. */
#include "answers.h"
#include "common/interrupt.h"
#include "common/progress_text.h"
#include "common/tool_message.h"

#include <stdio.h>
#include <string.h>

#define DAYS_DEFAULT 30
#define DAYS_MAX 36500

/* --- what options say --- */

int bank_days(const struct bank *bank, int *days, certenroll_error **error)
{
    const char *text = bank->options.days;

    *days = text ? option_number(text, DAYS_MAX) : DAYS_DEFAULT;
    if (*days >= 0)
        return CERTENROLL_OK;
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                _("--days \"%s\" is not a number from 0 to %d"), text, DAYS_MAX);
}

int bank_key_type(const struct bank *bank, certenroll_key_type *type, certenroll_error **error)
{
    const char *name = bank->options.key_type;

    if (!name)
        return CERTENROLL_OK;
    *type = (certenroll_key_type)certenroll_key_type_from_name(name);
    if (*type)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("there is no key type \"%s\""), name);
    certenroll_error_advise(
        error, _("Choose rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519."));
    return CERTENROLL_E_ARGUMENT;
}

/* --- the bank --- */

static int choose_ra(struct bank *bank, certenroll_error **error)
{
    const char *wanted = bank->options.ra;
    size_t count = certenroll_ra_config_count(bank->config), used = 0;
    char names[512] = "";

    for (size_t i = 0; i < count; i++) {
        const certenroll_ra *ra = certenroll_ra_config_at(bank->config, i);

        if (wanted ? strcmp(certenroll_ra_name(ra), wanted) == 0 : count == 1)
            bank->ra = ra;
        if (used < sizeof(names))
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s\"%s\"", i ? ", " : "",
                                     certenroll_ra_name(ra));
    }
    if (bank->ra)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                         wanted ? _("the configuration has no bank of this name")
                                : _("the configuration has several banks"));
    certenroll_error_advise(error, _("Choose one by --ra: %s."), names);
    return CERTENROLL_E_ARGUMENT;
}

/* --- the token --- */

static int open_token(struct bank *bank, certenroll_error **error)
{
    const struct options *options = &bank->options;
    const char *uri = options->token ? options->token : certenroll_ra_config_token(bank->config);
    certenroll_token_options token_options = CERTENROLL_TOKEN_OPTIONS_INIT;

    token_options.module_path =
        options->module ? options->module : certenroll_ra_config_module(bank->config);
    token_options.allow_final_try = options->allow_final_try;
    if (options->pin_source || !secrets_in_uri(uri)) {
        token_options.secret = secrets_answer;
        token_options.secret_user = &bank->secrets;
    }
    return certenroll_token_open(&bank->token, bank->context, uri, &token_options, error);
}

int bank_start(struct bank *bank, certenroll_error **error)
{
    const struct options *options = &bank->options;
    int status = certenroll_ra_config_load(&bank->config, options->config, error);

    if (status == CERTENROLL_OK)
        status = choose_ra(bank, error);
    if (status == CERTENROLL_OK)
        status = answer_id(bank->corporate_id, options->corporate_id, "--corporate-id",
                           _("Corporate ID: "), error);
    if (status == CERTENROLL_OK && (bank->program->is_user || options->user_id))
        status = answer_id(bank->user_id, options->user_id, "--user-id", _("User ID: "), error);
    snprintf(bank->name, sizeof(bank->name), "%s%s%s", bank->corporate_id,
             bank->program->is_user ? " " : "", bank->program->is_user ? bank->user_id : "");
    return status == CERTENROLL_OK ? open_token(bank, error) : status;
}

/* --- collecting --- */

void bank_progress(void *user, certenroll_state state)
{
    int step;
    const char *text = progress_text(state, &step);

    (void)user;
    if (text)
        fprintf(stderr, "- %s\n", text);
}

static int wait_seconds(void *user, int seconds)
{
    int64_t until = ce_uptime_ms() + (int64_t)seconds * 1000, left;

    (void)user;
    while ((left = until - ce_uptime_ms()) > 0 && !interrupt_came())
        ce_sleep_ms(left < 1000 ? (unsigned)left : 1000);
    return interrupt_came() ? CERTENROLL_E_CANCELLED : CERTENROLL_OK;
}

certenroll_ra_collection bank_collection(const struct bank *bank)
{
    static const certenroll_ra_view view = { .size = sizeof(view),
                                             .wait = wait_seconds,
                                             .progress = bank_progress };

    return (certenroll_ra_collection){ .size = sizeof(certenroll_ra_collection),
                                       .context = bank->context,
                                       .ra = bank->ra,
                                       .token = bank->token,
                                       .name = bank->name,
                                       .key_type = certenroll_ra_config_key_type(bank->config),
                                       .journal_directory = bank->options.journal,
                                       .view = &view };
}
