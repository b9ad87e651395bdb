/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll-agent: opened with the launch file that a bank's page gives out. It opens no port. */
#include "activity.h"
#include "agent_view.h"
#include "common/log.h"
#include "common/prompt.h"
#include "common/report.h"
#include "common/startup.h"
#include "common/tool_message.h"
#include "environment.h"

#include <stdio.h>
#include <string.h>

#define PROGRAM "certenroll-agent"

struct command_line {
    const char *config;             /* NULL: the system's */
    const char *file;               /* the launch file */
    certenroll_log_level log_level; /* 0: the library is silent */
    int help, version, hold;
};

/* --- the command line --- */

static int take_value(struct command_line *line, const char *option, const char *value,
                      certenroll_error **error)
{
    if (!value)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("%s needs a value"), option);
    if (strcmp(option, "--config") == 0) {
        line->config = value;
        return CERTENROLL_OK;
    }
    line->log_level = log_level_from_name(value);
    if (!line->log_level)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("\"%s\" is no log level"),
                                    value);
    return CERTENROLL_OK;
}

static int read_arguments(struct command_line *line, int argc, char **argv,
                          certenroll_error **error)
{
    int status = CERTENROLL_OK;

    for (int i = 1; i < argc && status == CERTENROLL_OK; i++) {
        if (strcmp(argv[i], "--help") == 0)
            line->help = 1;
        else if (strcmp(argv[i], "--version") == 0)
            line->version = 1;
        else if (strcmp(argv[i], "--hold") == 0)
            line->hold = 1;
        else if (strcmp(argv[i], "--log") == 0 || strcmp(argv[i], "--config") == 0) {
            status = take_value(line, argv[i], i + 1 < argc ? argv[i + 1] : NULL, error);
            i++;
        } else if (argv[i][0] == '-')
            status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                          _("there is no option \"%s\""), argv[i]);
        else if (line->file)
            status =
                certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("only one file is taken"));
        else
            line->file = argv[i];
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

static int launch(const struct command_line *line, certenroll_error **error)
{
    certenroll_ra_config *config = NULL;
    certenroll_context *context = NULL;
    certenroll_ra_view view;
    int status = certenroll_ra_config_load(&config, line->config, error);

    if (status == CERTENROLL_OK)
        status = certenroll_context_new(&context, error);
    if (status == CERTENROLL_OK) {
        if (line->log_level)
            certenroll_context_set_log(context, line->log_level, log_to_stderr, NULL);
        agent_view_begin(&view, config);
        status = certenroll_ra_launch(context, config, line->file, NULL, &view, error);
        agent_view_end(status, error);
    }
    certenroll_context_free(context);
    certenroll_ra_config_free(config);
    return status;
}

static int run(const struct command_line *line, certenroll_error **error)
{
    int status = environment_check_person(error);

    if (status == CERTENROLL_OK) /* root writes nothing where a person says */
        activity_open();
    activity(_("The application has started."));
    if (status == CERTENROLL_OK) {
        activity(_("It runs as a standard user."));
        status = launch(line, error);
    }
    if (status < 0)
        /* TRANSLATORS: what went wrong, why, and what to do next. */
        activity(_("It failed: %s"), certenroll_error_message(*error));
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
    certenroll_error *error = NULL;
    int is_clean = environment_clean() == 0;
    int status;

    startup();
    status =
        is_clean ? read_arguments(&line, argc, argv, &error) : certenroll_error_set_memory(&error);
    if (status < 0) {
        report_print(error, PROGRAM);
    } else if (line.version) {
        printf("%s %s\n", PROGRAM, certenroll_version());
    } else if (line.help || !line.file) {
        print_help();
    } else {
        status = run(&line, &error);
    }
    if (line.hold)
        hold();
    certenroll_error_free(error);
    return (int)certenroll_status_class(status);
}
