/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include "base/platform.h"

#include <stdlib.h>
#include <string.h>

/* realloc() would leave what is there behind. */
static int reserve(struct ce_buffer *buffer, size_t size)
{
    struct ce_buffer grown = { malloc(size), buffer->length };

    if (!grown.data)
        return -1;
    if (grown.length > 0)
        memcpy(grown.data, buffer->data, grown.length);
    ce_buffer_clear(buffer);
    *buffer = grown;
    return 0;
}

/* There is room. */
static void put(struct ce_buffer *buffer, const void *data, size_t length)
{
    if (length > 0)
        memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

static int passes_limit(const struct ce_buffer *buffer, size_t length, size_t limit)
{
    return buffer->length > limit || length > limit - buffer->length;
}

int ce_buffer_append(struct ce_buffer *buffer, const void *data, size_t length, size_t limit)
{
    if (passes_limit(buffer, length, limit) || reserve(buffer, buffer->length + length + 1) < 0)
        return -1;
    put(buffer, data, length);
    return 0;
}

int ce_buffer_append_piece(struct ce_buffer *buffer, size_t *room, const void *data, size_t length,
                           size_t limit)
{
    size_t size = *room < 64 ? 64 : *room;

    if (passes_limit(buffer, length, limit))
        return -1;
    while (size <= buffer->length + length)
        size *= 2;
    if (size > *room && reserve(buffer, size) < 0)
        return -1;
    *room = size;
    put(buffer, data, length);
    return 0;
}

int ce_buffer_set(struct ce_buffer *buffer, const void *data, size_t length,
                  certenroll_error **error)
{
    *buffer = (struct ce_buffer){ NULL, 0 };
    if (ce_buffer_append(buffer, data, length, length) < 0)
        return certenroll_error_set_memory(error);
    return CERTENROLL_OK;
}

int ce_buffer_equal(const struct ce_buffer *one, const struct ce_buffer *other)
{
    return one->length == other->length &&
           (one->length == 0 || memcmp(one->data, other->data, one->length) == 0);
}

int ce_buffer_compare(const struct ce_buffer *one, const struct ce_buffer *other)
{
    if (one->length != other->length)
        return one->length < other->length ? -1 : 1;
    return one->length > 0 ? memcmp(one->data, other->data, one->length) : 0;
}

void ce_buffer_clear(struct ce_buffer *buffer)
{
    if (buffer->data)
        ce_wipe(buffer->data, buffer->length);
    free(buffer->data);
    *buffer = (struct ce_buffer){ NULL, 0 };
}

int ce_string_copy(char **out, const char *text, certenroll_error **error)
{
    size_t size = text ? strlen(text) + 1 : 0;

    *out = NULL;
    if (!text)
        return CERTENROLL_OK;
    *out = malloc(size);
    if (!*out)
        return certenroll_error_set_memory(error);
    memcpy(*out, text, size);
    return CERTENROLL_OK;
}
