/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a journal: what is written is read again as it was, and nothing else is read. */
#include "check.h"
#include "journal/journal.h"
#include "journal/record.h"
#include "journal_record.h"

#include <openssl/sha.h>

#include <stdio.h>
#include <stdlib.h>

/* --- writing and reading --- */

static struct ce_buffer format(const struct ce_record *record)
{
    struct ce_buffer out = { 0 };
    certenroll_error *error = NULL;

    assert_ok(ce_record_format(&out, record, &error), error);
    return out;
}

/* The small record's text as a string, up to its checksum; freed by the caller. */
static char *small_body(void)
{
    struct ce_record record;
    struct ce_buffer out;
    char *body, *checksum;

    journal_record_small(&record, "small");
    out = format(&record);
    body = (char *)out.data;
    checksum = strstr(body, "sha256: ");
    assert_non_null(checksum);
    *checksum = '\0';
    ce_record_clear(&record);
    return body;
}

static struct ce_buffer seal(const char *body, size_t length)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    struct ce_buffer out = { 0 };
    char line[80] = "sha256: ";

    assert_non_null(SHA256((const unsigned char *)body, length, digest));
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(line + 8 + 2 * i, 3, "%02x", digest[i]);
    strcat(line, "\n");
    assert_int_equal(ce_buffer_append(&out, body, length, SIZE_MAX), 0);
    assert_int_equal(ce_buffer_append(&out, line, strlen(line), SIZE_MAX), 0);
    return out;
}

/* Refused, the record left empty; the error says `word`. */
static void assert_refused(const struct ce_buffer *text, const char *word)
{
    static const struct ce_record nothing;
    struct ce_record record;
    certenroll_error *error = NULL;

    assert_int_equal(ce_record_parse(&record, text, &error), CERTENROLL_E_JOURNAL);
    assert_memory_equal(&record, &nothing, sizeof(record));
    if (!strstr(certenroll_error_message(error), word))
        print_error("not \"%s\": %s\n", word, certenroll_error_message(error));
    assert_non_null(strstr(certenroll_error_message(error), word));
    certenroll_error_free(error);
}

static void assert_body_refused(const char *body, const char *word)
{
    struct ce_buffer text = seal(body, strlen(body));

    assert_refused(&text, word);
    ce_buffer_clear(&text);
}

/* The small body with `old` replaced by `new` once. */
static void assert_change_refused(const char *old, const char *new, const char *word)
{
    char *body = small_body(), changed[4096], *at = strstr(body, old);

    assert_non_null(at);
    snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - body), body, new, at + strlen(old));
    assert_body_refused(changed, word);
    free(body);
}

static void test_every_field_comes_back_as_it_was(void **state)
{
    struct ce_record record, read;
    certenroll_error *error = NULL;
    struct ce_buffer text, again;

    (void)state;
    journal_record_full(&record, "full-1");
    text = format(&record);
    assert_ok(ce_record_parse(&read, &text, &error), error);
    journal_record_assert_same(&record, &read);
    again = format(&read);
    assert_int_equal(text.length, again.length);
    assert_memory_equal(text.data, again.data, text.length);
    ce_buffer_clear(&again);
    ce_buffer_clear(&text);
    ce_record_clear(&read);
    ce_record_clear(&record);
}

static void test_the_text_is_for_people_too(void **state)
{
    struct ce_record record;
    struct ce_buffer text;
    const char *shown;

    (void)state;
    journal_record_full(&record, "full-1");
    text = format(&record);
    shown = (const char *)text.data;
    assert_ptr_equal(strstr(shown, "certenroll-journal 2\nname: full-1\noperation: rekey\n"),
                     shown);
    assert_non_null(strstr(shown, "\nstate: CONFIRMED\nbegun-at: 2026-05-28T20:26:40Z\n"));
    assert_non_null(
        strstr(shown, "\ntoken-label: 100%25 \xe5\x88\xa9\xe7\x94\xa8\xe8\x80\x85: card\n"));
    assert_non_null(strstr(shown, "\nmodule: /opt/caf%e9/lib.so\n"));
    assert_non_null(strstr(shown, "\nlabel: %20 two spaces: before and behind %20\n"));
    assert_non_null(strstr(shown, "\nusername: line%0asha256: 00%0d%0a%09tab\n"));
    assert_non_null(strstr(shown, "\nid: 0180ff\n"));
    assert_non_null(strstr(shown, "\nretry-at: 2000-02-28T23:59:59Z\n"));
    assert_non_null(strstr(shown, "\nretirement: at-expiry\n"));
    assert_non_null(strstr(shown, "\nretire-at: 9999-12-31T23:59:59Z\n"));
    assert_non_null(strstr(shown, "\nrequest: MAA=\n"));
    for (size_t i = 0; i < text.length; i++)
        assert_true(text.data[i] == '\n' || (text.data[i] >= ' ' && text.data[i] != 0x7f));
    ce_buffer_clear(&text);
    ce_record_clear(&record);
}

/* Each day of some years with and without a leap day, at odd seconds. */
static void test_times_come_back_as_they_were(void **state)
{
    static const int64_t starts[] = { 1, 68169600, 946684800, 4102444799, 253370764800 };
    struct ce_record record, read;

    (void)state;
    journal_record_small(&record, "small");
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        for (int64_t day = 0; day < 364; day++) {
            struct ce_buffer text;

            record.retry_at = starts[i] + day * 86400 + day;
            text = format(&record);
            assert_int_equal(ce_record_parse(&read, &text, NULL), CERTENROLL_OK);
            assert_true(read.retry_at == record.retry_at);
            ce_buffer_clear(&text);
            ce_record_clear(&read);
        }
    }
    ce_record_clear(&record);
}

/* --- torn, altered, newer --- */

static void test_every_byte_that_changes_is_noticed(void **state)
{
    struct ce_record record, read;
    struct ce_buffer text;

    (void)state;
    journal_record_small(&record, "small");
    text = format(&record);
    for (size_t i = 0; i < text.length; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text.data[i] ^= (unsigned char)(1U << bit);
            assert_int_equal(ce_record_parse(&read, &text, NULL), CERTENROLL_E_JOURNAL);
            text.data[i] ^= (unsigned char)(1U << bit);
        }
    }
    assert_int_equal(ce_record_parse(&read, &text, NULL), CERTENROLL_OK);
    ce_record_clear(&read);
    ce_buffer_clear(&text);
    ce_record_clear(&record);
}

/* Each length in memory of its own, so that reading beyond it is seen by the sanitizer. */
static void test_every_truncation_is_called_torn(void **state)
{
    struct ce_record record;
    struct ce_buffer text;

    (void)state;
    journal_record_small(&record, "small");
    text = format(&record);
    for (size_t length = 0; length < text.length; length++) {
        struct ce_buffer cut = { malloc(length ? length : 1), length };

        assert_non_null(cut.data);
        memcpy(cut.data, text.data, length);
        assert_refused(&cut, "torn");
        free(cut.data);
    }
    ce_buffer_clear(&text);
    ce_record_clear(&record);
}

static void test_bytes_behind_the_end_are_noticed(void **state)
{
    struct ce_record record;
    struct ce_buffer text;

    (void)state;
    journal_record_small(&record, "small");
    text = format(&record);
    assert_int_equal(ce_buffer_append(&text, "\n", 1, SIZE_MAX), 0);
    assert_refused(&text, "torn");
    ce_buffer_clear(&text);
    ce_record_clear(&record);
}

static void test_what_is_wrong_is_said(void **state)
{
    struct ce_buffer text = seal("certenroll-journal 2\n", 21);

    (void)state;
    text.data[text.length - 2] = 'x';
    assert_refused(&text, "altered");
    ce_buffer_clear(&text);
    assert_body_refused("certenroll-journal 2\nname: small", "torn");
    assert_body_refused("certenroll-journal 3\nfuture: yes\n", "newer version");
    assert_body_refused("certenroll-journal 22345678901234567890\n", "newer version");
    assert_body_refused("certenroll-journal 0\n", "not a journal");
    assert_body_refused("certenroll-journal 2 \n", "not a journal");
    assert_body_refused("-----BEGIN CERTIFICATE-----\n", "not a journal");
}

/* A journal of 0.1 says the same, and has nothing of what came after it. */
static void test_journals_of_version_1_are_read(void **state)
{
    char *body = small_body();
    struct ce_record record, read;
    certenroll_error *error = NULL;
    struct ce_buffer text;

    (void)state;
    body[strlen("certenroll-journal ")] = '1';
    text = seal(body, strlen(body));
    journal_record_small(&record, "small");
    assert_ok(ce_record_parse(&read, &text, &error), error);
    journal_record_assert_same(&record, &read);
    ce_record_clear(&read);
    ce_record_clear(&record);
    ce_buffer_clear(&text);
    free(body);
    assert_body_refused("certenroll-journal 1\nname: small", "torn");
    assert_change_refused("certenroll-journal 2\n", "certenroll-journal 1\nanother: yes\n",
                          "there is no such field");
}

/* --- a right checksum over what no enrolment has written --- */

static void test_lines_have_one_order(void **state)
{
    (void)state;
    assert_body_refused("certenroll-journal 2\n", "\"name\": it is missing");
    assert_change_refused("id: 0180ff\n", "", "\"id\": it is missing");
    assert_change_refused("anchor: MAMCAQA=\n", "", "\"anchor\": it is missing");
    assert_change_refused("ca-names: no\n", "", "\"ca-names\": it is missing");
    assert_change_refused("id: 0180ff\n", "id: 0180ff\nid: 0180ff\n",
                          "\"id\": it is there too often");
    assert_change_refused("key-is-ours: yes\n", "key-is-ours: yes\nlabel: x\n", "wrong place");
    assert_change_refused("operation: enroll\nstate: NEW\n", "state: NEW\noperation: enroll\n",
                          "line 3, \"operation\": it is missing");
    assert_change_refused(
        "subject: ", "colour: red\nsubject: ", "\"colour\": there is no such field");
    assert_change_refused("subject: ", "\nsubject: ", "there is no such field");
    assert_change_refused("subject: ", "esc\x1b[31m: 1\nsubject: ", "\"esc?[31m\"");
}

static void test_values_have_one_form(void **state)
{
    static const struct {
        const char *old, *new, *word;
    } changes[] = {
        { "id: 0180ff", "id: 0180FF", "\"id\"" },
        { "id: 0180ff", "id: 0180f", "\"id\"" },
        { "id: 0180ff", "id: ", "\"id\"" },
        { "id: 0180ff", "id:0180ff", "\"id\"" },
        { "id: 0180ff", "id", "no such field" },
        { "id: 0180ff", "id:", "\"id\"" },
        { "operation: enroll", "operation: unknown", "line 3, \"operation\"" },
        { "operation: enroll", "operation: enroll ", "line 3, \"operation\"" },
        { "state: NEW", "state: UNKNOWN", "\"state\"" },
        { "state: NEW", "state: new", "\"state\"" },
        { "key-type: P-256", "key-type: p-256", "\"key-type\"" },
        { "retirement: delete", "retirement: burn", "\"retirement\"" },
        { "key-is-ours: yes", "key-is-ours: 1", "\"key-is-ours\"" },
        { "begun-at: 2026-05-28T20:26:40Z", "begun-at: 2026-05-28T20:26:60Z", "\"begun-at\"" },
        { "begun-at: 2026-05-28T20:26:40Z", "begun-at: 2026-02-30T20:26:40Z", "\"begun-at\"" },
        { "begun-at: 2026-05-28T20:26:40Z", "begun-at: 2026-13-28T20:26:40Z", "\"begun-at\"" },
        { "begun-at: 2026-05-28T20:26:40Z", "begun-at: 1970-01-01T00:00:00Z", "\"begun-at\"" },
        { "begun-at: 2026-05-28T20:26:40Z", "begun-at: 2026-05-28 20:26:40Z", "\"begun-at\"" },
        { "begun-at: 2026-05-28T20:26:40Z", "begun-at: 2026-05-28T20:26:40+", "\"begun-at\"" },
        { "MAMCAQA=", "MAMCAQB=", "\"anchor\"" },
        { "MAMCAQA=", "MAMC AQA=", "\"anchor\"" },
        { "MAMCAQA=", "MAMCAQA", "\"anchor\"" },
        { "MAMCAQA=", "%%", "\"anchor\"" },
        { "subject: CN=a", "subject:  CN=a", "\"subject\"" },
        { "subject: CN=a", "subject: CN=a%", "\"subject\"" },
        { "subject: CN=a", "subject: CN=a%0", "\"subject\"" },
        { "subject: CN=a", "subject: CN=a%00", "\"subject\"" },
        { "subject: CN=a", "subject: CN=a%0A", "\"subject\"" },
        { "subject: CN=a", "subject: CN=%61", "\"subject\"" },
        { "subject: CN=a", "subject: CN=a\r", "\"subject\"" },
        { "subject: CN=a", "subject: CN=\xff", "\"subject\"" },
        { "subject: CN=a", "subject: CN=\xe2\x80\xae", "\"subject\"" },
        { "ca-names: no", "key-usage: 01\nca-names: no", "\"key-usage\"" },
        { "ca-names: no", "key-usage: 0\nca-names: no", "\"key-usage\"" },
        { "ca-names: no", "key-usage: -1\nca-names: no", "\"key-usage\"" },
        { "ca-names: no", "key-usage: 4294967296\nca-names: no", "\"key-usage\"" },
        { "ca-names: no", "key-usage: 99999999999\nca-names: no", "\"key-usage\"" },
        { "name: small", "name: Small", "\"name\"" },
        { "name: small", "name: ../small", "\"name\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        assert_change_refused(changes[i].old, changes[i].new, changes[i].word);
}

static void test_a_nul_is_no_text(void **state)
{
    char *body = small_body(), *at = strstr(body, "CN=a");
    size_t length = strlen(body);
    struct ce_buffer text;

    (void)state;
    assert_non_null(at);
    at[3] = '\0';
    text = seal(body, length);
    assert_refused(&text, "\"subject\"");
    ce_buffer_clear(&text);
    free(body);
}

static void test_sizes_have_limits(void **state)
{
    char *body = small_body(), *big = malloc(200000), *at = strstr(body, "ca-names");
    char name[] = "\nname: 0123456789012345678901234567890123456789012345678901234567890123x\n";
    size_t used;

    (void)state;
    assert_non_null(big);
    assert_change_refused("\nname: small\n", name, "\"name\"");

    snprintf(big, 200000, "id: %0130d\n", 0);
    assert_change_refused("id: 0180ff\n", big, "\"id\"");

    used = (size_t)snprintf(big, 200000, "%.*s", (int)(at - body), body);
    for (int i = 0; i < 65; i++)
        used += (size_t)snprintf(big + used, 200000 - used, "alt-name: DNS:a%d.example\n", i);
    snprintf(big + used, 200000 - used, "%s", at);
    assert_body_refused(big, "\"alt-name\": it is there too often");

    at = strstr(body, "CN=a");
    used = (size_t)snprintf(big, 200000, "%.*s", (int)(at - body), body);
    memset(big + used, 'a', 16385);
    snprintf(big + used + 16385, 200000 - used - 16385, "%s", at + 4);
    assert_body_refused(big, "\"subject\"");
    free(big);
    free(body);
}

/* --- states that need what is not there --- */

static void assert_state_needs(certenroll_operation operation, certenroll_state reached,
                               const char *field)
{
    const char *name = certenroll_state_name(reached);
    char state[64];
    struct ce_record record;
    struct ce_buffer out = { 0 };
    certenroll_error *error = NULL;

    journal_record_small(&record, "small");
    record.operation = operation;
    record.state = reached;
    assert_fails(ce_record_format(&out, &record, &error), CERTENROLL_E_INTERNAL, error);
    assert_null(out.data);
    ce_record_clear(&record);
    if (operation == CERTENROLL_ENROLL) {
        snprintf(state, sizeof(state), "state: %s", name);
        assert_change_refused("state: NEW", state, field);
    }
}

static void test_a_state_has_what_led_to_it(void **state)
{
    static const certenroll_state signed_states[] = {
        CERTENROLL_STATE_CSR_SIGNED, CERTENROLL_STATE_SUBMITTED, CERTENROLL_STATE_PENDING,
        CERTENROLL_STATE_REJECTED,   CERTENROLL_STATE_ISSUED,    CERTENROLL_STATE_INSTALLED,
        CERTENROLL_STATE_CONFIRMED,  CERTENROLL_STATE_RETIRED,   CERTENROLL_STATE_RECEIVED
    };

    (void)state;
    for (size_t i = 0; i < sizeof(signed_states) / sizeof(signed_states[0]); i++)
        assert_state_needs(CERTENROLL_ENROLL, signed_states[i], "\"request\": it is missing");
    assert_state_needs(CERTENROLL_RENEW, CERTENROLL_STATE_NEW, "present-id");
    assert_state_needs(CERTENROLL_REKEY, CERTENROLL_STATE_ABANDONED, "present-id");
    assert_change_refused("subject: CN=a\n", "", "\"subject\": it is missing");
    assert_change_refused("key-type: P-256\n", "", "\"key-type\": it is missing");
    assert_change_refused("operation: enroll", "operation: renew", "\"present-id\": it is missing");
}

static void test_a_replacement_knows_what_it_replaces(void **state)
{
    struct ce_record record;
    struct ce_buffer out = { 0 };

    (void)state;
    journal_record_full(&record, "full");
    record.state = CERTENROLL_STATE_KEY_READY;
    ce_buffer_clear(&record.present);
    assert_int_equal(ce_record_format(&out, &record, NULL), CERTENROLL_E_INTERNAL);
    record.state = CERTENROLL_STATE_ABANDONED;
    assert_int_equal(ce_record_format(&out, &record, NULL), CERTENROLL_OK);
    ce_buffer_clear(&out);
    record.state = CERTENROLL_STATE_NEW;
    assert_int_equal(ce_record_format(&out, &record, NULL), CERTENROLL_OK);
    ce_buffer_clear(&out);
    ce_record_clear(&record);
}

static void test_what_was_received_is_there(void **state)
{
    struct ce_record record;
    struct ce_buffer out = { 0 };

    (void)state;
    journal_record_full(&record, "full");
    record.state = CERTENROLL_STATE_RECEIVED;
    assert_int_equal(ce_record_format(&out, &record, NULL), CERTENROLL_OK);
    ce_buffer_clear(&out);
    ce_blobs_clear(&record.received);
    assert_int_equal(ce_record_format(&out, &record, NULL), CERTENROLL_E_INTERNAL);
    ce_record_clear(&record);
}

/* --- what cannot be written --- */

static void test_a_record_beyond_the_limits_is_not_written(void **state)
{
    struct ce_record record;
    struct ce_buffer out = { 0 };
    certenroll_error *error = NULL;
    char *text = malloc(20000);

    (void)state;
    assert_non_null(text);
    memset(text, 'x', 19999);
    text[19999] = '\0';
    journal_record_small(&record, "small");
    record.username = text;
    assert_int_equal(ce_record_format(&out, &record, &error), CERTENROLL_E_ARGUMENT);
    assert_non_null(strstr(certenroll_error_message(error), "username"));
    certenroll_error_free(error);
    error = NULL;
    text[16384] = '\0';
    assert_ok(ce_record_format(&out, &record, &error), error);
    ce_buffer_clear(&out);
    record.retry_at = INT64_C(253402300800);
    assert_fails(ce_record_format(&out, &record, &error), CERTENROLL_E_ARGUMENT, error);
    record.retry_at = -1;
    assert_fails(ce_record_format(&out, &record, &error), CERTENROLL_E_ARGUMENT, error);
    record.retry_at = 0;
    record.begun_at = 0;
    assert_fails(ce_record_format(&out, &record, &error), CERTENROLL_E_ARGUMENT, error);
    ce_record_clear(&record);
}

static void test_a_journal_has_a_greatest_length(void **state)
{
    struct ce_record record;
    struct ce_buffer out = { 0 };
    certenroll_error *error = NULL;
    size_t length = 900000;
    char *big = calloc(1, length);

    (void)state;
    assert_non_null(big);
    journal_record_small(&record, "small");
    for (int i = 0; i < 8; i++)
        assert_int_equal(ce_blobs_add(&record.anchors, big, length, NULL), 0);
    assert_fails(ce_record_format(&out, &record, &error), CERTENROLL_E_ARGUMENT, error);
    ce_record_clear(&record);
    free(big);
}

/* --- what is to be revoked --- */

static void test_its_own_certificate_is_never_promised(void **state)
{
    struct ce_record record;
    size_t before;

    (void)state;
    journal_record_full(&record, "full");
    before = record.revoke.count;
    assert_ok(ce_record_promise(&record, &record.issued, NULL), NULL);
    assert_ok(ce_record_promise(&record, &record.revoke.list[0], NULL), NULL);
    assert_int_equal(record.revoke.count, before);
    assert_ok(ce_record_promise(&record, &record.present, NULL), NULL);
    assert_int_equal(record.revoke.count, before + 1);
    ce_record_clear(&record);
}

/* --- finished? --- */

static void test_finished_is_when_nothing_is_left_to_retire_or_revoke(void **state)
{
    struct ce_record record;

    (void)state;
    journal_record_full(&record, "full");
    assert_true(ce_record_has_to_retire(&record) && !ce_record_is_finished(&record));
    record.retirement = CERTENROLL_RETIRE_KEEP;
    assert_false(ce_record_is_finished(&record));
    ce_blobs_remove(&record.revoke, 0);
    assert_false(ce_record_is_finished(&record));
    ce_blobs_remove(&record.revoke, 0);
    assert_true(!ce_record_has_to_retire(&record) && ce_record_is_finished(&record));
    record.retirement = CERTENROLL_RETIRE_DELETE;
    assert_true(ce_record_has_to_retire(&record) && !ce_record_is_finished(&record));
    record.state = CERTENROLL_STATE_RETIRED;
    assert_true(!ce_record_has_to_retire(&record) && ce_record_is_finished(&record));
    record.state = CERTENROLL_STATE_INSTALLED;
    assert_true(!ce_record_has_to_retire(&record) && !ce_record_is_finished(&record));
    record.state = CERTENROLL_STATE_ABANDONED;
    assert_false(ce_record_is_finished(&record));

    record.state = CERTENROLL_STATE_CONFIRMED;
    record.operation = CERTENROLL_ENROLL;
    assert_true(!ce_record_has_to_retire(&record) && ce_record_is_finished(&record));
    record.operation = CERTENROLL_RENEW;
    record.present.length = record.issued.length; /* now the same bytes */
    assert_true(!ce_record_has_to_retire(&record) && ce_record_is_finished(&record));
    ce_record_clear(&record);
}

static void test_names(void **state)
{
    char longest[CE_JOURNAL_NAME_MAX + 2];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    longest[CE_JOURNAL_NAME_MAX] = '\0';
    assert_true(ce_journal_name_is_valid(longest));
    longest[CE_JOURNAL_NAME_MAX] = 'a';
    longest[CE_JOURNAL_NAME_MAX + 1] = '\0';
    assert_false(ce_journal_name_is_valid(longest));
    assert_true(ce_journal_name_is_valid("a-1"));
    assert_false(ce_journal_name_is_valid(""));
    assert_false(ce_journal_name_is_valid("A"));
    assert_false(ce_journal_name_is_valid("a.b"));
    assert_false(ce_journal_name_is_valid("a/b"));
    assert_false(ce_journal_name_is_valid("\xe6\xbc\xa2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_comes_back_as_it_was),
        cmocka_unit_test(test_the_text_is_for_people_too),
        cmocka_unit_test(test_times_come_back_as_they_were),
        cmocka_unit_test(test_every_byte_that_changes_is_noticed),
        cmocka_unit_test(test_every_truncation_is_called_torn),
        cmocka_unit_test(test_bytes_behind_the_end_are_noticed),
        cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_journals_of_version_1_are_read),
        cmocka_unit_test(test_its_own_certificate_is_never_promised),
        cmocka_unit_test(test_lines_have_one_order),
        cmocka_unit_test(test_values_have_one_form),
        cmocka_unit_test(test_a_nul_is_no_text),
        cmocka_unit_test(test_sizes_have_limits),
        cmocka_unit_test(test_a_state_has_what_led_to_it),
        cmocka_unit_test(test_a_replacement_knows_what_it_replaces),
        cmocka_unit_test(test_what_was_received_is_there),
        cmocka_unit_test(test_a_record_beyond_the_limits_is_not_written),
        cmocka_unit_test(test_a_journal_has_a_greatest_length),
        cmocka_unit_test(test_finished_is_when_nothing_is_left_to_retire_or_revoke),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
