/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that grow, up to a limit that the owner sets, and are wiped before their memory goes back:
 * a body may hold a password, an answer a bearer token. */
#ifndef CE_BASE_BUFFER_H
#define CE_BASE_BUFFER_H

#include <certenroll/error.h>

#include <stddef.h>

struct ce_buffer {
    unsigned char *data; /* malloc'ed, followed by a NUL that `length` does not count; or NULL */
    size_t length;
};

/* A copy of `length` bytes. */
int ce_buffer_set(struct ce_buffer *buffer, const void *data, size_t length,
                  certenroll_error **error);

/* Appends; -1 and unchanged when it would pass `limit` or memory is out. */
int ce_buffer_append(struct ce_buffer *buffer, const void *data, size_t length, size_t limit);

/* The same for pieces of a size that somebody else chooses: the time it takes does not grow with
 * their number times the whole. `*room` is the caller's to keep, 0 while the buffer is empty; the
 * limit is no more than half of SIZE_MAX. */
int ce_buffer_append_piece(struct ce_buffer *buffer, size_t *room, const void *data, size_t length,
                           size_t limit);

/* Non-zero when both hold the same bytes. */
int ce_buffer_equal(const struct ce_buffer *one, const struct ce_buffer *other);
/* Their order, for sorting: by length, then by their bytes. */
int ce_buffer_compare(const struct ce_buffer *one, const struct ce_buffer *other);

/* Wipes and frees the contents; the buffer is empty and may be used again. */
void ce_buffer_clear(struct ce_buffer *buffer);

/* strdup that takes NULL and fails with an error: *out is NULL for NULL. */
int ce_string_copy(char **out, const char *text, certenroll_error **error);

#endif
