/* SPDX-License-Identifier: Apache-2.0 */
/* What of a record is still in force at a CA, and is not to be. */
#include "journal/record.h"

const struct ce_buffer *ce_record_revoke_at(const struct ce_record *record, size_t index)
{
    if (index < record->revoke.count)
        return &record->revoke.list[index];
    return index == record->revoke.count && record->revoke_replaced && record->present.length > 0
               ? &record->present
               : NULL;
}

/* Of one that is abandoned the request stays in the record where the CA may have had it. */
int ce_record_is_unanswered(const struct ce_record *record)
{
    return record->state == CERTENROLL_STATE_SUBMITTED ||
           record->state == CERTENROLL_STATE_PENDING ||
           (record->state == CERTENROLL_STATE_ABANDONED && record->request.length > 0 &&
            record->issued.length == 0);
}

const char *ce_record_unanswered_at(const struct ce_record *record, size_t index)
{
    if (index < record->former_urls.count)
        return record->former_urls.list[index];
    if (index > record->former_urls.count || !ce_record_is_unanswered(record))
        return NULL;
    return record->url ? record->url : "";
}
