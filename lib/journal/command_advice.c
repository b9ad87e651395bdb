/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/command_advice.h"

#include "base/command_line.h"
#include "base/message.h"
#include "base/platform.h"
#include "journal/user_state.h"

#include <stdlib.h>
#include <string.h>

/* The absolute name, which holds wherever the person stands; NULL for the user's own directory,
 * where the tools look by themselves. */
static char *unusual(const char *directory)
{
    char *state = ce_user_state_directory(), *home = state ? ce_platform_absolute(state) : NULL;
    char *absolute = ce_platform_absolute(directory);

    if (home && absolute && strcmp(home, absolute) == 0) {
        free(absolute);
        absolute = NULL;
    }
    free(home);
    free(state);
    return absolute;
}

char *ce_journal_command(const char *command, const char *option, const char *directory,
                         const char *name)
{
    struct ce_command line = { 0 };
    char *journals = unusual(directory);

    ce_command_add(&line, "certenroll");
    ce_command_add(&line, command);
    ce_command_option(&line, option, name);
    ce_command_option(&line, "--journal", journals);
    free(journals);
    return ce_command_take(&line);
}

void ce_advise_unfinished(certenroll_error **error, const char *directory, const char *name,
                          const char *and_else)
{
    char *to_end = ce_journal_command("resume", "--name", directory, name);
    char *back = ce_journal_command("clean", "--name", directory, name);

    if (to_end && back)
        /* TRANSLATORS: two commands, and "" or one more sentence that begins with a space. */
        certenroll_error_advise(error, _("Take it to its end: %s. Or give it up: %s.%s"), to_end,
                                back, and_else);
    free(to_end);
    free(back);
}

void ce_advise_giving_up(certenroll_error **error, const char *directory, const char *name)
{
    char *back = ce_journal_command("clean", "--name", directory, name);

    if (back)
        certenroll_error_advise(error, _("Give it up, then begin again: %s"), back);
    free(back);
}
