/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 3 and 4: what the administrator does with the certificates of the users. */
#include "ask.h"
#include "change.h"
#include "common/message.h"
#include "common/strict_json.h"
#include "common/text.h"
#include "show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define USERS_MAX 10000
#define COLUMNS 4
_Static_assert(COLUMNS <= SHOW_COLUMNS_MAX, "too many columns");
#define CIRCLE "\u25cb"

/* --- one user of the list --- */

struct user {
    const char *id, *state;
    int has_circle; /* one can be collected, or is in force */
    int64_t not_after;
};

static int read_user(struct user *out, const json_t *object)
{
    out->id = ra_answer_text(object, "user_id");
    out->state = ra_answer_text(object, "state");
    out->not_after = json_integer_value(json_object_get(object, "not_after"));
    if (!out->id || !out->state)
        return 0;
    out->has_circle = strcmp(out->state, "valid") == 0 || strcmp(out->state, "due") == 0 ||
                      (strcmp(out->state, "waiting") == 0 &&
                       json_is_true(json_object_get(object, "collectable")));
    return 1;
}

static int fetch(json_t **answer, struct talk *talk, struct bank *bank)
{
    int status = talk_call(answer, talk, bank, "/api/users", json_object());
    const json_t *users = json_object_get(*answer, "users");

    if (status == CERTENROLL_OK && (!json_is_array(users) || json_array_size(users) > USERS_MAX))
        status = failure_set(&bank->failure, CERTENROLL_E_SERVER, "%s",
                             _("the bank's answer is no list of users"));
    return status;
}

/* --- the list --- */

static json_t *describe(const json_t *users)
{
    json_t *array = json_array(), *object;
    size_t i;

    json_array_foreach(users, i, object)
    {
        struct user user;
        char until[TEXT_TIME_SIZE];

        if (!read_user(&user, object))
            continue;
        text_time(until, user.not_after);
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:b, s:s}", "user_id", user.id, "state",
                                        user.state, "circle", user.has_circle, "not_after", until));
    }
    return array;
}

static int print_users(struct bank *bank, const json_t *users)
{
    size_t count = json_array_size(users), rows = 1;
    const char **cells = calloc((count + 1) * COLUMNS, sizeof(*cells));
    char(*dates)[SHOW_TIME_SIZE] = calloc(count + 1, sizeof(*dates));

    if (!cells || !dates) {
        free(cells);
        free(dates);
        return failure_memory(&bank->failure);
    }
    cells[0] = _("USER ID");
    cells[1] = _("CERTIFICATE");
    cells[2] = _("STATE");
    cells[3] = _("VALID UNTIL");
    for (size_t i = 0; i < count; i++) {
        struct user user;

        if (!read_user(&user, json_array_get(users, i)))
            continue;
        show_time(dates[i], user.not_after);
        cells[rows * COLUMNS] = user.id;
        cells[rows * COLUMNS + 1] = user.has_circle ? CIRCLE : "-";
        cells[rows * COLUMNS + 2] = show_state(user.state);
        cells[rows++ * COLUMNS + 3] = dates[i];
    }
    show_table(cells, rows, COLUMNS);
    free(dates);
    free(cells);
    return CERTENROLL_OK;
}

static int show_users(struct bank *bank, const json_t *users)
{
    int status;

    if (bank->options.json)
        return show_json(bank, json_pack("{s:o}", "users", describe(users)));
    if (json_array_size(users) == 0) {
        printf("%s\n", _("there are no users"));
        return CERTENROLL_OK;
    }
    status = print_users(bank, users);
    printf(_("Where \u25cb stands and the state is waiting, step 5 comes next, by the user: "
             "certenroll-user get --corporate-id %s --user-id USER\n"),
           bank->corporate_id);
    return status;
}

int command_users(struct bank *bank)
{
    struct talk talk = { 0 };
    json_t *answer = NULL;
    int status = talk_begin(&talk, bank);

    if (status == CERTENROLL_OK)
        status = fetch(&answer, &talk, bank);
    if (status == CERTENROLL_OK)
        status = show_users(bank, json_object_get(answer, "users"));
    strict_json_free(answer);
    talk_end(&talk);
    return status;
}

/* --- one user --- */

static int find_user(struct user *out, struct bank *bank, const json_t *answer)
{
    const json_t *object;
    size_t i;

    json_array_foreach(json_object_get(answer, "users"), i, object)
    {
        if (read_user(out, object) && strcmp(out->id, bank->options.operand) == 0)
            return CERTENROLL_OK;
    }
    failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, _("the corporation has no user \"%s\""),
                bank->options.operand);
    failure_advise(&bank->failure, _("\"%s users\" lists them."), bank->program->name);
    return CERTENROLL_E_ARGUMENT;
}

/* On stderr: the result alone is for programs. */
static void tell_state(const struct user *user)
{
    char until[SHOW_TIME_SIZE];

    show_time(until, user->not_after);
    if (user->not_after)
        fprintf(stderr, _("- the present certificate of user \"%s\": %s, valid until %s\n"),
                user->id, show_state(user->state), until);
    else
        fprintf(stderr, _("- the present certificate of user \"%s\": %s\n"), user->id,
                show_state(user->state));
}

int change_begin(struct talk *talk, struct bank *bank, int *has_certificate)
{
    char checked[ID_SIZE];
    struct user user;
    json_t *answer = NULL;
    int status = ask_id(bank, checked, bank->options.operand, "USER", NULL);

    if (status == CERTENROLL_OK)
        status = talk_begin(talk, bank);
    if (status == CERTENROLL_OK)
        status = fetch(&answer, talk, bank);
    if (status == CERTENROLL_OK)
        status = find_user(&user, bank, answer);
    if (status == CERTENROLL_OK)
        tell_state(&user);
    if (status == CERTENROLL_OK && has_certificate)
        *has_certificate = strcmp(user.state, "valid") == 0 || strcmp(user.state, "due") == 0;
    strict_json_free(answer);
    return status;
}

int change_ask(struct bank *bank, struct secret_line **out)
{
    return ask_password(bank, out, bank->options.confirmation_password_source,
                        "--confirmation-password-source", _("Corporate confirmation password: "));
}

int change_call(json_t **answer, struct talk *talk, struct bank *bank, const char *path,
                json_t *body, const struct secret_line *confirmation)
{
    int status = body ? ask_put(bank, body, "confirmation_password", confirmation)
                      : failure_memory(&bank->failure);

    if (status == CERTENROLL_OK)
        return talk_call(answer, talk, bank, path, body);
    strict_json_free(body);
    return status;
}

/* --- reissue --- */

static int show_reissued(struct bank *bank, const json_t *answer, int was_there)
{
    const char *user = bank->options.operand;
    int64_t from = json_integer_value(json_object_get(answer, "effective_at"));
    char when[SHOW_TIME_SIZE], stamp[TEXT_TIME_SIZE];

    text_time(stamp, from);
    if (bank->options.json)
        return show_json(bank, json_pack("{s:s, s:s}", "user_id", user, "effective_at", stamp));
    show_time(when, from);
    printf(was_there
               ? _("the present certificate of user \"%s\" is revoked, and a new one is ordered\n")
               : _("a certificate is ordered for user \"%s\"\n"),
           user);
    if (from > (int64_t)time(NULL))
        printf(_("It can be collected from %s on.\n"), when);
    else
        printf("%s\n", _("It can be collected now."));
    printf(_("Next, step 4: %s users --corporate-id %s\n"), bank->program->name,
           bank->corporate_id);
    printf(_("Then, step 5, by the user: certenroll-user get --corporate-id %s --user-id %s\n"),
           bank->corporate_id, user);
    return CERTENROLL_OK;
}

int command_reissue(struct bank *bank)
{
    struct talk talk = { 0 };
    struct secret_line *confirmation = NULL;
    json_t *answer = NULL;
    int has_certificate = 0, status = change_begin(&talk, bank, &has_certificate);

    if (status == CERTENROLL_OK && !bank->options.confirmation_password_source)
        fprintf(stderr, "%s\n",
                _("- the confirmation password revokes what is in force and orders a new one"));
    if (status == CERTENROLL_OK)
        status = change_ask(bank, &confirmation);
    if (status == CERTENROLL_OK)
        status = change_call(&answer, &talk, bank, "/api/reissue",
                             json_pack("{s:s}", "user_id", bank->options.operand), confirmation);
    if (status == CERTENROLL_OK)
        status = show_reissued(bank, answer, has_certificate);
    strict_json_free(answer);
    secret_line_free(confirmation);
    talk_end(&talk);
    return status;
}
