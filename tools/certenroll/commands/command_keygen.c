/* SPDX-License-Identifier: Apache-2.0 */
#include "common/message.h"
#include "output.h"

int command_keygen(struct tool *tool)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    unsigned char id[CERTENROLL_ID_MAX];
    certenroll_token *token = NULL;
    certenroll_key *key = NULL;
    certenroll_error *error = NULL;
    int status = key_options(tool, &options, id);

    if (status == CERTENROLL_OK)
        status = require(tool, tool->options.label, "--label");
    if (status == CERTENROLL_OK)
        status = open_token(tool, &token);
    if (status < 0)
        return status;
    if (certenroll_key_generate(&key, token, &options, &error) < 0)
        status = failure_take(&tool->failure, error);
    else
        status = show_record(tool, describe_key(key), _("key pair generated"), key_fields);
    certenroll_key_free(key);
    certenroll_token_free(token);
    return status;
}
