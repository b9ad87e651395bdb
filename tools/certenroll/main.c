/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "common/log.h"
#include "common/message.h"
#include "common/startup.h"
#include "output.h"

#include <stdio.h>
#include <string.h>

#define PROGRAM "certenroll"

struct command {
    const char *name;
    int (*run)(struct tool *tool);
    int groups; /* of options */
    const char *help;
};

/* What a first enrolment takes, and one in the place of another. */
enum {
    ENROLMENT = OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_SELECT | OPTIONS_KEY | OPTIONS_REQUEST |
                OPTIONS_ANCHOR | OPTIONS_RA | OPTIONS_CA_NAMES | OPTIONS_JOURNAL | OPTIONS_WAIT,
    RENEWAL = OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_SELECT | OPTIONS_ANCHOR | OPTIONS_RA |
              OPTIONS_JOURNAL | OPTIONS_WAIT | OPTIONS_RETIRE,
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
    { "enroll", command_enroll, ENROLMENT | OPTIONS_OFFLINE,
      N_("generate a key, have it certified by an RA, and install the certificate") },
    { "renew", command_renew, RENEWAL,
      N_("get a new certificate for a key whose certificate runs out") },
    { "rekey", command_rekey, RENEWAL | OPTIONS_KEY,
      N_("put a new key with a certificate in the place of another pair") },
    { "replace", command_replace, ENROLMENT | OPTIONS_REPLACE,
      N_("enrol on another PC or token, unless a valid certificate is there") },
    { "resume", command_resume,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_JOURNAL | OPTIONS_WAIT | OPTIONS_RESUME |
          OPTIONS_PASSWORD,
      N_("take unfinished enrolments to their end") },
    { "revoke", command_revoke,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_SELECT | OPTIONS_ANCHOR | OPTIONS_RA |
          OPTIONS_REVOKE | OPTIONS_YES,
      N_("have the RA revoke a certificate") },
    { "status", command_status, OPTIONS_TOKEN | OPTIONS_JOURNAL | OPTIONS_DAYS,
      N_("tell what is due, expired or unfinished, also by the exit status") },
    { "clean", command_clean,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_JOURNAL | OPTIONS_YES | OPTIONS_FORGET,
      N_("remove what unfinished enrolments have left") },
    { "remove", command_remove,
      OPTIONS_TOKEN | OPTIONS_INSERT | OPTIONS_ID | OPTIONS_JOURNAL | OPTIONS_YES,
      N_("remove a key pair with its certificates from a token") },
    { "batch", command_batch,
      OPTIONS_TOKEN | OPTIONS_KEY | OPTIONS_USAGE | OPTIONS_ANCHOR | OPTIONS_RA | OPTIONS_CA_NAMES |
          OPTIONS_BATCH | OPTIONS_OPERAND,
      N_("enrol everybody on a list, in CSV or JSON") },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* The words of the command line begin with the command's one or two. */
static int is_command(const struct command *command, char **words)
{
    const char *action = strchr(command->name, ' ');
    size_t length = strcspn(command->name, " ");

    if (strncmp(command->name, words[0], length) != 0 || words[0][length] != '\0')
        return 0;
    return !action || (words[1] && strcmp(words[1], action + 1) == 0);
}

static const struct command *find_command(char **words)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (is_command(&commands[i], words))
            return &commands[i];
    return NULL;
}

static int refuse_command(struct tool *tool, char **words)
{
    const char *action = strcmp(words[0], "token") == 0 ? words[1] : NULL;

    return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, _("there is no command \"%s%s%s\""),
                       words[0], action ? " " : "", action ? action : "");
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

static int prepare(struct tool *tool)
{
    const struct options *options = &tool->options;
    certenroll_error *error = NULL;

    tool->log_level = options->log ? (int)log_level_from_name(options->log) : 0;
    if (options->log && !tool->log_level)
        return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, _("\"%s\" is no log level"),
                           options->log);
    if (certenroll_context_new(&tool->context, &error) < 0)
        return failure_take(&tool->failure, error);
    if (tool->log_level)
        certenroll_context_set_log(tool->context, (certenroll_log_level)tool->log_level,
                                   log_to_stderr, NULL);
    tool->secrets.pin_source = options->pin_source;
    tool->secrets.so_pin_source = options->so_pin_source;
    tool->secrets.new_pin_source = options->new_pin_source;
    tool->secrets.new_so_pin_source = options->new_so_pin_source;
    tool->secrets.password_source = options->password_source;
    return CERTENROLL_OK;
}

static int run_command(struct tool *tool, const struct command *command, int argc, char **argv)
{
    int status = options_read_command(&tool->options, command->groups, argc, argv, &tool->failure);

    if (status < 0)
        return status;
    if (tool->options.help || tool->options.version)
        return CERTENROLL_OK;
    status = prepare(tool);
    return status < 0 ? status : command->run(tool);
}

/* Everything but the error's report. */
static int run(struct tool *tool, int argc, char **argv)
{
    const struct command *command = NULL;
    int next = 0;
    int status = options_read_general(&tool->options, argc, argv, &next, &tool->failure);

    if (next < argc && !(command = find_command(argv + next)) && status == CERTENROLL_OK)
        status = refuse_command(tool, argv + next);
    if (command && strchr(command->name, ' '))
        next++;
    if (status == CERTENROLL_OK && command)
        status = run_command(tool, command, argc - next, argv + next);
    if (status == CERTENROLL_OK && tool->options.version)
        printf("%s %s\n", PROGRAM, certenroll_version());
    else if (status == CERTENROLL_OK && tool->options.help)
        print_help(command);
    else if (status == CERTENROLL_OK && !command)
        status =
            failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s", _("the command is missing"));
    if (status == CERTENROLL_E_ARGUMENT && !tool->failure.advice[0])
        failure_advise(&tool->failure, _("\"%s%s%s --help\" lists what can be given."), PROGRAM,
                       command ? " " : "", command ? command->name : "");
    return status;
}

static json_t *describe_failure(const struct tool *tool)
{
    json_t *object = failure_json(&tool->failure);

    if (object && tool->enrolment[0])
        json_object_set_new(object, "name", json_string(tool->enrolment));
    return object;
}

static void report(struct tool *tool)
{
    if (tool->secrets.why[0])
        failure_because(&tool->failure, "%s", tool->secrets.why);
    advise_command(&tool->failure);
    if (!tool->options.json)
        failure_print(&tool->failure, PROGRAM);
    else
        (void)show_json(tool, describe_failure(tool));
}

int main(int argc, char **argv)
{
    struct tool tool;
    int status;

    startup();
    memset(&tool, 0, sizeof(tool));
    status = run(&tool, argc, argv);
    secrets_clear(&tool.secrets);
    certenroll_context_free(tool.context);
    options_clear(&tool.options);
    if ((status >= 0 || tool.is_told) && (fflush(stdout) != 0 || ferror(stdout))) {
        tool.is_told = 0;
        status = failure_errno(&tool.failure, "%s", _("cannot write to standard output"));
    }
    if (status < 0 && !tool.is_told)
        report(&tool);
    return (int)certenroll_status_class(status);
}
