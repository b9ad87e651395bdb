/* SPDX-License-Identifier: Apache-2.0 */
/* The user's state directory, $XDG_STATE_HOME/certenroll: journals, unless an application wants
 * them elsewhere, and what all applications of the user have to find in one place. */
#ifndef CE_JOURNAL_USER_STATE_H
#define CE_JOURNAL_USER_STATE_H

#include "base/buffer.h"

#include <certenroll/error.h>

/* "DIRECTORY/NAMESUFFIX", malloc'ed. */
int ce_path_join(char **out, const char *directory, const char *name, const char *suffix,
                 certenroll_error **error);

/* The directory itself; malloc'ed. NULL with errno: the user has none. */
char *ce_user_state_directory(void);

/* The path of a file in the directory `room` of it, which is made; malloc'ed. Where the user has no
 * state directory, or none can be made, it is `room` in `instead`. Errors: CERTENROLL_E_SYSTEM. */
int ce_user_state_file(char **out, const char *room, const char *name, const char *instead,
                       certenroll_error **error);

/* The name of a file about something on a token: a digest of the token's label and serial number
 * (NULL: ""), of what kind the thing is, and of the thing (NULL: the token itself). */
#define CE_STATE_NAME_SIZE 65
int ce_user_state_name(char out[CE_STATE_NAME_SIZE], const char *token_label,
                       const char *token_serial, const char *kind, const struct ce_buffer *what,
                       certenroll_error **error);

#endif
