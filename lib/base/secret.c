/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include "base/message.h"
#include "base/platform.h"

#include <errno.h>
#include <string.h>

static struct ce_secret *secret_new(void)
{
    return ce_locked_alloc(sizeof(struct ce_secret));
}

void ce_secret_free(struct ce_secret *secret)
{
    ce_locked_free(secret, sizeof(*secret));
}

static int ask(struct ce_secret *secret, const struct ce_secret_source *source,
               const certenroll_secret_request *request, certenroll_error **error)
{
    int status = source->callback(source->user, request, secret->bytes, sizeof(secret->bytes),
                                  &secret->length);

    if (status > 0)
        status = CERTENROLL_E_CANCELLED;
    if (status < 0)
        return certenroll_error_set(error, status, _("the PIN or password was not given"));
    if (secret->length > sizeof(secret->bytes))
        return certenroll_error_set(
            error, CERTENROLL_E_ARGUMENT,
            _("the PIN callback claims %zu bytes, more than it was offered"), secret->length);
    return CERTENROLL_OK;
}

int ce_secret_ask(struct ce_secret **out, const struct ce_secret_source *source,
                  const certenroll_secret_request *request, certenroll_error **error)
{
    int status;

    *out = NULL;
    if (!source->callback) {
        certenroll_error_set(error, CERTENROLL_E_CANCELLED,
                             _("a PIN or password is needed for \"%s\""), request->name);
        certenroll_error_because(error, _("no way to ask for it was given"));
        return CERTENROLL_E_CANCELLED;
    }
    *out = secret_new();
    if (!*out)
        return certenroll_error_set_memory(error);
    status = ask(*out, source, request, error);
    if (status < 0) {
        ce_secret_free(*out);
        *out = NULL;
    }
    return status;
}

/* Cuts a secret at its first line end. */
static void first_line(struct ce_secret *secret)
{
    for (size_t i = 0; i < secret->length; i++) {
        if (secret->bytes[i] == '\n' || secret->bytes[i] == '\r') {
            ce_wipe(secret->bytes + i, secret->length - i);
            secret->length = i;
        }
    }
}

int ce_secret_read(struct ce_secret **out, const char *path, certenroll_error **error)
{
    *out = secret_new();
    if (!*out)
        return certenroll_error_set_memory(error);
    if (ce_platform_read(path, CE_TRUST_ANY, sizeof((*out)->bytes), (unsigned char *)(*out)->bytes,
                         &(*out)->length) < 0) {
        int saved_errno = errno;
        ce_secret_free(*out);
        *out = NULL;
        errno = saved_errno;
        return certenroll_error_set_errno(error, _("cannot read the PIN source %s"), path);
    }
    first_line(*out);
    return CERTENROLL_OK;
}
