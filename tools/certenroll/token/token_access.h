/* SPDX-License-Identifier: Apache-2.0 */
/* The token that is worked on: opened, listed, and one entry of it chosen. */
#ifndef CERTENROLL_TOOL_TOKEN_ACCESS_H
#define CERTENROLL_TOOL_TOKEN_ACCESS_H

#include "output/output.h"

/* --- open_token.c --- */

/* Opens the token of --token, --module and --pin-source. One that is not there is waited for as
 * --wait-token says, by default only where a person is at the terminal. */
int open_token(struct tool *tool, certenroll_token **out, certenroll_error **error);

/* The same for another URI and module (NULL: by the URI or configuration). */
int await_token_at(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                   certenroll_error **error);

/* The same for one of several: without waiting. */
int open_token_at(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                  certenroll_error **error);

/* The same; `is_asked_for` 0: the PIN comes from the URI alone. */
int open_token_with(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                    int is_asked_for, certenroll_error **error);

/* --- select_entry.c --- */

/* What is on the token, marked by --days and the journals of --journal. Journals that cannot be
 * read are logged and do without. `certificates_only`: no PIN is asked for. */
int take_inventory(struct tool *tool, certenroll_inventory **out, certenroll_token *token,
                   int certificates_only, certenroll_error **error);

/* What an entry must have, to be selected. */
enum { WITH_KEY = 1 << 0, WITH_CERTIFICATE = 1 << 1 };

/* Non-zero when --id and --label, where given, are the entry's. */
int is_selected(const struct options *options, const certenroll_entry *entry);

/* The entries that are selected and have what is needed (`options` NULL: all), as an array of
 * describe_entry(). NULL: no memory. */
json_t *describe_entries(const struct options *options, const certenroll_inventory *inventory,
                         int needed);

/* The one key that --id and --label name. Several entries of one key (a certificate that was
 * renewed) count as one. The entry is borrowed from the inventory. */
int select_key(const struct options *options, const certenroll_inventory *inventory, int needed,
               const certenroll_entry **out, certenroll_error **error);

/* The pair that --id and --label name, without reading what else is on the token. *out holds the
 * entry; freed by the caller, also after failure. */
int find_present_pair(struct tool *tool, certenroll_inventory **out, certenroll_token *token,
                      const certenroll_entry **entry, certenroll_error **error);

/* No entry is selected: says so, and what there is. */
int refuse_selection(const certenroll_inventory *inventory, int status, const char *what,
                     certenroll_error **error);

#endif
