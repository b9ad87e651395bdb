/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for a card by certenroll_token_wait, and gives it up after so many looks (0: never):
 *
 *     wait_card MODULE URI SECONDS LOOKS
 *
 * Prints "waiting" when it has looked in vain for the first time, and last the serial number of the
 * card or the name of the status. */
#include <certenroll/certenroll.h>

#include <stdio.h>
#include <stdlib.h>

struct patience {
    int looks, most;
};

static int go_on(void *user)
{
    struct patience *patience = user;

    if (patience->looks++ == 0) {
        puts("waiting");
        fflush(stdout);
    }
    return patience->looks == patience->most ? CERTENROLL_E_CANCELLED : CERTENROLL_OK;
}

int main(int argc, char **argv)
{
    certenroll_token_options token_options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_wait_options options = CERTENROLL_WAIT_OPTIONS_INIT;
    struct patience patience = { 0, 0 };
    certenroll_context *context = NULL;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    int status;

    if (argc != 5)
        return 2;
    token_options.module_path = argv[1];
    options.timeout_seconds = atoi(argv[3]);
    options.callback = go_on;
    options.user = &patience;
    patience.most = atoi(argv[4]);
    status = certenroll_context_new(&context, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_token_wait(&token, context, argv[2], &token_options, &options, &error);
    if (status == CERTENROLL_OK)
        puts(certenroll_token_info_serial(certenroll_token_get_info(token)));
    else
        printf("%s\n%s\n", certenroll_error_message(error), certenroll_status_name(status));
    certenroll_error_free(error);
    certenroll_token_free(token);
    certenroll_context_free(context);
    return 0;
}
