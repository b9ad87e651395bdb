/* SPDX-License-Identifier: Apache-2.0 */
#include "common/secret_question.h"

#include "common/tool_message.h"

#include <stdio.h>

static const char *warning(const certenroll_secret_request *request)
{
    if (request->final_try)
        return _("This is the LAST try: a wrong PIN locks the token.\n");
    if (request->count_low)
        return _("A wrong PIN was given since the last right one.\n");
    return "";
}

static void ask_for_new(char question[SECRET_QUESTION_SIZE],
                        const certenroll_secret_request *request)
{
    const int is_officers = request->kind == CERTENROLL_SECRET_NEW_SO_PIN;
    char token[SECRET_QUESTION_SIZE / 2];

    /* An empty token has no name yet. */
    if (request->name[0])
        snprintf(token, sizeof(token), _("the token \"%s\" (serial number %s)"), request->name,
                 request->place);
    else
        snprintf(token, sizeof(token), "%s", _("the empty token"));
    if (request->length_max > 0)
        snprintf(question, SECRET_QUESTION_SIZE,
                 is_officers ? _("New SO PIN of %s, of %lu to %lu characters: ")
                             : _("New PIN of %s, of %lu to %lu characters: "),
                 token, request->length_min, request->length_max);
    else
        snprintf(question, SECRET_QUESTION_SIZE,
                 is_officers ? _("New SO PIN of %s: ") : _("New PIN of %s: "), token);
}

void secret_question(char question[SECRET_QUESTION_SIZE], const certenroll_secret_request *request)
{
    const char *warn = warning(request), *name = request->name, *place = request->place;

    switch (request->kind) {
    case CERTENROLL_SECRET_SO_PIN:
        snprintf(question, SECRET_QUESTION_SIZE,
                 _("%sSO PIN of the token \"%s\" (serial number %s): "), warn, name, place);
        break;
    case CERTENROLL_SECRET_CONTEXT_PIN:
        snprintf(question, SECRET_QUESTION_SIZE,
                 _("%sPIN again, for one signature with the token \"%s\" (serial number %s): "),
                 warn, name, place);
        break;
    case CERTENROLL_SECRET_PASSWORD:
        snprintf(question, SECRET_QUESTION_SIZE, _("%sPassword of \"%s\" at %s: "), warn, name,
                 place);
        break;
    case CERTENROLL_SECRET_NEW_PIN:
    case CERTENROLL_SECRET_NEW_SO_PIN:
        ask_for_new(question, request);
        break;
    case CERTENROLL_SECRET_USER_PIN:
    default:
        snprintf(question, SECRET_QUESTION_SIZE,
                 _("%sPIN of the token \"%s\" (serial number %s): "), warn, name, place);
        break;
    }
}

void secret_question_of_reader(char question[SECRET_QUESTION_SIZE],
                               const certenroll_secret_request *request)
{
    const char *warn = warning(request), *name = request->name;

    switch (request->kind) {
    case CERTENROLL_SECRET_SO_PIN:
        snprintf(question, SECRET_QUESTION_SIZE,
                 _("%sType the SO PIN of the token \"%s\" on the card reader now."), warn, name);
        break;
    case CERTENROLL_SECRET_NEW_PIN:
        snprintf(question, SECRET_QUESTION_SIZE,
                 _("The card reader then asks for the new PIN of the token \"%s\"."), name);
        break;
    case CERTENROLL_SECRET_NEW_SO_PIN:
        snprintf(question, SECRET_QUESTION_SIZE,
                 _("The card reader asks for the new SO PIN of the token \"%s\"."), name);
        break;
    case CERTENROLL_SECRET_USER_PIN:
    case CERTENROLL_SECRET_CONTEXT_PIN:
    case CERTENROLL_SECRET_PASSWORD:
    default:
        snprintf(question, SECRET_QUESTION_SIZE,
                 _("%sType the PIN of the token \"%s\" on the card reader now."), warn, name);
        break;
    }
}
