/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "ask.h"

#include "assuan.h"
#include "common/message.h"
#include "common/prompt.h"
#include "common/safe_file.h"
#include "common/text.h"
#include "date.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one window of pinentry shows; NULL: pinentry's own, where it is not seen. Every button that
 * is seen has a text: few pinentries have theirs in Japanese. */
struct window {
    const char *description;
    const char *prompt;
    const char *error;
    const char *ok, *not_ok, *cancel;
};

static int cancelled(struct failure *failure)
{
    failure_set(failure, CERTENROLL_E_CANCELLED, "%s", _("you did not agree"));
    failure_advise(failure, "%s", _("Nothing was changed. Begin again on the bank's page."));
    return failure->status;
}

/* --- pinentry --- */

/* What only makes it look right may fail. */
static int set_option(struct assuan *pinentry, const char *name, const char *value,
                      struct failure *failure)
{
    char option[256];
    int code = 0;

    if (!value || snprintf(option, sizeof(option), "%s=%s", name, value) >= (int)sizeof(option))
        return CERTENROLL_OK;
    return assuan_command(pinentry, &code, "OPTION", option, failure);
}

static int set_options(struct assuan *pinentry, struct failure *failure)
{
    const char *terminal = isatty(STDERR_FILENO) ? ttyname(STDERR_FILENO) : NULL;
    int status = set_option(pinentry, "ttyname", terminal, failure);

    if (status == CERTENROLL_OK && terminal)
        status = set_option(pinentry, "ttytype", getenv("TERM"), failure);
    if (status == CERTENROLL_OK)
        status = set_option(pinentry, "lc-ctype", setlocale(LC_CTYPE, NULL), failure);
    if (status == CERTENROLL_OK)
        status = set_option(pinentry, "lc-messages", setlocale(LC_MESSAGES, NULL), failure);
    return status;
}

static int set_text(struct assuan *pinentry, const char *command, const char *text,
                    struct failure *failure)
{
    int code = 0;

    return text ? assuan_command(pinentry, &code, command, text, failure) : CERTENROLL_OK;
}

/* The person consents to the description: a pinentry that does not take it may not ask. */
static int set_description(struct assuan *pinentry, const char *text, struct failure *failure)
{
    int code = 0;
    int status = assuan_command(pinentry, &code, "SETDESC", text, failure);

    if (status == CERTENROLL_OK && code != ASSUAN_OK)
        status = failure_set(failure, CERTENROLL_E_SYSTEM, _("pinentry failed (error %d)"), code);
    return status;
}

static int set_window(struct assuan *pinentry, const struct window *window, struct failure *failure)
{
    int status = set_options(pinentry, failure);

    if (status == CERTENROLL_OK)
        status = set_text(pinentry, "SETTITLE", "certenroll-agent", failure);
    if (status == CERTENROLL_OK)
        status = set_text(pinentry, "SETTIMEOUT", "240", failure);
    if (status == CERTENROLL_OK)
        status = set_description(pinentry, window->description, failure);
    if (status == CERTENROLL_OK)
        status = set_text(pinentry, "SETPROMPT", window->prompt, failure);
    if (status == CERTENROLL_OK)
        status = set_text(pinentry, "SETERROR", window->error, failure);
    if (status == CERTENROLL_OK)
        status = set_text(pinentry, "SETOK", window->ok, failure);
    if (status == CERTENROLL_OK)
        status = set_text(pinentry, "SETNOTOK", window->not_ok, failure);
    if (status == CERTENROLL_OK)
        status = set_text(pinentry, "SETCANCEL", window->cancel, failure);
    return status;
}

/* The answer is a code of assuan.h: OK, or another that means no. Anything else is a failure. */
static int judge(int code, struct failure *failure)
{
    switch (code) {
    case ASSUAN_OK:
    case ASSUAN_NOT_CONFIRMED:
        return CERTENROLL_OK;
    case ASSUAN_CANCELED:
    case ASSUAN_FULLY_CANCELED:
        return cancelled(failure);
    case ASSUAN_TIMEOUT:
        return failure_set(failure, CERTENROLL_E_CANCELLED, "%s", _("nobody answered in time"));
    default:
        return failure_set(failure, CERTENROLL_E_SYSTEM, _("pinentry failed (error %d)"), code);
    }
}

/* Shows the window and takes the answer to `command`. */
static int show_window(const struct asking *asking, int *code, const struct window *window,
                       const char *command, char *data, size_t capacity, size_t *length,
                       struct failure *failure)
{
    struct assuan *pinentry = NULL;
    int status = safe_file_check_program(asking->pinentry, failure);

    if (status == CERTENROLL_OK)
        status = assuan_start(&pinentry, asking->pinentry, failure);
    if (status == CERTENROLL_OK)
        status = set_window(pinentry, window, failure);
    if (status == CERTENROLL_OK)
        status = assuan_ask(pinentry, code, command, data, capacity, length, failure);
    assuan_end(pinentry);
    return status == CERTENROLL_OK ? judge(*code, failure) : status;
}

/* --- the terminal --- */

static int no_terminal(struct failure *failure)
{
    failure_set(failure, CERTENROLL_E_CANCELLED, "%s",
                _("there is neither pinentry nor a terminal to ask you by"));
    failure_advise(failure, "%s", _("Install pinentry and name it in the configuration."));
    return failure->status;
}

static int ask_terminal(int *yes, const char *description, const char *question,
                        struct failure *failure)
{
    prompt_tell(description);
    switch (prompt_yes(question, yes)) {
    case PROMPT_OK:
    case PROMPT_TOO_LONG:
        return CERTENROLL_OK;
    case PROMPT_NO_TERMINAL:
        return no_terminal(failure);
    default:
        return cancelled(failure);
    }
}

/* --- questions --- */

/* A yes or no: *yes is 0 for the button that is neither OK nor cancel. */
static int ask_question(struct asking *asking, int *yes, const struct window *window,
                        const char *question, struct failure *failure)
{
    size_t length = 0;
    int code = 0;
    int status;

    if (!asking->pinentry)
        return ask_terminal(yes, window->description, question, failure);
    status = show_window(asking, &code, window, "CONFIRM", NULL, 0, &length, failure);
    *yes = status == CERTENROLL_OK && code == ASSUAN_OK;
    return status;
}

int ask_consent(struct asking *asking, const struct plan *plan, struct failure *failure)
{
    struct window window = { .ok = _("_Put it on the token"), .cancel = _("_Cancel") };
    char *description = NULL;
    int yes = 0, status;

    /* TRANSLATORS: the name and the host of the RA, the certificate's name, the token's label and
     * serial number. */
    if (asprintf(&description,
                 _("A certificate is to be put on your token.\n\nFrom: %s (%s)\nCertificate: "
                   "%s\nToken: %s, serial number %s"),
                 plan->ra, plan->host, plan->name, certenroll_token_info_label(plan->token),
                 certenroll_token_info_serial(plan->token)) < 0)
        return failure_memory(failure);
    window.description = description;
    status = ask_question(asking, &yes, &window, _("Put it on the token? [y/N] "), failure);
    free(description);
    return status == CERTENROLL_OK && !yes ? cancelled(failure) : status;
}

int ask_keep(struct asking *asking, int *keep, const struct plan *plan, int64_t not_after,
             int is_sure, struct failure *failure)
{
    struct window window = {
        .ok = _("_Keep it"),
        .not_ok = _("Get a _new one"),
        .cancel = _("_Cancel"),
    };
    char *description = NULL;
    char until[DATE_SIZE];
    int status;

    date_text(until, not_after);
    /* TRANSLATORS: the certificate's name, a date, and "" or a sentence after a line end. */
    if (asprintf(&description,
                 _("The token already holds a certificate \"%s\" that is valid until %s. With it "
                   "you can go on working: a new one is not needed.%s"),
                 plan->name, until,
                 is_sure ? ""
                         : _("\nWhether it has been revoked could not be found out: if you were "
                             "told so, get a new one.")) < 0)
        return failure_memory(failure);
    window.description = description;
    status = ask_question(asking, keep, &window, _("Keep it? [y/N] "), failure);
    free(description);
    return status;
}

/* --- the PIN --- */

static const char *pin_error(const struct asking *asking, const certenroll_secret_request *request)
{
    if (request->final_try)
        return _("This is the last try before the token locks.");
    if (asking->was_wrong)
        return _("That was not the PIN. Every wrong one costs a try.");
    return request->count_low ? _("A wrong PIN was given before. Every wrong one costs a try.")
                              : NULL;
}

/* On the reader itself: the person is told, and agrees; there is nothing to fill in. */
static int ask_reader(struct asking *asking, const char *description)
{
    const struct window window = { .description = description, .ok = _("_OK") };
    size_t length = 0;
    int code = 0;

    if (asking->pinentry)
        return show_window(asking, &code, &window, "MESSAGE", NULL, 0, &length, &asking->failure);
    prompt_tell(description);
    return CERTENROLL_OK;
}

static int ask_secret_terminal(struct asking *asking, const struct window *window, char *buffer,
                               size_t capacity, size_t *length)
{
    prompt_tell(window->description);
    if (window->error)
        prompt_tell(window->error);
    switch (prompt_secret(window->prompt, buffer, capacity, length)) {
    case PROMPT_OK:
        return CERTENROLL_OK;
    case PROMPT_NO_TERMINAL:
        return no_terminal(&asking->failure);
    case PROMPT_TOO_LONG:
        return failure_set(&asking->failure, CERTENROLL_E_CANCELLED, "%s", _("it is too long"));
    default:
        return cancelled(&asking->failure);
    }
}

static int ask_secret(struct asking *asking, const struct window *window, char *buffer,
                      size_t capacity, size_t *length)
{
    int code = 0, status;

    if (!asking->pinentry)
        return ask_secret_terminal(asking, window, buffer, capacity, length);
    status =
        show_window(asking, &code, window, "GETPIN", buffer, capacity, length, &asking->failure);
    if (status == CERTENROLL_OK && (code != ASSUAN_OK || *length == 0))
        status = cancelled(&asking->failure);
    return status;
}

int ask_pin(void *user, const certenroll_secret_request *request, char *buffer, size_t capacity,
            size_t *length)
{
    struct asking *asking = user;
    struct window window = {
        .prompt = _("PIN: "),
        .error = pin_error(asking, request),
        .ok = _("_OK"),
        .cancel = _("_Cancel"),
    };
    char *description = NULL;
    int status;

    *length = 0;
    if (request->kind != CERTENROLL_SECRET_USER_PIN &&
        request->kind != CERTENROLL_SECRET_CONTEXT_PIN)
        return CERTENROLL_E_CANCELLED;
    /* TRANSLATORS: the token's label and serial number. */
    if (asprintf(&description,
                 request->on_reader ? _("Type the PIN of the token %s (%s) on the reader.")
                                    : _("PIN of the token %s, serial number %s"),
                 request->name, request->place) < 0)
        return failure_memory(&asking->failure);
    window.description = description;
    memset(&asking->failure, 0, sizeof(asking->failure));
    status = request->on_reader ? ask_reader(asking, description)
                                : ask_secret(asking, &window, buffer, capacity, length);
    free(description);
    return status;
}
