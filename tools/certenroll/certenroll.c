/* SPDX-License-Identifier: Apache-2.0 */
/* The program: its commands, and what becomes of one. */
#include "commands/commands.h"
#include "common/interrupt.h"
#include "common/log.h"
#include "common/report.h"
#include "common/startup.h"
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "certenroll"

struct command {
    const char *name;
    int (*run)(struct tool *tool, certenroll_error **error);
    int groups; /* of options */
    const char *help;
};

/* What a first enrolment takes, and one in the place of another. */
enum {
    ENROLMENT = OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_SELECT | OPTIONS_KEY | OPTIONS_REQUEST |
                OPTIONS_ANCHOR | OPTIONS_RA | OPTIONS_CA_NAMES | OPTIONS_JOURNAL | OPTIONS_WAIT,
    RENEWAL = OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_SELECT | OPTIONS_ANCHOR | OPTIONS_RA |
              OPTIONS_CA_NAMES | OPTIONS_JOURNAL | OPTIONS_WAIT | OPTIONS_RETIRE,
};

static const struct command commands[] = {
    { "tokens", command_tokens, OPTIONS_TOKEN, N_("list the tokens that are present") },
    { "token init", command_token_init, OPTIONS_INIT | OPTIONS_YES,
      N_("initialise an empty token: its label, SO PIN and first PIN") },
    { "token pin", command_token_pin, OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_PIN,
      N_("change the PIN of a token, or set a new one with its SO PIN") },
    { "list", command_list, OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_JOURNAL | OPTIONS_DAYS,
      N_("list the keys and certificates on a token") },
    { "show", command_show,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_SELECT | OPTIONS_PEM | OPTIONS_JOURNAL |
          OPTIONS_DAYS,
      N_("show keys and certificates in detail") },
    { "keygen", command_keygen, OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_SELECT | OPTIONS_KEY,
      N_("generate a key pair inside a token") },
    { "csr", command_csr,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_SELECT | OPTIONS_KEY | OPTIONS_REQUEST | OPTIONS_OUT,
      N_("sign a certification request with a key of the token") },
    { "install", command_install,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_ANCHOR | OPTIONS_REQUEST | OPTIONS_OPERAND,
      N_("check a certificate and write it beside its key") },
    { "enroll", command_enroll, ENROLMENT | OPTIONS_OFFLINE | OPTIONS_ANOTHER,
      N_("generate a key, have it certified by an RA, and install the certificate") },
    { "renew", command_renew, RENEWAL,
      N_("get a new certificate for a key whose certificate runs out") },
    { "rekey", command_rekey, RENEWAL | OPTIONS_KEY,
      N_("put a new key with a certificate in the place of another pair") },
    { "replace", command_replace, ENROLMENT | OPTIONS_REPLACE,
      N_("enrol on another PC or token, unless a valid certificate is there") },
    { "resume", command_resume,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_REQUEST | OPTIONS_ANCHOR | OPTIONS_RA |
          OPTIONS_CA_NAMES | OPTIONS_JOURNAL | OPTIONS_WAIT | OPTIONS_RESUME,
      N_("take unfinished enrolments to their end") },
    { "revoke", command_revoke,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_SELECT | OPTIONS_ANCHOR | OPTIONS_RA |
          OPTIONS_REVOKE | OPTIONS_YES,
      N_("have the RA revoke a certificate") },
    { "status", command_status, OPTIONS_TOKEN | OPTIONS_JOURNAL | OPTIONS_DAYS,
      N_("tell what is due, expired or unfinished, also by the exit status") },
    { "clean", command_clean,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_JOURNAL | OPTIONS_YES | OPTIONS_FORGET |
          OPTIONS_PASSWORD,
      N_("remove what unfinished enrolments have left") },
    { "remove", command_remove,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_ID | OPTIONS_JOURNAL | OPTIONS_YES,
      N_("remove a key pair with its certificates from a token") },
    { "batch", command_batch,
      OPTIONS_TOKEN | OPTIONS_KEY | OPTIONS_USAGE | OPTIONS_ANCHOR | OPTIONS_RA | OPTIONS_CA_NAMES |
          OPTIONS_BATCH | OPTIONS_ANOTHER | OPTIONS_OPERAND,
      N_("enrol everybody on a list, in CSV or JSON") },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* The words of the command line begin with the command's one or two. */
static const struct command *find_command(char **words)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const char *name = commands[i].name, *action = strchr(name, ' ');
        size_t length = strcspn(name, " ");

        if (strncmp(name, words[0], length) == 0 && words[0][length] == '\0' &&
            (!action || (words[1] && strcmp(words[1], action + 1) == 0)))
            return &commands[i];
    }
    return NULL;
}

static void print_help(const struct command *command)
{
    if (command) {
        printf(_("Usage: %s [--json] [--log LEVEL] %s [OPTION]...%s\n"), PROGRAM, command->name,
               command->groups & OPTIONS_OPERAND ? " FILE|-" : "");
        printf("%s\n\n", _(command->help));
        options_describe(command->groups, stdout);
        return;
    }
    printf(_("Usage: %s [--json] [--log LEVEL] COMMAND [OPTION]...\n"), PROGRAM);
    printf("%s\n\n", _("Certificates onto PKCS#11 tokens."));
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-10s %s\n", commands[i].name, _(commands[i].help));
    printf("\n");
    options_describe(OPTIONS_GENERAL, stdout);
    printf(_("\n\"%s COMMAND --help\" tells of a command's own options.\n"), PROGRAM);
}

static int prepare(struct tool *tool, certenroll_error **error)
{
    const struct options *options = &tool->options;
    int status;

    tool->log_level = options->log ? (int)log_level_from_name(options->log) : 0;
    if (options->log && !tool->log_level)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("\"%s\" is no log level"),
                                    options->log);
    status = certenroll_context_new(&tool->context, error);
    if (status == CERTENROLL_OK && tool->log_level)
        certenroll_context_set_log(tool->context, (certenroll_log_level)tool->log_level,
                                   log_to_stderr, NULL);
    if (status == CERTENROLL_OK)
        status = interrupt_cancels(tool->context, error);
    tool->secrets.pin_source = options->pin_source;
    tool->secrets.so_pin_source = options->so_pin_source;
    tool->secrets.new_pin_source = options->new_pin_source;
    tool->secrets.new_so_pin_source = options->new_so_pin_source;
    tool->secrets.password_source = options->password_source;
    tool->secret = secrets_answer;
    tool->secret_user = &tool->secrets;
    tool->progress = show_progress;
    return status;
}

/* Everything but the error's report. */
static int run_program(struct tool *tool, int argc, char **argv, certenroll_error **error)
{
    const struct options *options = &tool->options;
    const struct command *command = NULL;
    struct argument_line line = { argc, argv, 0 };
    int status = options_read_general(&tool->options, &line, error);
    int next = line.next;

    if (next < argc && !(command = find_command(argv + next)) && status == CERTENROLL_OK) {
        const char *action = strcmp(argv[next], "token") == 0 ? argv[next + 1] : NULL;

        status =
            certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("there is no command \"%s%s%s\""),
                                 argv[next], action ? " " : "", action ? action : "");
    }
    if (command && strchr(command->name, ' '))
        next++;
    line = (struct argument_line){ argc - next, argv + next, 0 };
    if (status == CERTENROLL_OK && command)
        status = options_read_command(&tool->options, command->groups, &line, error);
    if (status == CERTENROLL_OK && options->version)
        printf("%s %s\n", PROGRAM, certenroll_version());
    else if (status == CERTENROLL_OK && options->help)
        print_help(command);
    else if (status == CERTENROLL_OK && !command)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the command is missing"));
    else if (status == CERTENROLL_OK && (status = prepare(tool, error)) == CERTENROLL_OK)
        status = command->run(tool, error);
    if (status == CERTENROLL_E_ARGUMENT && !certenroll_error_is_advised(*error))
        certenroll_error_advise(error, _("\"%s%s%s --help\" lists what can be given."), PROGRAM,
                                command ? " " : "", command ? command->name : "");
    return status;
}

static void report(struct tool *tool, certenroll_error **error)
{
    json_t *object;

    (void)complete_error(tool, error);
    if (!tool->options.json) {
        report_print(*error, PROGRAM);
        return;
    }
    object = report_json(*error);
    if (object && tool->enrolment[0])
        json_object_set_new(object, "name", json_string(tool->enrolment));
    (void)show_json(object, error);
}

int main(int argc, char **argv)
{
    struct tool tool;
    certenroll_error *error = NULL;
    int status;

    startup();
    memset(&tool, 0, sizeof(tool));
    status = run_program(&tool, argc, argv, &error);
    secrets_clear(&tool.secrets);
    certenroll_context_free(tool.context);
    options_clear(&tool.options);
    if ((status >= 0 || tool.is_told) && (fflush(stdout) != 0 || ferror(stdout))) {
        tool.is_told = 0;
        status = certenroll_error_set_errno(&error, _("cannot write to standard output"));
    }
    if (status < 0 && !tool.is_told)
        report(&tool, &error);
    certenroll_error_free(error);
    for (size_t i = 0; i < SHOWN_TEXTS; i++)
        free(tool.shown[i]);
    return (int)certenroll_status_class(status);
}
