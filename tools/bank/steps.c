/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "steps.h"

#include "ask.h"
#include "common/message.h"
#include "holding.h"
#include "show.h"

#include <stdio.h>
#include <stdlib.h>
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

/* --- how they stand --- */

enum step_state { STEP_DONE, STEP_NEXT, STEP_LATER };
static const char *const state_names[] = { "done", "next", "later" };
static const char *const state_texts[] = { N_("done"), N_("next"), N_("later") };

static int is_done(const struct step *step, const struct standing *standing)
{
    return step->purpose == PURPOSE_CORPORATE ? standing->corporate_valid : standing->user_valid;
}

/* The first that is open is the next one. */
static enum step_state state_of(size_t index, const struct standing *standing,
                                const struct bank *bank)
{
    if (is_done(&steps[index], standing))
        return STEP_DONE;
    for (size_t i = 0; i < index; i++)
        if ((steps[i].purpose & bank->purpose) && !is_done(&steps[i], standing))
            return STEP_LATER;
    return STEP_NEXT;
}

/* The command to type; "" for what is done on paper. */
static void command_of(char out[COMMAND_SIZE], const struct step *step,
                       const struct standing *standing, const struct bank *bank)
{
    const char *user = standing->user_id[0] ? standing->user_id : _("USER");
    const char *corporation = bank->corporate_id;

    out[0] = '\0';
    if (step->number == 2)
        snprintf(out, COMMAND_SIZE, "certenroll-corporate get --corporate-id %s", corporation);
    else if (step->number == 3)
        snprintf(out, COMMAND_SIZE, "certenroll-corporate reissue %s --corporate-id %s", user,
                 corporation);
    else if (step->number == 4)
        snprintf(out, COMMAND_SIZE, "certenroll-corporate users --corporate-id %s", corporation);
    else if (step->number == 5)
        snprintf(out, COMMAND_SIZE, "certenroll-user get --corporate-id %s --user-id %s",
                 corporation, user);
}

/* --- looking --- */

/* A user of this corporation who has a valid certificate here, where none was named. What any CA
 * has put into a name becomes a part of a command to type: nothing but an ID may. */
static void find_user(struct standing *out, const struct bank *bank,
                      const certenroll_inventory *inventory)
{
    size_t length = strlen(bank->corporate_id);

    for (size_t i = 0; i < certenroll_inventory_count(inventory) && !out->user_id[0]; i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        char name[NAME_SIZE];

        holding_name(name, entry);
        if (holding_is_valid(entry) && strncmp(name, bank->corporate_id, length) == 0 &&
            name[length] == ' ' && ask_is_id(name + length + 1))
            memcpy(out->user_id, name + length + 1, strlen(name + length + 1) + 1);
    }
}

static int look_for(int *is_valid, struct standing *out, struct bank *bank, const char *name)
{
    struct holding holding = { 0 };
    int status = holding_look(&holding, bank, name, LOOK_CERTIFICATES);

    *is_valid = holding.best && holding_is_valid(holding.best);
    if (*is_valid)
        out->is_due |= certenroll_entry_mark(holding.best) == CERTENROLL_MARK_DUE;
    if (status == CERTENROLL_OK && strcmp(name, bank->corporate_id) == 0 && !out->user_id[0])
        find_user(out, bank, holding.inventory);
    holding_clear(&holding);
    return status;
}

int steps_look(struct standing *out, struct bank *bank)
{
    char name[NAME_SIZE];
    int status;

    memset(out, 0, sizeof(*out));
    memcpy(out->user_id, bank->user_id, sizeof(out->user_id));
    status = look_for(&out->corporate_valid, out, bank, bank->corporate_id);
    if (status < 0 || !out->user_id[0])
        return status;
    snprintf(name, sizeof(name), "%s %s", bank->corporate_id, out->user_id);
    return look_for(&out->user_valid, out, bank, name);
}

/* --- telling --- */

json_t *steps_json(const struct standing *standing, const struct bank *bank)
{
    json_t *array = json_array();
    char command[COMMAND_SIZE];

    for (size_t i = 0; i < STEPS && array; i++) {
        if (!(steps[i].purpose & bank->purpose))
            continue;
        command_of(command, &steps[i], standing, bank);
        json_array_append_new(array, json_pack("{s:i, s:s, s:s, s:s}", "step", steps[i].number,
                                               "state", state_names[state_of(i, standing, bank)],
                                               "what", _(steps[i].what), "command", command));
    }
    return array;
}

static void show_step(size_t index, const struct standing *standing, const struct bank *bank)
{
    enum step_state state = state_of(index, standing, bank);
    char command[COMMAND_SIZE];

    /* TRANSLATORS: number and state of a step, and what is done in it. */
    printf(_("  step %d (%s): %s\n"), steps[index].number, _(state_texts[state]),
           _(steps[index].what));
    command_of(command, &steps[index], standing, bank);
    if (state != STEP_DONE && command[0])
        printf("      %s\n", command);
}

static int all_done(const struct standing *standing, const struct bank *bank)
{
    for (size_t i = 0; i < STEPS; i++)
        if ((steps[i].purpose & bank->purpose) && !is_done(&steps[i], standing))
            return 0;
    return 1;
}

static const char *heading(const struct bank *bank)
{
    switch (bank->purpose) {
    case PURPOSE_CORPORATE:
        return _("This PC is for the corporation: steps 1 and 2.");
    case PURPOSE_USER:
        return _("This PC is for a user: steps 3 to 5.");
    case PURPOSE_BOTH:
    case PURPOSE_UNKNOWN:
    default:
        return _("This PC is for the corporation and a user: steps 1 to 5.");
    }
}

void steps_show(const struct standing *standing, const struct bank *bank)
{
    printf("%s\n", heading(bank));
    for (size_t i = 0; i < STEPS; i++)
        if (steps[i].purpose & bank->purpose)
            show_step(i, standing, bank);
    if (all_done(standing, bank))
        printf("%s\n", _("Everything is there. A token moves to another PC with its certificate: "
                         "no reissue is needed."));
    else if (bank->purpose == PURPOSE_CORPORATE || !(bank->purpose & PURPOSE_CORPORATE) ||
             standing->corporate_valid)
        return;
    else
        printf("%s\n", _("If a token with a valid certificate is still there, insert it here: no "
                         "reissue is needed then."));
}

int steps_show_next(struct bank *bank)
{
    struct standing standing;
    int status = bank->purpose ? steps_look(&standing, bank) : CERTENROLL_OK;

    if (status == CERTENROLL_OK && bank->purpose)
        steps_show(&standing, bank);
    return status;
}
