/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/command.h"
#include "commands/server.h"
#include "common/named_file.h"
#include "common/option_rows.h"
#include "common/secrets.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "http/http_request.h"
#include "rules/sweeper.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALIDITY_DAYS 365
#define VALIDITY_DAYS_MAX 3650
#define HOLD_MAX 31536000

/* --- ready --- */

static int write_ready(const char *path, uint16_t port, certenroll_error **error)
{
    char entry[HOST_ORIGIN_SIZE], login[HOST_ORIGIN_SIZE], est[HOST_ORIGIN_SIZE], *text;
    json_t *root;
    int status;

    host_origin(entry, HOST_ENTRY, port);
    host_origin(login, HOST_LOGIN, port);
    host_origin(est, HOST_EST, port);
    root = json_pack("{s:i, s:s, s:s, s:s}", "port", (int)port, "entry", entry, "login", login,
                     "est", est);
    text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    status =
        text ? file_write(path, text, strlen(text), error) : certenroll_error_set_memory(error);
    free(text);
    json_decref(root);
    return status;
}

static int announce(const char *ready_file, uint16_t port, certenroll_error **error)
{
    if (printf(_("listening on 127.0.0.1 port %u: https://entry.localhost:%u\n"), (unsigned)port,
               (unsigned)port) < 0 ||
        fflush(stdout) != 0)
        return certenroll_error_set_errno(error, _("cannot write to standard output"));
    return ready_file ? write_ready(ready_file, port, error) : CERTENROLL_OK;
}

/* --- running --- */

static int serve_until_signal(struct ra *ra, const struct command_line *line, uint16_t port,
                              const sigset_t *ending, certenroll_error **error)
{
    struct server *server = NULL;
    struct sweeper *sweeper = NULL;
    int received = 0;
    int status = sweeper_start(&sweeper, ra, error);

    if (!status)
        status = server_start(&server, ra, port, line->directory, error);
    if (!status) {
        status = announce(line->ready_file, server_port(server), error);
        if (!status) {
            log_event(_("ready on port %u"), (unsigned)server_port(server));
            sigwait(ending, &received);
            log_event(_("ending on signal %d"), received);
        }
        server_stop(server);
        if (!status && line->ready_file)
            unlink(line->ready_file);
    }
    sweeper_stop(sweeper);
    return status;
}

static int run_issuer(struct ra *ra, const struct command_line *line, uint16_t port,
                      certenroll_error **error)
{
    struct ra_config config;
    struct secret *pin = NULL;
    sigset_t ending;
    int status = ra_config_load(&config, line->directory, error);

    if (!status && (line->pin_source || !secrets_in_uri(config.token_uri)))
        status = secret_read(&pin, line->pin_source, _("User PIN of the CA's token: "), 0, error);
    if (!status) {
        /* The signals are blocked before any thread starts, and waited for by this one alone; but
         * not before the PIN is there, so that Ctrl-C ends the question for it. */
        sigemptyset(&ending);
        sigaddset(&ending, SIGTERM);
        sigaddset(&ending, SIGINT);
        pthread_sigmask(SIG_BLOCK, &ending, NULL);
        status = issuer_open(&ra->issuer, &config, line->directory, pin, error);
    }
    if (!status) {
        status = serve_until_signal(ra, line, port, &ending, error);
        issuer_close(&ra->issuer);
    }
    secret_free(pin);
    ra_config_clear(&config);
    return status;
}

/* --- options --- */

static int check_numbers(struct ra *ra, int *port, int64_t *clock_shift,
                         const struct command_line *line, certenroll_error **error)
{
    int status = CERTENROLL_E_ARGUMENT;
    int hold = line->hold ? option_number(line->hold, HOLD_MAX) : 0;

    *port = line->port ? option_number(line->port, UINT16_MAX) : 0;
    ra->hold = hold;
    ra->validity_days =
        line->validity_days ? option_number(line->validity_days, VALIDITY_DAYS_MAX) : VALIDITY_DAYS;
    ra->retry_after_date = line->retry_after && strcmp(line->retry_after, "date") == 0;
    if (*port < 0)
        return certenroll_error_set(error, status, _("--port is a number from 0 to 65535"));
    if (ra->validity_days < 1)
        return certenroll_error_set(error, status, _("--validity-days is a number from 1 to %d"),
                                    VALIDITY_DAYS_MAX);
    if (hold < 0)
        return certenroll_error_set(error, status, _("--hold is a number of seconds from 0 to %d"),
                                    HOLD_MAX);
    if (line->clock_offset && command_offset(clock_shift, line->clock_offset) < 0)
        return certenroll_error_set(error, status, _("--clock-offset is a number of seconds"));
    if (line->retry_after && !ra->retry_after_date && strcmp(line->retry_after, "seconds") != 0)
        return certenroll_error_set(error, status, _("--retry-after is \"seconds\" or \"date\""));
    return CERTENROLL_OK;
}

int command_serve(const struct command_line *line, certenroll_error **error)
{
    struct ra ra = { 0 };
    int64_t clock_shift = 0;
    int port, status;

    if (line->count > 0)
        return command_usage(line, error);
    status = check_numbers(&ra, &port, &clock_shift, line, error);
    if (!status)
        status = store_open(&ra.store, line->directory, STORE_SERVE, error);
    if (status)
        return status;
    pthread_mutex_init(&ra.passwords, NULL);
    store_clock_shift(ra.store, clock_shift);
    status = run_issuer(&ra, line, (uint16_t)port, error);
    pthread_mutex_destroy(&ra.passwords);
    store_close(ra.store);
    return status;
}
