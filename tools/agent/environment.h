/* SPDX-License-Identifier: Apache-2.0 */
/* Where the agent comes from: a browser has started it, with whatever was in its environment. */
#ifndef AGENT_ENVIRONMENT_H
#define AGENT_ENVIRONMENT_H

#include <certenroll/error.h>

/* Leaves of the environment what the list in environment.c has, and sets PATH. Before all else:
 * libraries look into theirs when they are first used. Returns 0, or -1 for want of memory. */
int environment_clean(void);

/* Refuses root, and privileges that the person does not have. */
int environment_check_person(certenroll_error **error);

#endif
