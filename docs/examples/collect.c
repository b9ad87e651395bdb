/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate collected by the launch file that a bank's page gave out, with prompts on the
 * terminal. Build it with: cc collect.c $(pkg-config --cflags --libs certenroll-ra)
 *
 *     collect CONFIGURATION FILE.cenroll
 *
 * Ends with the error's class (certenroll_error(3)); 0 when the certificate is on the token. */
#define _POSIX_C_SOURCE 200809L /* sleep, tcgetattr */

#include <certenroll/ra.h>

#include <locale.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

static void show_line(void *user, const char *line)
{
    (void)user;
    printf("%s\n", line);
}

static void show_number(void *user, const char *number)
{
    (void)user;
    printf("The page has to show %s.\n", number);
}

/* Whoever refuses returns a status; the words may be left to the library. */
static int consent(void *user, const certenroll_ra_plan *plan, certenroll_error **error)
{
    char answer[80];

    (void)user, (void)error;
    printf("Put \"%s\" from %s on the token %s? [y/N] ", plan->name, certenroll_ra_name(plan->ra),
           certenroll_token_info_label(plan->token));
    if (fgets(answer, sizeof(answer), stdin) && answer[0] == 'y')
        return CERTENROLL_OK;
    return CERTENROLL_E_CANCELLED;
}

/* Straight into the library's locked memory, without echo. */
static int ask_pin(void *user, const certenroll_secret_request *request, int was_wrong,
                   char *buffer, size_t capacity, size_t *length, certenroll_error **error)
{
    struct termios usual, hidden;

    (void)user, (void)error;
    if (tcgetattr(STDIN_FILENO, &usual) < 0)
        return CERTENROLL_E_CANCELLED;
    hidden = usual;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    printf("%sPIN of %s: ", was_wrong ? "That was wrong. " : "", request->name);
    *length = 0;
    while (*length < capacity && read(STDIN_FILENO, buffer + *length, 1) == 1 &&
           buffer[*length] != '\n')
        ++*length;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual);
    printf("\n");
    return *length > 0 ? CERTENROLL_OK : CERTENROLL_E_CANCELLED;
}

static int wait_seconds(void *user, int seconds)
{
    (void)user;
    sleep((unsigned)seconds);
    return CERTENROLL_OK;
}

int main(int argc, char **argv)
{
    certenroll_ra_view view = CERTENROLL_RA_VIEW_INIT; /* a certificate that is there is kept */
    certenroll_ra_config *config = NULL;
    certenroll_context *context = NULL;
    certenroll_error *error = NULL;
    int status;

    setlocale(LC_ALL, ""); /* the language of what the library says */
    setvbuf(stdin, NULL, _IONBF, 0);
    setvbuf(stdout, NULL, _IONBF, 0);
    view.log = show_line;
    view.number = show_number;
    view.consent = consent;
    view.pin = ask_pin;
    view.wait = wait_seconds;
    if (argc != 3)
        return CERTENROLL_CLASS_ARGUMENT;
    status = certenroll_ra_config_load(&config, argv[1], &error);
    if (status == CERTENROLL_OK)
        status = certenroll_context_new(&context, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_ra_launch(context, config, argv[2], NULL, &view, &error);
    if (status < 0)
        fprintf(stderr, "%s\n", certenroll_error_message(error));
    certenroll_context_free(context);
    certenroll_ra_config_free(config);
    certenroll_error_free(error);
    return (int)certenroll_status_class(status);
}
