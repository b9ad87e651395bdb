/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_COMMON_PROGRESS_TEXT_H
#define TOOLS_COMMON_PROGRESS_TEXT_H

#include <certenroll/journal.h>

/* What an enrolment has reached, for a person; NULL for what nobody is told of. `*step` is its
 * number, from 1 to PROGRESS_STEPS, and 0 for what comes after. */
#define PROGRESS_STEPS 6
const char *progress_text(certenroll_state state, int *step);

#endif
