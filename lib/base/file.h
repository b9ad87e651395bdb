/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_BASE_FILE_H
#define CE_BASE_FILE_H

#include "base/buffer.h"

/* Reads a whole file of at most `limit` bytes. Frees nothing of the old contents of `out`. */
int ce_file_read(struct ce_buffer *out, const char *path, size_t limit, certenroll_error **error);

/* Replaces a file so that it is seen old or new, never torn, also after a power cut. */
int ce_file_write(const char *path, const void *data, size_t length, unsigned mode,
                  certenroll_error **error);

#endif
