/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_record.h"

static const char *const state_names[] = {
    [JOB_CREATED] = "created", [JOB_REDEEMED] = "redeemed",   [JOB_EXECUTED] = "executed",
    [JOB_ISSUED] = "issued",   [JOB_CONFIRMED] = "confirmed", [JOB_CANCELLED] = "cancelled",
    [JOB_EXPIRED] = "expired", [JOB_FAILED] = "failed",       [JOB_REVOKED] = "revoked",
};

const char *job_state_name(enum job_state state)
{
    return state_names[state];
}

int job_is_over(enum job_state state)
{
    return state >= JOB_CONFIRMED;
}
