/* SPDX-License-Identifier: Apache-2.0 */
/* How a person goes on with an enrolment: commands of the tools, to be pasted into a shell. */
#ifndef CE_JOURNAL_COMMAND_ADVICE_H
#define CE_JOURNAL_COMMAND_ADVICE_H

#include <certenroll/error.h>

/* "certenroll COMMAND OPTION NAME", with --journal where the journal is not in the user's
 * directory; malloc'ed. NULL: no memory. */
char *ce_journal_command(const char *command, const char *option, const char *directory,
                         const char *name);

/* Advises to take the unfinished enrolment to its end, or to give it up; `and_else`, a whole
 * sentence, may be "". */
void ce_advise_unfinished(certenroll_error **error, const char *directory, const char *name,
                          const char *and_else);
/* Nothing can come of it any more. */
void ce_advise_giving_up(certenroll_error **error, const char *directory, const char *name);

#endif
