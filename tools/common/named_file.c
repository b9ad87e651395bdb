/* SPDX-License-Identifier: Apache-2.0 */
#include "common/named_file.h"

#include "base/whole_file.h"
#include "common/interrupt.h"
#include "common/tool_message.h"

#include <stdio.h>
#include <string.h>

int file_read(struct ce_buffer *out, const char *path, size_t limit, certenroll_error **error)
{
    int status;

    interrupt_ends();
    status = ce_file_read(out, strcmp(path, "-") == 0 ? NULL : path, CE_TRUST_ANY, limit, error);
    interrupt_cancels_again();
    return status;
}

int file_write(const char *path, const void *data, size_t length, certenroll_error **error)
{
    if (path && strcmp(path, "-") != 0)
        return ce_platform_replace(path, data, length, 0644) == 0
                   ? CERTENROLL_OK
                   : certenroll_error_set_errno(error, _("cannot write %s"), path);
    if (fwrite(data, 1, length, stdout) != length || fflush(stdout) != 0)
        return certenroll_error_set_errno(error, _("cannot write to standard output"));
    return CERTENROLL_OK;
}
