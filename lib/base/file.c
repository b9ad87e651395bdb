/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/message.h"
#include "base/platform.h"

#include <errno.h>
#include <stdlib.h>

int ce_file_read(struct ce_buffer *out, const char *path, size_t limit, certenroll_error **error)
{
    out->length = 0;
    out->data = malloc(limit + 1);
    if (!out->data)
        return ce_fail_memory(error);
    if (ce_platform_read(path, limit, out->data, &out->length) < 0) {
        int saved_errno = errno;
        ce_buffer_clear(out);
        errno = saved_errno;
        return ce_fail_errno(error, _("cannot read %s"), path);
    }
    out->data[out->length] = '\0';
    return CERTENROLL_OK;
}

int ce_file_write(const char *path, const void *data, size_t length, unsigned mode,
                  certenroll_error **error)
{
    if (ce_platform_write_atomic(path, data, length, mode) < 0)
        return ce_fail_errno(error, _("cannot write %s"), path);
    return CERTENROLL_OK;
}
