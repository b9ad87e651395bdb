/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 3 and 4, and who has which passwords: what the administrator does with the users. */
#include "answers.h"
#include "base/time.h"
#include "common/tool_message.h"
#include "results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USERS_MAX 10000

/* --- the list --- */

static int is_in_force(const char *state)
{
    return strcmp(state, "valid") == 0 || strcmp(state, "due") == 0;
}

/* An array of {"user_id", "state", "circle": one can be collected or is in force, "not_after"}. */
static int fetch_users(json_t **out, const struct login *login, struct bank *bank,
                       certenroll_error **error)
{
    json_t *answer = NULL, *users, *object;
    int status = login_call(&answer, login, bank, "/api/users", json_object(), error);
    size_t i;

    users = json_object_get(answer, "users");
    if (status == CERTENROLL_OK && (!json_is_array(users) || json_array_size(users) > USERS_MAX))
        status = certenroll_error_set(error, CERTENROLL_E_SERVER,
                                      _("the bank's answer is no list of users"));
    *out = status == CERTENROLL_OK ? json_array() : NULL;
    json_array_foreach(*out ? users : NULL, i, object)
    {
        const char *id = certenroll_ra_json_text(object, "user_id");
        const char *state = certenroll_ra_json_text(object, "state");
        char until[CE_TIME_SIZE];

        if (!id || !state)
            continue;
        ce_time_format(until, json_integer_value(json_object_get(object, "not_after")));
        json_array_append_new(
            *out,
            json_pack("{s:s, s:s, s:b, s:s}", "user_id", id, "state", state, "circle",
                      is_in_force(state) || (strcmp(state, "waiting") == 0 &&
                                             json_is_true(json_object_get(object, "collectable"))),
                      "not_after", until));
    }
    certenroll_ra_json_free(answer);
    return status;
}

static void print_users(const struct bank *bank, const json_t *users)
{
    static const struct member members[] = {
        { "user_id", N_("USER ID") },
        { "circle", N_("CERTIFICATE") },
        { "state", N_("STATE") },
        { "not_after", N_("VALID UNTIL") },
        { NULL, NULL },
    };

    if (json_array_size(users) == 0) {
        printf("%s\n", _("there are no users"));
        return;
    }
    print_table(users, members);
    printf(_("Where \u25cb stands and the state is waiting, step 5 comes next, by the user: "
             "certenroll-user get --corporate-id %s --user-id USER\n"),
           bank->corporate_id);
}

int command_users(struct bank *bank, certenroll_error **error)
{
    struct login login = { 0 };
    json_t *users = NULL;
    int status = login_begin(&login, bank, error);

    if (status == CERTENROLL_OK)
        status = fetch_users(&users, &login, bank, error);
    passwords_free(&login.passwords);
    if (status < 0)
        return status;
    if (bank->options.json)
        return print_json(json_pack("{s:o}", "users", users), error);
    print_users(bank, users);
    json_decref(users);
    return CERTENROLL_OK;
}

/* --- a change to one user --- */

/* USER of the command line, whom the corporation must have. */
static int find_user(const json_t **out, const struct bank *bank, const json_t *users,
                     certenroll_error **error)
{
    size_t i;

    json_array_foreach(users, i, *out)
    {
        if (strcmp(json_string_value(json_object_get(*out, "user_id")), bank->options.operand) == 0)
            return CERTENROLL_OK;
    }
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the corporation has no user \"%s\""),
                         bank->options.operand);
    certenroll_error_advise(error, _("\"%s users\" lists them."), bank->program->name);
    return CERTENROLL_E_ARGUMENT;
}

/* login_begin() for a change to USER; tells how that user's certificate stands, on stderr: the
 * result alone is for programs. */
static int begin_change(struct login *login, struct bank *bank, int *has_certificate,
                        certenroll_error **error)
{
    const char *id = bank->options.operand, *state;
    json_t *users = NULL;
    const json_t *user;
    char *until;
    int status = answer_check_id(id, "USER", error);

    if (status == CERTENROLL_OK)
        status = login_begin(login, bank, error);
    if (status == CERTENROLL_OK)
        status = fetch_users(&users, login, bank, error);
    if (status == CERTENROLL_OK)
        status = find_user(&user, bank, users, error);
    if (status == CERTENROLL_OK) {
        state = json_string_value(json_object_get(user, "state"));
        until = member_text(user, "not_after");
        *has_certificate = is_in_force(state);
        if (until && strcmp(until, "-") != 0)
            fprintf(stderr, _("- the present certificate of user \"%s\": %s, valid until %s\n"), id,
                    state_text(state), until);
        else
            fprintf(stderr, _("- the present certificate of user \"%s\": %s\n"), id,
                    state_text(state));
        free(until);
    }
    json_decref(users);
    return status;
}

/* --- reissue --- */

static int show_reissued(const struct bank *bank, const json_t *answer, int had_certificate,
                         certenroll_error **error)
{
    const char *user = bank->options.operand;
    int64_t from = json_integer_value(json_object_get(answer, "effective_at"));
    char when[SHOWN_TIME_SIZE], stamp[CE_TIME_SIZE];

    ce_time_format(stamp, from);
    if (bank->options.json)
        return print_json(json_pack("{s:s, s:s}", "user_id", user, "effective_at", stamp), error);
    local_time(when, from);
    printf(had_certificate
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
    int has_certificate = 0, status = begin_change(&login, bank, &has_certificate, error);

    if (status == CERTENROLL_OK && !bank->options.confirmation_password_source)
        fprintf(stderr, "%s\n",
                _("- the confirmation password revokes what is in force and orders a new one"));
    if (status == CERTENROLL_OK)
        status = passwords_ask(&login.passwords, bank, PASSWORD_CONFIRMATION, error);
    if (status == CERTENROLL_OK)
        status = login_call(&answer, &login, bank, "/api/reissue",
                            json_pack("{s:s}", "user_id", bank->options.operand), error);
    if (status == CERTENROLL_OK)
        status = show_reissued(bank, answer, has_certificate, error);
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
    int has_certificate, status = begin_change(&login, bank, &has_certificate, error);

    status = give_passwords(&login, bank, "/api/reset", status, error);
    if (status == CERTENROLL_OK && !bank->options.json)
        printf(_("the two passwords of user \"%s\" are set anew; give them to nobody else\n"),
               bank->options.operand);
    return status;
}
