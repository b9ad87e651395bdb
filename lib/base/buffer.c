/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <certenroll/context.h>

#include <stdlib.h>
#include <string.h>

int ce_buffer_append(struct ce_buffer *buffer, const void *data, size_t length, size_t limit)
{
    unsigned char *grown;

    if (buffer->length > limit || length > limit - buffer->length)
        return -1;
    grown = realloc(buffer->data, buffer->length + length + 1);
    if (!grown)
        return -1;
    if (length > 0)
        memcpy(grown + buffer->length, data, length);
    buffer->data = grown;
    buffer->length += length;
    grown[buffer->length] = '\0';
    return 0;
}

int ce_buffer_set(struct ce_buffer *buffer, const void *data, size_t length,
                  certenroll_error **error)
{
    *buffer = (struct ce_buffer){ NULL, 0 };
    if (ce_buffer_append(buffer, data, length, length) < 0)
        return ce_fail_memory(error);
    return CERTENROLL_OK;
}

void ce_buffer_clear(struct ce_buffer *buffer)
{
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
        return ce_fail_memory(error);
    memcpy(*out, text, size);
    return CERTENROLL_OK;
}

void certenroll_buffer_free(void *buffer)
{
    free(buffer);
}
