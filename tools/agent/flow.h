/* SPDX-License-Identifier: Apache-2.0 */
/* One launch file, one enrolment. */
#ifndef AGENT_FLOW_H
#define AGENT_FLOW_H

#include "common/failure.h"

struct order {
    const char *config; /* NULL: the system's */
    const char *file;   /* the launch file */
    int log_level;      /* certenroll_log_level; 0: the library is silent */
};

/* 0, or negative with the failure; every step is in the activity log. */
int flow_run(const struct order *order, struct failure *failure);

#endif
