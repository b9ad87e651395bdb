/* SPDX-License-Identifier: Apache-2.0 */
/* Files that decide what a program does: read only when nobody else can have put them there. */
#ifndef TOOLS_COMMON_SAFE_FILE_H
#define TOOLS_COMMON_SAFE_FILE_H

#include "common/failure.h"

#include <stddef.h>

enum safe_file_rule {
    /* The person's own regular file, and no symbolic link to one: a download. */
    SAFE_FILE_OWN,
    /* Root's or the person's regular file, which nobody else may write: a configuration. */
    SAFE_FILE_TRUSTED,
};

/* Reads the file, of at most `limit` bytes. *out has a NUL behind its end and is freed by free().
 */
int safe_file_read(char **out, size_t *length, const char *path, enum safe_file_rule rule,
                   size_t limit, struct failure *failure);

/* Whether a program at this absolute path is root's or the person's, and nobody else may write it.
 */
int safe_file_check_program(const char *path, struct failure *failure);

#endif
