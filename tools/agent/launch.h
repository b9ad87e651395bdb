/* SPDX-License-Identifier: Apache-2.0 */
/* The launch file that the RA's page gives out (docs/ra.md, "The launch file"). */
#ifndef AGENT_LAUNCH_H
#define AGENT_LAUNCH_H

#include "common/failure.h"

#include <stdint.h>

#define LAUNCH_DIGITS 32

struct launch {
    char *origin;
    char job[LAUNCH_DIGITS + 1];
    char code[LAUNCH_DIGITS + 1];
    int64_t expires;
};

/* Everything about the file is checked, its time too. Whether the origin is one to talk to is not.
 */
int launch_read(struct launch *out, const char *path, struct failure *failure);
/* Wipes and frees. */
void launch_clear(struct launch *launch);

#endif
