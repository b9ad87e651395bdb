/* SPDX-License-Identifier: Apache-2.0 */
#include "context/stop.h"

#include "base/message.h"
#include "base/platform.h"
#include "context/context.h"

#include <stdlib.h>

/* --- the wish --- */

struct certenroll_cancel {
    ce_refcount references;
    atomic_int wanted; /* lock-free, so that a signal handler may write it (C11 7.14.1.1) */
};
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler stores into an atomic_int");

int certenroll_cancel_new(certenroll_cancel **out, certenroll_error **error)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return certenroll_error_set_memory(error);
    ce_refcount_init(&(*out)->references);
    atomic_init(&(*out)->wanted, 0);
    return CERTENROLL_OK;
}

void certenroll_cancel_now(certenroll_cancel *cancel)
{
    atomic_store(&cancel->wanted, 1);
}

int certenroll_cancel_is_wanted(const certenroll_cancel *cancel)
{
    return atomic_load(&cancel->wanted);
}

void certenroll_cancel_reset(certenroll_cancel *cancel)
{
    atomic_store(&cancel->wanted, 0);
}

certenroll_cancel *ce_cancel_ref(certenroll_cancel *cancel)
{
    if (cancel)
        ce_refcount_up(&cancel->references);
    return cancel;
}

void certenroll_cancel_free(certenroll_cancel *cancel)
{
    if (cancel && ce_refcount_down(&cancel->references))
        free(cancel);
}

/* --- what a thread heeds --- */

/* Lives on the stacks of the calls that entered it. */
static _Thread_local const struct certenroll_stop *innermost;

void ce_stop_enter(struct certenroll_stop *stop, const certenroll_context *context)
{
    stop->context_cancel = ce_context_cancel(context);
    stop->outer = innermost;
    innermost = stop;
}

void ce_stop_leave(const struct certenroll_stop *stop)
{
    innermost = stop->outer;
}

const struct certenroll_stop *ce_stop_now(void)
{
    return innermost;
}

enum why { GOES_ON, CANCELLED, TIME_IS_OVER };

static int is_wanted(const certenroll_cancel *cancel)
{
    return cancel && certenroll_cancel_is_wanted(cancel);
}

static enum why why_stop(const struct certenroll_stop *stop)
{
    enum why why = GOES_ON;

    for (; stop; stop = stop->outer) {
        if (is_wanted(stop->cancel) || is_wanted(stop->context_cancel))
            return CANCELLED;
        if (stop->until && ce_uptime_ms() >= stop->until)
            why = TIME_IS_OVER;
    }
    return why;
}

int ce_stop_is_wanted(void)
{
    return why_stop(innermost) != GOES_ON;
}

int ce_stop_check(certenroll_error **error)
{
    switch (why_stop(innermost)) {
    case CANCELLED:
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED, _("it was cancelled"));
    case TIME_IS_OVER:
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED, _("the time for it is over"));
    case GOES_ON:
        break;
    }
    return CERTENROLL_OK;
}

int certenroll_secret_is_cancelled(const certenroll_secret_request *request)
{
    return why_stop(request->stop) != GOES_ON;
}

/* --- waiting --- */

unsigned ce_stop_patience_ms(unsigned most)
{
    int64_t now = ce_uptime_ms(), left = most < CE_STOP_LOOK_MS ? most : CE_STOP_LOOK_MS;

    for (const struct certenroll_stop *stop = innermost; stop; stop = stop->outer)
        if (stop->until && stop->until - now < left)
            left = stop->until - now;
    return left > 0 ? (unsigned)left : 0;
}

int ce_stop_sleep(unsigned milliseconds, certenroll_error **error)
{
    int64_t until = ce_uptime_ms() + milliseconds, left;
    int status = ce_stop_check(error);

    while (status == CERTENROLL_OK && (left = until - ce_uptime_ms()) > 0) {
        ce_sleep_ms(ce_stop_patience_ms((unsigned)left));
        status = ce_stop_check(error);
    }
    return status;
}

unsigned ce_stop_exchange_limit_ms(void)
{
    const struct certenroll_stop *stop = innermost;

    while (stop && !stop->exchange_limit_ms)
        stop = stop->outer;
    return stop ? stop->exchange_limit_ms : 0;
}
