/* SPDX-License-Identifier: Apache-2.0 */
/* What the bank's counter does, after it has checked the person and the paper. */
#include "base/text.h"
#include "commands/command.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "ground/japan_time.h"
#include "ground/operator_secret.h"
#include "rules/credentials.h"
#include "rules/users.h"
#include "store/store_order.h"

#include <stdio.h>
#include <string.h>

#define TITLE_MAX 240

/* --- passwords --- */

struct passwords {
    struct secret *password;
    struct secret *confirmation;
};

static void passwords_clear(struct passwords *passwords)
{
    secret_free(passwords->password);
    secret_free(passwords->confirmation);
}

static int read_passwords(struct passwords *out, const struct command_line *line,
                          certenroll_error **error)
{
    int status = secret_read(&out->password, line->password_source, _("Password of the account: "),
                             1, error);

    if (!status)
        status = secret_read(&out->confirmation, line->confirmation_source,
                             _("Confirmation password of the account: "), 1, error);
    if (!status &&
        (!password_is_sound(out->password->bytes) || !password_is_sound(out->confirmation->bytes) ||
         strcmp(out->password->bytes, out->confirmation->bytes) == 0))
        status = certenroll_error_set(
            error, CERTENROLL_E_ARGUMENT,
            _("a password is %d to %d characters of text, and the confirmation password "
              "is another than the password"),
            PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX);
    return status;
}

/* --- register --- */

static enum store_result add_corporation(struct ra *ra, const struct new_account *added)
{
    struct account account;
    enum store_result result = store_begin(ra->store);

    if (result != STORE_OK)
        return result;
    result = store_account_add(ra->store, added);
    if (result == STORE_OK)
        result = store_account_find(ra->store, &account, added->corporate_id);
    if (result == STORE_OK)
        result = store_audit(ra->store, "corporation-registered", account.name, NULL);
    if (result == STORE_OK)
        result = order_place(ra, &account, ra_now(ra), "branch");
    return store_end(ra->store, result == STORE_OK) == STORE_OK ? result : STORE_FAILED;
}

static int register_corporation(struct ra *ra, const struct command_line *line,
                                certenroll_error **error)
{
    char password[PASSWORD_HASH_MAX + 1], confirmation[PASSWORD_HASH_MAX + 1];
    const struct new_account added = { .corporate_id = line->words[0],
                                       .title = line->title,
                                       .password_hash = password,
                                       .confirmation_hash = confirmation,
                                       .needs_order = 1 };
    struct passwords passwords = { 0 };
    int status = command_check_ids(line, error);

    if (!status && line->title &&
        (!ce_text_is_plain(line->title) || strlen(line->title) > TITLE_MAX))
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("a name is up to %d bytes of text on one line"), TITLE_MAX);
    if (!status)
        status = read_passwords(&passwords, line, error);
    if (!status)
        status = password_hash(password, passwords.password->bytes, error);
    if (!status)
        status = password_hash(confirmation, passwords.confirmation->bytes, error);
    passwords_clear(&passwords);
    return status ? status
                  : command_result(ra, add_corporation(ra, &added), added.corporate_id, error);
}

/* --- reissue --- */

static int reissue_order(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    char moment[JAPAN_MOMENT_SIZE], day[JAPAN_DATE_SIZE];
    struct account account;
    int64_t noon = 0;
    enum store_result result;
    int status = command_find_account(&account, ra, line, error);

    if (status)
        return status;
    result = order_next_business_noon(&noon, ra, ra_now(ra));
    if (result == STORE_NONE)
        return certenroll_error_set(error, CERTENROLL_E_SYSTEM,
                                    _("the table of holidays leaves no business day"));
    if (result == STORE_OK)
        result = order_reissue(ra, account.id, noon, "branch");
    status = command_result(ra, result, account.name, error);
    if (status)
        return status;
    /* Days off that nobody has entered cannot be left out. */
    japan_date(day, japan_day(noon));
    if (store_holiday_after(ra->store, day) == STORE_NONE)
        log_event(_("warning: no bank holiday after %s is known; add them by \"demo-ra holiday "
                    "add\""),
                  day);
    japan_moment(moment, noon, operator_reads_japanese());
    printf(_("order for %s taken; a new certificate can be collected from %s\n"), account.name,
           moment);
    return CERTENROLL_OK;
}

/* --- look up --- */

struct lookup {
    struct ra *ra;
    int found;
    enum store_result result;
};

static int print_user(void *user, const struct user_entry *entry)
{
    (void)user;
    return printf("  %s\t%s%s\n", entry->user_id, certificate_state_name(entry->certificate.state),
                  entry->locked ? _(", locked") : "") < 0;
}

static int print_corporation(void *user, const struct order_record *record)
{
    struct lookup *lookup = user;
    struct standing_certificate standing;

    lookup->found = 1;
    order_standing_of(&standing, record, ra_now(lookup->ra));
    lookup->result = store_audit(lookup->ra->store, "looked-up", record->name, NULL);
    if (lookup->result != STORE_OK)
        return -1;
    printf("%s\t%s\t%s%s\n", record->name, record->title[0] ? record->title : "-",
           certificate_state_name(standing.state), record->locked ? _(", locked") : "");
    lookup->result = users_list(lookup->ra, record->account_id, print_user, NULL);
    return lookup->result != STORE_OK || ferror(stdout);
}

static int look_up(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    struct lookup lookup = { .ra = ra };
    enum store_result result =
        store_order_search(ra->store, line->words[0], ra_now(ra), print_corporation, &lookup);

    if (result == STORE_OK && !lookup.found)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("there is no corporation \"%s\""), line->words[0]);
    return store_status(ra->store, result == STORE_OK ? lookup.result : result, error);
}

/* --- unlock, reset --- */

static int unlock_at_branch(struct ra *ra, const struct command_line *line,
                            certenroll_error **error)
{
    return command_unlock(ra, line, "by branch", error);
}

static int reset_passwords(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    struct passwords passwords = { 0 };
    struct account account;
    const char *field;
    int status = command_find_account(&account, ra, line, error);

    if (!status)
        status = read_passwords(&passwords, line, error);
    if (!status) {
        const struct new_user wanted = { NULL, passwords.password->bytes,
                                         passwords.confirmation->bytes };

        if (users_set_passwords(ra, &account, &wanted, "branch", &field) != PROBLEM_NONE)
            status = store_status(ra->store, STORE_FAILED, error);
    }
    passwords_clear(&passwords);
    return status;
}

int command_branch(const struct command_line *line, certenroll_error **error)
{
    static const struct command_action actions[] = {
        { "register", 1, 1, STORE_WRITE, register_corporation },
        { "reissue", 1, 1, STORE_WRITE, reissue_order },
        { "lookup", 1, 1, STORE_WRITE, look_up },
        { "unlock", 1, 2, STORE_WRITE, unlock_at_branch },
        { "reset", 1, 1, STORE_WRITE, reset_passwords },
    };

    return command_act(line, actions, sizeof(actions) / sizeof(actions[0]), error);
}
