/* SPDX-License-Identifier: Apache-2.0 */
/* When a call is to end before it is done: because somebody wants that, or its time is over. The
 * call enters what it heeds on its thread, and whatever waits below looks there. */
#ifndef CE_CONTEXT_STOP_H
#define CE_CONTEXT_STOP_H

#include <certenroll/cancel.h>

#include <stdint.h>

/* How long anything waits at most before it looks again. */
#define CE_STOP_LOOK_MS 250

struct certenroll_stop {
    const certenroll_cancel *cancel; /* the call's own; NULL: none */
    int64_t until;                   /* by ce_uptime_ms(); 0: no limit */
    unsigned exchange_limit_ms;      /* of one HTTPS exchange; 0: as the call around it has it */

    /* by ce_stop_enter */
    const certenroll_cancel *context_cancel;
    const struct certenroll_stop *outer; /* of the call that this one is a part of */
};

/* From here to ce_stop_leave the thread heeds it, what the context heeds, and what the calls around
 * heed. The first three members are the caller's, and may be zero. */
void ce_stop_enter(struct certenroll_stop *stop, const certenroll_context *context);
void ce_stop_leave(const struct certenroll_stop *stop);

/* The innermost; NULL: none was entered. For certenroll_secret_request. */
const struct certenroll_stop *ce_stop_now(void);

int ce_stop_is_wanted(void);
/* CERTENROLL_E_CANCELLED when this thread is to stop, saying why; else CERTENROLL_OK. */
int ce_stop_check(certenroll_error **error);

/* As long as may be waited without looking: no longer than `most`. */
unsigned ce_stop_patience_ms(unsigned most);
/* Sleeps so long, looking in between. Returns as ce_stop_check. */
int ce_stop_sleep(unsigned milliseconds, certenroll_error **error);

/* For an exchange that begins now; 0: nobody has set one. */
unsigned ce_stop_exchange_limit_ms(void);

#endif
