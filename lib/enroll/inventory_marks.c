/* SPDX-License-Identifier: Apache-2.0 */
/* How the entries of an inventory stand: by what unfinished enrolments say, by which half is there,
 * by the certificate's dates; and CKA_IDs that two keys share. */
#include "base/platform.h"
#include "enroll/inventory.h"
#include "journal/journal.h"

#include <stdlib.h>
#include <string.h>

#define DAY (24 * 60 * 60)

/* What the marks are given by. */
struct marking {
    const certenroll_token *token;
    const certenroll_inventory_options *options;
    int64_t now;
};

/* An ID or certificate that is not there equals none. */
static int is_same(const void *one, size_t one_length, const void *other, size_t other_length)
{
    return one_length == other_length && one_length > 0 && memcmp(one, other, one_length) == 0;
}

/* A certificate may bear another CKA_ID than its key: either is the entry's. */
int ce_entry_bears(const certenroll_entry *entry, const void *id, size_t id_length)
{
    size_t length = 0;
    const unsigned char *key_id = entry->key ? certenroll_key_get_id(entry->key, &length) : NULL;

    return is_same(key_id, length, id, id_length) ||
           is_same(entry->id.data, entry->id.length, id, id_length);
}

/* --- unfinished enrolments --- */

int ce_record_is_under_way_on(const struct ce_record *record, const certenroll_token *token)
{
    return record->state != CERTENROLL_STATE_CONFIRMED &&
           record->state != CERTENROLL_STATE_RETIRED && !ce_record_is_finished(record) &&
           ce_token_is(token, record->token_label ? record->token_label : "",
                       record->token_serial ? record->token_serial : "");
}

/* A renewal's key works under its present certificate all the while, so only the certificate that
 * it wrote is not finished. An enrolment's or re-key's own ID has nothing under it that is. */
static int is_left_by(const certenroll_entry *entry, const struct ce_record *record)
{
    if (!ce_entry_bears(entry, record->id.data, record->id.length))
        return 0;
    return record->operation != CERTENROLL_RENEW ||
           (is_same(entry->der.data, entry->der.length, record->issued.data,
                    record->issued.length) &&
            !is_same(entry->der.data, entry->der.length, record->present.data,
                     record->present.length));
}

static int is_unfinished(const certenroll_entry *entry, const struct marking *marking)
{
    const certenroll_journal_list *journals = marking->options->journals;
    size_t count = journals ? certenroll_journal_list_count(journals) : 0;

    for (size_t i = 0; i < count; i++) {
        const struct ce_record *record = ce_journal_record(certenroll_journal_list_at(journals, i));

        if (record && ce_record_is_under_way_on(record, marking->token) &&
            is_left_by(entry, record))
            return 1;
    }
    return 0;
}

/* --- marks --- */

static certenroll_mark mark_of(const certenroll_entry *entry, const struct marking *marking)
{
    int64_t not_after = certenroll_entry_not_after(entry);

    if (certenroll_entry_is_ca(entry))
        return CERTENROLL_MARK_CA;
    if (is_unfinished(entry, marking))
        return CERTENROLL_MARK_UNFINISHED;
    if (!entry->certificate)
        return CERTENROLL_MARK_ORPHAN_KEY;
    if (!entry->key && !marking->options->certificates_only)
        return CERTENROLL_MARK_ORPHAN_CERTIFICATE;
    if (marking->now < certenroll_entry_not_before(entry))
        return CERTENROLL_MARK_NOT_YET_VALID;
    if (marking->now > not_after)
        return CERTENROLL_MARK_EXPIRED;
    if (not_after - marking->now < (int64_t)marking->options->due_days * DAY)
        return CERTENROLL_MARK_DUE;
    return CERTENROLL_MARK_VALID;
}

/* --- duplicate IDs --- */

/* An ID that an entry bears. */
struct bearing {
    struct ce_buffer id; /* borrowed */
    certenroll_entry *entry;
};

static int order_of_bearings(const void *one, const void *other)
{
    const struct bearing *a = one, *b = other;
    int order = ce_buffer_compare(&a->id, &b->id);

    return order != 0 ? order : ce_buffer_compare(&a->entry->identity, &b->entry->identity);
}

static size_t list_bearings(struct bearing *bearings, const certenroll_inventory *inventory)
{
    size_t count = 0;

    for (size_t i = 0; i < inventory->count; i++) {
        certenroll_entry *entry = &inventory->entries[i];
        struct ce_buffer key_id = { 0 };

        if (entry->key)
            key_id.data =
                (unsigned char *)(uintptr_t)certenroll_key_get_id(entry->key, &key_id.length);
        if (entry->id.length > 0)
            bearings[count++] = (struct bearing){ entry->id, entry };
        if (key_id.length > 0 && !ce_buffer_equal(&key_id, &entry->id))
            bearings[count++] = (struct bearing){ key_id, entry };
    }
    return count;
}

/* These entries bear one ID. A key whose public half is not known has no certificate, and so is in
 * one entry: it is another than all the others, which sort behind it. */
static void mark_group(struct bearing *first, const struct bearing *end)
{
    const struct ce_buffer *identity = &first->entry->identity;

    if (end - first < 2 ||
        (identity->length > 0 && ce_buffer_equal(identity, &end[-1].entry->identity)))
        return;
    for (struct bearing *bearing = first; bearing < end; bearing++)
        bearing->entry->has_duplicate_id = 1;
}

static int mark_duplicates(certenroll_inventory *inventory, certenroll_error **error)
{
    struct bearing *bearings = calloc(2 * inventory->count + 1, sizeof(*bearings));
    size_t count, first = 0;

    if (!bearings)
        return certenroll_error_set_memory(error);
    count = list_bearings(bearings, inventory);
    qsort(bearings, count, sizeof(*bearings), order_of_bearings);
    for (size_t i = 1; i <= count; i++) {
        if (i < count && ce_buffer_equal(&bearings[i].id, &bearings[first].id))
            continue;
        mark_group(&bearings[first], &bearings[i]);
        first = i;
    }
    free(bearings);
    return CERTENROLL_OK;
}

int ce_inventory_mark(certenroll_inventory *inventory, const certenroll_token *token,
                      const certenroll_inventory_options *options, certenroll_error **error)
{
    struct marking marking = { token, options, ce_now() };

    for (size_t i = 0; i < inventory->count; i++)
        inventory->entries[i].mark = mark_of(&inventory->entries[i], &marking);
    return mark_duplicates(inventory, error);
}

certenroll_mark certenroll_entry_mark(const certenroll_entry *entry)
{
    return entry->mark;
}

int certenroll_entry_has_duplicate_id(const certenroll_entry *entry)
{
    return entry->has_duplicate_id;
}

const char *certenroll_mark_name(certenroll_mark mark)
{
    static const char *const names[] = {
        [CERTENROLL_MARK_VALID] = "valid",
        [CERTENROLL_MARK_DUE] = "due",
        [CERTENROLL_MARK_EXPIRED] = "expired",
        [CERTENROLL_MARK_NOT_YET_VALID] = "not-yet-valid",
        [CERTENROLL_MARK_UNFINISHED] = "unfinished",
        [CERTENROLL_MARK_ORPHAN_KEY] = "orphan-key",
        [CERTENROLL_MARK_ORPHAN_CERTIFICATE] = "orphan-certificate",
        [CERTENROLL_MARK_CA] = "ca",
    };
    size_t index = (size_t)mark;

    return index < sizeof(names) / sizeof(names[0]) && names[index] ? names[index] : "unknown";
}
