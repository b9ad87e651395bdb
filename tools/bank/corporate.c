/* SPDX-License-Identifier: Apache-2.0 */
#include "bank.h"
#include "common/tool_message.h"

enum { COMMON = OPTIONS_TOKEN | OPTIONS_PASSWORD };

static const struct command commands[] = {
    { "steps", command_steps, OPTIONS_TOKEN | OPTIONS_USER | OPTIONS_FOR,
      N_("tell which steps are done on this PC, and what comes next") },
    { "get", command_get, COMMON | OPTIONS_USER | OPTIONS_FOR | OPTIONS_KEY | OPTIONS_AGAIN,
      N_("get the corporation's certificate onto the token (step 2)") },
    { "logon", command_logon, COMMON, N_("log on with the certificate and the password") },
    { "renew", command_renew, OPTIONS_TOKEN | OPTIONS_KEY,
      N_("put a new key and certificate in the place of one that runs out") },
    { "status", command_status, OPTIONS_TOKEN | OPTIONS_DAYS,
      N_("tell what is on the token, also by the exit status") },
    { "users", command_users, COMMON, N_("list the users and their certificates (step 4)") },
    { "register", command_register,
      COMMON | OPTIONS_CONFIRMATION | OPTIONS_NEW_PASSWORDS | OPTIONS_OPERAND,
      N_("register a user of the corporation") },
    { "reissue", command_reissue, COMMON | OPTIONS_CONFIRMATION | OPTIONS_OPERAND,
      N_("revoke a user's certificate and order a new one (step 3)") },
    { "reset", command_reset,
      COMMON | OPTIONS_CONFIRMATION | OPTIONS_NEW_PASSWORDS | OPTIONS_OPERAND,
      N_("set a user's two passwords anew") },
    { 0 },
};

static const struct program corporate = { "certenroll-corporate", 0,
                                          N_("The bank's flows for the contracting corporation."),
                                          commands };

int main(int argc, char **argv)
{
    return program_main(&corporate, argc, argv);
}
