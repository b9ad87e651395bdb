/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include "base/message.h"
#include "base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct certenroll_error {
    int status;
    unsigned long ck_rv;
    unsigned long openssl;
    long http_status;
    char what[512];
    char why[768];
    char advice[512];
    char message[sizeof(char[512]) + sizeof(char[768]) + sizeof(char[512]) + 16];
};

/* Handed out when there is no memory for an error of its own; never freed, never changed. */
static certenroll_error out_of_memory = {
    .status = CERTENROLL_E_MEMORY,
    .what = "out of memory",
    .advice = "Close other programs or add memory, then try again.",
    .message = "out of memory. Close other programs or add memory, then try again.",
};

static void compose_message(certenroll_error *error)
{
    if (error->why[0])
        /* TRANSLATORS: what happened, why, and what to do next. */
        snprintf(error->message, sizeof(error->message), _("%s: %s. %s"), error->what, error->why,
                 error->advice);
    else
        /* TRANSLATORS: what happened, and what to do next. */
        snprintf(error->message, sizeof(error->message), _("%s. %s"), error->what, error->advice);
}

/* The error that may still be added to, or NULL. */
static certenroll_error *writable(certenroll_error **error)
{
    return error && *error && *error != &out_of_memory ? *error : NULL;
}

CE_PRINTF(3, 0)
static int fail(certenroll_error **error, int status, const char *what, va_list arguments)
{
    if (!error)
        return status;
    certenroll_error_free(*error);
    *error = calloc(1, sizeof(**error));
    if (!*error) {
        *error = &out_of_memory;
        return status;
    }
    (*error)->status = status;
    vsnprintf((*error)->what, sizeof((*error)->what), what, arguments);
    snprintf((*error)->advice, sizeof((*error)->advice), "%s", ce_status_advice(status));
    compose_message(*error);
    return status;
}

int ce_fail(certenroll_error **error, int status, const char *what, ...)
{
    va_list arguments;

    va_start(arguments, what);
    fail(error, status, what, arguments);
    va_end(arguments);
    return status;
}

int ce_fail_memory(certenroll_error **error)
{
    if (error) {
        certenroll_error_free(*error);
        *error = &out_of_memory;
    }
    return CERTENROLL_E_MEMORY;
}

void ce_error_clear(certenroll_error **error)
{
    if (!error)
        return;
    certenroll_error_free(*error);
    *error = NULL;
}

int ce_fail_errno(certenroll_error **error, const char *what, ...)
{
    int saved_errno = errno;
    va_list arguments;

    if (saved_errno == ENOMEM)
        return ce_fail_memory(error);
    va_start(arguments, what);
    fail(error, CERTENROLL_E_SYSTEM, what, arguments);
    va_end(arguments);
    ce_because(error, "%s", strerror(saved_errno));
    return CERTENROLL_E_SYSTEM;
}

void ce_because(certenroll_error **error, const char *why, ...)
{
    certenroll_error *target = writable(error);
    va_list arguments;

    if (!target)
        return;
    va_start(arguments, why);
    vsnprintf(target->why, sizeof(target->why), why, arguments);
    va_end(arguments);
    compose_message(target);
}

void ce_advise(certenroll_error **error, const char *advice, ...)
{
    certenroll_error *target = writable(error);
    va_list arguments;

    if (!target)
        return;
    va_start(arguments, advice);
    vsnprintf(target->advice, sizeof(target->advice), advice, arguments);
    va_end(arguments);
    compose_message(target);
}

int certenroll_error_set(certenroll_error **error, int status, const char *what, const char *why,
                         const char *advice)
{
    ce_fail(error, status, "%s", what);
    if (why)
        ce_because(error, "%s", why);
    if (advice)
        ce_advise(error, "%s", advice);
    return status;
}

void ce_error_set_ck_rv(certenroll_error **error, unsigned long rv)
{
    if (writable(error))
        (*error)->ck_rv = rv;
}

void ce_error_set_openssl(certenroll_error **error, unsigned long code)
{
    if (writable(error))
        (*error)->openssl = code;
}

void ce_error_set_http_status(certenroll_error **error, long http_status)
{
    if (writable(error))
        (*error)->http_status = http_status;
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

const char *certenroll_error_message(const certenroll_error *error)
{
    return error ? error->message : "";
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

void certenroll_error_free(certenroll_error *error)
{
    if (error != &out_of_memory)
        free(error);
}
