/* SPDX-License-Identifier: Apache-2.0 */
/* What an inventory says of the keys and certificates on a SoftHSM token: its marks, IDs that two
 * keys share, the valid pair of a subject; and what can be seen without a PIN. What unfinished
 * enrolments have left is in test_inventory_unfinished.c. */
#include "check.h"
#include "enroll/inventory.h"
#include "furnished_token.h"
#include "raw_token.h"

#include <certenroll/openssl.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#include <time.h>

static const struct span long_valid = { -1, 365 };

/* --- marks --- */

static void a_certificates_dates_mark_its_pair(void **state)
{
    struct furnished_token *f = *state;
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    certenroll_inventory *inventory;

    furnish_pair(f, "1", "CN=past", (struct span){ -20, -1 });
    furnish_pair(f, "2", "CN=future", (struct span){ 1, 20 });
    furnish_pair(f, "3", "CN=soon", (struct span){ -20, 10 });
    furnish_pair(f, "4", "CN=later", (struct span){ -20, 60 });

    inventory = furnished_look(f, NULL);
    assert_int_equal(certenroll_inventory_count(inventory), 4);
    assert_mark(inventory, "CN=past", "expired");
    assert_mark(inventory, "CN=future", "not-yet-valid");
    assert_mark(inventory, "CN=soon", "due");
    assert_mark(inventory, "CN=later", "valid");
    certenroll_inventory_free(inventory);

    options.due_days = 61;
    inventory = furnished_look(f, &options);
    assert_mark(inventory, "CN=later", "due");
    certenroll_inventory_free(inventory);

    options.due_days = 10; /* it has 10 days and a minute */
    inventory = furnished_look(f, &options);
    assert_mark(inventory, "CN=soon", "valid");
    assert_mark(inventory, "CN=past", "expired");
    certenroll_inventory_free(inventory);

    options.due_days = 0;
    inventory = furnished_look(f, &options);
    assert_mark(inventory, "CN=soon", "valid");
    certenroll_inventory_free(inventory);
}

static void halves_are_orphans_whatever_their_dates(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *software = test_key_new("P-256");
    EVP_PKEY *key = furnish_key(f, "1");
    certenroll_inventory *inventory;

    furnish_issued(f, software, "2", "CN=alone", long_valid);
    furnish_issued(f, software, "2", "CN=alone and past", (struct span){ -20, -1 });
    inventory = furnished_look(f, NULL);
    assert_int_equal(certenroll_inventory_count(inventory), 3);
    assert_mark(inventory, "", "orphan-key");
    assert_mark(inventory, "CN=alone", "orphan-certificate");
    assert_mark(inventory, "CN=alone and past", "orphan-certificate");
    certenroll_inventory_free(inventory);
    EVP_PKEY_free(key);
    EVP_PKEY_free(software);
}

static void ca_certificates_are_only_that(void **state)
{
    struct furnished_token *f = *state;
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    EVP_PKEY *key = test_key_new("P-256");
    struct test_ca past;
    certenroll_inventory *inventory;

    details.key = key;
    details.subject = "CN=Past";
    details.key_usage = "critical,keyCertSign";
    details.ext_key_usage = NULL;
    details.is_ca = 1;
    details.not_before = -20 * DAY;
    details.not_after = -1 * DAY;
    test_ca_new_from(&past, &details, &f->ca);
    furnish_certificate(f, f->ca.certificate, "ca");
    furnish_certificate(f, past.certificate, "past");
    inventory = furnished_look(f, NULL);
    assert_mark(inventory, "CN=Root,O=Test", "ca");
    assert_mark(inventory, "CN=Past", "ca");
    certenroll_inventory_free(inventory);
    test_ca_clear(&past);
    EVP_PKEY_free(key);
}

static void marks_have_names(void **state)
{
    (void)state;
    assert_string_equal(certenroll_mark_name(CERTENROLL_MARK_VALID), "valid");
    assert_string_equal(certenroll_mark_name(CERTENROLL_MARK_CA), "ca");
    assert_string_equal(certenroll_mark_name((certenroll_mark)0), "unknown");
    assert_string_equal(certenroll_mark_name((certenroll_mark)99), "unknown");
}

/* --- IDs of two keys --- */

/* What the library would not do: objects with one CKA_ID get another. */
static void rename_id(const char *from, const char *to)
{
    CK_FUNCTION_LIST *module = p11_kit_module_load(shim_module(), 0);
    CK_ATTRIBUTE wanted = { CKA_ID, (void *)from, strlen(from) };
    CK_ATTRIBUTE renamed = { CKA_ID, (void *)to, strlen(to) };
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE objects[8];
    CK_ULONG count = 8;
    CK_SLOT_ID slots[8];

    assert_non_null(module);
    assert_int_equal(p11_kit_module_initialize(module), CKR_OK);
    assert_int_equal(module->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(
        module->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
        CKR_OK);
    assert_int_equal(module->C_FindObjectsInit(session, &wanted, 1), CKR_OK);
    assert_int_equal(module->C_FindObjects(session, objects, 8, &count), CKR_OK);
    module->C_FindObjectsFinal(session);
    assert_int_not_equal(count, 0);
    for (CK_ULONG i = 0; i < count; i++)
        assert_int_equal(module->C_SetAttributeValue(session, objects[i], &renamed, 1), CKR_OK);
    module->C_CloseSession(session);
    p11_kit_module_finalize(module);
    p11_kit_module_release(module);
}

static void assert_duplicate(struct furnished_token *f, const char *subject, int expected)
{
    certenroll_inventory *inventory = furnished_look(f, NULL);

    assert_int_equal(certenroll_entry_has_duplicate_id(entry_of(inventory, subject)), expected);
    certenroll_inventory_free(inventory);
}

static void one_keys_certificates_share_its_id(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *software = test_key_new("P-256");
    EVP_PKEY *key = furnish_key(f, "1");

    furnish_issued(f, key, "1", "CN=old", long_valid);
    furnish_issued(f, key, "1", "CN=new", long_valid);
    furnish_issued(f, software, "2", "CN=old alone", long_valid);
    furnish_issued(f, software, "2", "CN=new alone", long_valid);
    furnish_pair(f, "3", "CN=other", long_valid);
    assert_duplicate(f, "CN=old", 0);
    assert_duplicate(f, "CN=new", 0);
    assert_duplicate(f, "CN=old alone", 0);
    assert_duplicate(f, "CN=new alone", 0);
    assert_duplicate(f, "CN=other", 0);
    EVP_PKEY_free(key);
    EVP_PKEY_free(software);
}

static void two_keys_under_one_id_are_told(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *one = furnish_key_of(f, CERTENROLL_KEY_RSA_2048, "1");
    EVP_PKEY *two = furnish_key_of(f, CERTENROLL_KEY_RSA_2048, "2");

    furnish_issued(f, one, "1", "CN=one", long_valid);
    furnish_pair(f, "3", "CN=other", long_valid);
    assert_duplicate(f, "CN=one", 0);
    rename_id("2", "1");
    assert_duplicate(f, "CN=one", 1);
    assert_duplicate(f, "", 1);
    assert_duplicate(f, "CN=other", 0);
    furnish_issued(f, two, "1", "CN=two", long_valid);
    assert_duplicate(f, "CN=one", 1);
    assert_duplicate(f, "CN=two", 1);
    EVP_PKEY_free(two);
    EVP_PKEY_free(one);
}

/* EC private keys do not state their public value: of two under one ID nobody can tell which public
 * half, or which certificate, is whose. Both are listed, and said to share it. */
static void twins_that_cannot_be_told_apart_are_listed(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *one = furnish_key(f, "1");
    EVP_PKEY *two = furnish_key(f, "2");
    certenroll_inventory *inventory;
    EVP_PKEY *pkey = NULL;
    size_t keys = 0;

    furnish_issued(f, one, "1", "CN=one", long_valid);
    furnish_pair(f, "3", "CN=other", long_valid);
    rename_id("2", "1");
    inventory = furnished_look(f, NULL);
    assert_int_equal(certenroll_inventory_count(inventory), 4);
    for (size_t i = 0; i < 4; i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        if (certenroll_entry_has_certificate(entry))
            continue;
        keys++;
        assert_int_equal(certenroll_entry_key_type(entry), CERTENROLL_KEY_OTHER);
        assert_int_equal(certenroll_entry_mark(entry), CERTENROLL_MARK_ORPHAN_KEY);
        assert_true(certenroll_entry_has_duplicate_id(entry));
        assert_fails(certenroll_key_evp_pkey(&pkey, entry->key, &f->shimmed.error),
                     CERTENROLL_E_UNSUPPORTED, f->shimmed.error); /* nothing is done with them */
    }
    assert_int_equal(keys, 2);
    assert_mark(inventory, "CN=one", "orphan-certificate");
    assert_mark(inventory, "CN=other", "valid");
    certenroll_inventory_free(inventory);
    assert_duplicate(f, "CN=one", 1);
    assert_duplicate(f, "CN=other", 0);
    EVP_PKEY_free(two);
    EVP_PKEY_free(one);
}

/* What the token shows then is not all that is on it. */
static void keys_are_listed_though_somebody_logged_out(void **state)
{
    struct furnished_token *f = *state;
    struct raw_token raw = raw_open();
    certenroll_inventory *inventory;

    furnish_pair(f, "1", "CN=one", long_valid);
    assert_int_equal(f->shimmed.pin.asked, 1);
    assert_int_equal(raw.module->C_Logout(raw.session), CKR_OK);
    raw_close(&raw);
    inventory = furnished_look(f, NULL);
    assert_mark(inventory, "CN=one", "valid");
    certenroll_inventory_free(inventory);
    assert_int_equal(f->shimmed.pin.asked, 2);
}

static void foreign_certificates_under_a_keys_id_are_told(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *software = test_key_new("P-256");

    furnish_pair(f, "1", "CN=one", long_valid);
    furnish_certificate(f, f->ca.certificate, "1");
    assert_duplicate(f, "CN=one", 1);
    assert_duplicate(f, "CN=Root,O=Test", 1);

    furnish_pair(f, "2", "CN=two", long_valid);
    furnish_issued(f, software, "2", "CN=foreign", long_valid);
    assert_duplicate(f, "CN=two", 1);
    assert_duplicate(f, "CN=foreign", 1);
    EVP_PKEY_free(software);
}

/* A certificate may bear another ID than the key that it is for. */
static void a_certificates_own_id_counts_too(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *software = test_key_new("P-256");
    EVP_PKEY *one = furnish_key(f, "1");
    EVP_PKEY *two = furnish_key(f, "2");
    EVP_PKEY *three = furnish_key(f, "3");

    furnish_issued(f, one, "2", "CN=misplaced", long_valid);
    assert_duplicate(f, "CN=misplaced", 1);
    furnish_issued(f, two, "2", "CN=in place", long_valid);
    assert_duplicate(f, "CN=in place", 1);

    furnish_issued(f, three, "elsewhere", "CN=three", long_valid);
    assert_duplicate(f, "CN=three", 0);
    furnish_issued(f, software, "3", "CN=under its key's ID", long_valid);
    assert_duplicate(f, "CN=three", 1);
    assert_duplicate(f, "CN=under its key's ID", 1);
    EVP_PKEY_free(three);
    EVP_PKEY_free(two);
    EVP_PKEY_free(one);
    EVP_PKEY_free(software);
}

static void no_id_is_no_shared_one(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *software = test_key_new("P-256");

    furnish_certificate(f, f->ca.certificate, "");
    furnish_issued(f, software, "", "CN=alone", long_valid);
    assert_duplicate(f, "CN=Root,O=Test", 0);
    assert_duplicate(f, "CN=alone", 0);
    EVP_PKEY_free(software);
}

/* --- the valid pair of a subject --- */

/* Found or not; what is found ends in about so many days. */
static void assert_valid(struct furnished_token *f, const char *subject, int expected, long to)
{
    certenroll_inventory *inventory = furnished_look(f, NULL);
    const certenroll_entry *found = NULL;
    certenroll_error *error = NULL;

    assert_ok(certenroll_inventory_find_valid(&found, inventory, subject, &error), error);
    assert_int_equal(found != NULL, expected);
    if (found) {
        int64_t from_now = certenroll_entry_not_after(found) - (int64_t)time(NULL);

        assert_string_equal(certenroll_entry_subject(found), "CN=user,O=Test");
        assert_true(from_now > (to - 1) * DAY && from_now <= to * DAY + 60);
    }
    certenroll_inventory_free(inventory);
}

static void the_valid_pair_of_a_subject_is_found(void **state)
{
    static const char subject[] = "CN=user,O=Test";
    struct furnished_token *f = *state;
    EVP_PKEY *software = test_key_new("P-256");

    furnish_issued(f, software, "0", subject, (struct span){ -1, 900 });
    furnish_pair(f, "1", "CN=user", long_valid);
    furnish_pair(f, "2", "CN=user,O=Test,C=JP", long_valid);
    furnish_pair(f, "3", subject, (struct span){ -20, -1 });
    furnish_pair(f, "4", subject, (struct span){ 5, 700 });
    assert_valid(f, subject, 0, 0);
    furnish_pair(f, "5", subject, (struct span){ -20, 10 });
    assert_valid(f, subject, 1, 10);
    furnish_pair(f, "6", subject, (struct span){ -20, 100 });
    furnish_pair(f, "7", subject, (struct span){ -20, 50 });
    assert_valid(f, subject, 1, 100);
    assert_valid(f, "cn=USER, o=test", 1, 100); /* RFC 5280 section 7.1 */
    assert_valid(f, "O=Test,CN=user", 0, 0);
    EVP_PKEY_free(software);
}

static void what_is_no_subject_is_refused(void **state)
{
    struct furnished_token *f = *state;
    certenroll_inventory *inventory = furnished_look(f, NULL);
    const certenroll_entry *found = NULL;
    certenroll_error *error = NULL;

    assert_fails(certenroll_inventory_find_valid(&found, inventory, "user", &error),
                 CERTENROLL_E_ARGUMENT, error);
    assert_fails(certenroll_inventory_find_valid(&found, inventory, NULL, &error),
                 CERTENROLL_E_ARGUMENT, error);
    assert_null(found);
    certenroll_inventory_free(inventory);
}

/* --- options --- */

static void certificates_alone_need_no_pin(void **state)
{
    struct furnished_token *f = *state;
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    const certenroll_entry *found = NULL;
    struct test_pin pin = TEST_PIN;
    EVP_PKEY *software = test_key_new("P-256");
    EVP_PKEY *key = furnish_key(f, "bare");
    certenroll_inventory *inventory;
    certenroll_error *error = NULL;

    furnish_pair(f, "1", "CN=pair", long_valid);
    furnish_pair(f, "2", "CN=past", (struct span){ -20, -1 });
    furnish_issued(f, software, "3", "CN=alone", (struct span){ -20, 10 });
    furnish_certificate(f, f->ca.certificate, "4");

    /* The last session's end is the login's. */
    certenroll_token_free(f->shimmed.token);
    f->shimmed.token = softhsm_open_by(shim_module(), f->shimmed.context, "bank", &pin);
    shim_forget(f->shimmed.shim);
    options.certificates_only = 1;
    inventory = furnished_look(f, &options);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_Login"), 0);
    assert_int_equal(pin.asked, 0);
    assert_int_equal(certenroll_inventory_count(inventory), 4);
    assert_mark(inventory, "CN=pair", "valid");
    assert_mark(inventory, "CN=past", "expired");
    assert_mark(inventory, "CN=alone", "due");
    assert_mark(inventory, "CN=Root,O=Test", "ca");
    assert_false(certenroll_entry_has_key(entry_of(inventory, "CN=pair")));
    assert_ok(certenroll_inventory_find_valid(&found, inventory, "CN=pair", &error), error);
    assert_null(found); /* whether its key is there is not known */
    certenroll_inventory_free(inventory);

    certenroll_inventory_free(furnished_look(f, NULL));
    assert_int_equal(shim_calls(f->shimmed.shim, "C_Login"), 1);
    assert_int_equal(pin.asked, 1);
    certenroll_token_free(f->shimmed.token);
    f->shimmed.token = NULL;
    EVP_PKEY_free(key);
    EVP_PKEY_free(software);
}

static void options_that_make_no_sense_are_refused(void **state)
{
    struct furnished_token *f = *state;
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    certenroll_inventory *inventory = NULL;
    certenroll_error *error = NULL;

    options.due_days = -1;
    assert_fails(certenroll_inventory_new(&inventory, f->shimmed.token, &options, &error),
                 CERTENROLL_E_ARGUMENT, error);
    options.due_days = 0;
    options.size = sizeof(options) + 1;
    assert_fails(certenroll_inventory_new(&inventory, f->shimmed.token, &options, &error),
                 CERTENROLL_E_ARGUMENT, error);
    assert_null(inventory);
    assert_int_equal(f->shimmed.pin.asked, 0);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, furnished_token_set_up, furnished_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_certificates_dates_mark_its_pair),
        TEST(halves_are_orphans_whatever_their_dates),
        TEST(ca_certificates_are_only_that),
        cmocka_unit_test(marks_have_names),
        TEST(one_keys_certificates_share_its_id),
        TEST(two_keys_under_one_id_are_told),
        TEST(twins_that_cannot_be_told_apart_are_listed),
        TEST(keys_are_listed_though_somebody_logged_out),
        TEST(foreign_certificates_under_a_keys_id_are_told),
        TEST(a_certificates_own_id_counts_too),
        TEST(no_id_is_no_shared_one),
        TEST(the_valid_pair_of_a_subject_is_found),
        TEST(what_is_no_subject_is_refused),
        TEST(certificates_alone_need_no_pin),
        TEST(options_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
