/* SPDX-License-Identifier: Apache-2.0 */
#include "bank.h"
#include "common/tool_message.h"

#define AT(member) offsetof(struct options, member)

static const struct option_row list[] = {
    { "json", OPTION_FLAG, OPTIONS_GENERAL, AT(json), NULL, N_("print JSON, for programs") },
    { "log", OPTION_TEXT, OPTIONS_GENERAL, AT(log), "LEVEL",
      N_("log to stderr: error, warning, info, debug or trace") },
    { "help", OPTION_FLAG, OPTIONS_GENERAL, AT(help), NULL, N_("print this and exit") },
    { "version", OPTION_FLAG, OPTIONS_GENERAL, AT(version), NULL,
      N_("print the version and exit") },

    { "for", OPTION_TEXT, OPTIONS_FOR, AT(purpose), "USE",
      N_("what this PC is for: corporate, user or both; default: ask on the terminal") },
    { "corporate-id", OPTION_TEXT, OPTIONS_TOKEN, AT(corporate_id), "ID",
      N_("the corporate ID; default: ask on the terminal") },
    { "user-id", OPTION_TEXT, OPTIONS_USER, AT(user_id), "ID",
      N_("the user ID; default: ask on the terminal") },
    { "config", OPTION_TEXT, OPTIONS_TOKEN, AT(config), "FILE",
      N_("the banks and the token; default: certenroll/ra.json of the system") },
    { "ra", OPTION_TEXT, OPTIONS_TOKEN, AT(ra), "NAME",
      N_("the bank by its name there; default: the only one") },
    { "token", OPTION_TEXT, OPTIONS_TOKEN, AT(token), "URI",
      N_("the token, as a PKCS#11 URI; default: that of the configuration") },
    { "module", OPTION_TEXT, OPTIONS_TOKEN, AT(module), "FILE",
      N_("the PKCS#11 module; default: that of the configuration") },
    { "pin-source", OPTION_TEXT, OPTIONS_TOKEN, AT(pin_source), "FILE|fd:N",
      N_("take the PIN from this file's first line; default: ask on the terminal") },
    { "allow-final-try", OPTION_FLAG, OPTIONS_TOKEN, AT(allow_final_try), NULL,
      N_("spend the last PIN try; a wrong PIN then locks the token") },
    { "journal", OPTION_TEXT, OPTIONS_TOKEN, AT(journal), "DIR",
      N_("where enrolments are written down; default: certenroll in the user's state directory") },

    { "password-source", OPTION_TEXT, OPTIONS_PASSWORD, AT(password_source), "FILE|fd:N",
      N_("take the password from this file's first line; default: ask on the terminal") },
    { "confirmation-password-source", OPTION_TEXT, OPTIONS_CONFIRMATION,
      AT(confirmation_password_source), "FILE|fd:N",
      N_("the same for the corporate confirmation password") },
    { "new-password-source", OPTION_TEXT, OPTIONS_NEW_PASSWORDS, AT(new_password_source),
      "FILE|fd:N", N_("the same for the user's new password") },
    { "new-confirmation-password-source", OPTION_TEXT, OPTIONS_NEW_PASSWORDS,
      AT(new_confirmation_password_source), "FILE|fd:N",
      N_("the same for the user's new confirmation password") },

    { "key-type", OPTION_TEXT, OPTIONS_KEY, AT(key_type), "TYPE",
      N_("the new key: rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519") },
    { "again", OPTION_FLAG, OPTIONS_AGAIN, AT(again), NULL,
      N_("get a new certificate also when a valid one is on the token") },
    { "days", OPTION_TEXT, OPTIONS_DAYS, AT(days), "N",
      N_("a certificate is due when it ends within so many days; default: 30") },

    /* getopt_long completes names: without these, "--password 1234" would be taken for
     * --password-source and the password for a file name. */
    { "pin", OPTION_SECRET, ~0, 0, "--pin-source FILE|fd:N", NULL },
    { "password", OPTION_SECRET, ~0, 0, "--password-source FILE|fd:N", NULL },
    { "confirmation-password", OPTION_SECRET, ~0, 0, "--confirmation-password-source FILE|fd:N",
      NULL },
    { "new-password", OPTION_SECRET, ~0, 0, "--new-password-source FILE|fd:N", NULL },
    { "new-confirmation-password", OPTION_SECRET, ~0, 0,
      "--new-confirmation-password-source FILE|fd:N", NULL },
};
enum { ROWS = sizeof(list) / sizeof(list[0]) };
_Static_assert(ROWS <= OPTION_ROWS_MAX, "too many rows of options");

const struct option_rows bank_options = { list, ROWS };
