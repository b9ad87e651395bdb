/* SPDX-License-Identifier: Apache-2.0 */
/* Files of processes that were killed. */
#include "base/message.h"
#include "base/platform.h"
#include "journal/hold.h"
#include "journal/journal.h"

#include <certenroll/leftovers.h>

#include <stdlib.h>

int certenroll_files_settle(const char *directory, size_t *removed, certenroll_error **error)
{
    char *resolved = NULL;
    size_t count = 0;
    int status = ce_journal_directory(&resolved, directory, error);

    if (status == CERTENROLL_OK && ce_platform_exists(resolved) != 0) {
        status = ce_journal_check_directory(resolved, error);
        if (status == CERTENROLL_OK)
            count = ce_journal_clear_leftovers(resolved);
    }
    if (status == CERTENROLL_OK)
        count += ce_holds_clear(resolved);
    free(resolved);
    if (removed)
        *removed = count;
    return status;
}
