/* SPDX-License-Identifier: Apache-2.0 */
/* The names of states and operations: stable, for programs, logs and the journal itself. */
#include <certenroll/journal.h>

const char *certenroll_state_name(certenroll_state state)
{
    static const char *const names[] = {
        [CERTENROLL_STATE_NEW] = "NEW",
        [CERTENROLL_STATE_KEY_READY] = "KEY_READY",
        [CERTENROLL_STATE_CSR_SIGNED] = "CSR_SIGNED",
        [CERTENROLL_STATE_SUBMITTED] = "SUBMITTED",
        [CERTENROLL_STATE_PENDING] = "PENDING",
        [CERTENROLL_STATE_ISSUED] = "ISSUED",
        [CERTENROLL_STATE_INSTALLED] = "INSTALLED",
        [CERTENROLL_STATE_CONFIRMED] = "CONFIRMED",
        [CERTENROLL_STATE_REJECTED] = "REJECTED",
        [CERTENROLL_STATE_ABANDONED] = "ABANDONED",
        [CERTENROLL_STATE_RETIRED] = "RETIRED",
    };

    return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "UNKNOWN";
}

const char *certenroll_operation_name(certenroll_operation operation)
{
    switch (operation) {
    case CERTENROLL_ENROLL:
        return "enroll";
    case CERTENROLL_RENEW:
        return "renew";
    case CERTENROLL_REKEY:
        return "rekey";
    default:
        return "unknown";
    }
}
