/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include "base/platform.h"
#include "common/prompt.h"
#include "common/tool_message.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* --- IDs --- */

/* Letters, digits, "-", "_" and ".": no other ever names an account (docs/ra.md). */
int answer_is_id(const char *text)
{
    size_t length = strlen(text);

    return length >= 1 && length < ID_SIZE &&
           strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.") ==
               length;
}

int answer_check_id(const char *id, const char *option, certenroll_error **error)
{
    if (answer_is_id(id))
        return CERTENROLL_OK;
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                _("%s has 1 to %d letters, digits, \"-\", \"_\" and \".\""), option,
                                ID_SIZE - 1);
}

/* A line of text; `option` would have given it. */
static int type_text(char *out, size_t size, const char *option, const char *question,
                     certenroll_error **error)
{
    size_t length = 0;
    enum prompt_result result = prompt_text(question, out, size - 1, &length);

    out[result == PROMPT_OK ? length : 0] = '\0';
    if (result == PROMPT_NO_TERMINAL)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("%s is missing"), option);
    if (result == PROMPT_NOTHING || result == PROMPT_CANCELLED)
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED, "%s", prompt_why_not(result));
    return CERTENROLL_OK;
}

int answer_id(char out[ID_SIZE], const char *given, const char *option, const char *question,
              certenroll_error **error)
{
    char typed[ID_SIZE];
    int status = given ? CERTENROLL_OK : type_text(typed, sizeof(typed), option, question, error);

    given = given ? given : typed;
    if (status == CERTENROLL_OK)
        status = answer_check_id(given, option, error);
    if (status == CERTENROLL_OK)
        memcpy(out, given, strlen(given) + 1);
    return status;
}

/* --- what the PC is for --- */

int answer_purpose(struct bank *bank, int required, certenroll_error **error)
{
    static const char *const names[] = {
        [PURPOSE_CORPORATE] = "corporate",
        [PURPOSE_USER] = "user",
        [PURPOSE_BOTH] = "both",
    };
    const char *text = bank->options.purpose;
    char typed[16];

    if (!text) {
        int status = type_text(typed, sizeof(typed), "--for",
                               _("What is this PC for (corporate, user or both)? "), error);

        if (status == CERTENROLL_E_ARGUMENT && !required) { /* there is no terminal */
            certenroll_error_clear(error);
            return CERTENROLL_OK;
        }
        if (status < 0)
            return status;
        text = typed;
    }
    for (int i = PURPOSE_CORPORATE; i <= PURPOSE_BOTH; i++)
        if (strcmp(names[i], text) == 0)
            bank->purpose = (enum purpose)i;
    if (!bank->purpose)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--for \"%s\" is not corporate, user or both"), text);
    if (!bank->program->is_user || (bank->purpose & PURPOSE_USER))
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                         _("a PC that is for the corporation alone needs no user's certificate"));
    certenroll_error_advise(error, _("Use certenroll-corporate there."));
    return CERTENROLL_E_ARGUMENT;
}

/* --- passwords --- */

static const struct {
    const char *member; /* of a call's body */
    size_t source;      /* of struct options: where it is read from; NULL: it is typed */
    const char *option, *question;
} asked[PASSWORD_COUNT] = {
    [PASSWORD_ACCOUNT] = { "password", offsetof(struct options, password_source),
                           "--password-source",
                           N_("Corporate password (too many wrong ones lock it): ") },
    [PASSWORD_CONFIRMATION] = { "confirmation_password",
                                offsetof(struct options, confirmation_password_source),
                                "--confirmation-password-source",
                                N_("Corporate confirmation password: ") },
    [PASSWORD_NEW] = { "new_password", offsetof(struct options, new_password_source),
                       "--new-password-source", N_("New user password: ") },
    [PASSWORD_NEW_CONFIRMATION] = { "new_confirmation_password",
                                    offsetof(struct options, new_confirmation_password_source),
                                    "--new-confirmation-password-source",
                                    N_("New user confirmation password: ") },
};

static int refuse_typed(enum prompt_result result, const char *option, certenroll_error **error)
{
    switch (result) {
    case PROMPT_OK:
        return CERTENROLL_OK;
    case PROMPT_NO_MEMORY:
        return certenroll_error_set_memory(error);
    case PROMPT_TOO_LONG:
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("what was typed is too long"));
    case PROMPT_CANCELLED:
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED, "%s", prompt_why_not(result));
    case PROMPT_DIFFERENT:
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED, _("the two entries differ"));
    case PROMPT_NOTHING:
    case PROMPT_NO_TERMINAL:
        break;
    }
    certenroll_error_set(error, CERTENROLL_E_CANCELLED, _("a password is needed"));
    if (result == PROMPT_NOTHING) {
        certenroll_error_because(error, _("nothing was typed"));
        return CERTENROLL_E_CANCELLED;
    }
    certenroll_error_because(
        error, _("there is no terminal to ask on, and no file was named to read it from"));
    certenroll_error_advise(error, _("Name one by %s."), option);
    return CERTENROLL_E_CANCELLED;
}

int passwords_ask(struct passwords *out, const struct bank *bank, enum password which,
                  certenroll_error **error)
{
    const char *source = *(const char *const *)((const char *)&bank->options + asked[which].source);
    const char *question = which == PASSWORD_ACCOUNT && bank->program->is_user
                               ? _("User password (too many wrong ones lock it): ")
                               : _(asked[which].question);
    struct secret_line *line = source ? secret_line_read(source) : ce_locked_alloc(sizeof(*line));
    enum prompt_result result;

    out->lines[which] = line;
    if (source && line)
        return CERTENROLL_OK;
    if (source && errno == ENODATA)
        return certenroll_error_set(error, CERTENROLL_E_SYSTEM, _("the first line of %s is empty"),
                                    source);
    if (source && errno == EFBIG)
        return certenroll_error_set(error, CERTENROLL_E_SYSTEM,
                                    _("the first line of %s is too long"), source);
    if (source)
        return certenroll_error_set_errno(error, _("cannot read the password from %s"), source);
    if (!line)
        return certenroll_error_set_memory(error);
    result = which < PASSWORD_NEW
                 ? prompt_secret(question, line->bytes, sizeof(line->bytes), &line->length)
                 : prompt_new_secret(question, _("Once more: "), line->bytes, sizeof(line->bytes),
                                     &line->length);
    return refuse_typed(result, asked[which].option, error);
}

int passwords_put(json_t *body, const struct passwords *passwords, certenroll_error **error)
{
    for (size_t i = 0; i < PASSWORD_COUNT; i++) {
        const struct secret_line *line = passwords->lines[i];

        if (line &&
            json_object_set_new(body, asked[i].member, json_stringn(line->bytes, line->length)) < 0)
            return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                        _("the password is not in UTF-8"));
    }
    return CERTENROLL_OK;
}

void passwords_free(struct passwords *passwords)
{
    for (size_t i = 0; i < PASSWORD_COUNT; i++)
        secret_line_free(passwords->lines[i]);
}
