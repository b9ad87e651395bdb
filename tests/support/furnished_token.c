/* SPDX-License-Identifier: Apache-2.0 */
#include "furnished_token.h"

#include "check.h"
#include "provider/provider.h"
#include "scratch.h"
#include "token/object.h"

#include <stdlib.h>

int furnished_token_set_up(void **state)
{
    struct furnished_token *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    shimmed_token_open(&f->shimmed);
    test_ca_new(&f->ca, "CN=Root,O=Test", NULL);
    f->journals = scratch_new();
    *state = f;
    return 0;
}

int furnished_token_tear_down(void **state)
{
    struct furnished_token *f = *state;

    scratch_remove(f->journals);
    test_ca_clear(&f->ca);
    shimmed_token_close(&f->shimmed);
    free(f);
    return 0;
}

/* --- what is put on the token --- */

void furnish_bytes(struct ce_buffer *buffer, const void *data, size_t length)
{
    certenroll_error *error = NULL;

    ce_buffer_clear(buffer);
    assert_ok(ce_buffer_set(buffer, data, length, &error), error);
}

EVP_PKEY *furnish_key_of(struct furnished_token *f, certenroll_key_type type, const char *id)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_error *error = NULL;
    certenroll_key *key = NULL;
    EVP_PKEY *public_key = NULL;

    options.type = type;
    options.label = "a key";
    options.id = (const unsigned char *)id;
    options.id_length = strlen(id);
    assert_ok(certenroll_key_generate(&key, f->shimmed.token, &options, &error), error);
    assert_ok(ce_provider_public_key(&public_key, key, &error), error);
    certenroll_key_free(key);
    return public_key;
}

EVP_PKEY *furnish_key(struct furnished_token *f, const char *id)
{
    return furnish_key_of(f, CERTENROLL_KEY_P256, id);
}

void furnish_certificate(struct furnished_token *f, X509 *certificate, const char *id)
{
    struct ce_certificate_object object = { 0 };
    certenroll_error *error = NULL;
    size_t length;
    unsigned char *der = test_der(&length, certificate);

    furnish_bytes(&object.value, der, length);
    furnish_bytes(&object.id, id, strlen(id));
    furnish_bytes(&object.label, "a label", 7);
    assert_ok(ce_certificate_write(f->shimmed.token, &object, &error), error);
    ce_certificate_object_clear(&object);
    free(der);
}

X509 *furnished_issue(struct furnished_token *f, EVP_PKEY *key, const char *subject,
                      struct span span)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.key = key;
    details.subject = subject;
    details.not_before = span.from * DAY;
    details.not_after = span.to * DAY + 60; /* no test is as slow as that */
    return test_ca_issue(&f->ca, &details);
}

void furnish_issued(struct furnished_token *f, EVP_PKEY *key, const char *id, const char *subject,
                    struct span span)
{
    X509 *certificate = furnished_issue(f, key, subject, span);

    furnish_certificate(f, certificate, id);
    X509_free(certificate);
}

void furnish_pair(struct furnished_token *f, const char *id, const char *subject, struct span span)
{
    EVP_PKEY *key = furnish_key(f, id);

    furnish_issued(f, key, id, subject, span);
    EVP_PKEY_free(key);
}

/* --- what is seen --- */

certenroll_inventory *furnished_look(struct furnished_token *f,
                                     const certenroll_inventory_options *options)
{
    certenroll_inventory *inventory = NULL;
    certenroll_error *error = NULL;

    assert_ok(certenroll_inventory_new(&inventory, f->shimmed.token, options, &error), error);
    return inventory;
}

const certenroll_entry *entry_of(const certenroll_inventory *inventory, const char *subject)
{
    const certenroll_entry *found = NULL;

    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        if (strcmp(certenroll_entry_subject(entry), subject) != 0)
            continue;
        assert_null(found);
        found = entry;
    }
    check(found != NULL, "there is no entry \"%s\"", subject);
    return found;
}

void assert_mark(const certenroll_inventory *inventory, const char *subject, const char *mark)
{
    assert_string_equal(certenroll_mark_name(certenroll_entry_mark(entry_of(inventory, subject))),
                        mark);
}
