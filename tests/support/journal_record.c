/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_record.h"

#include "check.h"

#include <stdlib.h>

static void text(char **out, const char *value)
{
    assert_int_equal(ce_string_copy(out, value, NULL), CERTENROLL_OK);
}

static void bytes(struct ce_buffer *out, const char *value, size_t length)
{
    assert_int_equal(ce_buffer_set(out, value, length, NULL), CERTENROLL_OK);
}

static void blob(struct ce_blobs *out, const char *value, size_t length)
{
    assert_int_equal(ce_blobs_add(out, value, length, NULL), CERTENROLL_OK);
}

static void alt_name(struct ce_record *record, const char *value)
{
    assert_int_equal(ce_texts_add(&record->alt_names, value, NULL), CERTENROLL_OK);
}

void journal_record_small(struct ce_record *record, const char *name)
{
    memset(record, 0, sizeof(*record));
    memcpy(record->name, name, strlen(name) + 1);
    record->operation = CERTENROLL_ENROLL;
    record->state = CERTENROLL_STATE_NEW;
    record->begun_at = 1780000000;
    record->updated_at = 1780000001;
    record->key_type = CERTENROLL_KEY_P256;
    record->id_is_random = 1;
    record->key_is_ours = 1;
    text(&record->token_uri, "pkcs11:token=bank");
    text(&record->subject, "CN=a");
    bytes(&record->id, "\x01\x80\xff", 3);
    blob(&record->anchors, "0\x03\x02\x01\x00", 5);
}

static void fill_odd_texts(struct ce_record *record)
{
    text(&record->token_label, "100% \xe5\x88\xa9\xe7\x94\xa8\xe8\x80\x85: card");
    text(&record->token_serial, "");
    text(&record->module, "/opt/caf\xe9/lib.so"); /* a path need not be UTF-8 */
    text(&record->label, "  two spaces: before and behind  ");
    text(&record->url, "https://ra.example/.well-known/est/%20");
    text(&record->username, "line\nsha256: 00\r\n\ttab");
    assert_int_equal(ce_texts_add(&record->former_urls, record->url, NULL), CERTENROLL_OK);
    text(&record->extended_key_usage, "clientAuth,emailProtection");
    alt_name(record, "email:\xe6\xbc\xa2@example.test");
    alt_name(record, " ");
    alt_name(record, "\xe2\x80\xaegnp.exe \x7f\x01");
}

static void fill_certificates(struct ce_record *record)
{
    char big[5000];

    for (size_t i = 0; i < sizeof(big); i++)
        big[i] = (char)(i * 7 + i / 256);
    bytes(&record->present_id, "\x00\x01", 2);
    bytes(&record->present, big, sizeof(big));
    bytes(&record->request, "\x30\x00", 2);
    bytes(&record->public_key, "a public key", 12);
    bytes(&record->issued, big, sizeof(big) - 1);
    blob(&record->present_chain, big, 48);
    blob(&record->anchors, big, 47);
    blob(&record->tls_anchors, big, 49);
    blob(&record->chain, "\x00", 1);
    blob(&record->chain, big, sizeof(big) - 2);
    blob(&record->received, big, 52);
    blob(&record->received, big, 53);
    blob(&record->revoke, big, 50);
    blob(&record->revoke, big, 51);
    blob(&record->former_ids, "\x02", 1);
    blob(&record->former_ids, "\xff\x00", 2);
}

void journal_record_full(struct ce_record *record, const char *name)
{
    journal_record_small(record, name);
    record->operation = CERTENROLL_REKEY;
    record->state = CERTENROLL_STATE_CONFIRMED;
    record->key_type = CERTENROLL_KEY_OTHER;
    record->retirement = CERTENROLL_RETIRE_AT_EXPIRY;
    record->retire_at = INT64_C(253402300799);
    record->retry_at = 951782399; /* 2000-02-28T23:59:59Z */
    record->key_usage = INT64_C(0xffffffff);
    record->ca_names = 1;
    record->another = 1;
    record->refused = -CERTENROLL_E_CERT_NAME;
    text(&record->refused_why, "it has \"b\"\nnot asked for");
    record->revoke_replaced = 1;
    record->revoke_reason = CERTENROLL_REVOKE_SUPERSEDED;
    fill_odd_texts(record);
    fill_certificates(record);
}

/* --- comparing --- */

static void same_text(const char *one, const char *other)
{
    assert_int_equal(one == NULL, other == NULL);
    if (one)
        assert_string_equal(one, other);
}

static void same_bytes(const struct ce_buffer *one, const struct ce_buffer *other)
{
    assert_int_equal(one->length, other->length);
    if (one->length > 0)
        assert_memory_equal(one->data, other->data, one->length);
}

static void same_blobs(const struct ce_blobs *one, const struct ce_blobs *other)
{
    assert_int_equal(one->count, other->count);
    for (size_t i = 0; i < one->count; i++)
        same_bytes(&one->list[i], &other->list[i]);
}

static void same_request(const struct ce_record *one, const struct ce_record *other)
{
    same_text(one->subject, other->subject);
    assert_int_equal(one->alt_names.count, other->alt_names.count);
    for (size_t i = 0; i < one->alt_names.count; i++)
        same_text(one->alt_names.list[i], other->alt_names.list[i]);
    assert_true(one->key_usage == other->key_usage);
    same_text(one->extended_key_usage, other->extended_key_usage);
    assert_int_equal(one->ca_names, other->ca_names);
}

static void same_certificates(const struct ce_record *one, const struct ce_record *other)
{
    same_bytes(&one->present_id, &other->present_id);
    same_bytes(&one->present, &other->present);
    same_blobs(&one->present_chain, &other->present_chain);
    same_blobs(&one->anchors, &other->anchors);
    same_blobs(&one->tls_anchors, &other->tls_anchors);
    same_bytes(&one->request, &other->request);
    same_bytes(&one->public_key, &other->public_key);
    same_bytes(&one->issued, &other->issued);
    same_blobs(&one->chain, &other->chain);
    same_blobs(&one->received, &other->received);
}

void journal_record_assert_same(const struct ce_record *one, const struct ce_record *other)
{
    assert_string_equal(one->name, other->name);
    assert_int_equal(one->operation, other->operation);
    assert_int_equal(one->state, other->state);
    assert_true(one->begun_at == other->begun_at && one->updated_at == other->updated_at);
    assert_true(one->retire_at == other->retire_at && one->retry_at == other->retry_at);
    same_text(one->token_uri, other->token_uri);
    same_text(one->token_label, other->token_label);
    same_text(one->token_serial, other->token_serial);
    same_text(one->module, other->module);
    same_bytes(&one->id, &other->id);
    assert_true(one->key_type == other->key_type && one->retirement == other->retirement);
    same_text(one->label, other->label);
    assert_int_equal(one->id_is_random, other->id_is_random);
    assert_int_equal(one->key_is_ours, other->key_is_ours);
    same_text(one->url, other->url);
    same_text(one->username, other->username);
    same_request(one, other);
    same_certificates(one, other);
    same_blobs(&one->former_ids, &other->former_ids);
    same_blobs(&one->revoke, &other->revoke);
    assert_int_equal(one->former_urls.count, other->former_urls.count);
    for (size_t i = 0; i < one->former_urls.count; i++)
        assert_string_equal(one->former_urls.list[i], other->former_urls.list[i]);
    assert_int_equal(one->another, other->another);
    assert_true(one->refused == other->refused);
    same_text(one->refused_why, other->refused_why);
    assert_int_equal(one->revoke_replaced, other->revoke_replaced);
    assert_true(one->revoke_reason == other->revoke_reason);
}
