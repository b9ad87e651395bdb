/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 3 and 4, and who has which passwords: what the administrator does with the users. */
#include "answers.h"
#include "base/time.h"
#include "common/message.h"
#include "results.h"

#include <stdio.h>
#include <string.h>

#define USERS_MAX 10000

/* --- one user of the list --- */

struct user {
    const char *id, *state;
    int is_in_force; /* a certificate */
    int has_circle;  /* one can be collected, or is in force */
    int64_t not_after;
};

static int read_user(struct user *out, const json_t *object)
{
    out->id = certenroll_ra_json_text(object, "user_id");
    out->state = certenroll_ra_json_text(object, "state");
    out->not_after = json_integer_value(json_object_get(object, "not_after"));
    if (!out->id || !out->state)
        return 0;
    out->is_in_force = strcmp(out->state, "valid") == 0 || strcmp(out->state, "due") == 0;
    out->has_circle = out->is_in_force || (strcmp(out->state, "waiting") == 0 &&
                                           json_is_true(json_object_get(object, "collectable")));
    return 1;
}

static int fetch_users(json_t **answer, const struct login *login, struct bank *bank,
                       certenroll_error **error)
{
    int status = login_call(answer, login, bank, "/api/users", json_object(), error);
    const json_t *users = json_object_get(*answer, "users");

    if (status == CERTENROLL_OK && (!json_is_array(users) || json_array_size(users) > USERS_MAX))
        status = certenroll_error_set(error, CERTENROLL_E_SERVER,
                                      _("the bank's answer is no list of users"));
    return status;
}

/* --- the list --- */

static json_t *users_json(const json_t *users)
{
    json_t *array = json_array(), *object;
    size_t i;

    json_array_foreach(users, i, object)
    {
        struct user user;
        char until[CE_TIME_SIZE];

        if (!read_user(&user, object))
            continue;
        ce_time_format(until, user.not_after);
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:b, s:s}", "user_id", user.id, "state",
                                        user.state, "circle", user.has_circle, "not_after", until));
    }
    return array;
}

static int show_users(const struct bank *bank, const json_t *users, certenroll_error **error)
{
    static const struct member members[] = {
        { "user_id", N_("USER ID") },
        { "circle", N_("CERTIFICATE") },
        { "state", N_("STATE") },
        { "not_after", N_("VALID UNTIL") },
        { NULL, NULL },
    };
    json_t *result = users_json(users);

    if (bank->options.json)
        return print_json(json_pack("{s:o}", "users", result), error);
    if (json_array_size(users) == 0) {
        printf("%s\n", _("there are no users"));
    } else {
        print_table(result, members);
        printf(_("Where \u25cb stands and the state is waiting, step 5 comes next, by the user: "
                 "certenroll-user get --corporate-id %s --user-id USER\n"),
               bank->corporate_id);
    }
    json_decref(result);
    return CERTENROLL_OK;
}

int command_users(struct bank *bank, certenroll_error **error)
{
    struct login login = { 0 };
    json_t *answer = NULL;
    int status = login_begin(&login, bank, error);

    if (status == CERTENROLL_OK)
        status = fetch_users(&answer, &login, bank, error);
    if (status == CERTENROLL_OK)
        status = show_users(bank, json_object_get(answer, "users"), error);
    certenroll_ra_json_free(answer);
    passwords_free(&login.passwords);
    return status;
}

/* --- a change to one user --- */

static int find_user(struct user *out, const struct bank *bank, const json_t *answer,
                     certenroll_error **error)
{
    const json_t *object;
    size_t i;

    json_array_foreach(json_object_get(answer, "users"), i, object)
    {
        if (read_user(out, object) && strcmp(out->id, bank->options.operand) == 0)
            return CERTENROLL_OK;
    }
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the corporation has no user \"%s\""),
                         bank->options.operand);
    certenroll_error_advise(error, _("\"%s users\" lists them."), bank->program->name);
    return CERTENROLL_E_ARGUMENT;
}

/* On stderr: the result alone is for programs. */
static void tell_state(const struct user *user)
{
    char until[SHOWN_TIME_SIZE];

    local_time(until, user->not_after);
    if (user->not_after)
        fprintf(stderr, _("- the present certificate of user \"%s\": %s, valid until %s\n"),
                user->id, state_text(user->state), until);
    else
        fprintf(stderr, _("- the present certificate of user \"%s\": %s\n"), user->id,
                state_text(user->state));
}

/* login_begin() for a change to USER of the command line, whom the corporation must have; tells how
 * that user's certificate stands. */
static int begin_change(struct login *login, struct bank *bank, int *is_in_force,
                        certenroll_error **error)
{
    struct user user = { 0 };
    json_t *answer = NULL;
    int status = answer_check_id(bank->options.operand, "USER", error);

    if (status == CERTENROLL_OK)
        status = login_begin(login, bank, error);
    if (status == CERTENROLL_OK)
        status = fetch_users(&answer, login, bank, error);
    if (status == CERTENROLL_OK)
        status = find_user(&user, bank, answer, error);
    if (status == CERTENROLL_OK)
        tell_state(&user);
    *is_in_force = user.is_in_force;
    certenroll_ra_json_free(answer);
    return status;
}

/* --- reissue --- */

static int show_reissued(const struct bank *bank, const json_t *answer, int was_in_force,
                         certenroll_error **error)
{
    const char *user = bank->options.operand;
    int64_t from = json_integer_value(json_object_get(answer, "effective_at"));
    char when[SHOWN_TIME_SIZE], stamp[CE_TIME_SIZE];

    ce_time_format(stamp, from);
    if (bank->options.json)
        return print_json(json_pack("{s:s, s:s}", "user_id", user, "effective_at", stamp), error);
    local_time(when, from);
    printf(was_in_force
               ? _("the present certificate of user \"%s\" is revoked, and a new one is ordered\n")
               : _("a certificate is ordered for user \"%s\"\n"),
           user);
    if (from > ce_now())
        printf(_("It can be collected from %s on.\n"), when);
    else
        printf("%s\n", _("It can be collected now."));
    printf(_("Next, step 4: %s users --corporate-id %s\n"), bank->program->name,
           bank->corporate_id);
    printf(_("Then, step 5, by the user: certenroll-user get --corporate-id %s --user-id %s\n"),
           bank->corporate_id, user);
    return CERTENROLL_OK;
}

int command_reissue(struct bank *bank, certenroll_error **error)
{
    struct login login = { 0 };
    json_t *answer = NULL;
    int is_in_force = 0, status = begin_change(&login, bank, &is_in_force, error);

    if (status == CERTENROLL_OK && !bank->options.confirmation_password_source)
        fprintf(stderr, "%s\n",
                _("- the confirmation password revokes what is in force and orders a new one"));
    if (status == CERTENROLL_OK)
        status = passwords_ask(&login.passwords, bank, PASSWORD_CONFIRMATION, error);
    if (status == CERTENROLL_OK)
        status = login_call(&answer, &login, bank, "/api/reissue",
                            json_pack("{s:s}", "user_id", bank->options.operand), error);
    if (status == CERTENROLL_OK)
        status = show_reissued(bank, answer, is_in_force, error);
    certenroll_ra_json_free(answer);
    passwords_free(&login.passwords);
    return status;
}

/* --- two passwords: of a user who is registered, or a reset --- */

/* Ends the login, too. */
static int give_passwords(struct login *login, struct bank *bank, const char *path, int status,
                          certenroll_error **error)
{
    json_t *answer = NULL;

    for (int i = PASSWORD_CONFIRMATION; status == CERTENROLL_OK && i < PASSWORD_COUNT; i++)
        status = passwords_ask(&login->passwords, bank, (enum password)i, error);
    if (status == CERTENROLL_OK)
        status = login_call(&answer, login, bank, path,
                            json_pack("{s:s}", "user_id", bank->options.operand), error);
    certenroll_ra_json_free(answer);
    passwords_free(&login->passwords);
    if (status == CERTENROLL_OK && bank->options.json)
        status = print_json(json_pack("{s:s}", "user_id", bank->options.operand), error);
    return status;
}

int command_register(struct bank *bank, certenroll_error **error)
{
    const char *user = bank->options.operand;
    struct login login = { 0 };
    int status = answer_check_id(user, "USER", error);

    if (status == CERTENROLL_OK)
        status = login_begin(&login, bank, error);
    status = give_passwords(&login, bank, "/api/register", status, error);
    if (status < 0 || bank->options.json)
        return status;
    printf(_("user \"%s\" is registered; give the two passwords to nobody else\n"), user);
    printf(_("Next, step 5, by the user: certenroll-user get --corporate-id %s --user-id %s\n"),
           bank->corporate_id, user);
    return CERTENROLL_OK;
}

int command_reset(struct bank *bank, certenroll_error **error)
{
    struct login login = { 0 };
    int is_in_force, status = begin_change(&login, bank, &is_in_force, error);

    status = give_passwords(&login, bank, "/api/reset", status, error);
    if (status == CERTENROLL_OK && !bank->options.json)
        printf(_("the two passwords of user \"%s\" are set anew; give them to nobody else\n"),
               bank->options.operand);
    return status;
}
