/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/record.h"

#include <certenroll/journal.h>

#include <stdlib.h>
#include <string.h>

void ce_blobs_clear(struct ce_blobs *blobs)
{
    for (size_t i = 0; i < blobs->count; i++)
        ce_buffer_clear(&blobs->list[i]);
    free(blobs->list);
    *blobs = (struct ce_blobs){ NULL, 0 };
}

void ce_blobs_remove(struct ce_blobs *blobs, size_t index)
{
    ce_buffer_clear(&blobs->list[index]);
    blobs->count--;
    for (size_t i = index; i < blobs->count; i++)
        blobs->list[i] = blobs->list[i + 1];
}

static void texts_clear(struct ce_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->list[i]);
    free(texts->list);
    *texts = (struct ce_texts){ NULL, 0 };
}

int ce_texts_add(struct ce_texts *texts, const char *text, certenroll_error **error)
{
    char **grown = realloc(texts->list, (texts->count + 1) * sizeof(*grown));
    int status;

    if (!grown)
        return certenroll_error_set_memory(error);
    texts->list = grown;
    status = ce_string_copy(&grown[texts->count], text, error);
    if (status == CERTENROLL_OK)
        texts->count++;
    return status;
}

int ce_blobs_add(struct ce_blobs *blobs, const void *data, size_t length, certenroll_error **error)
{
    struct ce_buffer *grown = realloc(blobs->list, (blobs->count + 1) * sizeof(*grown));
    int status;

    if (!grown)
        return certenroll_error_set_memory(error);
    blobs->list = grown;
    status = ce_buffer_set(&grown[blobs->count], data, length, error);
    if (status == CERTENROLL_OK)
        blobs->count++;
    return status;
}

void ce_record_clear(struct ce_record *record)
{
    free(record->token_uri);
    free(record->token_label);
    free(record->token_serial);
    free(record->module);
    ce_buffer_clear(&record->id);
    free(record->label);
    ce_buffer_clear(&record->present_id);
    ce_buffer_clear(&record->present);
    ce_blobs_clear(&record->present_chain);
    free(record->url);
    free(record->username);
    ce_blobs_clear(&record->anchors);
    ce_blobs_clear(&record->tls_anchors);
    texts_clear(&record->former_urls);
    free(record->subject);
    texts_clear(&record->alt_names);
    free(record->extended_key_usage);
    ce_buffer_clear(&record->request);
    ce_buffer_clear(&record->public_key);
    ce_blobs_clear(&record->received);
    free(record->refused_why);
    ce_buffer_clear(&record->issued);
    ce_blobs_clear(&record->chain);
    ce_blobs_clear(&record->former_ids);
    ce_blobs_clear(&record->revoke);
    memset(record, 0, sizeof(*record));
}

int ce_record_promise(struct ce_record *record, const struct ce_buffer *certificate,
                      certenroll_error **error)
{
    /* Who promises again what is on the token may find there what the enrolment has got since. */
    if (ce_buffer_equal(&record->issued, certificate))
        return CERTENROLL_OK;
    for (size_t i = 0; i < record->revoke.count; i++)
        if (ce_buffer_equal(&record->revoke.list[i], certificate))
            return CERTENROLL_OK;
    return ce_blobs_add(&record->revoke, certificate->data, certificate->length, error);
}

int ce_record_has_to_retire(const struct ce_record *record)
{
    const struct ce_buffer *present = &record->present, *issued = &record->issued;

    if (record->state != CERTENROLL_STATE_CONFIRMED ||
        record->retirement == CERTENROLL_RETIRE_KEEP || record->operation == CERTENROLL_ENROLL)
        return 0;
    /* A CA may answer a renewal by the certificate that is there already. */
    return present->length == 0 || !ce_buffer_equal(present, issued);
}

int ce_record_waits(const struct ce_record *record)
{
    return record->state == CERTENROLL_STATE_CONFIRMED && record->revoke.count == 0 &&
           record->retire_at != 0;
}

int ce_record_is_finished(const struct ce_record *record)
{
    if (record->revoke.count > 0)
        return 0;
    return record->state == CERTENROLL_STATE_RETIRED ||
           (record->state == CERTENROLL_STATE_CONFIRMED && !ce_record_has_to_retire(record));
}

/* --- names of states and operations: stable, for programs, logs and the journal itself --- */

const char *certenroll_state_name(certenroll_state state)
{
    static const char *const names[] = {
        [CERTENROLL_STATE_NEW] = "NEW",
        [CERTENROLL_STATE_KEY_READY] = "KEY_READY",
        [CERTENROLL_STATE_CSR_SIGNED] = "CSR_SIGNED",
        [CERTENROLL_STATE_SUBMITTED] = "SUBMITTED",
        [CERTENROLL_STATE_PENDING] = "PENDING",
        [CERTENROLL_STATE_ISSUED] = "ISSUED",
        [CERTENROLL_STATE_INSTALLED] = "INSTALLED",
        [CERTENROLL_STATE_CONFIRMED] = "CONFIRMED",
        [CERTENROLL_STATE_REJECTED] = "REJECTED",
        [CERTENROLL_STATE_ABANDONED] = "ABANDONED",
        [CERTENROLL_STATE_RETIRED] = "RETIRED",
        [CERTENROLL_STATE_RECEIVED] = "RECEIVED",
    };

    return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "UNKNOWN";
}

const char *certenroll_operation_name(certenroll_operation operation)
{
    switch (operation) {
    case CERTENROLL_ENROLL:
        return "enroll";
    case CERTENROLL_RENEW:
        return "renew";
    case CERTENROLL_REKEY:
        return "rekey";
    default:
        return "unknown";
    }
}
