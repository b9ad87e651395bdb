/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "person.h"

#include "assuan.h"
#include "base/time.h"
#include "base/whole_file.h"
#include "common/prompt.h"
#include "common/tool_message.h"

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

/* --- pinentry --- */

/* The person consents to the description: a pinentry that does not take it may not ask. What else
 * is said to it only makes it look right. */
static int set_window(struct assuan *pinentry, const struct window *window,
                      certenroll_error **error)
{
    const char *terminal = isatty(STDERR_FILENO) ? ttyname(STDERR_FILENO) : NULL;
    const struct {
        const char *command, *text;
    } lines[] = {
        { "OPTION ttyname=", terminal },
        { "OPTION ttytype=", terminal ? getenv("TERM") : NULL },
        { "OPTION lc-ctype=", setlocale(LC_CTYPE, NULL) },
        { "OPTION lc-messages=", setlocale(LC_MESSAGES, NULL) },
        { "SETTITLE ", "certenroll-agent" },
        { "SETTIMEOUT ", "240" },
        { "SETPROMPT ", window->prompt },
        { "SETERROR ", window->error },
        { "SETOK ", window->ok },
        { "SETNOTOK ", window->not_ok },
        { "SETCANCEL ", window->cancel },
        { "SETDESC ", window->description },
    };
    struct assuan_answer answer = { 0 };
    int status = CERTENROLL_OK;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]) && status == CERTENROLL_OK; i++)
        if (lines[i].text)
            status = assuan_ask(pinentry, &answer, lines[i].command, lines[i].text, error);
    if (status == CERTENROLL_OK && answer.code != ASSUAN_OK)
        status = certenroll_error_set(error, CERTENROLL_E_SYSTEM, _("pinentry failed (error %d)"),
                                      answer.code);
    return status;
}

/* The answer is a code of assuan.h: OK, or another that means no. Anything else is a failure. */
static int judge(int code, certenroll_error **error)
{
    switch (code) {
    case ASSUAN_OK:
    case ASSUAN_NOT_CONFIRMED:
        return CERTENROLL_OK;
    case ASSUAN_CANCELED:
    case ASSUAN_FULLY_CANCELED:
        return CERTENROLL_E_CANCELLED;
    case ASSUAN_TIMEOUT:
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED, _("nobody answered in time"));
    default:
        return certenroll_error_set(error, CERTENROLL_E_SYSTEM, _("pinentry failed (error %d)"),
                                    code);
    }
}

/* Shows the window and takes the answer to `command`. */
static int show_window(const char *program, struct assuan_answer *answer,
                       const struct window *window, const char *command, certenroll_error **error)
{
    struct assuan *pinentry = NULL;
    int status = ce_file_check_program(program, CE_TRUST_SYSTEM, error);

    if (status == CERTENROLL_OK)
        status = assuan_start(&pinentry, program, error);
    if (status == CERTENROLL_OK)
        status = set_window(pinentry, window, error);
    if (status == CERTENROLL_OK)
        status = assuan_ask(pinentry, answer, command, NULL, error);
    assuan_end(pinentry);
    return status == CERTENROLL_OK ? judge(answer->code, error) : status;
}

/* --- the terminal --- */

/* What the answer on the terminal comes to. */
static int judge_prompt(enum prompt_result result, certenroll_error **error)
{
    switch (result) {
    case PROMPT_OK:
        return CERTENROLL_OK;
    case PROMPT_NO_TERMINAL:
        certenroll_error_set(error, CERTENROLL_E_CANCELLED,
                             _("there is neither pinentry nor a terminal to ask you by"));
        certenroll_error_advise(error, _("Install pinentry and name it in the configuration."));
        return CERTENROLL_E_CANCELLED;
    case PROMPT_TOO_LONG:
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED, _("it is too long"));
    case PROMPT_NOTHING:
    default:
        return CERTENROLL_E_CANCELLED;
    }
}

/* --- questions --- */

/* A yes or no: *yes is 0 for the button that is neither OK nor cancel. */
static int ask_question(void *user, int *yes, const struct window *window, const char *question,
                        certenroll_error **error)
{
    const char *program = certenroll_ra_config_pinentry(user);
    struct assuan_answer answer = { 0 };
    enum prompt_result result;
    int status;

    if (program) {
        status = show_window(program, &answer, window, "CONFIRM", error);
        *yes = status == CERTENROLL_OK && answer.code == ASSUAN_OK;
        return status;
    }
    prompt_tell(window->description);
    result = prompt_yes(question, yes); /* what is too long is no yes */
    return judge_prompt(result == PROMPT_TOO_LONG ? PROMPT_OK : result, error);
}

int ask_consent(void *user, const certenroll_ra_plan *plan, certenroll_error **error)
{
    struct window window = { .ok = _("_Put it on the token"), .cancel = _("_Cancel") };
    char *description = NULL;
    int yes = 0, status;

    /* TRANSLATORS: the name and the host of the RA, the certificate's name, the token's label and
     * serial number. */
    if (asprintf(&description,
                 _("A certificate is to be put on your token.\n\nFrom: %s (%s)\nCertificate: "
                   "%s\nToken: %s, serial number %s"),
                 certenroll_ra_name(plan->ra), certenroll_ra_est(plan->ra) + strlen("https://"),
                 plan->name, certenroll_token_info_label(plan->token),
                 certenroll_token_info_serial(plan->token)) < 0)
        return certenroll_error_set_memory(error);
    window.description = description;
    status = ask_question(user, &yes, &window, _("Put it on the token? [y/N] "), error);
    free(description);
    return status == CERTENROLL_OK && !yes ? CERTENROLL_E_CANCELLED : status;
}

int ask_keep(void *user, int *keep, const certenroll_ra_plan *plan, certenroll_error **error)
{
    struct window window = {
        .ok = _("_Keep it"),
        .not_ok = _("Get a _new one"),
        .cancel = _("_Cancel"),
    };
    char *description = NULL;
    char until[CE_TIME_LOCAL_SIZE];
    int status;

    ce_time_local(until, plan->not_after);
    /* TRANSLATORS: the certificate's name, a date, and "" or a sentence after a line end. */
    if (asprintf(&description,
                 _("The token already holds a certificate \"%s\" that is valid until %s. With it "
                   "you can go on working: a new one is not needed.%s"),
                 plan->name, until,
                 plan->is_revocation_unknown
                     ? _("\nWhether it has been revoked could not be found out: if you were "
                         "told so, get a new one.")
                     : "") < 0)
        return certenroll_error_set_memory(error);
    window.description = description;
    status = ask_question(user, keep, &window, _("Keep it? [y/N] "), error);
    free(description);
    return status;
}

/* --- the PIN --- */

/* How it stands with the tries; NULL: well. */
static const char *warning(const certenroll_secret_request *request, int was_wrong)
{
    if (request->final_try)
        return _("This is the last try before the token locks.");
    if (was_wrong)
        return _("That was not the PIN. Every wrong one costs a try.");
    return request->count_low ? _("A wrong PIN was given before. Every wrong one costs a try.")
                              : NULL;
}

static int ask_terminal(const struct window *window, struct assuan_answer *answer,
                        certenroll_error **error)
{
    prompt_tell(window->description);
    if (window->error)
        prompt_tell(window->error);
    if (!window->prompt)
        return CERTENROLL_OK;
    return judge_prompt(
        prompt_secret(window->prompt, answer->data, answer->capacity, &answer->length), error);
}

int ask_pin(void *user, const certenroll_secret_request *request, int was_wrong, char *buffer,
            size_t capacity, size_t *length, certenroll_error **error)
{
    const char *program = certenroll_ra_config_pinentry(user), *command = "MESSAGE";
    struct assuan_answer answer = { 0 };
    struct window window = { .ok = _("_OK") };
    char *description = NULL;
    int status;

    /* TRANSLATORS: the token's label and serial number. */
    if (asprintf(&description,
                 request->on_reader ? _("Type the PIN of the token %s (%s) on the reader.")
                                    : _("PIN of the token %s, serial number %s"),
                 request->name, request->place) < 0)
        return certenroll_error_set_memory(error);
    window.description = description;
    /* On the reader itself there is nothing to fill in: the person is told, and agrees. */
    if (!request->on_reader) {
        command = "GETPIN";
        answer = (struct assuan_answer){ .data = buffer, .capacity = capacity };
        window.prompt = _("PIN: ");
        window.error = warning(request, was_wrong);
        window.cancel = _("_Cancel");
    }
    status = program ? show_window(program, &answer, &window, command, error)
                     : ask_terminal(&window, &answer, error);
    if (status == CERTENROLL_OK && answer.data && (answer.code != ASSUAN_OK || answer.length == 0))
        status = CERTENROLL_E_CANCELLED;
    *length = answer.length;
    free(description);
    return status;
}
