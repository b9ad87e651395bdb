/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll-agent: opened with the launch file that a bank's page gives out. It opens no port. */
#include "activity.h"
#include "common/failure.h"
#include "common/log.h"
#include "common/message.h"
#include "common/prompt.h"
#include "common/startup.h"
#include "environment.h"
#include "flow.h"

#include <certenroll/certenroll.h>

#include <stdio.h>
#include <string.h>

#define PROGRAM "certenroll-agent"

struct command_line {
    struct order order;
    int help, version, hold;
};

/* --- the command line --- */

static int take_log_level(struct order *order, const char *name, struct failure *failure)
{
    order->log_level = name ? (int)log_level_from_name(name) : 0;
    if (!name)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("%s needs a value"), "--log");
    if (!order->log_level)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("\"%s\" is no log level"), name);
    return CERTENROLL_OK;
}

static int take_operand(struct order *order, const char *argument, struct failure *failure)
{
    if (argument[0] == '-')
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("there is no option \"%s\""),
                           argument);
    if (order->file)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, "%s", _("only one file is taken"));
    order->file = argument;
    return CERTENROLL_OK;
}

static int read_arguments(struct command_line *line, int argc, char **argv, struct failure *failure)
{
    int status = CERTENROLL_OK;

    for (int i = 1; i < argc && status == CERTENROLL_OK; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;

        if (strcmp(argv[i], "--help") == 0) {
            line->help = 1;
        } else if (strcmp(argv[i], "--version") == 0) {
            line->version = 1;
        } else if (strcmp(argv[i], "--hold") == 0) {
            line->hold = 1;
        } else if (strcmp(argv[i], "--log") == 0) {
            status = take_log_level(&line->order, value, failure);
            i++;
        } else if (strcmp(argv[i], "--config") == 0) {
            line->order.config = value;
            if (!value)
                status =
                    failure_set(failure, CERTENROLL_E_ARGUMENT, _("%s needs a value"), "--config");
            i++;
        } else {
            status = take_operand(&line->order, argv[i], failure);
        }
    }
    return status;
}

static void print_help(void)
{
    printf(_("Usage: %s [--config FILE] [--log LEVEL] [--hold] FILE.cenroll\n\n"), PROGRAM);
    printf("%s\n",
           _("Puts a certificate on your token that you asked for on your bank's page. The "
             "page gives out the\nfile; your browser opens it with this program. It shows a "
             "number, waits for you to press\n\"Execute\" on the page, asks for your consent "
             "and the token's PIN, and ends. It opens no port."));
    printf("\n%s", _("  --config FILE   instead of the system's configuration\n"
                     "  --log LEVEL     what the library does: error, warning, info, debug, trace\n"
                     "  --hold          wait for the Enter key before the window closes\n"
                     "  --help, --version\n"));
}

/* --- running --- */

static int run(const struct order *order, struct failure *failure)
{
    int status = environment_check_person(failure);

    if (status == CERTENROLL_OK) /* root writes nothing where a person says */
        activity_open();
    activity(_("The application has started."));
    if (status == CERTENROLL_OK) {
        activity(_("It runs as a standard user."));
        status = flow_run(order, failure);
    }
    if (status < 0) {
        char line[FAILURE_LINE_SIZE];

        failure_line(line, failure);
        /* TRANSLATORS: what went wrong, why, and what to do next. */
        activity(_("It failed: %s"), line);
    }
    activity(_("The application ends."));
    activity_close();
    return status;
}

static void hold(void)
{
    char nothing[2];
    size_t length;

    (void)prompt_text(_("Press Enter to close this window. "), nothing, sizeof(nothing), &length);
}

int main(int argc, char **argv)
{
    struct command_line line = { 0 };
    struct failure failure = { 0 };
    int is_clean = environment_clean() == 0;
    int status;

    startup();
    status = is_clean ? read_arguments(&line, argc, argv, &failure) : failure_memory(&failure);
    if (status < 0) {
        failure_print(&failure, PROGRAM);
    } else if (line.version) {
        printf("%s %s\n", PROGRAM, certenroll_version());
    } else if (line.help || !line.order.file) {
        print_help();
    } else {
        status = run(&line.order, &failure);
    }
    if (line.hold)
        hold();
    return (int)certenroll_status_class(status);
}
