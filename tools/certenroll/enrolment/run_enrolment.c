/* SPDX-License-Identifier: Apache-2.0 */
/* Running an enrolment to its end, and showing what came of it. */
#include "enrolment/run_enrolment.h"

#include "base/command_line.h"
#include "base/time.h"
#include "common/log.h"
#include "common/progress_text.h"
#include "common/shown_text.h"
#include "common/tool_message.h"
#include "revocation/outstanding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- progress --- */

void show_progress(void *user, certenroll_state state)
{
    const struct tool *tool = user;
    int step;
    const char *text = progress_text(state, &step);

    if (!text)
        return;
    if (tool->log_level >= CERTENROLL_LOG_INFO)
        log_time_stamp();
    if (step)
        fprintf(stderr, "[%d/%d] ", step, PROGRESS_STEPS);
    fprintf(stderr, "%s\n", text);
}

/* --- how to go on --- */

char *resume_command(const struct tool *tool, const char *name, int is_offline)
{
    struct ce_command line = { 0 };

    ce_command_add(&line, "certenroll");
    ce_command_add(&line, "resume");
    ce_command_option(&line, "--name", name);
    ce_command_option(&line, "--journal", tool->options.journal);
    ce_command_option(&line, "--certificate", is_offline ? "FILE" : NULL);
    return ce_command_take(&line);
}

/* Non-zero where there is a journal of this name. */
static int find_journal(const struct tool *tool, const char *name, certenroll_operation *operation)
{
    certenroll_journal_list *list = NULL;
    int found = 0;

    if (certenroll_journal_list_new(&list, tool->context, tool->options.journal, NULL) < 0)
        return 0;
    for (size_t i = 0; i < certenroll_journal_list_count(list) && !found; i++) {
        const certenroll_journal *journal = certenroll_journal_list_at(list, i);

        found = strcmp(certenroll_journal_name(journal), name) == 0;
        *operation = certenroll_journal_operation(journal);
    }
    certenroll_journal_list_free(list);
    return found;
}

/* What `resume` takes that may have been wrong; NULL: nothing. `asks`: it asks for names and
 * usages; those of a renewal or re-key are in the present certificate. */
static const char *correction(int status, int asks)
{
    static const struct {
        int status;
        int is_asked;
        const char *text;
    } rows[] = {
        { CERTENROLL_E_NETWORK, 0, N_("with --url URL where the address was wrong") },
        { CERTENROLL_E_SERVER, 0, N_("with --url URL where the address was wrong") },
        { CERTENROLL_E_TLS, 0, N_("with --tls-anchor FILE or --url URL where that was wrong") },
        { CERTENROLL_E_AUTHENTICATION, 0, N_("with --user NAME where the account was wrong") },
        { CERTENROLL_E_REJECTED, 1,
          N_("with --url, --subject, --alt-name or --eku where one of them was wrong") },
        { CERTENROLL_E_REJECTED, 0, N_("with --url URL where the address was wrong") },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].status == status && (!rows[i].is_asked || asks))
            return _(rows[i].text);
    return NULL;
}

/* Where nothing can come of an enrolment any more, the library has said what to do instead. */
static int names_command(const certenroll_error *error)
{
    return certenroll_error_is_advised(error) &&
           strstr(certenroll_error_advice(error), "certenroll ");
}

/* When the enrolment has a journal, tells in the advice how to go on. Returns the status. */
static int advise_resume(struct tool *tool, const certenroll_enrolment *enrolment,
                         certenroll_error **error)
{
    const char *name = certenroll_enrolment_name(enrolment), *change;
    certenroll_operation operation = CERTENROLL_ENROLL;
    char *command = find_journal(tool, name, &operation)
                        ? resume_command(tool, name, tool->options.offline)
                        : NULL;
    char before[1024];
    int status = complete_error(tool, error);

    if (!command || names_command(*error)) {
        free(command);
        return status;
    }
    change = correction(status, operation == CERTENROLL_ENROLL && !is_confirmed(enrolment));
    snprintf(before, sizeof(before), "%s%s", certenroll_error_advice(*error),
             certenroll_error_advice(*error)[0] ? " " : "");
    if (change)
        /* TRANSLATORS: what to do about the failure, what may be said anew, and the command that
         * goes on after that. */
        certenroll_error_advise(error, _("%sTo go on, %s: %s"), before, change, command);
    else
        /* TRANSLATORS: what to do about the failure, and the command that goes on after that. */
        certenroll_error_advise(error, _("%sTo go on: %s"), before, command);
    free(command);
    snprintf(tool->enrolment, sizeof(tool->enrolment), "%s", name);
    return status;
}

/* --- running --- */

int can_wait(const struct tool *tool, const certenroll_enrolment *enrolment)
{
    return !tool->options.no_wait && !tool->options.offline &&
           certenroll_enrolment_retry_at(enrolment) != 0;
}

int run_once(struct tool *tool, certenroll_enrolment *enrolment, certenroll_error **error)
{
    int status = certenroll_enrolment_run(enrolment, error);

    return status < 0 ? advise_resume(tool, enrolment, error) : status;
}

void wait_for(const struct tool *tool, const certenroll_enrolment *enrolment)
{
    if (certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_RECEIVED)
        fprintf(stderr, "%s\n",
                _("The certificate is here, but not valid yet by this computer's clock."));
    wait_until(tool, certenroll_enrolment_retry_at(enrolment));
}

/* What is waited for. */
static const char *pending_text(const certenroll_enrolment *enrolment, int is_offline)
{
    if (certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_RECEIVED)
        return _("the certificate is here, but not valid yet");
    if (certenroll_enrolment_is_ra_busy(enrolment))
        return _("the RA is busy");
    return is_offline ? _("the enrolment waits for its certificate")
                      : _("the RA has not decided yet");
}

/* Unless --no-wait is given, again each time the RA has named, until it is decided. */
static int run_waiting(struct tool *tool, certenroll_enrolment *enrolment, certenroll_error **error)
{
    int status;

    while ((status = run_once(tool, enrolment, error)) == CERTENROLL_PENDING &&
           can_wait(tool, enrolment))
        wait_for(tool, enrolment);
    return status;
}

/* Sends the request to standard output or --out and, unless --no-wait is given, takes the
 * certificate from standard input and hands it in. CERTENROLL_PENDING when there came nothing. */
static int run_by_hand(struct tool *tool, certenroll_enrolment *enrolment, certenroll_error **error)
{
    int status = write_request(&tool->options, enrolment, error);

    if (status == CERTENROLL_OK && tool->options.no_wait)
        return CERTENROLL_PENDING;
    if (status == CERTENROLL_OK) {
        fputs(_("Have the request signed by the CA, and give the certificate on standard input.\n"),
              stderr);
        status = supply_answer(enrolment, "-", error);
    }
    if (status == CERTENROLL_OK)
        return run_waiting(tool, enrolment, error);
    return status < 0 ? advise_resume(tool, enrolment, error) : status;
}

/* Before anything is asked for: a former address may have answered what nobody has seen. */
static void tell_going_on(struct tool *tool, const certenroll_enrolment *enrolment)
{
    json_t *elsewhere = describe_issued_elsewhere(enrolment, tool->options.url);
    char since[CE_TIME_SIZE];

    tool->going_on_since = certenroll_enrolment_begun_at(enrolment);
    if (tool->going_on_since) {
        ce_time_format(since, tool->going_on_since);
        fprintf(stderr, _("going on with the enrolment %s, begun %s\n"),
                certenroll_enrolment_name(enrolment), since);
    }
    tell_issued_elsewhere(tool, elsewhere);
    json_decref(elsewhere);
}

int enrol(struct tool *tool, certenroll_enrolment **out, certenroll_token *token,
          const struct setup *setup, certenroll_error **error)
{
    int status = certenroll_enrolment_new(out, token, &setup->options, error);

    if (status == CERTENROLL_OK) {
        tell_going_on(tool, *out);
        status = run_waiting(tool, *out, error);
    }
    if (status == CERTENROLL_PENDING && tool->options.offline)
        status = run_by_hand(tool, *out, error);
    return status;
}

/* --- results --- */

static const struct field enrolment_fields[] = {
    { "id", N_("ID"), 0 },
    { "label", N_("label"), 0 },
    { "key_type", N_("key type"), 0 },
    { "subject", N_("subject"), 0 },
    { "issuer", N_("issuer"), 0 },
    { "serial", N_("serial number"), 0 },
    { "not_before", N_("valid from"), 0 },
    { "not_after", N_("valid until"), 0 },
    { "retire_at", N_("the old one is retired at"), 0 },
    { "retry_at", N_("come back at"), 0 },
    { "go_on", N_("go on with"), 0 },
    FIELD_END,
};

json_t *describe_enrolment(const certenroll_enrolment *enrolment)
{
    certenroll_key *key = certenroll_enrolment_key(enrolment);
    json_t *object = json_pack("{s:s, s:s}", "name", certenroll_enrolment_name(enrolment), "state",
                               certenroll_state_name(certenroll_enrolment_state(enrolment)));
    size_t length = 0;
    const unsigned char *der = certenroll_enrolment_certificate(enrolment, &length);

    if (key)
        add_members(&object, describe_key(key));
    if (der)
        add_members(&object, describe_certificate(der, length));
    if (certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_PENDING ||
        certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_RECEIVED)
        add_time(object, "retry_at", certenroll_enrolment_retry_at(enrolment));
    add_time(object, "retire_at", certenroll_enrolment_retire_at(enrolment));
    return object;
}

json_t *describe_own(const struct tool *tool, const certenroll_enrolment *enrolment)
{
    json_t *object = describe_enrolment(enrolment), *going_on;

    if (!object || !tool->going_on_since)
        return object;
    going_on = json_pack("{s:s}", "name", certenroll_enrolment_name(enrolment));
    add_time(going_on, "begun_at", tool->going_on_since);
    add_found(object, "going_on", going_on);
    add_found(object, "former_urls", describe_issued_elsewhere(enrolment, tool->options.url));
    return object;
}

int show_enrolment(struct tool *tool, const certenroll_enrolment *enrolment, int status,
                   const char *done, certenroll_error **error)
{
    json_t *object = describe_own(tool, enrolment);
    const int is_offline = tool->options.offline;
    char *command;

    if (status != CERTENROLL_PENDING)
        return show_record(tool, object, done, enrolment_fields, error);
    command = resume_command(tool, certenroll_enrolment_name(enrolment), is_offline);
    if (command && !tool->options.json)
        json_object_set_new(object, "go_on", text_json(command));
    free(command);
    status =
        show_record(tool, object, pending_text(enrolment, is_offline), enrolment_fields, error);
    return status < 0 ? status : CERTENROLL_PENDING;
}

int is_confirmed(const certenroll_enrolment *enrolment)
{
    return enrolment && certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_CONFIRMED;
}

int enrol_and_show(struct tool *tool, certenroll_token *token, const struct setup *setup,
                   const char *done, certenroll_error **error)
{
    certenroll_enrolment *enrolment = NULL;
    int status = enrol(tool, &enrolment, token, setup, error);

    if (status >= 0)
        status = show_enrolment(tool, enrolment, status, done, error);
    else if (is_confirmed(enrolment) && !tool->options.json)
        (void)!show_enrolment(tool, enrolment, CERTENROLL_OK, done, NULL);
    certenroll_enrolment_free(enrolment);
    return status;
}
