/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BANK_PROGRESS_H
#define BANK_PROGRESS_H

#include <certenroll/journal.h>

/* A certenroll_progress_callback: a line on stderr for each state that is reached. */
void progress_show(void *user, certenroll_state state);

#endif
