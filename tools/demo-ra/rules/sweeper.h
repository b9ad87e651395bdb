/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that ends what time has ended: jobs, certificates that nobody confirmed, sessions. */
#ifndef DEMO_RA_SWEEPER_H
#define DEMO_RA_SWEEPER_H

#include "rules/ra.h"

struct sweeper;

int sweeper_start(struct sweeper **out, struct ra *ra, certenroll_error **error);
void sweeper_stop(struct sweeper *sweeper);

#endif
