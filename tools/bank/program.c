/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to a command, and from its end to the exit status. */
#include "bank.h"
#include "common/interrupt.h"
#include "common/log.h"
#include "common/report.h"
#include "common/startup.h"
#include "common/tool_message.h"
#include "results.h"

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
        option_rows_describe(&bank_options, command->groups | OPTIONS_GENERAL, stdout);
        return;
    }
    printf(_("Usage: %s [COMMAND] [OPTION]...\n"), program->name);
    printf("%s\n\n", _(program->about));
    for (command = program->commands; command->name; command++)
        printf("  %-8s %s\n", command->name, _(command->help));
    printf("\n");
    option_rows_describe(&bank_options, OPTIONS_GENERAL, stdout);
    printf(_("\n\"%s COMMAND --help\" tells of a command's own options.\n"), program->name);
}

static int prepare(struct bank *bank, certenroll_error **error)
{
    const struct options *options = &bank->options;
    int level = options->log ? (int)log_level_from_name(options->log) : 0, status;

    if (options->log && !level)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("\"%s\" is no log level"),
                                    options->log);
    status = certenroll_context_new(&bank->context, error);
    if (status == CERTENROLL_OK && level)
        certenroll_context_set_log(bank->context, (certenroll_log_level)level, log_to_stderr, NULL);
    if (status == CERTENROLL_OK)
        status = interrupt_cancels(bank->context, error);
    bank->secrets.pin_source = options->pin_source;
    return status;
}

/* The rest of the command line: options and operand in any order; argv[0] is the command's name. */
static int read_command_line(struct options *out, const struct command *command,
                             struct argument_line line, certenroll_error **error)
{
    const char *missing = command->groups & OPTIONS_OPERAND ? _("the USER is missing") : NULL;
    int status =
        option_rows_read(out, &bank_options, command->groups | OPTIONS_GENERAL, &line, error);

    if (status < 0 || out->help || out->version)
        return status;
    return option_rows_operand(&out->operand, missing, &line, error);
}

/* Everything but the failure's report. Without a command it is the first one: the overview. */
static int run_program(struct bank *bank, int argc, char **argv, certenroll_error **error)
{
    const struct program *program = bank->program;
    const struct command *named = NULL, *command = program->commands;
    struct options *options = &bank->options;
    struct argument_line line = { argc, argv, 0 };
    int status = option_rows_read_leading(options, &bank_options, command->groups | OPTIONS_GENERAL,
                                          &line, error);

    if (status == CERTENROLL_OK && line.next < argc) {
        argv += line.next;
        named = find_command(program, argv[0]);
        status = named
                     ? read_command_line(options, named,
                                         (struct argument_line){ argc - line.next, argv, 0 }, error)
                     : certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                            _("there is no command \"%s\""), argv[0]);
    }
    if (named)
        command = named;
    if (status == CERTENROLL_OK && options->version) {
        printf("%s %s\n", program->name, certenroll_version());
    } else if (status == CERTENROLL_OK && options->help) {
        print_help(program, named);
    } else if (status == CERTENROLL_OK) {
        status = prepare(bank, error);
        if (status == CERTENROLL_OK)
            status = command->run(bank, error);
    }
    if (status == CERTENROLL_E_ARGUMENT && !certenroll_error_is_advised(*error))
        certenroll_error_advise(error, _("\"%s%s%s --help\" lists what can be given."),
                                program->name, named ? " " : "", named ? named->name : "");
    return status;
}

int program_main(const struct program *program, int argc, char **argv)
{
    struct bank bank = { .program = program };
    certenroll_error *error = NULL;
    json_t *object;
    int status;

    startup();
    status = run_program(&bank, argc, argv, &error);
    secrets_clear(&bank.secrets);
    certenroll_crl_free(bank.crl);
    certenroll_issuers_free(bank.issuers);
    certenroll_issuers_free(bank.issuers_offline);
    certenroll_inventory_free(bank.inventory);
    certenroll_token_free(bank.token);
    certenroll_ra_config_free(bank.config);
    certenroll_context_free(bank.context);
    if ((status >= 0 || bank.is_told) && (fflush(stdout) != 0 || ferror(stdout))) {
        bank.is_told = 0;
        status = certenroll_error_set_errno(&error, _("cannot write to standard output"));
    }
    if (bank.secrets.why[0])
        certenroll_error_because(&error, "%s", bank.secrets.why);
    if (status < 0 && !bank.is_told && bank.options.json) {
        object = report_json(error);
        if (object && bank.code[0])
            json_object_set_new(json_object_get(object, "error"), "code", json_string(bank.code));
        (void)print_json(object, NULL);
    } else if (status < 0 && !bank.is_told) {
        report_print(error, program->name);
    }
    certenroll_error_free(error);
    /* An order that takes effect later is no failure of anybody: come back then. */
    return (int)(strcmp(bank.code, CODE_ORDER_LATER) == 0 ? CERTENROLL_CLASS_PENDING
                                                          : certenroll_status_class(status));
}
