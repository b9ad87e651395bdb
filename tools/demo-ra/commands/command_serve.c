/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostics.h"
#include "base/files.h"
#include "commands/command.h"
#include "commands/server.h"
#include "common/message.h"
#include "common/secrets.h"
#include "rules/sweeper.h"

#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALIDITY_DAYS 365
#define VALIDITY_DAYS_MAX 3650
#define HOLD_MAX 31536000

struct serve {
    const char *directory;
    const char *pin_source;
    const char *ready_file;
    uint16_t port;
    int ready_written;
    long clock_shift;
    struct config config;
    struct ra ra;
};

/* --- ready --- */

static int write_ready(const char *path, uint16_t port)
{
    json_t *root = json_pack("{s:i, s:o, s:o, s:o}", "port", (int)port, "entry",
                             json_sprintf("https://entry.localhost:%u", (unsigned)port), "login",
                             json_sprintf("https://login.localhost:%u", (unsigned)port), "est",
                             json_sprintf("https://est.localhost:%u", (unsigned)port));
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    int result = text ? whole_file_write(path, text, strlen(text), 0644)
                      : fail(CERTENROLL_CLASS_SYSTEM, _("out of memory"));

    free(text);
    json_decref(root);
    return result;
}

static int announce(struct serve *serve, uint16_t port)
{
    int result = serve->ready_file ? write_ready(serve->ready_file, port) : CERTENROLL_CLASS_OK;

    serve->ready_written = serve->ready_file && !result;
    if (!result && (printf(_("listening on 127.0.0.1 port %u: https://entry.localhost:%u\n"),
                           (unsigned)port, (unsigned)port) < 0 ||
                    fflush(stdout) != 0))
        result = fail_errno(_("cannot write to standard output"));
    return result;
}

/* --- running --- */

/* The signals are blocked before any thread starts, and waited for by this one alone; but not
 * before the PIN is there, so that Ctrl-C ends the question for it. */
static void block_signals(sigset_t *ending)
{
    sigemptyset(ending);
    sigaddset(ending, SIGTERM);
    sigaddset(ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, ending, NULL);
}

static int run_server(struct serve *serve, const sigset_t *ending)
{
    struct server *server = NULL;
    struct sweeper *sweeper = NULL;
    int result = sweeper_start(&sweeper, &serve->ra);
    int received = 0;

    if (!result)
        result = server_start(&server, &serve->ra, serve->port, serve->directory);
    if (!result)
        result = announce(serve, server_port(server));
    if (!result) {
        log_event(_("ready on port %u"), (unsigned)server_port(server));
        sigwait(ending, &received);
        log_event(_("ending on signal %d"), received);
    }
    server_stop(server);
    sweeper_stop(sweeper);
    if (serve->ready_written)
        unlink(serve->ready_file);
    return result;
}

static int read_pin(struct secret **pin, const struct serve *serve)
{
    if (!serve->pin_source && secrets_in_uri(serve->config.token_uri))
        return CERTENROLL_CLASS_OK;
    return secret_read(pin, serve->pin_source, _("User PIN of the CA's token: "), 0);
}

static int run_issuer(struct serve *serve)
{
    struct secret *pin = NULL;
    sigset_t ending;
    int result = read_pin(&pin, serve);

    if (!result) {
        block_signals(&ending);
        result = issuer_open(&serve->ra.issuer, &serve->config, serve->directory, pin);
    }
    if (!result) {
        result = run_server(serve, &ending);
        issuer_close(&serve->ra.issuer);
    }
    secret_free(pin);
    return result;
}

static int run(struct serve *serve)
{
    int result = config_load(&serve->config, serve->directory);

    if (result)
        return result;
    pthread_mutex_init(&serve->ra.passwords, NULL);
    result = store_open(&serve->ra.store, serve->directory, STORE_WRITE);
    if (!result) {
        store_clock_shift(serve->ra.store, serve->clock_shift);
        result = run_issuer(serve);
        store_close(serve->ra.store);
    }
    pthread_mutex_destroy(&serve->ra.passwords);
    config_clear(&serve->config);
    return result;
}

/* --- options --- */

enum { OPTION_HOLD = 2000, OPTION_RETRY_AFTER };

static const struct option options[] = {
    { "dir", required_argument, NULL, 'd' },
    { "pin-source", required_argument, NULL, 'p' },
    { "port", required_argument, NULL, 'o' },
    { "ready-file", required_argument, NULL, 'r' },
    { "validity-days", required_argument, NULL, 'v' },
    { "clock-offset", required_argument, NULL, 'c' },
    { "hold", required_argument, NULL, OPTION_HOLD },
    { "retry-after", required_argument, NULL, OPTION_RETRY_AFTER },
    COMMAND_SECRET_OPTION("pin"),
    { NULL, 0, NULL, 0 },
};

static int take_number(struct serve *serve, int option, const char *text)
{
    long number;

    if (option == 'o') {
        if (command_number(&number, text, 0, 65535) < 0)
            return fail(CERTENROLL_CLASS_ARGUMENT, _("--port is a number from 0 to 65535"));
        serve->port = (uint16_t)number;
    } else if (option == 'v') {
        if (command_number(&number, text, 1, VALIDITY_DAYS_MAX) < 0)
            return fail(CERTENROLL_CLASS_ARGUMENT, _("--validity-days is a number from 1 to %d"),
                        VALIDITY_DAYS_MAX);
        serve->ra.validity_days = (int)number;
    } else if (option == OPTION_HOLD) {
        if (command_number(&number, text, 0, HOLD_MAX) < 0)
            return fail(CERTENROLL_CLASS_ARGUMENT, _("--hold is a number of seconds from 0 to %d"),
                        HOLD_MAX);
        serve->ra.hold = number;
    } else {
        if (command_number(&number, text, -2000000000, 2000000000) < 0)
            return fail(CERTENROLL_CLASS_ARGUMENT, _("--clock-offset is a number of seconds"));
        serve->clock_shift = number;
    }
    return CERTENROLL_CLASS_OK;
}

static int take_retry_after(struct serve *serve, const char *text)
{
    serve->ra.retry_after_date = strcmp(text, "date") == 0;
    if (!serve->ra.retry_after_date && strcmp(text, "seconds") != 0)
        return fail(CERTENROLL_CLASS_ARGUMENT, _("--retry-after is \"seconds\" or \"date\""));
    return CERTENROLL_CLASS_OK;
}

int command_serve(int count, char **arguments)
{
    struct serve serve = { .ra.validity_days = VALIDITY_DAYS };
    int option, result = CERTENROLL_CLASS_OK;

    while (!result && (option = getopt_long(count, arguments, ":", options, NULL)) != -1) {
        if (option == 'd')
            serve.directory = optarg;
        else if (option == 'p')
            serve.pin_source = optarg;
        else if (option == 'r')
            serve.ready_file = optarg;
        else if (option == OPTION_RETRY_AFTER)
            result = take_retry_after(&serve, optarg);
        else if (option == '?' || option == ':' || option == COMMAND_SECRET)
            result = command_refuse(arguments, option);
        else
            result = take_number(&serve, option, optarg);
    }
    if (result)
        return result;
    if (!serve.directory || optind != count)
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    _("usage: demo-ra serve --dir DIR [--pin-source FILE] [--port N] "
                      "[--ready-file FILE] [--validity-days N] [--clock-offset SECONDS] "
                      "[--hold SECONDS] [--retry-after seconds|date]"));
    return run(&serve);
}
