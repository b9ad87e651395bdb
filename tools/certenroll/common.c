/* SPDX-License-Identifier: Apache-2.0 */
/* From options to what the library takes. */
#include "commands.h"
#include "common/message.h"
#include "common/prompt.h"

#include <string.h>

int require(struct tool *tool, const char *value, const char *option)
{
    if (value)
        return CERTENROLL_OK;
    return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, _("%s is missing"), option);
}

/* The library cannot name its caller's commands and options. */
static const struct {
    int status;
    const char *advice;
} remedies[] = {
    { CERTENROLL_E_PIN_LOCKED,
      N_("\"certenroll token pin --unblock\" sets a new one with the token's SO PIN (PUK).") },
    { CERTENROLL_E_PIN_EXPIRED, N_("\"certenroll token pin\" changes the user's PIN; the SO's is "
                                   "changed by the token's own tool.") },
    { CERTENROLL_E_PIN_NOT_SET,
      N_("\"certenroll token pin --unblock\" sets the first one with the token's SO PIN.") },
    { CERTENROLL_E_PIN_FINAL_TRY,
      N_("Make sure of the PIN; then give --allow-final-try, or have a new one set with the SO PIN "
         "by \"certenroll token pin --unblock\".") },
};

/* Whether it is the one that the library gives by the status alone. */
static int is_general_advice(const struct failure *failure)
{
    certenroll_error *general = NULL;
    int is_same;

    certenroll_error_set(&general, failure->status, "%s", "");
    is_same = strcmp(failure->advice, certenroll_error_advice(general)) == 0;
    certenroll_error_free(general);
    return is_same;
}

void advise_command(struct failure *failure)
{
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
        if (remedies[i].status == failure->status && is_general_advice(failure))
            failure_advise(failure, "%s", _(remedies[i].advice));
}

int take_failure(struct tool *tool, struct failure *failure, certenroll_error *error)
{
    int is_first = failure->status == 0;
    int status = failure_take(failure, error);

    if (status == CERTENROLL_E_PIN_INCORRECT) /* not every token says so by its flags */
        secrets_reject(&tool->secrets);
    if (is_first && tool->secrets.why[0])
        failure_because(failure, "%s", tool->secrets.why);
    tool->secrets.why[0] = '\0';
    advise_command(failure);
    return status;
}

int load_anchors(struct tool *tool, certenroll_anchors **out, const char *path)
{
    certenroll_error *error = NULL;

    *out = NULL;
    if (path && certenroll_anchors_load(out, path, &error) < 0)
        return failure_take(&tool->failure, error);
    return CERTENROLL_OK;
}

/* The names of RFC 5280 §4.2.1.3. */
static const struct {
    const char *name;
    uint32_t bit;
} usages[] = {
    { "digitalSignature", CERTENROLL_USAGE_DIGITAL_SIGNATURE },
    { "nonRepudiation", CERTENROLL_USAGE_NON_REPUDIATION },
    { "keyEncipherment", CERTENROLL_USAGE_KEY_ENCIPHERMENT },
    { "dataEncipherment", CERTENROLL_USAGE_DATA_ENCIPHERMENT },
    { "keyAgreement", CERTENROLL_USAGE_KEY_AGREEMENT },
};

static uint32_t find_usage(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++)
        if (strlen(usages[i].name) == length && strncmp(usages[i].name, name, length) == 0)
            return usages[i].bit;
    return 0;
}

static int read_key_usage(struct tool *tool, uint32_t *out)
{
    const char *next = tool->options.key_usage;

    *out = 0;
    if (strcmp(next, "none") == 0)
        return CERTENROLL_OK;
    for (;;) {
        size_t length = strcspn(next, ",");
        uint32_t bit = find_usage(next, length);

        if (!bit)
            return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT,
                               _("\"%.*s\" is no key usage to ask for"), (int)length, next);
        *out |= bit;
        if (next[length] == '\0')
            return CERTENROLL_OK;
        next += length + 1;
    }
}

int usage_options(struct tool *tool, certenroll_request_options *out)
{
    const char *eku = tool->options.eku;

    if (eku)
        out->extended_key_usage = strcmp(eku, "none") == 0 ? NULL : eku;
    return tool->options.key_usage ? read_key_usage(tool, &out->key_usage) : CERTENROLL_OK;
}

int request_options(struct tool *tool, certenroll_request_options *out)
{
    const struct options *options = &tool->options;
    certenroll_error *error = NULL;
    int status = require(tool, options->subject, "--subject");

    if (status < 0)
        return status;
    out->subject = options->subject;
    out->alt_names = options->alt_names.values;
    out->alt_names_count = options->alt_names.count;
    status = usage_options(tool, out);
    if (status == CERTENROLL_OK && certenroll_request_check(out, &error) < 0)
        status = failure_take(&tool->failure, error);
    return status;
}

int key_type(struct tool *tool, certenroll_key_type *out)
{
    const char *name = tool->options.key_type;
    int type, status = require(tool, name, "--key-type");

    if (status < 0)
        return status;
    type = certenroll_key_type_from_name(name);
    if (!type) {
        failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, _("there is no key type \"%s\""), name);
        failure_advise(&tool->failure, "%s",
                       _("Choose rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519."));
        return CERTENROLL_E_ARGUMENT;
    }
    *out = (certenroll_key_type)type;
    return CERTENROLL_OK;
}

int key_options(struct tool *tool, certenroll_key_options *out, unsigned char id[CERTENROLL_ID_MAX])
{
    int status = key_type(tool, &out->type);

    if (status < 0)
        return status;
    out->label = tool->options.label;
    status = read_id(tool, id, &out->id_length);
    out->id = out->id_length ? id : NULL;
    return status;
}

int confirm(struct tool *tool, const char *question, int *is_yes)
{
    *is_yes = tool->options.yes;
    if (*is_yes || prompt_yes(question, is_yes) != PROMPT_NO_TERMINAL)
        return CERTENROLL_OK;
    failure_set(&tool->failure, CERTENROLL_E_CANCELLED, "%s",
                _("there is no terminal to ask on, and nothing was done"));
    failure_advise(&tool->failure, "%s", _("Give --yes if it is to be done without asking."));
    return CERTENROLL_E_CANCELLED;
}
