/* SPDX-License-Identifier: Apache-2.0 */
/* What is written down of key pairs that may still come to be, as a program looks at it. */
#include "journal/sent_ids.h"

#include <certenroll/leftovers.h>

#include <stdlib.h>

struct certenroll_unsettled {
    struct ce_sent_ids *tokens;
    size_t count;
};

int certenroll_unsettled_new(certenroll_unsettled **out, certenroll_error **error)
{
    certenroll_unsettled *unsettled = calloc(1, sizeof(*unsettled));
    int status = unsettled ? ce_sent_ids_read_all(&unsettled->tokens, &unsettled->count, error)
                           : certenroll_error_set_memory(error);

    *out = NULL;
    if (status < 0)
        certenroll_unsettled_free(unsettled);
    else
        *out = unsettled;
    return status;
}

size_t certenroll_unsettled_count(const certenroll_unsettled *unsettled)
{
    return unsettled->count;
}

static const char *text(const char *value)
{
    return value ? value : "";
}

const char *certenroll_unsettled_token_label(const certenroll_unsettled *unsettled, size_t index)
{
    return index < unsettled->count ? text(unsettled->tokens[index].token_label) : NULL;
}

const char *certenroll_unsettled_token_serial(const certenroll_unsettled *unsettled, size_t index)
{
    return index < unsettled->count ? text(unsettled->tokens[index].token_serial) : NULL;
}

const char *certenroll_unsettled_token_uri(const certenroll_unsettled *unsettled, size_t index)
{
    return index < unsettled->count ? text(unsettled->tokens[index].token_uri) : NULL;
}

const char *certenroll_unsettled_module(const certenroll_unsettled *unsettled, size_t index)
{
    return index < unsettled->count ? text(unsettled->tokens[index].module) : NULL;
}

const unsigned char *certenroll_unsettled_id(const certenroll_unsettled *unsettled, size_t index,
                                             size_t which, size_t *length, int64_t *sent_at)
{
    const struct ce_sent_id *sent = NULL;

    if (index < unsettled->count && which < unsettled->tokens[index].count)
        sent = &unsettled->tokens[index].list[which];
    *length = sent ? sent->id.length : 0;
    if (sent_at)
        *sent_at = sent ? sent->sent_at : 0;
    return sent ? sent->id.data : NULL;
}

void certenroll_unsettled_free(certenroll_unsettled *unsettled)
{
    if (!unsettled)
        return;
    ce_sent_ids_free(unsettled->tokens, unsettled->count);
    free(unsettled);
}
