/* SPDX-License-Identifier: Apache-2.0 */
/* Running an enrolment to its end, and showing what came of it. */
#define _GNU_SOURCE /* asprintf */

#include "run.h"

#include "common/log.h"
#include "common/message.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- progress --- */

static const struct {
    certenroll_state state;
    const char *text;
} steps[] = {
    { CERTENROLL_STATE_KEY_READY, N_("the key is ready") },
    { CERTENROLL_STATE_CSR_SIGNED, N_("the request is signed") },
    { CERTENROLL_STATE_SUBMITTED, N_("the request goes to the CA") },
    { CERTENROLL_STATE_ISSUED, N_("the certificate came and passed every check") },
    { CERTENROLL_STATE_INSTALLED, N_("the certificate is on the token") },
    { CERTENROLL_STATE_CONFIRMED, N_("key and certificate are proven to belong together") },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

void show_progress(void *user, certenroll_state state)
{
    const struct tool *tool = user;

    if (tool->log_level >= CERTENROLL_LOG_INFO)
        log_time_stamp();
    for (size_t i = 0; i < STEPS; i++)
        if (steps[i].state == state)
            fprintf(stderr, "[%zu/%d] %s\n", i + 1, STEPS, _(steps[i].text));
    if (state == CERTENROLL_STATE_RETIRED)
        fprintf(stderr, "%s\n", _("what it replaces is removed from the token"));
}

/* --- how to go on --- */

char *resume_command(const struct tool *tool, const char *name, int is_offline)
{
    const char *directory = tool->options.journal;
    char *command = NULL;

    if (asprintf(&command, "certenroll resume --name %s%s%s%s%s", name,
                 directory ? " --journal \"" : "", directory ? directory : "",
                 directory ? "\"" : "", is_offline ? " --certificate FILE" : "") < 0)
        return NULL;
    return command;
}

static int has_journal(struct tool *tool, const char *name)
{
    certenroll_journal_list *list = NULL;
    int found = 0;

    if (certenroll_journal_list_new(&list, tool->context, tool->options.journal, NULL) < 0)
        return 0;
    for (size_t i = 0; i < certenroll_journal_list_count(list) && !found; i++)
        found = strcmp(certenroll_journal_name(certenroll_journal_list_at(list, i)), name) == 0;
    certenroll_journal_list_free(list);
    return found;
}

void advise_resume(struct tool *tool, const certenroll_enrolment *enrolment,
                   struct failure *failure)
{
    const char *name = certenroll_enrolment_name(enrolment);
    char before[sizeof(failure->advice)];
    char *command =
        has_journal(tool, name) ? resume_command(tool, name, tool->options.offline) : NULL;

    if (!command)
        return;
    snprintf(before, sizeof(before), "%s", failure->advice);
    /* TRANSLATORS: what to do about the failure, and the command that goes on after that. */
    failure_advise(failure, _("%s%sTo go on: %s"), before, before[0] ? " " : "", command);
    free(command);
    if (failure == &tool->failure)
        snprintf(tool->enrolment, sizeof(tool->enrolment), "%s", name);
}

/* --- running --- */

int can_wait(const struct tool *tool, const certenroll_enrolment *enrolment)
{
    return !tool->options.no_wait && !tool->options.offline &&
           certenroll_enrolment_retry_at(enrolment) != 0;
}

int run_once(struct tool *tool, certenroll_enrolment *enrolment, struct failure *failure)
{
    certenroll_error *error = NULL;
    int status = certenroll_enrolment_run(enrolment, &error);

    if (status >= 0)
        return status;
    take_failure(tool, failure, error);
    advise_resume(tool, enrolment, failure);
    return status;
}

int run_enrolment(struct tool *tool, certenroll_enrolment *enrolment, struct failure *failure)
{
    int status;

    while ((status = run_once(tool, enrolment, failure)) == CERTENROLL_PENDING &&
           can_wait(tool, enrolment))
        wait_until(tool, certenroll_enrolment_retry_at(enrolment));
    return status;
}

static int run_by_hand(struct tool *tool, certenroll_enrolment *enrolment)
{
    int status = tool->options.no_wait ? write_request(tool, enrolment, &tool->failure)
                                       : exchange_by_hand(tool, enrolment);

    if (status == CERTENROLL_OK && tool->options.no_wait)
        return CERTENROLL_PENDING;
    if (status == CERTENROLL_OK)
        status = run_enrolment(tool, enrolment, &tool->failure);
    else if (status < 0)
        advise_resume(tool, enrolment, &tool->failure);
    return status;
}

int enrol(struct tool *tool, certenroll_enrolment **out, certenroll_token *token,
          const struct setup *setup)
{
    certenroll_error *error = NULL;
    int status;

    if (certenroll_enrolment_new(out, token, &setup->options, &error) < 0)
        return take_failure(tool, &tool->failure, error);
    status = run_enrolment(tool, *out, &tool->failure);
    if (status == CERTENROLL_PENDING && tool->options.offline)
        status = run_by_hand(tool, *out);
    return status;
}

/* --- results --- */

const struct field enrolment_fields[] = {
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

/* Adds the members of `part`, which it takes over; NULL adds none. */
static void add_members(json_t *object, json_t *part)
{
    json_object_update(object, part);
    json_decref(part);
}

static void add_time(json_t *object, const char *member, int64_t when)
{
    char text[TEXT_TIME_SIZE];

    text_time(text, when);
    if (text[0])
        json_object_set_new(object, member, json_string(text));
}

json_t *describe_enrolment(const certenroll_enrolment *enrolment)
{
    certenroll_key *key = certenroll_enrolment_key(enrolment);
    json_t *object = json_pack("{s:s, s:s}", "name", certenroll_enrolment_name(enrolment), "state",
                               certenroll_state_name(certenroll_enrolment_state(enrolment)));
    size_t length = 0;
    const unsigned char *der = certenroll_enrolment_certificate(enrolment, &length);

    if (!object)
        return NULL;
    add_members(object, key ? describe_key(key) : NULL);
    add_members(object, der ? describe_certificate(der, length) : NULL);
    if (certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_PENDING)
        add_time(object, "retry_at", certenroll_enrolment_retry_at(enrolment));
    add_time(object, "retire_at", certenroll_enrolment_retire_at(enrolment));
    return object;
}

static const char *pending_text(const struct tool *tool)
{
    return tool->options.offline ? _("the enrolment waits for its certificate")
                                 : _("the RA has not decided yet");
}

static int show_pending(struct tool *tool, const certenroll_enrolment *enrolment)
{
    json_t *object = describe_enrolment(enrolment);
    char *command =
        resume_command(tool, certenroll_enrolment_name(enrolment), tool->options.offline);
    int status;

    if (object && command && !tool->options.json)
        json_object_set_new(object, "go_on", text_json(command));
    free(command);
    status = show_record(tool, object, pending_text(tool), enrolment_fields);
    return status < 0 ? status : CERTENROLL_PENDING;
}

int show_enrolment(struct tool *tool, const certenroll_enrolment *enrolment, int status,
                   const char *done)
{
    if (status == CERTENROLL_PENDING)
        return show_pending(tool, enrolment);
    return show_record(tool, describe_enrolment(enrolment), done, enrolment_fields);
}

int enrol_and_show(struct tool *tool, certenroll_token *token, const struct setup *setup,
                   const char *done)
{
    certenroll_enrolment *enrolment = NULL;
    int status = enrol(tool, &enrolment, token, setup);

    if (status >= 0)
        status = show_enrolment(tool, enrolment, status, done);
    certenroll_enrolment_free(enrolment);
    return status;
}
