/* SPDX-License-Identifier: Apache-2.0 */
#include "base/operator_secret.h"

#include "base/diagnostics.h"
#include "base/platform.h"
#include "common/message.h"
#include "common/prompt.h"
#include "common/secret_line.h"

#include <openssl/crypto.h>

#include <string.h>

void secret_free(struct secret *secret)
{
    ce_locked_free(secret, sizeof(*secret));
}

static int read_from(struct secret *secret, const char *source)
{
    struct secret_line *line = secret_line_read(source);
    int result = CERTENROLL_CLASS_OK;

    if (!line)
        return fail_errno(_("cannot read a secret from %s"), source);
    secret->length = line->length;
    if (line->length <= SECRET_MAX)
        memcpy(secret->bytes, line->bytes, line->length);
    else
        result = fail(CERTENROLL_CLASS_ARGUMENT, _("the secret in %s is longer than %d bytes"),
                      source, SECRET_MAX);
    secret_line_free(line);
    if (!result && memchr(secret->bytes, '\0', secret->length))
        result = fail(CERTENROLL_CLASS_ARGUMENT, _("the secret in %s holds a NUL byte"), source);
    return result;
}

static int ask(struct secret *secret, const char *question)
{
    switch (prompt_secret(question, secret->bytes, SECRET_MAX, &secret->length)) {
    case PROMPT_OK:
        secret->bytes[secret->length] = '\0';
        return CERTENROLL_CLASS_OK;
    case PROMPT_NO_TERMINAL:
        return fail(CERTENROLL_CLASS_CANCELLED,
                    _("there is no terminal to ask on; name a file that holds the secret"));
    case PROMPT_NOTHING:
        return fail(CERTENROLL_CLASS_CANCELLED, _("nothing was typed"));
    case PROMPT_TOO_LONG:
    default:
        return fail(CERTENROLL_CLASS_ARGUMENT, _("what was typed is too long"));
    }
}

static int ask_again(const struct secret *secret)
{
    struct secret *again = ce_locked_alloc(sizeof(struct secret));
    int result;

    if (!again)
        return fail_errno(_("cannot get memory for a secret"));
    result = ask(again, _("Once more: "));
    if (!result && strcmp(again->bytes, secret->bytes) != 0)
        result = fail(CERTENROLL_CLASS_ARGUMENT, _("the two entries differ"));
    secret_free(again);
    return result;
}

int secret_read(struct secret **out, const char *source, const char *question, int confirm)
{
    int result;

    *out = ce_locked_alloc(sizeof(struct secret));
    if (!*out)
        return fail_errno(_("cannot get memory for a secret"));
    result = source ? read_from(*out, source) : ask(*out, question);
    if (!result && !source && confirm)
        result = ask_again(*out);
    if (result) {
        secret_free(*out);
        *out = NULL;
    }
    return result;
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
