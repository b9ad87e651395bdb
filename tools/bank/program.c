/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to a command, and from its end to the exit status. */
#include "bank.h"
#include "common/log.h"
#include "common/message.h"
#include "common/startup.h"
#include "show.h"

#include <stdio.h>
#include <string.h>

static const struct command *find_command(const struct program *program, const char *name)
{
    for (const struct command *command = program->commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static void print_help(const struct program *program, const struct command *command)
{
    if (command) {
        printf(_("Usage: %s %s [OPTION]...%s\n"), program->name, command->name,
               command->groups & OPTIONS_OPERAND ? " USER" : "");
        printf("%s\n\n", _(command->help));
        options_describe(command->groups | OPTIONS_GENERAL, stdout);
        return;
    }
    printf(_("Usage: %s [COMMAND] [OPTION]...\n"), program->name);
    printf("%s\n\n", _(program->about));
    for (command = program->commands; command->name; command++)
        printf("  %-8s %s\n", command->name, _(command->help));
    printf("\n");
    options_describe(OPTIONS_GENERAL, stdout);
    printf(_("\n\"%s COMMAND --help\" tells of a command's own options.\n"), program->name);
}

static int prepare(struct bank *bank)
{
    const struct options *options = &bank->options;
    int level = options->log ? (int)log_level_from_name(options->log) : 0;
    certenroll_error *error = NULL;

    if (options->log && !level)
        return failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, _("\"%s\" is no log level"),
                           options->log);
    if (certenroll_context_new(&bank->context, &error) < 0)
        return failure_take(&bank->failure, error);
    if (level)
        certenroll_context_set_log(bank->context, (certenroll_log_level)level, log_to_stderr, NULL);
    bank->secrets.pin_source = options->pin_source;
    return CERTENROLL_OK;
}

static int run_command(struct bank *bank, const struct command *command, int argc, char **argv)
{
    int status =
        argc > 0 ? options_read_command(&bank->options, command->groups, argc, argv, &bank->failure)
                 : CERTENROLL_OK;

    if (status < 0 || bank->options.help || bank->options.version)
        return status;
    status = prepare(bank);
    return status < 0 ? status : command->run(bank);
}

/* Everything but the failure's report. Without a command it is the first one: the overview. */
static int run(struct bank *bank, int argc, char **argv)
{
    const struct program *program = bank->program;
    const struct command *command = NULL;
    int next = 0;
    int status = options_read_general(&bank->options, program->commands[0].groups, argc, argv,
                                      &next, &bank->failure);

    if (next < argc && !(command = find_command(program, argv[next])) && status == CERTENROLL_OK)
        status = failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, _("there is no command \"%s\""),
                             argv[next]);
    if (status == CERTENROLL_OK)
        status = run_command(bank, command ? command : program->commands, argc - next, argv + next);
    if (status == CERTENROLL_OK && bank->options.version)
        printf("%s %s\n", program->name, certenroll_version());
    else if (status == CERTENROLL_OK && bank->options.help)
        print_help(program, command);
    if (status == CERTENROLL_E_ARGUMENT && !bank->failure.advice[0])
        failure_advise(&bank->failure, _("\"%s%s%s --help\" lists what can be given."),
                       program->name, command ? " " : "", command ? command->name : "");
    return status;
}

static void report(struct bank *bank)
{
    json_t *object;

    if (bank->secrets.why[0])
        failure_because(&bank->failure, "%s", bank->secrets.why);
    if (!bank->options.json) {
        failure_print(&bank->failure, bank->program->name);
        return;
    }
    object = failure_json(&bank->failure);
    if (object && bank->code[0])
        json_object_set_new(json_object_get(object, "error"), "code", json_string(bank->code));
    (void)show_json(bank, object);
}

static void clear(struct bank *bank)
{
    secrets_clear(&bank->secrets);
    certenroll_token_free(bank->token);
    ra_config_clear(&bank->config);
    certenroll_context_free(bank->context);
}

/* An order that takes effect later is no failure of anybody: come back then. */
static certenroll_class exit_class(const struct bank *bank, int status)
{
    return strcmp(bank->code, CODE_ORDER_LATER) == 0 ? CERTENROLL_CLASS_PENDING
                                                     : certenroll_status_class(status);
}

int program_main(const struct program *program, int argc, char **argv)
{
    struct bank bank;
    int status;

    startup();
    memset(&bank, 0, sizeof(bank));
    bank.program = program;
    status = run(&bank, argc, argv);
    clear(&bank);
    if ((status >= 0 || bank.is_told) && (fflush(stdout) != 0 || ferror(stdout))) {
        bank.is_told = 0;
        status = failure_errno(&bank.failure, "%s", _("cannot write to standard output"));
    }
    if (status < 0 && !bank.is_told)
        report(&bank);
    return (int)exit_class(&bank, status);
}
