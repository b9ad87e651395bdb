/* SPDX-License-Identifier: Apache-2.0 */
/* How the entries of an inventory stand: by what unfinished enrolments say, by which half is there,
 * by the certificate's dates; and CKA_IDs that two keys share. */
#include "base/platform.h"
#include "enroll/inventory.h"
#include "journal/journal.h"

#include <openssl/err.h>

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
static int bears(const certenroll_entry *entry, const void *id, size_t id_length)
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
    if (!bears(entry, record->id.data, record->id.length))
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

/* Keys of a kind that OpenSSL does not know have no certificates, so each is in one entry. */
static int is_same_key(const certenroll_entry *one, const certenroll_entry *other)
{
    int same;

    if (one->key && one->key == other->key)
        return 1;
    if (!one->public_key || !other->public_key)
        return 0;
    ERR_set_mark();
    same = EVP_PKEY_eq(one->public_key, other->public_key) == 1;
    ERR_pop_to_mark();
    return same;
}

static int has_duplicate(const certenroll_inventory *inventory, const certenroll_entry *entry)
{
    size_t length = 0;
    const unsigned char *id = entry->key ? certenroll_key_get_id(entry->key, &length) : NULL;

    for (size_t i = 0; i < inventory->count; i++) {
        const certenroll_entry *other = &inventory->entries[i];

        if (other != entry &&
            (bears(other, id, length) || bears(other, entry->id.data, entry->id.length)) &&
            !is_same_key(entry, other))
            return 1;
    }
    return 0;
}

void ce_inventory_mark(certenroll_inventory *inventory, const certenroll_token *token,
                       const certenroll_inventory_options *options)
{
    struct marking marking = { token, options, ce_now() };

    for (size_t i = 0; i < inventory->count; i++) {
        certenroll_entry *entry = &inventory->entries[i];

        entry->mark = mark_of(entry, &marking);
        entry->has_duplicate_id = has_duplicate(inventory, entry);
    }
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
