/* SPDX-License-Identifier: Apache-2.0 */
#include "base/whole_file.h"

#include "base/message.h"

#include <errno.h>
#include <stdlib.h>

/* What errno says of a file that is not to be believed; 0: it is something else. */
static int refuse(const char *path, enum ce_trust trust, certenroll_error **error)
{
    int status = CERTENROLL_E_ARGUMENT;

    switch (errno) {
    case ELOOP:
        return certenroll_error_set(error, status, _("%s is a symbolic link"), path);
    case EINVAL:
        return certenroll_error_set(error, status, _("%s is not a regular file"), path);
    case EPERM:
        if (trust == CE_TRUST_OWN)
            return certenroll_error_set(error, status, _("%s belongs to somebody else"), path);
        certenroll_error_set(error, status, _("%s could have been changed by others"), path);
        certenroll_error_advise(
            error, _("It must belong to root or to you, and be writable by its owner alone."));
        return status;
    default:
        return 0;
    }
}

static int fail_read(const char *path, enum ce_trust trust, size_t limit, certenroll_error **error)
{
    int status = trust != CE_TRUST_ANY ? refuse(path, trust, error) : 0;

    if (status < 0)
        return status;
    if (errno == EFBIG)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("%s is longer than %zu bytes"),
                                    path ? path : "-", limit);
    return certenroll_error_set_errno(error, _("cannot read %s"), path ? path : "-");
}

int ce_file_read(struct ce_buffer *out, const char *path, enum ce_trust trust, size_t limit,
                 certenroll_error **error)
{
    *out = (struct ce_buffer){ malloc(limit + 1), 0 };
    if (!out->data)
        return certenroll_error_set_memory(error);
    if (ce_platform_read(path, trust, limit, out->data, &out->length) < 0) {
        int status = fail_read(path, trust, limit, error);

        ce_buffer_clear(out);
        return status;
    }
    out->data[out->length] = '\0';
    return CERTENROLL_OK;
}

int ce_file_check_program(const char *path, enum ce_trust trust, certenroll_error **error)
{
    int status;

    if (ce_platform_check(path, trust) == 0)
        return CERTENROLL_OK;
    status = refuse(path, trust, error);
    return status < 0 ? status : certenroll_error_set_errno(error, _("cannot run %s"), path);
}
