/* SPDX-License-Identifier: Apache-2.0 */
#include "common/secrets.h"

#include "common/message.h"
#include "common/prompt.h"
#include "common/secret_line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define QUESTION_SIZE 1024

/* --- from a file or descriptor --- */

static int copy_out(const struct secret_line *line, char *buffer, size_t capacity, size_t *length)
{
    if (line->length > capacity)
        return CERTENROLL_E_PIN_INVALID;
    memcpy(buffer, line->bytes, line->length);
    *length = line->length;
    return CERTENROLL_OK;
}

static void explain_unreadable(struct secrets *secrets, const char *source)
{
    if (errno == ENODATA)
        snprintf(secrets->why, sizeof(secrets->why), _("the first line of %s is empty"), source);
    else if (errno == EFBIG)
        snprintf(secrets->why, sizeof(secrets->why), _("the first line of %s is too long"), source);
    else
        snprintf(secrets->why, sizeof(secrets->why), _("cannot read %s: %s"), source,
                 strerror(errno));
}

static int answer_from_source(struct secrets *secrets, const char *source,
                              struct secret_line **line, int is_wrong, char *buffer,
                              size_t capacity, size_t *length)
{
    if (*line && is_wrong) {
        snprintf(secrets->why, sizeof(secrets->why),
                 _("the PIN from %s was wrong and is not tried again"), source);
        return CERTENROLL_E_CANCELLED;
    }
    if (!*line)
        *line = secret_line_read(source);
    if (!*line) {
        explain_unreadable(secrets, source);
        return CERTENROLL_E_SYSTEM;
    }
    return copy_out(*line, buffer, capacity, length);
}

/* --- from the person --- */

static const char *warning(const certenroll_secret_request *request)
{
    if (request->final_try)
        return _("This is the LAST try: a wrong PIN locks the token.\n");
    if (request->count_low)
        return _("A wrong PIN was given since the last right one.\n");
    return "";
}

static void compose_question(char question[QUESTION_SIZE], const certenroll_secret_request *request)
{
    const char *warn = warning(request), *name = request->name, *place = request->place;

    switch (request->kind) {
    case CERTENROLL_SECRET_SO_PIN:
        snprintf(question, QUESTION_SIZE, _("%sSO PIN of the token \"%s\" (serial number %s): "),
                 warn, name, place);
        break;
    case CERTENROLL_SECRET_CONTEXT_PIN:
        snprintf(question, QUESTION_SIZE,
                 _("%sPIN again, for one signature with the token \"%s\" (serial number %s): "),
                 warn, name, place);
        break;
    case CERTENROLL_SECRET_PASSWORD:
        snprintf(question, QUESTION_SIZE, _("%sPassword of \"%s\" at %s: "), warn, name, place);
        break;
    case CERTENROLL_SECRET_USER_PIN:
    default:
        snprintf(question, QUESTION_SIZE, _("%sPIN of the token \"%s\" (serial number %s): "), warn,
                 name, place);
        break;
    }
}

static int answer_from_terminal(struct secrets *secrets, const certenroll_secret_request *request,
                                char *buffer, size_t capacity, size_t *length)
{
    char question[QUESTION_SIZE];
    const char *why = "";

    compose_question(question, request);
    switch (prompt_secret(question, buffer, capacity, length)) {
    case PROMPT_OK:
        return CERTENROLL_OK;
    case PROMPT_NO_TERMINAL:
        why = _("there is no terminal to ask on, and no file was named to read it from");
        break;
    case PROMPT_NOTHING:
        why = _("nothing was typed");
        break;
    case PROMPT_TOO_LONG:
        why = _("what was typed is too long");
        break;
    }
    snprintf(secrets->why, sizeof(secrets->why), "%s", why);
    return CERTENROLL_E_CANCELLED;
}

static int tell_of_reader(const certenroll_secret_request *request, size_t *length)
{
    char text[QUESTION_SIZE];

    snprintf(text, sizeof(text), _("%sType the PIN of the token \"%s\" on the card reader now."),
             warning(request), request->name);
    prompt_tell(text);
    *length = 0;
    return CERTENROLL_OK;
}

int secrets_answer(void *user, const certenroll_secret_request *request, char *buffer,
                   size_t capacity, size_t *length)
{
    struct secrets *secrets = user;
    int is_user_pin = request->kind == CERTENROLL_SECRET_USER_PIN;

    *length = 0;
    secrets->why[0] = '\0';
    if (request->on_reader)
        return tell_of_reader(request, length);
    if ((is_user_pin || request->kind == CERTENROLL_SECRET_CONTEXT_PIN) && secrets->pin_source)
        return answer_from_source(secrets, secrets->pin_source, &secrets->pin,
                                  is_user_pin && request->count_low, buffer, capacity, length);
    if (request->kind == CERTENROLL_SECRET_PASSWORD && secrets->password_source)
        return answer_from_source(secrets, secrets->password_source, &secrets->password, 0, buffer,
                                  capacity, length);
    return answer_from_terminal(secrets, request, buffer, capacity, length);
}

void secrets_clear(struct secrets *secrets)
{
    secret_line_free(secrets->pin);
    secret_line_free(secrets->password);
    secrets->pin = NULL;
    secrets->password = NULL;
}

int secrets_in_uri(const char *uri)
{
    const char *query = strchr(uri, '?');

    while (query) {
        if (strncmp(query + 1, "pin-source=", strlen("pin-source=")) == 0)
            return 1;
        query = strchr(query + 1, '&');
    }
    return 0;
}
