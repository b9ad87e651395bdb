/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_BASE_WHOLE_FILE_H
#define CE_BASE_WHOLE_FILE_H

#include "base/buffer.h"
#include "base/platform.h"

/* Reads a whole file of at most `limit` bytes; `path` NULL: standard input. Frees nothing of the
 * old contents of `out`. What `trust` or the limit forbids is CERTENROLL_E_ARGUMENT, what cannot be
 * read CERTENROLL_E_SYSTEM. */
int ce_file_read(struct ce_buffer *out, const char *path, enum ce_trust trust, size_t limit,
                 certenroll_error **error);

/* Whether `trust` allows to start this program, at an absolute path. */
int ce_file_check_program(const char *path, enum ce_trust trust, certenroll_error **error);

#endif
