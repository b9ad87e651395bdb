/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include "common/locked.h"
#include "common/message.h"
#include "common/prompt.h"

#include <errno.h>
#include <string.h>

/* --- IDs --- */

/* Letters, digits, "-", "_" and ".": no other ever names an account (docs/ra.md). */
int ask_is_id(const char *text)
{
    size_t length = strlen(text);

    return length >= 1 && length < ID_SIZE &&
           strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.") ==
               length;
}

static int check_id(struct bank *bank, const char *id, const char *option)
{
    if (ask_is_id(id))
        return CERTENROLL_OK;
    return failure_set(&bank->failure, CERTENROLL_E_ARGUMENT,
                       _("%s has 1 to %d letters, digits, \"-\", \"_\" and \".\""), option,
                       ID_SIZE - 1);
}

static int type_id(struct bank *bank, char out[ID_SIZE], const char *option, const char *question)
{
    size_t length = 0;
    enum prompt_result result = prompt_text(question, out, ID_SIZE - 1, &length);

    out[length] = '\0';
    if (result == PROMPT_NO_TERMINAL)
        return failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, _("%s is missing"), option);
    if (result == PROMPT_NOTHING)
        return failure_set(&bank->failure, CERTENROLL_E_CANCELLED, "%s", _("nothing was typed"));
    return result == PROMPT_OK ? check_id(bank, out, option) : check_id(bank, "", option);
}

int ask_id(struct bank *bank, char out[ID_SIZE], const char *given, const char *option,
           const char *question)
{
    int status;

    if (!given)
        return type_id(bank, out, option, question);
    status = check_id(bank, given, option);
    if (status == CERTENROLL_OK)
        memcpy(out, given, strlen(given) + 1);
    return status;
}

/* --- what the PC is for --- */

static enum purpose find_purpose(const char *text)
{
    static const struct {
        const char *name;
        enum purpose purpose;
    } names[] = {
        { "corporate", PURPOSE_CORPORATE },
        { "user", PURPOSE_USER },
        { "both", PURPOSE_BOTH },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, text) == 0)
            return names[i].purpose;
    return PURPOSE_UNKNOWN;
}

static int take_purpose(struct bank *bank, const char *text)
{
    bank->purpose = find_purpose(text);
    if (!bank->purpose)
        return failure_set(&bank->failure, CERTENROLL_E_ARGUMENT,
                           _("--for \"%s\" is not corporate, user or both"), text);
    if (bank->program->is_user && !(bank->purpose & PURPOSE_USER)) {
        failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, "%s",
                    _("a PC that is for the corporation alone needs no user's certificate"));
        failure_advise(&bank->failure, "%s", _("Use certenroll-corporate there."));
    }
    return bank->failure.status;
}

int ask_purpose(struct bank *bank, int required)
{
    char answer[16];
    size_t length = 0;
    enum prompt_result result;

    if (bank->options.purpose)
        return take_purpose(bank, bank->options.purpose);
    result = prompt_text(_("What is this PC for (corporate, user or both)? "), answer,
                         sizeof(answer) - 1, &length);
    answer[length] = '\0';
    if (result == PROMPT_NO_TERMINAL && !required)
        return CERTENROLL_OK;
    if (result == PROMPT_NO_TERMINAL)
        return failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, _("%s is missing"), "--for");
    if (result == PROMPT_NOTHING)
        return failure_set(&bank->failure, CERTENROLL_E_CANCELLED, "%s", _("nothing was typed"));
    return take_purpose(bank, answer);
}

/* --- passwords --- */

static int refuse_source(struct bank *bank, const char *source)
{
    if (errno == ENODATA)
        return failure_set(&bank->failure, CERTENROLL_E_SYSTEM, _("the first line of %s is empty"),
                           source);
    if (errno == EFBIG)
        return failure_set(&bank->failure, CERTENROLL_E_SYSTEM,
                           _("the first line of %s is too long"), source);
    return failure_errno(&bank->failure, _("cannot read the password from %s"), source);
}

static int refuse_typed(struct bank *bank, enum prompt_result result, const char *option)
{
    if (result == PROMPT_TOO_LONG)
        return failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, "%s",
                           _("what was typed is too long"));
    failure_set(&bank->failure, CERTENROLL_E_CANCELLED, "%s", _("a password is needed"));
    if (result == PROMPT_NOTHING) {
        failure_because(&bank->failure, "%s", _("nothing was typed"));
        return CERTENROLL_E_CANCELLED;
    }
    failure_because(&bank->failure, "%s",
                    _("there is no terminal to ask on, and no file was named to read it from"));
    failure_advise(&bank->failure, _("Name one by %s."), option);
    return CERTENROLL_E_CANCELLED;
}

static int type_password(struct bank *bank, struct secret_line **out, const char *option,
                         const char *question)
{
    struct secret_line *line = locked_new(sizeof(*line));
    enum prompt_result result;

    if (!line)
        return failure_memory(&bank->failure);
    result = prompt_secret(question, line->bytes, sizeof(line->bytes), &line->length);
    if (result == PROMPT_OK) {
        *out = line;
        return CERTENROLL_OK;
    }
    secret_line_free(line);
    return refuse_typed(bank, result, option);
}

int ask_password(struct bank *bank, struct secret_line **out, const char *source,
                 const char *option, const char *question)
{
    *out = NULL;
    if (!source)
        return type_password(bank, out, option, question);
    *out = secret_line_read(source);
    return *out ? CERTENROLL_OK : refuse_source(bank, source);
}

static int is_same(const struct secret_line *one, const struct secret_line *other)
{
    return one->length == other->length && memcmp(one->bytes, other->bytes, one->length) == 0;
}

int ask_new_password(struct bank *bank, struct secret_line **out, const char *source,
                     const char *option, const char *question)
{
    struct secret_line *again = NULL;
    int status = ask_password(bank, out, source, option, question);

    if (status < 0 || source)
        return status;
    status = type_password(bank, &again, option, _("Once more: "));
    if (status == CERTENROLL_OK && !is_same(*out, again))
        status =
            failure_set(&bank->failure, CERTENROLL_E_CANCELLED, "%s", _("the two entries differ"));
    secret_line_free(again);
    return status;
}

int ask_put(struct bank *bank, json_t *body, const char *member, const struct secret_line *line)
{
    json_t *text = json_stringn(line->bytes, line->length);

    if (text && json_object_set_new(body, member, text) == 0)
        return CERTENROLL_OK;
    return failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, "%s",
                       _("the password is not in UTF-8"));
}
