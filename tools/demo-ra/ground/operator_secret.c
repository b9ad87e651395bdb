/* SPDX-License-Identifier: Apache-2.0 */
#include "ground/operator_secret.h"

#include "base/platform.h"
#include "common/prompt.h"
#include "common/secret_line.h"
#include "common/tool_message.h"

#include <string.h>

void secret_free(struct secret *secret)
{
    ce_locked_free(secret, sizeof(*secret));
}

static int read_from(struct secret *secret, const char *source, certenroll_error **error)
{
    struct secret_line *line = secret_line_read(source);
    int status = CERTENROLL_OK;

    if (!line)
        return certenroll_error_set_errno(error, _("cannot read a secret from %s"), source);
    secret->length = line->length;
    if (line->length <= SECRET_MAX)
        memcpy(secret->bytes, line->bytes, line->length);
    else
        status =
            certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                 _("the secret in %s is longer than %d bytes"), source, SECRET_MAX);
    secret_line_free(line);
    if (!status && memchr(secret->bytes, '\0', secret->length))
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("the secret in %s holds a NUL byte"), source);
    return status;
}

static int ask_person(struct secret *secret, const char *question, int confirm,
                      certenroll_error **error)
{
    enum prompt_result result =
        confirm ? prompt_new_secret(question, _("Once more: "), secret->bytes, SECRET_MAX,
                                    &secret->length)
                : prompt_secret(question, secret->bytes, SECRET_MAX, &secret->length);

    switch (result) {
    case PROMPT_OK:
        secret->bytes[secret->length] = '\0';
        return CERTENROLL_OK;
    case PROMPT_NO_MEMORY:
        return certenroll_error_set_memory(error);
    case PROMPT_NO_TERMINAL:
    case PROMPT_NOTHING:
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED, "%s", prompt_why_not(result));
    case PROMPT_TOO_LONG:
    case PROMPT_DIFFERENT:
    default:
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, "%s", prompt_why_not(result));
    }
}

int secret_read(struct secret **out, const char *source, const char *question, int confirm,
                certenroll_error **error)
{
    int status;

    *out = ce_locked_alloc(sizeof(struct secret));
    if (!*out)
        return certenroll_error_set_memory(error);
    status = source ? read_from(*out, source, error) : ask_person(*out, question, confirm, error);
    if (status) {
        secret_free(*out);
        *out = NULL;
    }
    return status;
}

int secret_give(void *user, const certenroll_secret_request *request, char *buffer, size_t capacity,
                size_t *length)
{
    struct secret *secret = user;

    *length = 0;
    if (request->on_reader)
        return CERTENROLL_OK;
    if (request->kind != CERTENROLL_SECRET_USER_PIN &&
        request->kind != CERTENROLL_SECRET_CONTEXT_PIN)
        return CERTENROLL_E_CANCELLED;
    if (request->count_low && atomic_load(&secret->given))
        return CERTENROLL_E_CANCELLED;
    if (secret->length > capacity)
        return CERTENROLL_E_PIN_INVALID;
    memcpy(buffer, secret->bytes, secret->length);
    *length = secret->length;
    atomic_store(&secret->given, 1);
    return CERTENROLL_OK;
}
