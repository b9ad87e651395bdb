/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* sigaction */

#include "agent_view.h"

#include "activity.h"
#include "base/platform.h"
#include "common/tool_message.h"
#include "person.h"

#include <signal.h>

/* --- signals --- */

static const int stopping[] = { SIGHUP, SIGINT, SIGTERM };
enum { STOPPING = sizeof(stopping) / sizeof(stopping[0]) };

/* Of the process, as signals are. */
static volatile sig_atomic_t stopped;
static struct sigaction before[STOPPING];
static int is_watching;

static void note_signal(int number)
{
    (void)number;
    stopped = 1;
}

static void watch_signals(void)
{
    struct sigaction action = { .sa_handler = note_signal };

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < STOPPING; i++) {
        sigaction(stopping[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(stopping[i], &action, NULL);
    }
    is_watching = 1;
}

static void restore_signals(void)
{
    for (size_t i = 0; i < STOPPING && is_watching; i++)
        sigaction(stopping[i], &before[i], NULL);
    is_watching = 0;
}

/* --- the view --- */

static void show_line(void *user, const char *line)
{
    (void)user;
    activity("%s", line);
}

static void show_number(void *user, const char *number)
{
    (void)user;
    watch_signals();
    activity(_("Accepting requests. The number on the page must be this one: %s"), number);
}

static int consent(void *user, const certenroll_ra_plan *plan, certenroll_error **error)
{
    restore_signals();
    return ask_consent(user, plan, error);
}

static int is_stopped(void *user)
{
    (void)user;
    return stopped;
}

/* A signal ends it early. */
static int wait_seconds(void *user, int seconds)
{
    if (!stopped)
        ce_sleep_ms(1000 * (unsigned)seconds);
    return is_stopped(user) ? CERTENROLL_E_CANCELLED : CERTENROLL_OK;
}

void agent_view_begin(certenroll_ra_view *out, certenroll_ra_config *config)
{
    *out = (certenroll_ra_view){
        .size = sizeof(*out),
        .user = config,
        .log = show_line,
        .number = show_number,
        .consent = consent,
        .pin = ask_pin,
        .keep = ask_keep,
        .wait = wait_seconds,
        .is_cancelled = is_stopped,
    };
}

void agent_view_end(int status, certenroll_error **error)
{
    restore_signals();
    if (stopped && status == CERTENROLL_E_CANCELLED)
        certenroll_error_set(error, status, _("the agent was ended"));
}
