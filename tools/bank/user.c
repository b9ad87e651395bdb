/* SPDX-License-Identifier: Apache-2.0 */
#include "bank.h"
#include "common/tool_message.h"

enum { COMMON = OPTIONS_TOKEN | OPTIONS_USER };

static const struct command commands[] = {
    { "steps", command_steps, COMMON | OPTIONS_FOR,
      N_("tell which steps are done on this PC, and what comes next") },
    { "get", command_get, COMMON | OPTIONS_PASSWORD | OPTIONS_FOR | OPTIONS_KEY | OPTIONS_AGAIN,
      N_("get the user's certificate onto the token (step 5)") },
    { "logon", command_logon, COMMON | OPTIONS_PASSWORD,
      N_("log on with the certificate and the password") },
    { "renew", command_renew, COMMON | OPTIONS_KEY,
      N_("put a new key and certificate in the place of one that runs out") },
    { "status", command_status, COMMON | OPTIONS_DAYS,
      N_("tell what is on the token, also by the exit status") },
    { 0 },
};

static const struct program user = { "certenroll-user", 1,
                                     N_("The bank's flows for a user of a corporation."),
                                     commands };

int main(int argc, char **argv)
{
    return program_main(&user, argc, argv);
}
