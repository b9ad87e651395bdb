/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cancel.h
 * Ending from outside what a call is waiting for.
 *
 * A call that heeds a cancel ends with CERTENROLL_E_CANCELLED, within a second while it waits for
 * the network, a token that is to come, another thread or process, or a callback that asks
 * certenroll_secret_is_cancelled(). A call to the token is let end first: what it does cannot be
 * undone by leaving it. What an enrolment has come to is in its journal; the next run goes on
 * there.
 */
#ifndef CERTENROLL_CANCEL_H
#define CERTENROLL_CANCEL_H

#include <certenroll/context.h>
#include <certenroll/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A wish to end what goes on, which stays until certenroll_cancel_reset(). Counted: contexts and
 *  enrolments that heed it keep it alive. */
typedef struct certenroll_cancel certenroll_cancel;

/** Makes one that wants nothing yet. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_cancel_new(certenroll_cancel **out, certenroll_error **error);

/** Ends what heeds it, and what begins later. From any thread and from any signal handler: it
 *  stores one number. */
void certenroll_cancel_now(certenroll_cancel *cancel);

/** Non-zero since certenroll_cancel_now(). From any thread and from any signal handler. */
int certenroll_cancel_is_wanted(const certenroll_cancel *cancel);

/** What begins from now on is not cancelled. Call it when what was to be ended has ended. */
void certenroll_cancel_reset(certenroll_cancel *cancel);

/** Drops the caller's reference. NULL is allowed. */
void certenroll_cancel_free(certenroll_cancel *cancel);

/** Lets everything of the context heed `cancel`, which it keeps alive; NULL: nothing, the default.
 *  Set it before other threads use the context. */
void certenroll_context_set_cancel(certenroll_context *context, certenroll_cancel *cancel);

/** Non-zero when nobody waits for the answer any more: the call that asks was cancelled, or its
 *  time is over. A callback that waits for a person asks this every now and then, from whatever
 *  thread, until it returns; it then returns CERTENROLL_E_CANCELLED. */
int certenroll_secret_is_cancelled(const certenroll_secret_request *request);

#ifdef __cplusplus
}
#endif
#endif
