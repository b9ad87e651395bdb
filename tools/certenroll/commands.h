/* SPDX-License-Identifier: Apache-2.0 */
/* The sub-commands, and what they have in common. */
#ifndef CERTENROLL_TOOL_COMMANDS_H
#define CERTENROLL_TOOL_COMMANDS_H

#include "common/failure.h"
#include "common/secrets.h"
#include "options.h"

#include <certenroll/certenroll.h>

/* One run of the program. */
struct tool {
    struct options options;
    struct secrets secrets;
    struct failure failure;
    certenroll_context *context;
    int log_level;
};

/* --- the sub-commands: 0, CERTENROLL_PENDING, or negative with tool->failure set --- */

int command_tokens(struct tool *tool);
int command_list(struct tool *tool);
int command_show(struct tool *tool);
int command_keygen(struct tool *tool);
int command_csr(struct tool *tool);
int command_install(struct tool *tool);
int command_enroll(struct tool *tool);
int command_renew(struct tool *tool);

/* --- common.c --- */

/* Says which option is missing, when its value is NULL. */
int require(struct tool *tool, const char *value, const char *option);

/* Opens the token of --token, --module and --pin-source. */
int open_token(struct tool *tool, certenroll_token **out);

/* A file of trust anchors; NULL leaves *out NULL. */
int load_anchors(struct tool *tool, certenroll_anchors **out, const char *path);

/* What --subject, --alt-name, --key-usage and --eku ask for. Borrows from the options. */
int request_options(struct tool *tool, certenroll_request_options *out);

/* What --key-type, --label and --id ask for; `id` is where the ID's bytes go. */
int key_options(struct tool *tool, certenroll_key_options *out,
                unsigned char id[CERTENROLL_ID_MAX]);

/* --- by_hand.c --- */

/* Sends the enrolment's request to standard output or --out, takes the certificate from standard
 * input, and hands it in. */
int exchange_by_hand(struct tool *tool, certenroll_enrolment *enrolment);

/* A certificate as it came from a CA; "-" is standard input. *out is freed by free(). */
int read_answer(struct tool *tool, unsigned char **out, size_t *length, const char *path);

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
