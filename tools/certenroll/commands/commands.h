/* SPDX-License-Identifier: Apache-2.0 */
/* The sub-commands: each returns 0, CERTENROLL_PENDING, or negative with the error. */
#ifndef CERTENROLL_TOOL_COMMANDS_H
#define CERTENROLL_TOOL_COMMANDS_H

#include "tool.h"

int command_tokens(struct tool *tool, certenroll_error **error);
int command_token_init(struct tool *tool, certenroll_error **error);
int command_token_pin(struct tool *tool, certenroll_error **error);
int command_list(struct tool *tool, certenroll_error **error);
int command_show(struct tool *tool, certenroll_error **error);
int command_keygen(struct tool *tool, certenroll_error **error);
int command_csr(struct tool *tool, certenroll_error **error);
int command_install(struct tool *tool, certenroll_error **error);
int command_enroll(struct tool *tool, certenroll_error **error);
int command_renew(struct tool *tool, certenroll_error **error);
int command_rekey(struct tool *tool, certenroll_error **error);
int command_replace(struct tool *tool, certenroll_error **error);
int command_remove(struct tool *tool, certenroll_error **error);
int command_resume(struct tool *tool, certenroll_error **error);
int command_revoke(struct tool *tool, certenroll_error **error);
int command_status(struct tool *tool, certenroll_error **error);
int command_clean(struct tool *tool, certenroll_error **error);
int command_batch(struct tool *tool, certenroll_error **error);

#endif
