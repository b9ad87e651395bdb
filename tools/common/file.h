/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_COMMON_FILE_H
#define TOOLS_COMMON_FILE_H

#include "common/failure.h"

#include <stddef.h>

/* Reads a file, or standard input for "-". A file longer than `limit` is cut at `limit` + 1 bytes,
 * for the caller to notice. *out is freed by free(). */
int file_read(unsigned char **out, size_t *length, const char *path, size_t limit,
              struct failure *failure);

/* Writes a file that others may read: seen old or new, never torn. What is no regular file (a
 * terminal, a pipe) is written to as it stands; NULL and "-" are standard output. */
int file_write(const char *path, const void *data, size_t length, struct failure *failure);

/* The regular file behind that: temporary file, fsync, rename, fsync of the directory. `mode` is
 * the POSIX permission. 0, or -1 with errno. */
int file_replace(const char *path, const void *data, size_t length, unsigned mode);

#endif
