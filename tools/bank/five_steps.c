/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"
#include "common/tool_message.h"
#include "holding.h"
#include "results.h"

#include <stdio.h>
#include <string.h>

#define COMMAND_SIZE 256

struct step {
    int number;
    enum purpose purpose; /* for whom it is a step */
    const char *what;
};

static const struct step steps[] = {
    { 1, PURPOSE_CORPORATE,
      N_("Hand in the reissue order for the corporation's certificate at a branch (on paper)") },
    { 2, PURPOSE_CORPORATE, N_("Get the corporation's certificate onto the token") },
    { 3, PURPOSE_USER, N_("The administrator orders the user's certificate") },
    { 4, PURPOSE_USER, N_("The administrator sees \u25cb for the user in the list") },
    { 5, PURPOSE_USER, N_("Get the user's certificate onto the token, and log on with it") },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

/* The command to type; "" for what is done on paper. Every ID in it is checked. */
static void step_command(char out[COMMAND_SIZE], int number, const char *corporation,
                         const char *user)
{
    out[0] = '\0';
    if (number == 2)
        snprintf(out, COMMAND_SIZE, "certenroll-corporate get --corporate-id %s", corporation);
    else if (number == 3)
        snprintf(out, COMMAND_SIZE, "certenroll-corporate reissue %s --corporate-id %s", user,
                 corporation);
    else if (number == 4)
        snprintf(out, COMMAND_SIZE, "certenroll-corporate users --corporate-id %s", corporation);
    else if (number == 5)
        snprintf(out, COMMAND_SIZE, "certenroll-user get --corporate-id %s --user-id %s",
                 corporation, user);
}

/* --- how they stand --- */

/* A user of this corporation who has a valid certificate here, where none was named. What any CA
 * has put into a name becomes a part of a command to type: nothing but an ID may. */
static void find_user_id(char out[ID_SIZE], const struct bank *bank)
{
    size_t length = strlen(bank->corporate_id);

    for (size_t i = 0; i < certenroll_inventory_count(bank->inventory) && !out[0]; i++) {
        const certenroll_entry *entry = certenroll_inventory_at(bank->inventory, i);
        const char *name = certenroll_entry_common_name(entry);

        if (holding_is_valid(entry) && strncmp(name, bank->corporate_id, length) == 0 &&
            name[length] == ' ' && answer_is_id(name + length + 1))
            memcpy(out, name + length + 1, strlen(name + length + 1) + 1);
    }
}

static int find_valid(int *is_valid, int *is_due, struct bank *bank, const char *name,
                      certenroll_error **error)
{
    struct holding holding;
    int status = holding_find(&holding, bank, name, LOOK_OFFLINE, error);

    *is_valid = holding.best && holding_is_valid(holding.best);
    *is_due |= *is_valid && certenroll_entry_mark(holding.best) == CERTENROLL_MARK_DUE;
    return status;
}

int steps_find(json_t **out, int *is_due, struct bank *bank, certenroll_error **error)
{
    char user_id[ID_SIZE], name[NAME_SIZE], command[COMMAND_SIZE];
    int corporate_valid = 0, user_valid = 0, is_open = 0, status;

    *is_due = 0;
    memcpy(user_id, bank->user_id, sizeof(user_id));
    if (!user_id[0])
        find_user_id(user_id, bank);
    snprintf(name, sizeof(name), "%s %s", bank->corporate_id, user_id);
    status = find_valid(&corporate_valid, is_due, bank, bank->corporate_id, error);
    if (status == CERTENROLL_OK && user_id[0])
        status = find_valid(&user_valid, is_due, bank, name, error);
    if (status < 0)
        return status;
    *out = json_array();
    for (size_t i = 0; i < STEPS; i++) {
        int is_done = steps[i].purpose == PURPOSE_CORPORATE ? corporate_valid : user_valid;

        if (!(steps[i].purpose & bank->purpose))
            continue;
        step_command(command, steps[i].number, bank->corporate_id,
                     user_id[0] ? user_id : _("USER"));
        /* The first that is open is the next one. */
        json_array_append_new(*out,
                              json_pack("{s:i, s:s, s:s, s:s}", "step", steps[i].number, "state",
                                        is_done   ? N_("done")
                                        : is_open ? N_("later")
                                                  : N_("next"),
                                        "what", _(steps[i].what), "command", command));
        is_open |= !is_done;
    }
    return CERTENROLL_OK;
}

/* --- telling --- */

void steps_print(const json_t *found, const struct bank *bank)
{
    static const char *const headings[] = {
        [PURPOSE_UNKNOWN] = N_("This PC is for the corporation and a user: steps 1 to 5."),
        [PURPOSE_CORPORATE] = N_("This PC is for the corporation: steps 1 and 2."),
        [PURPOSE_USER] = N_("This PC is for a user: steps 3 to 5."),
        [PURPOSE_BOTH] = N_("This PC is for the corporation and a user: steps 1 to 5."),
    };
    int first_open = 0;
    const json_t *step;
    size_t i;

    printf("%s\n", _(headings[bank->purpose]));
    json_array_foreach(found, i, step)
    {
        const char *state = json_string_value(json_object_get(step, "state"));
        const char *command = json_string_value(json_object_get(step, "command"));
        int number = (int)json_integer_value(json_object_get(step, "step"));

        /* TRANSLATORS: number and state of a step, and what is done in it. */
        printf(_("  step %d (%s): %s\n"), number, _(state),
               json_string_value(json_object_get(step, "what")));
        if (strcmp(state, "done") == 0)
            continue;
        if (command[0])
            printf("      %s\n", command);
        first_open = first_open ? first_open : number;
    }
    if (!first_open)
        printf("%s\n", _("Everything is there. A token moves to another PC with its certificate: "
                         "no reissue is needed."));
    else if (bank->purpose == PURPOSE_BOTH && first_open == 1)
        printf("%s\n", _("If a token with a valid certificate is still there, insert it here: no "
                         "reissue is needed then."));
}

int command_steps(struct bank *bank, certenroll_error **error)
{
    struct holding holding;
    json_t *found = NULL;
    int is_due, status = answer_purpose(bank, 1, error);

    if (status == CERTENROLL_OK)
        status = bank_start(bank, error);
    if (status == CERTENROLL_OK)
        status = holding_look(&holding, bank, LOOK_OFFLINE, error);
    if (status == CERTENROLL_OK)
        status = steps_find(&found, &is_due, bank, error);
    if (status < 0)
        return status;
    if (bank->options.json)
        return print_json(json_pack("{s:s, s:o}", "name", bank->name, "steps", found), error);
    steps_print(found, bank);
    json_decref(found);
    if (is_due)
        printf(_("A certificate ends soon: %s renew\n"), bank->program->name);
    return CERTENROLL_OK;
}
