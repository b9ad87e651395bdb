/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that ends what time has ended: jobs, certificates that nobody confirmed, sessions. */
#ifndef DEMO_RA_SWEEPER_H
#define DEMO_RA_SWEEPER_H

#include "rules/ra.h"

struct sweeper;

/* Returns a class. */
int sweeper_start(struct sweeper **out, struct ra *ra);
void sweeper_stop(struct sweeper *sweeper);

#endif
