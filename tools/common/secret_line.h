/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a file or descriptor, in memory that is neither swapped nor dumped. */
#ifndef TOOLS_COMMON_SECRET_LINE_H
#define TOOLS_COMMON_SECRET_LINE_H

#include <stddef.h>

/* No token takes a longer PIN, no RA a longer password. */
#define SECRET_LINE_MAX 1024

struct secret_line {
    size_t length;
    char bytes[SECRET_LINE_MAX];
};

/* Reads the first line of "FILE" or the next line of "fd:N" (without its end). NULL with errno:
 * EFBIG when it is too long, ENODATA when it is empty. */
struct secret_line *secret_line_read(const char *source);

/* Wipes and frees; NULL is allowed. */
void secret_line_free(struct secret_line *line);

#endif
