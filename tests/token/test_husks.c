/* SPDX-License-Identifier: Apache-2.0 */
/* Half objects, as SoftHSM 2.6 leaves them when it is killed within its own writes: counted and
 * removed, and nothing besides. */
#include "check.h"
#include "raw_token.h"
#include "scratch.h"
#include "token/husk.h"
#include "token/key.h"

#include <certenroll/certenroll.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char some_id[] = { 0xca, 0xfe, 0x00, 0x01 };

/* --- SoftHSM's files: a generation, then each attribute's type, kind and value, as 64 bits --- */

#define KIND_FLAG 1
#define KIND_NUMBER 2
#define KIND_BYTES 3

struct file {
    unsigned char bytes[512];
    size_t length;
};

static void add_number(struct file *file, unsigned long number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        file->bytes[file->length++] = (unsigned char)(number >> shift);
}

static void add_attribute(struct file *file, unsigned long type, unsigned long kind,
                          unsigned long value)
{
    add_number(file, type);
    add_number(file, kind);
    if (kind == KIND_FLAG)
        file->bytes[file->length++] = (unsigned char)value;
    else
        add_number(file, value); /* of bytes it is the length, and there are none */
}

/* The one token's directory. */
static char *token_directory(struct shimmed_token *f)
{
    char *tokens = scratch_path(softhsm_dir(f->hsm), "tokens"), *found = NULL;
    DIR *dir = opendir(tokens);
    struct dirent *entry;

    check(dir != NULL, "cannot open %s", tokens);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            found = scratch_path(tokens, entry->d_name);
    closedir(dir);
    free(tokens);
    assert_non_null(found);
    return found;
}

/* What was on disk as it was killed: the class and the defaults, of which SoftHSM itself adds what
 * is missing when the object is read. */
static void leave_half(struct shimmed_token *f, CK_OBJECT_CLASS class)
{
    static unsigned made;
    char *directory = token_directory(f), name[40];
    struct file file = { .length = 0 };

    add_number(&file, 1);
    if (class == CKO_CERTIFICATE)
        add_attribute(&file, CKA_CERTIFICATE_TYPE, KIND_NUMBER, CKC_X_509);
    else
        add_attribute(&file, CKA_KEY_TYPE, KIND_NUMBER, CKK_EC);
    add_attribute(&file, CKA_CLASS, KIND_NUMBER, class);
    add_attribute(&file, CKA_TOKEN, KIND_FLAG, 0);
    add_attribute(&file, CKA_PRIVATE, KIND_FLAG, class == CKO_PRIVATE_KEY);
    add_attribute(&file, CKA_LABEL, KIND_BYTES, 0);
    add_attribute(&file, CKA_ID, KIND_BYTES, 0);
    snprintf(name, sizeof(name), "half-%u.object", made);
    free(scratch_write(directory, name, file.bytes, file.length));
    snprintf(name, sizeof(name), "half-%u.lock", made++);
    free(scratch_write(directory, name, "", 0));
    free(directory);
}

/* SoftHSM looks into its directory as it is started. */
static void leave_halves(struct shimmed_token *f, const CK_OBJECT_CLASS *classes,
                         size_t class_count)
{
    certenroll_token_free(f->token);
    for (size_t i = 0; i < class_count; i++)
        leave_half(f, classes[i]);
    f->token = softhsm_open_by(shim_module(), f->context, "bank", &f->pin);
}

static size_t count(struct shimmed_token *f)
{
    size_t husks = 99;

    assert_ok(ce_husks_count(&husks, f->token, &f->error), f->error);
    return husks;
}

static size_t remove_all(struct shimmed_token *f)
{
    size_t removed = 99;

    assert_ok(ce_husks_remove(&removed, f->token, &f->error), f->error);
    return removed;
}

/* --- tests --- */

static void husks_go_and_nothing_besides(void **state)
{
    static const CK_OBJECT_CLASS classes[] = { CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_CERTIFICATE };
    unsigned char bytes[] = { 0x30, 0x00 };
    struct ce_certificate_object certificate = { .value = { bytes, 2 } }; /* no ID, no label */
    struct shimmed_token *f = *state;
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;
    struct raw_token raw;

    certificate.subject = certificate.issuer = certificate.value;
    assert_ok(ce_certificate_write(f->token, &certificate, &f->error), f->error);
    options.id = some_id;
    options.id_length = sizeof(some_id);
    assert_ok(certenroll_key_generate(&key, f->token, &options, &f->error), f->error);
    certenroll_key_free(key);
    raw = raw_open(); /* a pair without ID and label is one all the same */
    assert_int_equal(raw_generate(&raw, NULL, 0, CKA_VERIFY), CKR_OK);
    assert_int_equal(raw_generate_rsa(&raw, NULL, 0), CKR_OK);
    raw_close(&raw);
    assert_int_equal(objects_on_token(), 7);
    assert_int_equal(count(f), 0);
    assert_int_equal(remove_all(f), 0);

    leave_halves(f, classes, 3);
    assert_int_equal(count(f), 3);
    assert_int_equal(objects_on_token(), 10);
    assert_int_equal(remove_all(f), 3);
    assert_int_equal(count(f), 0);
    assert_int_equal(objects_on_token(), 7);
}

/* SoftHSM leaves an empty public key behind an attribute that it does not take. */
static void one_of_a_refused_template_is_one(void **state)
{
    struct shimmed_token *f = *state;
    struct raw_token raw = raw_open();

    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_int_equal(raw_generate(&raw, NULL, 0, CKA_MODULUS), CKR_ATTRIBUTE_TYPE_INVALID);
    raw_close(&raw);
    assert_int_equal(count(f), 1);
    assert_int_equal(remove_all(f), 1);
    assert_int_equal(objects_on_token(), 0);
}

static void only_what_is_gone_was_removed(void **state)
{
    static const CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    struct shimmed_token *f = *state;
    size_t removed = 99;

    leave_halves(f, &class, 1);
    shim_control(f->shim, "lie destroy-kept\n");
    assert_fails(ce_husks_remove(&removed, f->token, &f->error), CERTENROLL_E_TOKEN, f->error);
    assert_int_equal(removed, 0);
    shim_control(f->shim, "");
    assert_int_equal(count(f), 1);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, shimmed_token_set_up, shimmed_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(husks_go_and_nothing_besides),
        TEST(one_of_a_refused_template_is_one),
        TEST(only_what_is_gone_was_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
