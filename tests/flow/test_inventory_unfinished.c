/* SPDX-License-Identifier: Apache-2.0 */
/* How an inventory marks what unfinished enrolments have left on a token, by their journals. */
#include "check.h"
#include "furnished_token.h"
#include "journal/journal.h"
#include "scratch.h"

#include <stdlib.h>

static const struct span long_valid = { -1, 365 };

/* With the token's journals. */
static certenroll_inventory *look(struct furnished_token *f)
{
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    certenroll_journal_list *list = NULL;
    certenroll_inventory *inventory;
    certenroll_error *error = NULL;

    assert_ok(certenroll_journal_list_new(&list, f->shimmed.context, f->journals, &error), error);
    options.journals = list;
    inventory = furnished_look(f, &options);
    certenroll_journal_list_free(list);
    return inventory;
}

static void assert_marked(struct furnished_token *f, const char *subject, const char *mark)
{
    certenroll_inventory *inventory = look(f);

    assert_mark(inventory, subject, mark);
    certenroll_inventory_free(inventory);
}

/* --- journals --- */

static void copy(char **out, const char *text)
{
    certenroll_error *error = NULL;

    free(*out);
    assert_ok(ce_string_copy(out, text, &error), error);
}

/* A journal of this token with all that must be in one, of whatever state. Where it does not matter
 * here, the request and certificate are any. */
static struct ce_record record_of(struct furnished_token *f, certenroll_operation operation,
                                  certenroll_state state, const char *id)
{
    const certenroll_token_info *info = certenroll_token_get_info(f->shimmed.token);
    struct ce_record record = { .operation = operation, .state = state, .begun_at = 1 };
    certenroll_error *error = NULL;
    size_t length;
    unsigned char *der = test_der(&length, f->ca.certificate);

    copy(&record.token_uri, certenroll_token_info_uri(info));
    copy(&record.token_label, certenroll_token_info_label(info));
    copy(&record.token_serial, certenroll_token_info_serial(info));
    copy(&record.subject, "CN=journal");
    furnish_bytes(&record.id, id, strlen(id));
    record.key_type = CERTENROLL_KEY_P256;
    record.key_is_ours = operation != CERTENROLL_RENEW;
    record.key_usage = CERTENROLL_USAGE_DIGITAL_SIGNATURE;
    furnish_bytes(&record.request, der, length);
    furnish_bytes(&record.issued, der, length);
    assert_ok(ce_blobs_add(&record.anchors, der, length, &error), error);
    free(der);
    return record;
}

static void set_certificate(struct ce_buffer *out, X509 *certificate)
{
    size_t length;
    unsigned char *der = test_der(&length, certificate);

    furnish_bytes(out, der, length);
    free(der);
}

/* Writes the journal over an earlier one of the name, and clears the record. */
static void write_journal(struct furnished_token *f, const char *name, struct ce_record *record)
{
    struct ce_journal *journal = NULL;
    struct ce_record earlier = { 0 };
    certenroll_error *error = NULL;
    int status = ce_journal_open(&journal, &earlier, f->journals, name, &error);

    if (status == CERTENROLL_E_OBJECT_NOT_FOUND) {
        certenroll_error_free(error);
        error = NULL;
        status = ce_journal_create(&journal, f->journals, name, &error);
    }
    assert_ok(status, error);
    memcpy(record->name, name, strlen(name) + 1);
    assert_ok(ce_journal_write(journal, record, &error), error);
    ce_journal_close(journal);
    ce_record_clear(&earlier);
    ce_record_clear(record);
}

/* --- what they say --- */

static void a_first_enrolments_key_is_unfinished_to_its_end(void **state)
{
    static const struct {
        certenroll_state state;
        const char *mark;
    } rows[] = {
        { CERTENROLL_STATE_NEW, "unfinished" },       { CERTENROLL_STATE_KEY_READY, "unfinished" },
        { CERTENROLL_STATE_PENDING, "unfinished" },   { CERTENROLL_STATE_REJECTED, "unfinished" },
        { CERTENROLL_STATE_ABANDONED, "unfinished" }, { CERTENROLL_STATE_CONFIRMED, "orphan-key" },
        { CERTENROLL_STATE_RETIRED, "orphan-key" },
    };
    struct furnished_token *f = *state;
    EVP_PKEY *key = furnish_key(f, "1");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ce_record record = record_of(f, CERTENROLL_ENROLL, rows[i].state, "1");

        write_journal(f, "enrol", &record);
        assert_marked(f, "", rows[i].mark);
    }
    EVP_PKEY_free(key);
}

static void everything_under_its_id_is_unfinished(void **state)
{
    struct furnished_token *f = *state;
    struct ce_record record =
        record_of(f, CERTENROLL_ENROLL, CERTENROLL_STATE_INSTALLED, "unfinished");
    EVP_PKEY *software = test_key_new("P-256");

    furnish_pair(f, "unfinished", "CN=new", long_valid);
    furnish_issued(f, software, "unfinished", "CN=alone", long_valid);
    furnish_pair(f, "unfinished too", "CN=other", long_valid);
    furnish_certificate(f, f->ca.certificate, "unfinished");
    write_journal(f, "enrol", &record);
    assert_marked(f, "CN=new", "unfinished");
    assert_marked(f, "CN=alone", "unfinished");
    assert_marked(f, "CN=other", "valid");
    assert_marked(f, "CN=Root,O=Test", "ca");
    EVP_PKEY_free(software);
}

static void another_tokens_journals_and_broken_ones_say_nothing(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *key = furnish_key(f, "1");
    struct ce_record record = record_of(f, CERTENROLL_ENROLL, CERTENROLL_STATE_KEY_READY, "1");

    copy(&record.token_serial, "another");
    write_journal(f, "serial", &record);
    record = record_of(f, CERTENROLL_ENROLL, CERTENROLL_STATE_KEY_READY, "1");
    copy(&record.token_label, "another");
    write_journal(f, "label", &record);
    free(scratch_write_text(f->journals, "torn.journal", "certenroll-journal"));
    assert_marked(f, "", "orphan-key");
    EVP_PKEY_free(key);
}

/* Its pair works all the while; only the new certificate is not there until it is proven. */
static void a_renewal_leaves_the_present_pair_as_it_is(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *key = furnish_key(f, "1");
    X509 *present = furnished_issue(f, key, "CN=present", (struct span){ -300, 10 });
    X509 *issued = furnished_issue(f, key, "CN=issued", long_valid);
    struct ce_record record = record_of(f, CERTENROLL_RENEW, CERTENROLL_STATE_NEW, "1");

    furnish_certificate(f, present, "1");
    furnish_bytes(&record.present_id, "1", 1);
    write_journal(f, "renew", &record);
    assert_marked(f, "CN=present", "due");

    record = record_of(f, CERTENROLL_RENEW, CERTENROLL_STATE_ISSUED, "1");
    furnish_bytes(&record.present_id, "1", 1);
    set_certificate(&record.present, present);
    set_certificate(&record.issued, issued);
    write_journal(f, "renew", &record);
    furnish_certificate(f, issued, "1");
    assert_marked(f, "CN=present", "due");
    assert_marked(f, "CN=issued", "unfinished");

    record = record_of(f, CERTENROLL_RENEW, CERTENROLL_STATE_CONFIRMED, "1");
    furnish_bytes(&record.present_id, "1", 1);
    set_certificate(&record.present, present);
    set_certificate(&record.issued, issued);
    write_journal(f, "renew", &record);
    assert_marked(f, "CN=present", "due");
    assert_marked(f, "CN=issued", "valid");
    X509_free(issued);
    X509_free(present);
    EVP_PKEY_free(key);
}

/* An RA may answer a renewal with the certificate that is there. */
static void a_renewal_that_brought_the_same_certificate_has_nothing_unfinished(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *key = furnish_key(f, "1");
    X509 *present = furnished_issue(f, key, "CN=present", long_valid);
    struct ce_record record = record_of(f, CERTENROLL_RENEW, CERTENROLL_STATE_ISSUED, "1");

    furnish_certificate(f, present, "1");
    furnish_bytes(&record.present_id, "1", 1);
    set_certificate(&record.present, present);
    set_certificate(&record.issued, present);
    write_journal(f, "renew", &record);
    assert_marked(f, "CN=present", "valid");
    X509_free(present);
    EVP_PKEY_free(key);
}

static void a_rekey_leaves_the_present_pair_as_it_is(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *key = furnish_key(f, "1");
    X509 *present = furnished_issue(f, key, "CN=present", long_valid);
    struct ce_record record = record_of(f, CERTENROLL_REKEY, CERTENROLL_STATE_INSTALLED, "2");

    furnish_certificate(f, present, "1");
    furnish_pair(f, "2", "CN=new", long_valid);
    furnish_bytes(&record.present_id, "1", 1);
    set_certificate(&record.present, present);
    write_journal(f, "rekey", &record);
    assert_marked(f, "CN=present", "valid");
    assert_marked(f, "CN=new", "unfinished");
    X509_free(present);
    EVP_PKEY_free(key);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, furnished_token_set_up, furnished_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_first_enrolments_key_is_unfinished_to_its_end),
        TEST(everything_under_its_id_is_unfinished),
        TEST(another_tokens_journals_and_broken_ones_say_nothing),
        TEST(a_renewal_leaves_the_present_pair_as_it_is),
        TEST(a_renewal_that_brought_the_same_certificate_has_nothing_unfinished),
        TEST(a_rekey_leaves_the_present_pair_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
