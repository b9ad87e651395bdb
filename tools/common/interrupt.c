/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* sigaction */

#include "common/interrupt.h"

#include <certenroll/cancel.h>

#include <signal.h>
#include <stddef.h>

static const int numbers[] = { SIGINT, SIGTERM };

/* Of the process, as signals are, and until its end. */
static certenroll_cancel *cancel;

static void set_action(void (*action)(int))
{
    struct sigaction before, new = { .sa_handler = action };

    sigemptyset(&new.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        sigaction(numbers[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) /* nohup, a shell's "&" */
            sigaction(numbers[i], &new, NULL);
    }
}

/* What it calls may be called here (POSIX.1-2017 XSH 2.4.3). */
static void cancel_once(int number)
{
    (void)number;
    certenroll_cancel_now(cancel);
    set_action(SIG_DFL);
}

int interrupt_cancels(certenroll_context *context, certenroll_error **error)
{
    int status = certenroll_cancel_new(&cancel, error);

    if (status < 0)
        return status;
    certenroll_context_set_cancel(context, cancel);
    set_action(cancel_once);
    return CERTENROLL_OK;
}

int interrupt_came(void)
{
    return cancel && certenroll_cancel_is_wanted(cancel);
}

void interrupt_ends(void)
{
    if (cancel)
        set_action(SIG_DFL);
}

void interrupt_cancels_again(void)
{
    if (cancel && !interrupt_came())
        set_action(cancel_once);
}
