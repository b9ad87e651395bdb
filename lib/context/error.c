/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "base/text.h"
#include "base/time.h"
#include "context/status.h"

#include <certenroll/error.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A path or a command is part of many a text, and Japanese takes three bytes a character. */
#define TEXT_SIZE 1024

struct certenroll_error {
    int status;
    int is_advised;
    unsigned long ck_rv;
    unsigned long openssl;
    long http_status;
    int64_t retry_at;
    char what[TEXT_SIZE];
    char why[TEXT_SIZE];
    char advice[TEXT_SIZE];
    char ra_words[TEXT_SIZE];
    char ours[3 * TEXT_SIZE + 64];
    char message[4 * TEXT_SIZE + 128]; /* only where there are words of the RA */
};

/* Handed out when there is no memory for an error of its own; never freed, never changed. */
static certenroll_error out_of_memory = {
    .status = CERTENROLL_E_MEMORY,
    .what = "out of memory",
    .advice = "Close other programs or add memory, then try again.",
    .ours = "out of memory. Close other programs or add memory, then try again.",
};

/* Whatever the RA says stands behind what we say, where it ends nothing of ours and begins nothing.
 */
static void compose_message(certenroll_error *error)
{
    if (error->why[0])
        /* TRANSLATORS: what happened, why, and what to do next. */
        snprintf(error->ours, sizeof(error->ours), _("%s: %s. %s"), error->what, error->why,
                 error->advice);
    else
        /* TRANSLATORS: what happened, and what to do next. */
        snprintf(error->ours, sizeof(error->ours), _("%s. %s"), error->what, error->advice);
    if (error->ra_words[0])
        /* TRANSLATORS: the sentences of the message; then, quoted, the RA's. */
        snprintf(error->message, sizeof(error->message), _("%s The RA says: \"%s\""), error->ours,
                 error->ra_words);
}

/* The error that may still be added to, or NULL. */
static certenroll_error *writable(certenroll_error **error)
{
    return error && *error && *error != &out_of_memory ? *error : NULL;
}

/* What it is made of may be the text of the error that it replaces. */
CERTENROLL_PRINTF(3, 0)
static void set(certenroll_error **error, int status, const char *what, va_list arguments)
{
    certenroll_error *made = error ? calloc(1, sizeof(*made)) : NULL;

    if (!error)
        return;
    if (made) {
        made->status = status;
        vsnprintf(made->what, sizeof(made->what), what, arguments);
        snprintf(made->advice, sizeof(made->advice), "%s", ce_status_advice(status));
        compose_message(made);
    }
    certenroll_error_free(*error);
    *error = made ? made : &out_of_memory;
}

int certenroll_error_set(certenroll_error **error, int status, const char *what, ...)
{
    va_list arguments;

    va_start(arguments, what);
    set(error, status, what, arguments);
    va_end(arguments);
    return status;
}

int certenroll_error_set_memory(certenroll_error **error)
{
    if (error) {
        certenroll_error_free(*error);
        *error = &out_of_memory;
    }
    return CERTENROLL_E_MEMORY;
}

int certenroll_error_set_errno(certenroll_error **error, const char *what, ...)
{
    int saved_errno = errno;
    va_list arguments;

    if (saved_errno == ENOMEM)
        return certenroll_error_set_memory(error);
    va_start(arguments, what);
    set(error, CERTENROLL_E_SYSTEM, what, arguments);
    va_end(arguments);
    certenroll_error_because(error, "%s", strerror(saved_errno));
    return CERTENROLL_E_SYSTEM;
}

void certenroll_error_because(certenroll_error **error, const char *why, ...)
{
    certenroll_error *target = writable(error);
    char text[TEXT_SIZE];
    va_list arguments;

    if (!target)
        return;
    va_start(arguments, why);
    vsnprintf(text, sizeof(text), why, arguments);
    va_end(arguments);
    memcpy(target->why, text, sizeof(text));
    compose_message(target);
}

void certenroll_error_advise(certenroll_error **error, const char *advice, ...)
{
    certenroll_error *target = writable(error);
    char text[TEXT_SIZE];
    va_list arguments;

    if (!target)
        return;
    va_start(arguments, advice);
    vsnprintf(text, sizeof(text), advice, arguments);
    va_end(arguments);
    memcpy(target->advice, text, sizeof(text));
    target->is_advised = 1;
    compose_message(target);
}

void certenroll_error_set_ra_words(certenroll_error **error, const char *words)
{
    certenroll_error *target = writable(error);

    if (!target)
        return;
    ce_text_clean(target->ra_words, sizeof(target->ra_words), words, strlen(words));
    compose_message(target);
}

void certenroll_error_set_ck_rv(certenroll_error **error, unsigned long ck_rv)
{
    if (writable(error))
        (*error)->ck_rv = ck_rv;
}

void certenroll_error_set_openssl(certenroll_error **error, unsigned long code)
{
    if (writable(error))
        (*error)->openssl = code;
}

void certenroll_error_set_http_status(certenroll_error **error, long http_status)
{
    if (writable(error))
        (*error)->http_status = http_status;
}

void certenroll_error_set_retry_at(certenroll_error **error, int64_t retry_at)
{
    char when[CE_TIME_LOCAL_SIZE];

    if (!writable(error))
        return;
    (*error)->retry_at = retry_at;
    ce_time_local(when, retry_at);
    certenroll_error_advise(error, _("The RA is busy: try again at %s, not before."), when);
}

certenroll_error *certenroll_error_copy(const certenroll_error *error)
{
    certenroll_error *copy = error ? malloc(sizeof(*copy)) : NULL;

    if (error && !copy)
        return &out_of_memory;
    if (copy)
        *copy = *error;
    return copy;
}

void certenroll_error_clear(certenroll_error **error)
{
    if (!error)
        return;
    certenroll_error_free(*error);
    *error = NULL;
}

int certenroll_error_is_advised(const certenroll_error *error)
{
    return error && error->is_advised;
}

int certenroll_error_status(const certenroll_error *error)
{
    return error ? error->status : CERTENROLL_OK;
}

const char *certenroll_error_what(const certenroll_error *error)
{
    return error ? error->what : "";
}

const char *certenroll_error_why(const certenroll_error *error)
{
    return error ? error->why : "";
}

const char *certenroll_error_advice(const certenroll_error *error)
{
    return error ? error->advice : "";
}

const char *certenroll_error_ra_words(const certenroll_error *error)
{
    return error ? error->ra_words : "";
}

const char *certenroll_error_message(const certenroll_error *error)
{
    return !error ? "" : error->ra_words[0] ? error->message : error->ours;
}

const char *certenroll_error_own_message(const certenroll_error *error)
{
    return error ? error->ours : "";
}

unsigned long certenroll_error_ck_rv(const certenroll_error *error)
{
    return error ? error->ck_rv : 0;
}

unsigned long certenroll_error_openssl(const certenroll_error *error)
{
    return error ? error->openssl : 0;
}

long certenroll_error_http_status(const certenroll_error *error)
{
    return error ? error->http_status : 0;
}

int64_t certenroll_error_retry_at(const certenroll_error *error)
{
    return error ? error->retry_at : 0;
}

void certenroll_error_free(certenroll_error *error)
{
    if (error != &out_of_memory)
        free(error);
}
