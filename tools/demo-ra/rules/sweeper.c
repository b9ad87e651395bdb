/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* pthread_condattr_setclock */

#include "rules/sweeper.h"

#include "common/tool_message.h"
#include "rules/browser_session.h"
#include "rules/ra_job.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define SESSIONS_EVERY 60 /* seconds */

struct sweeper {
    struct ra *ra;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    int ending;
};

/* Waits a second, or until the end. Returns whether it has come. */
static int wait_a_second(struct sweeper *sweeper)
{
    struct timespec until;
    int ending, result = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&sweeper->mutex);
    while (!sweeper->ending && result == 0)
        result = pthread_cond_timedwait(&sweeper->ended, &sweeper->mutex, &until);
    ending = sweeper->ending;
    pthread_mutex_unlock(&sweeper->mutex);
    return ending;
}

/* A failure has been told, and is tried again. */
static void *sweep(void *argument)
{
    struct sweeper *sweeper = argument;

    for (int seconds = 0; !wait_a_second(sweeper); seconds++) {
        (void)job_sweep(sweeper->ra);
        if (seconds % SESSIONS_EVERY == 0)
            (void)session_sweep(sweeper->ra);
    }
    return NULL;
}

int sweeper_start(struct sweeper **out, struct ra *ra, certenroll_error **error)
{
    struct sweeper *sweeper = calloc(1, sizeof(*sweeper));
    pthread_condattr_t attributes;

    *out = NULL;
    if (!sweeper)
        return certenroll_error_set_memory(error);
    sweeper->ra = ra;
    pthread_mutex_init(&sweeper->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&sweeper->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    errno = pthread_create(&sweeper->thread, NULL, sweep, sweeper);
    if (errno) {
        int status = certenroll_error_set_errno(error, _("cannot start a thread"));

        free(sweeper);
        return status;
    }
    *out = sweeper;
    return CERTENROLL_OK;
}

void sweeper_stop(struct sweeper *sweeper)
{
    if (!sweeper)
        return;
    pthread_mutex_lock(&sweeper->mutex);
    sweeper->ending = 1;
    pthread_cond_signal(&sweeper->ended);
    pthread_mutex_unlock(&sweeper->mutex);
    pthread_join(sweeper->thread, NULL);
    pthread_cond_destroy(&sweeper->ended);
    pthread_mutex_destroy(&sweeper->mutex);
    free(sweeper);
}
