/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/record_fields.h"

#include "journal/journal.h"

#include <string.h>

#define ANCHORS_MAX 1024 /* as certenroll_anchors_new() takes */
#define CHAIN_MAX CE_RECORD_CHAIN_MAX
#define ALT_NAMES_MAX 64 /* as a request takes */
#define FORMER_MAX CE_RECORD_FORMER_MAX
#define REVOKE_MAX CE_RECORD_REVOKE_MAX

/* --- the journal's own name --- */

static int write_name(struct ce_buffer *out, const void *value, size_t index)
{
    (void)index;
    return ce_journal_name_is_valid(value) ? ce_field_put_word(out, value) : CERTENROLL_E_ARGUMENT;
}

static int read_name(void *value, const struct ce_buffer *text)
{
    char *name = value;

    if (text->length > CE_JOURNAL_NAME_MAX)
        return CERTENROLL_E_JOURNAL;
    memcpy(name, text->data, text->length);
    name[text->length] = '\0';
    return ce_journal_name_is_valid(name) ? CERTENROLL_OK : CERTENROLL_E_JOURNAL;
}

static const struct ce_field_kind name_kind = { ce_field_count_one, write_name, read_name };

/* --- names of values --- */

static const char *operation_name(int64_t value)
{
    return value >= CERTENROLL_ENROLL && value <= CERTENROLL_REKEY
               ? certenroll_operation_name((certenroll_operation)value)
               : NULL;
}

static const char *state_name(int64_t value)
{
    return value >= CERTENROLL_STATE_NEW && value <= CERTENROLL_STATE_RECEIVED
               ? certenroll_state_name((certenroll_state)value)
               : NULL;
}

static const char *key_type_name(int64_t value)
{
    return (value >= CERTENROLL_KEY_RSA_2048 && value <= CERTENROLL_KEY_ED25519) ||
                   value == CERTENROLL_KEY_OTHER
               ? certenroll_key_type_name((certenroll_key_type)value)
               : NULL;
}

static const char *retirement_name(int64_t value)
{
    switch (value) {
    case CERTENROLL_RETIRE_DELETE:
        return "delete";
    case CERTENROLL_RETIRE_AT_EXPIRY:
        return "at-expiry";
    case CERTENROLL_RETIRE_KEEP:
        return "keep";
    default:
        return NULL;
    }
}

/* Of the statuses that a certificate is refused with, with their sign changed. */
static const char *refused_name(int64_t value)
{
    return value >= -CERTENROLL_E_CERT_MALFORMED && value <= -CERTENROLL_E_CERT_ALGORITHM
               ? certenroll_status_name((int)-value)
               : NULL;
}

/* The value, up to `last`, that bears the name; -1: none. */
static int64_t named(const char *(*name_of)(int64_t), int64_t last, const struct ce_buffer *text)
{
    for (int64_t value = 0; value <= last; value++) {
        const char *name = name_of(value);

        if (name && ce_field_is_word(text, name))
            return value;
    }
    return -1;
}

/* The kind of a member of the type, whose values up to `last` have the names of NAME_name(). */
#define NAMED(name, type, last, count)                                                             \
    static int write_##name(struct ce_buffer *out, const void *value, size_t index)                \
    {                                                                                              \
        (void)index;                                                                               \
        return ce_field_put_word(out, name##_name((int64_t) * (const type *)value));               \
    }                                                                                              \
    static int read_##name(void *value, const struct ce_buffer *text)                              \
    {                                                                                              \
        int64_t found = named(name##_name, last, text);                                            \
        if (found < 0)                                                                             \
            return CERTENROLL_E_JOURNAL;                                                           \
        *(type *)value = (type)found;                                                              \
        return CERTENROLL_OK;                                                                      \
    }                                                                                              \
    static const struct ce_field_kind name##_kind = { count, write_##name, read_##name };

NAMED(operation, certenroll_operation, CERTENROLL_REKEY, ce_field_count_one)
NAMED(state, certenroll_state, CERTENROLL_STATE_RECEIVED, ce_field_count_one)
/* 0: not known before the present pair was found. */
NAMED(key_type, int64_t, CERTENROLL_KEY_OTHER, ce_field_count_number)
NAMED(retirement, int64_t, CERTENROLL_RETIRE_KEEP, ce_field_count_one)
NAMED(refused, int64_t, -CERTENROLL_E_CERT_ALGORITHM, ce_field_count_number)

/* --- the table --- */

#define MUST(name, kind, member)                                                                   \
    {                                                                                              \
        name, &(kind), offsetof(struct ce_record, member), 1, 1, 1                                 \
    }
#define MAY(name, kind, member)                                                                    \
    {                                                                                              \
        name, &(kind), offsetof(struct ce_record, member), 0, 1, 1                                 \
    }
#define LIST(name, kind, member, least, most)                                                      \
    {                                                                                              \
        name, &(kind), offsetof(struct ce_record, member), least, most, 1                          \
    }
/* Brought by version 2; without them a journal of version 1 says the same. */
#define SINCE_2(name, kind, member, most)                                                          \
    {                                                                                              \
        name, &(kind), offsetof(struct ce_record, member), 0, most, 2                              \
    }

const struct ce_field ce_fields[] = {
    MUST("name", name_kind, name),
    MUST("operation", operation_kind, operation),
    MUST("state", state_kind, state),
    MUST("begun-at", ce_kind_time, begun_at),
    MUST("updated-at", ce_kind_time, updated_at),
    MUST("keep-journal", ce_kind_flag, keep_journal),
    MUST("token-uri", ce_kind_text, token_uri),
    MAY("token-label", ce_kind_text, token_label),
    MAY("token-serial", ce_kind_text, token_serial),
    MAY("module", ce_kind_text, module),
    MUST("id", ce_kind_id, id),
    MAY("key-type", key_type_kind, key_type),
    MAY("label", ce_kind_text, label),
    MUST("id-is-random", ce_kind_flag, id_is_random),
    MUST("key-is-ours", ce_kind_flag, key_is_ours),
    SINCE_2("former-id", ce_kind_ids, former_ids, FORMER_MAX),
    MAY("public-key", ce_kind_der, public_key),
    MUST("retirement", retirement_kind, retirement),
    MAY("present-id", ce_kind_id, present_id),
    MAY("present", ce_kind_der, present),
    LIST("present-chain", ce_kind_ders, present_chain, 0, CHAIN_MAX),
    MAY("retire-at", ce_kind_time, retire_at),
    MAY("url", ce_kind_text, url),
    MAY("username", ce_kind_text, username),
    LIST("anchor", ce_kind_ders, anchors, 1, ANCHORS_MAX),
    LIST("tls-anchor", ce_kind_ders, tls_anchors, 0, ANCHORS_MAX),
    SINCE_2("former-url", ce_kind_texts, former_urls, FORMER_MAX),
    MAY("subject", ce_kind_text, subject),
    LIST("alt-name", ce_kind_texts, alt_names, 0, ALT_NAMES_MAX),
    MAY("key-usage", ce_kind_number, key_usage),
    MAY("extended-key-usage", ce_kind_text, extended_key_usage),
    MUST("ca-names", ce_kind_flag, ca_names),
    SINCE_2("another", ce_kind_number, another, 1),
    MAY("request", ce_kind_der, request),
    MAY("retry-at", ce_kind_time, retry_at),
    SINCE_2("received", ce_kind_ders, received, CHAIN_MAX),
    SINCE_2("refused", refused_kind, refused, 1),
    SINCE_2("refused-why", ce_kind_text, refused_why, 1),
    MAY("issued", ce_kind_der, issued),
    MUST("issued-was-there", ce_kind_flag, issued_was_there),
    LIST("chain", ce_kind_ders, chain, 0, CHAIN_MAX),
    SINCE_2("revoke-replaced", ce_kind_yes, revoke_replaced, 1),
    SINCE_2("revoke-reason", ce_kind_number, revoke_reason, 1),
    SINCE_2("revoke", ce_kind_ders, revoke, REVOKE_MAX),
};
const size_t ce_fields_count = sizeof(ce_fields) / sizeof(ce_fields[0]);

const void *ce_field_in(const struct ce_field *field, const struct ce_record *record)
{
    return (const char *)record + field->offset;
}
