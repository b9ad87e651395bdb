/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for the RA's decision, on the wall clock. */
#define _POSIX_C_SOURCE 200809L /* clock_nanosleep */

#include "base/platform.h"
#include "common/interrupt.h"
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* The RA's time may be over when it is read: asking at once, again and again, is no way to wait. */
#define SHORTEST_WAIT 1

void local_time(char *out, size_t size, int64_t when, int with_date)
{
    struct tm local, today;

    out[0] = '\0';
    if (ce_local_time(&local, when) < 0 || ce_local_time(&today, ce_now()) < 0)
        return;
    with_date |= local.tm_year != today.tm_year || local.tm_yday != today.tm_yday;
    strftime(out, size, with_date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &local);
}

/* time() goes by the clock's last tick, which may be some milliseconds old. */
#define TICK_NANOSECONDS 20000000L

void sleep_until(int64_t when)
{
    struct timespec moment = { time(NULL), TICK_NANOSECONDS };

    /* By the second: an interrupt may have come just before. */
    while (moment.tv_sec < when && !interrupt_came()) {
        moment.tv_sec++;
        while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &moment, NULL) == EINTR &&
               !interrupt_came())
            continue;
    }
}

void wait_until(const struct tool *tool, int64_t when)
{
    int64_t now = (int64_t)time(NULL);
    char until[32];

    if (when < now + SHORTEST_WAIT)
        when = now + SHORTEST_WAIT;
    local_time(until, sizeof(until), when, 0);
    if (!isatty(STDERR_FILENO) || tool->log_level) {
        fprintf(stderr,
                _("waiting for the RA until %s; if interrupted, \"certenroll resume\" goes on\n"),
                until);
        sleep_until(when);
        return;
    }
    /* One line in place, with the time that is left: only where no log comes between. */
    fprintf(stderr, "%s\n", _("Ctrl-C ends the waiting; \"certenroll resume\" goes on later."));
    for (; now < when && !interrupt_came(); now = (int64_t)time(NULL)) {
        long left = (long)(when - now);

        fputc('\r', stderr);
        fprintf(stderr, _("waiting for the RA until %s, %ld:%02ld:%02ld left"), until, left / 3600,
                left / 60 % 60, left % 60);
        fputs("\033[K", stderr); /* ECMA-48 EL: what is left of a longer line */
        fflush(stderr);
        sleep_until(now + 1);
    }
    fputc('\n', stderr);
}
