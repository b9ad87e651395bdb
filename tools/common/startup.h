/* SPDX-License-Identifier: Apache-2.0 */
/* What every tool does first. */
#ifndef TOOLS_COMMON_STARTUP_H
#define TOOLS_COMMON_STARTUP_H

/* Sets up locale and catalogue, and closes the ways by which a secret could leave the process:
 * no core file, no debugger of the same user, no inherited descriptors passed on, files made
 * readable by their owner alone. Call it before anything else. */
void startup(void);

#endif
