/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the program, and what every command needs of it. */
#ifndef CERTENROLL_TOOL_H
#define CERTENROLL_TOOL_H

#include "command_options.h"
#include "common/secrets.h"

#include <certenroll/certenroll.h>

/* A journal's name has up to 64 characters. */
#define CERTENROLL_TOOL_NAME_SIZE 65

/* Texts of shown() that are there at once. */
enum { SHOWN_TEXTS = 8 };

struct tool {
    struct options options;
    struct secrets secrets;
    certenroll_context *context;
    int log_level;
    /* How the library asks for PINs and passwords: secrets_answer(), unless a command has to make
     * room for the question; and how it tells of the steps of an enrolment (NULL: not at all). */
    certenroll_secret_callback secret;
    void *secret_user;
    certenroll_progress_callback progress;
    /* The result that was shown tells what went wrong: only the exit status is left to say it. */
    int is_told;
    /* The enrolment that the failure is about, for programs; "" when there is no journal. */
    char enrolment[CERTENROLL_TOOL_NAME_SIZE];
    /* When the enrolment was begun that the command goes on with; 0: it began its own. */
    int64_t going_on_since;
    char *shown[SHOWN_TEXTS];
    size_t next_shown;
};

/* Says which option is missing, when its value is NULL. */
int require(const char *value, const char *option, certenroll_error **error);

/* Adds what the library cannot know: why no PIN or password was there, if that is what it comes
 * from, and the command or option that helps, in the place of the advice that the library gives by
 * the status alone. A PIN that proved wrong is not offered again. For each failure that is told, or
 * after which more is tried. Returns the status. */
int complete_error(struct tool *tool, certenroll_error **error);

/* A failure that is known already, once more. Returns its status. */
int repeat_error(certenroll_error **error, const certenroll_error *known);

/* Text from outside, none of which acts on the terminal: valid until it was called SHOWN_TEXTS
 * times more. NULL is "". */
const char *shown(struct tool *tool, const char *text);

/* Asks on the terminal unless --yes is given. CERTENROLL_E_CANCELLED: there is nobody to ask,
 * or an interrupt came. */
int confirm(struct tool *tool, int *is_yes, certenroll_error **error, const char *question, ...)
    CERTENROLL_PRINTF(4, 5);

#endif
