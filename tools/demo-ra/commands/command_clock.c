/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* timegm */

#include "base/diagnostics.h"
#include "commands/command.h"
#include "common/message.h"
#include "base/time.h"
#include "store/store_clock.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define OFFSET_MAX 2000000000

enum clock_action { CLOCK_NOTHING, CLOCK_SHOW, CLOCK_SET, CLOCK_OFFSET, CLOCK_RESET };

struct clock_order {
    const char *directory;
    enum clock_action action;
    const char *value;
};

static int usage(void)
{
    return fail(CERTENROLL_CLASS_ARGUMENT,
                _("usage: demo-ra clock --dir DIR --show|--set TIME|--offset SECONDS|--reset"));
}

/* "2026-12-30T12:00:00Z", or with "+09:00" instead of "Z" (RFC 3339). Returns 0 or -1. */
static int read_time(int64_t *out, const char *text)
{
    struct tm at = { 0 };
    int length = 0, hours = 0, minutes = 0;
    char sign = '+';

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &at.tm_year, &at.tm_mon, &at.tm_mday, &at.tm_hour,
               &at.tm_min, &at.tm_sec, &length) != 6 ||
        length != 19)
        return -1;
    text += length;
    if (strcmp(text, "Z") != 0) {
        int zone = 0;

        if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &zone) != 3 || zone != 6 ||
            text[zone] || !strchr("+-", sign))
            return -1;
    }
    at.tm_year -= 1900;
    at.tm_mon -= 1;
    *out = (int64_t)timegm(&at) - (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return 0;
}

static int new_offset(int64_t *out, const struct clock_order *order)
{
    int64_t wanted;
    long number;

    *out = 0;
    if (order->action == CLOCK_SET) {
        if (read_time(&wanted, order->value) < 0)
            return fail(CERTENROLL_CLASS_ARGUMENT,
                        _("a time is written like 2026-12-30T12:00:00+09:00"));
        *out = wanted - (int64_t)time(NULL);
    } else if (order->action == CLOCK_OFFSET) {
        if (command_number(&number, order->value, -OFFSET_MAX, OFFSET_MAX) < 0)
            return fail(CERTENROLL_CLASS_ARGUMENT, _("--offset is a number of seconds"));
        *out = number;
    }
    return CERTENROLL_CLASS_OK;
}

/* The step is in the audit log under the time that the clock had before. */
static int set(struct store *store, int64_t offset)
{
    char detail[32];
    enum store_result result = store_begin(store);

    if (result != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    snprintf(detail, sizeof(detail), "%lld", (long long)offset);
    result = store_audit(store, "clock-set", NULL, detail);
    if (result == STORE_OK)
        result = store_clock_set_offset(store, offset);
    return store_end(store, result == STORE_OK) == STORE_OK && result == STORE_OK
               ? CERTENROLL_CLASS_OK
               : CERTENROLL_CLASS_SYSTEM;
}

static int show(struct store *store)
{
    char now[CE_TIME_SIZE];
    int64_t offset;

    if (store_clock_offset(store, &offset) != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    ce_time_format(now, store_now(store));
    return printf("%s\t%lld\n", now, (long long)offset) < 0 || fflush(stdout) != 0
               ? fail_errno(_("cannot write to standard output"))
               : CERTENROLL_CLASS_OK;
}

static int run(const struct clock_order *order)
{
    struct store *store;
    int64_t offset;
    int result = new_offset(&offset, order);

    if (result)
        return result;
    result = store_open(&store, order->directory,
                        order->action == CLOCK_SHOW ? STORE_READ : STORE_WRITE);
    if (!result)
        result = order->action == CLOCK_SHOW ? show(store) : set(store, offset);
    store_close(store);
    return result;
}

int command_clock(int count, char **arguments)
{
    static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
                                             { "show", no_argument, NULL, CLOCK_SHOW },
                                             { "set", required_argument, NULL, CLOCK_SET },
                                             { "offset", required_argument, NULL, CLOCK_OFFSET },
                                             { "reset", no_argument, NULL, CLOCK_RESET },
                                             { NULL, 0, NULL, 0 } };
    struct clock_order order = { 0 };
    int option, actions = 0;

    while ((option = getopt_long(count, arguments, ":", options, NULL)) != -1) {
        if (option == 'd') {
            order.directory = optarg;
        } else if (option >= CLOCK_SHOW && option <= CLOCK_RESET) {
            order.action = (enum clock_action)option;
            order.value = optarg;
            actions++;
        } else {
            return command_refuse(arguments, option);
        }
    }
    return order.directory && actions == 1 && optind == count ? run(&order) : usage();
}
