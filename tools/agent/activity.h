/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent does, line by line with the time, for the person: on the terminal, and in a file
 * that can be shown to whoever is asked for help. Nothing secret is ever written. */
#ifndef AGENT_ACTIVITY_H
#define AGENT_ACTIVITY_H

#include <certenroll/error.h>

/* Opens $XDG_STATE_HOME/certenroll/agent.log. Where that cannot be done, the terminal alone is told
 * so, and goes on being told the rest. */
void activity_open(void);
void activity_close(void);

/* One line: "[2026/11/22 16:12:46 +0900] ..." in the person's language and time zone. */
void activity(const char *format, ...) CERTENROLL_PRINTF(1, 2);

#endif
