/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a person names: "-" is standard input or output. */
#ifndef TOOLS_COMMON_NAMED_FILE_H
#define TOOLS_COMMON_NAMED_FILE_H

#include "base/buffer.h"

#include <stddef.h>

/* Reads a file of at most `limit` bytes. */
int file_read(struct ce_buffer *out, const char *path, size_t limit, certenroll_error **error);

/* Writes a file that others may read: seen old or new, never torn. NULL, too, is standard output.
 */
int file_write(const char *path, const void *data, size_t length, certenroll_error **error);

#endif
