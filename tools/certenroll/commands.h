/* SPDX-License-Identifier: Apache-2.0 */
/* The sub-commands, and what they have in common. */
#ifndef CERTENROLL_TOOL_COMMANDS_H
#define CERTENROLL_TOOL_COMMANDS_H

#include "common/failure.h"
#include "common/secrets.h"
#include "options.h"

#include <certenroll/certenroll.h>

/* A journal's name has up to 64 characters. */
#define CERTENROLL_TOOL_NAME_SIZE 65

/* One run of the program. */
struct tool {
    struct options options;
    struct secrets secrets;
    struct failure failure;
    certenroll_context *context;
    int log_level;
    /* The result that was shown tells what went wrong: only the exit status is left to say it. */
    int is_told;
    /* The enrolment that `failure` is about, for programs; "" when there is no journal. */
    char enrolment[CERTENROLL_TOOL_NAME_SIZE];
};

/* --- the sub-commands: 0, CERTENROLL_PENDING, or negative with tool->failure set --- */

int command_tokens(struct tool *tool);
int command_token_init(struct tool *tool);
int command_token_pin(struct tool *tool);
int command_list(struct tool *tool);
int command_show(struct tool *tool);
int command_keygen(struct tool *tool);
int command_csr(struct tool *tool);
int command_install(struct tool *tool);
int command_enroll(struct tool *tool);
int command_renew(struct tool *tool);
int command_rekey(struct tool *tool);
int command_replace(struct tool *tool);
int command_remove(struct tool *tool);
int command_resume(struct tool *tool);
int command_revoke(struct tool *tool);
int command_status(struct tool *tool);
int command_clean(struct tool *tool);
int command_batch(struct tool *tool);

/* --- common.c --- */

/* Says which option is missing, when its value is NULL. */
int require(struct tool *tool, const char *value, const char *option);

/* One found by the library, for a failure that is not the program's only one: with the reason why
 * no PIN or password was there, if that is what it comes from. Takes `error` over. Returns its
 * status. */
int take_failure(struct tool *tool, struct failure *failure, certenroll_error *error);

/* Puts the command or option that helps in the place of the advice that the library gives by the
 * status alone. */
void advise_command(struct failure *failure);

/* --days, or 30. */
int read_days(struct tool *tool, int *days);

/* --retire; CERTENROLL_RETIRE_DELETE without it. */
int read_retirement(struct tool *tool, certenroll_retirement *out);

/* Asks on the terminal unless --yes is given. CERTENROLL_E_CANCELLED: there is nobody to ask. */
int confirm(struct tool *tool, const char *question, int *is_yes);

/* A file of trust anchors; NULL leaves *out NULL. */
int load_anchors(struct tool *tool, certenroll_anchors **out, const char *path);

/* What --key-usage and --eku ask for. */
int usage_options(struct tool *tool, certenroll_request_options *out);

/* What --subject, --alt-name, --key-usage and --eku ask for. Borrows from the options. */
int request_options(struct tool *tool, certenroll_request_options *out);

/* --key-type, which must be there. */
int key_type(struct tool *tool, certenroll_key_type *out);

/* What --key-type, --label and --id ask for; `id` is where the ID's bytes go. */
int key_options(struct tool *tool, certenroll_key_options *out,
                unsigned char id[CERTENROLL_ID_MAX]);

/* --- open.c --- */

/* Opens the token of --token, --module and --pin-source. One that is not there is waited for as
 * --wait-token says, by default only where a person is at the terminal. */
int open_token(struct tool *tool, certenroll_token **out);

/* The same for another URI and module (NULL: by the URI or configuration). */
int await_token_at(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                   struct failure *failure);

/* The same for one of several: without waiting. */
int open_token_at(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                  struct failure *failure);

/* --- by_hand.c --- */

/* Sends the enrolment's request to standard output or --out, takes the certificate from standard
 * input, and hands it in. CERTENROLL_PENDING when there came nothing. */
int exchange_by_hand(struct tool *tool, certenroll_enrolment *enrolment);

/* The request in PEM, to standard output or --out. */
int write_request(struct tool *tool, const certenroll_enrolment *enrolment,
                  struct failure *failure);

/* Hands in the certificate in a file; "-" is standard input. CERTENROLL_PENDING when it is empty.
 */
int supply_answer(struct tool *tool, certenroll_enrolment *enrolment, const char *path,
                  struct failure *failure);

/* A certificate as it came from a CA; "-" is standard input. *out is freed by free(). */
int read_answer(unsigned char **out, size_t *length, const char *path, struct failure *failure);

/* --- inventory.c --- */

/* What is on the token, marked by --days and the journals of --journal. Journals that cannot be
 * read are logged and do without. `certificates_only`: no PIN is asked for. */
int take_inventory(struct tool *tool, certenroll_inventory **out, certenroll_token *token,
                   int certificates_only);

/* --- select.c --- */

/* What an entry must have, to be selected. */
enum { WITH_KEY = 1 << 0, WITH_CERTIFICATE = 1 << 1 };

/* The bytes of --id; *length is 0 without it. */
int read_id(struct tool *tool, unsigned char id[CERTENROLL_ID_MAX], size_t *length);

/* Non-zero when --id and --label, where given, are the entry's. */
int is_selected(struct tool *tool, const certenroll_entry *entry);

/* The one key that --id and --label name. Several entries of one key (a certificate that was
 * renewed) count as one. The entry is borrowed from the inventory. */
int select_key(struct tool *tool, const certenroll_inventory *inventory, int needed,
               const certenroll_entry **out);

/* No entry is selected: says so, and what there is. */
int refuse_selection(struct tool *tool, const certenroll_inventory *inventory, int status,
                     const char *what);

#endif
