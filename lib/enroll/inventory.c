/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/inventory.h"

#include "base/message.h"
#include "base/options.h"
#include "base/text.h"
#include "provider/provider.h"
#include "x509/certs.h"
#include "x509/name.h"

#include <openssl/err.h>

#include <stdlib.h>
#include <string.h>

/* What is read from the token before it is paired. */
struct contents {
    certenroll_key **keys;
    EVP_PKEY **public_keys; /* of `keys`, in the same order; NULL: not one that OpenSSL can use */
    size_t key_count;
    struct ce_certificate_object *certificates;
    size_t certificate_count;
};

/* --- reading --- */

static int read_public_keys(struct contents *contents, certenroll_error **error)
{
    contents->public_keys = calloc(contents->key_count + 1, sizeof(EVP_PKEY *));
    if (!contents->public_keys)
        return certenroll_error_set_memory(error);
    for (size_t i = 0; i < contents->key_count; i++) {
        int status = ce_provider_public_key(&contents->public_keys[i], contents->keys[i], error);

        /* A kind of key that OpenSSL does not know is listed, alone; and so is one of several under
         * one CKA_ID, where it cannot be told which public half is whose. */
        if (status == CERTENROLL_E_UNSUPPORTED)
            certenroll_error_clear(error);
        else if (status < 0)
            return status;
    }
    return CERTENROLL_OK;
}

static int read_keys(struct contents *contents, certenroll_token *token, const struct ce_buffer *id,
                     certenroll_error **error)
{
    int status = ce_keys_read(&contents->keys, &contents->key_count, token, id, error);

    return status == CERTENROLL_OK ? read_public_keys(contents, error) : status;
}

static int contents_read(struct contents *contents, certenroll_token *token,
                         const struct ce_buffer *id, int certificates_only,
                         certenroll_error **error)
{
    int status = certificates_only ? CERTENROLL_OK : read_keys(contents, token, id, error);

    if (status == CERTENROLL_OK)
        status = ce_certificates_read(&contents->certificates, &contents->certificate_count, token,
                                      NULL, error);
    return status;
}

static void contents_clear(struct contents *contents)
{
    for (size_t i = 0; contents->public_keys && i < contents->key_count; i++)
        EVP_PKEY_free(contents->public_keys[i]);
    free(contents->public_keys);
    ce_keys_free(contents->keys, contents->key_count);
    ce_certificate_objects_free(contents->certificates, contents->certificate_count);
}

/* --- entries --- */

static int describe_certificate(certenroll_entry *entry, certenroll_error **error)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(entry->certificate);
    size_t size = 2 * (size_t)ASN1_STRING_length(serial) + 1;
    int status = ce_name_format(&entry->subject, X509_get_subject_name(entry->certificate), error);

    if (status == CERTENROLL_OK)
        status = ce_name_format(&entry->issuer, X509_get_issuer_name(entry->certificate), error);
    if (status == CERTENROLL_OK)
        status = ce_name_common_name_plain(&entry->common_name,
                                           X509_get_subject_name(entry->certificate), error);
    if (status < 0)
        return status;
    entry->serial = malloc(size);
    if (!entry->serial)
        return certenroll_error_set_memory(error);
    ce_hex(entry->serial, size, ASN1_STRING_get0_data(serial), size / 2);
    return CERTENROLL_OK;
}

static int copy_identity(certenroll_entry *entry, const unsigned char *id, size_t id_length,
                         const char *label, size_t label_length, certenroll_error **error)
{
    char clean[256];
    int status = ce_buffer_set(&entry->id, id, id_length, error);

    ce_text_clean(clean, sizeof(clean), label, label_length);
    return status < 0 ? status : ce_buffer_set(&entry->label, clean, strlen(clean), error);
}

static void set_public_key(certenroll_entry *entry, EVP_PKEY *public_key)
{
    if (public_key)
        EVP_PKEY_up_ref(public_key);
    entry->public_key = public_key;
}

static int fill_key_entry(certenroll_entry *entry, certenroll_key *key, EVP_PKEY *public_key,
                          certenroll_error **error)
{
    size_t id_length;
    const unsigned char *id = certenroll_key_get_id(key, &id_length);
    const char *label = certenroll_key_get_label(key);

    entry->key = ce_key_ref(key);
    set_public_key(entry, public_key);
    entry->key_type = certenroll_key_get_type(key);
    return copy_identity(entry, id, id_length, label, strlen(label), error);
}

static certenroll_key_type type_of_public_key(EVP_PKEY *key)
{
    char group[64];

    if (EVP_PKEY_is_a(key, "RSA")) {
        int bits = EVP_PKEY_get_bits(key);
        return bits == 2048   ? CERTENROLL_KEY_RSA_2048
               : bits == 3072 ? CERTENROLL_KEY_RSA_3072
               : bits == 4096 ? CERTENROLL_KEY_RSA_4096
                              : CERTENROLL_KEY_OTHER;
    }
    if (EVP_PKEY_is_a(key, "ED25519"))
        return CERTENROLL_KEY_ED25519;
    if (EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
        return CERTENROLL_KEY_OTHER;
    return strcmp(group, "prime256v1") == 0  ? CERTENROLL_KEY_P256
           : strcmp(group, "secp384r1") == 0 ? CERTENROLL_KEY_P384
           : strcmp(group, "secp521r1") == 0 ? CERTENROLL_KEY_P521
                                             : CERTENROLL_KEY_OTHER;
}

/* Parses the certificate and finds its key. What OpenSSL cannot read is no error, and leaves
 * nothing on the error queue of the application. NULL: not a certificate with a key that it knows.
 */
static EVP_PKEY *recognise(certenroll_entry *entry, const struct ce_certificate_object *object,
                           const struct contents *contents)
{
    const unsigned char *der = object->value.data;
    EVP_PKEY *public_key;

    ERR_set_mark();
    entry->certificate = ce_x509_decode(&der, object->value.length);
    public_key = entry->certificate ? X509_get0_pubkey(entry->certificate) : NULL;
    for (size_t i = 0; public_key && i < contents->key_count && !entry->key; i++)
        if (contents->public_keys[i] && EVP_PKEY_eq(contents->public_keys[i], public_key) == 1)
            entry->key = ce_key_ref(contents->keys[i]);
    ERR_pop_to_mark();
    return public_key;
}

/* A certificate object, with its key where that is on the token. An object that is no certificate
 * (a card's placeholder) stays out: 0 where it is listed, 1 where not. */
static int fill_certificate_entry(certenroll_entry *entry,
                                  const struct ce_certificate_object *object,
                                  const struct contents *contents, certenroll_error **error)
{
    EVP_PKEY *public_key = recognise(entry, object, contents);
    int status;

    if (!public_key)
        return 1;
    set_public_key(entry, public_key);
    entry->key_type = type_of_public_key(public_key);
    status = describe_certificate(entry, error);
    if (status == CERTENROLL_OK)
        status = ce_buffer_set(&entry->der, object->value.data, object->value.length, error);
    if (status == CERTENROLL_OK)
        status = copy_identity(entry, object->id.data, object->id.length,
                               object->label.data ? (const char *)object->label.data : "",
                               object->label.length, error);
    return status;
}

static void entry_clear(certenroll_entry *entry)
{
    certenroll_key_free(entry->key);
    X509_free(entry->certificate);
    EVP_PKEY_free(entry->public_key);
    ce_buffer_clear(&entry->id);
    ce_buffer_clear(&entry->label);
    ce_buffer_clear(&entry->der);
    free(entry->subject);
    free(entry->common_name);
    free(entry->issuer);
    free(entry->serial);
    *entry = (certenroll_entry){ 0 };
}

static int has_entry(const certenroll_inventory *inventory, const certenroll_key *key)
{
    for (size_t i = 0; i < inventory->count; i++)
        if (inventory->entries[i].key == key)
            return 1;
    return 0;
}

/* Certificates first, each with its key; then the keys that no certificate is for. */
static int pair(certenroll_inventory *inventory, const struct contents *contents,
                certenroll_error **error)
{
    inventory->entries =
        calloc(contents->key_count + contents->certificate_count + 1, sizeof(certenroll_entry));
    if (!inventory->entries)
        return certenroll_error_set_memory(error);
    for (size_t i = 0; i < contents->certificate_count; i++) {
        certenroll_entry *entry = &inventory->entries[inventory->count];
        int status = fill_certificate_entry(entry, &contents->certificates[i], contents, error);

        inventory->count++;
        if (status < 0)
            return status;
        if (status > 0)
            entry_clear(&inventory->entries[--inventory->count]);
    }
    for (size_t i = 0; i < contents->key_count; i++) {
        int status;

        if (has_entry(inventory, contents->keys[i]))
            continue;
        status = fill_key_entry(&inventory->entries[inventory->count++], contents->keys[i],
                                contents->public_keys[i], error);
        if (status < 0)
            return status;
    }
    return CERTENROLL_OK;
}

/* --- the inventory --- */

static int take_options(certenroll_inventory_options *own,
                        const certenroll_inventory_options *options, certenroll_error **error)
{
    int status = ce_options_take(own, sizeof(*own), options, error);

    if (status == CERTENROLL_OK && own->due_days < 0)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("a certificate cannot be due %d days before its end"),
                                      own->due_days);
    return status;
}

static int fill(certenroll_inventory *inventory, certenroll_token *token,
                const struct ce_buffer *id, const certenroll_inventory_options *options,
                certenroll_error **error)
{
    struct contents contents = { 0 };
    int status = contents_read(&contents, token, id, options->certificates_only, error);

    if (status == CERTENROLL_OK)
        status = pair(inventory, &contents, error);
    if (status == CERTENROLL_OK)
        ce_inventory_mark(inventory, token, options);
    contents_clear(&contents);
    return status;
}

static int new_inventory(certenroll_inventory **out, certenroll_token *token,
                         const struct ce_buffer *id, const certenroll_inventory_options *options,
                         certenroll_error **error)
{
    certenroll_inventory *inventory = calloc(1, sizeof(*inventory));
    int status;

    if (!inventory)
        return certenroll_error_set_memory(error);
    status = fill(inventory, token, id, options, error);
    if (status < 0) {
        certenroll_inventory_free(inventory);
        return status;
    }
    *out = inventory;
    return CERTENROLL_OK;
}

int certenroll_inventory_new(certenroll_inventory **out, certenroll_token *token,
                             const certenroll_inventory_options *options, certenroll_error **error)
{
    certenroll_inventory_options own = CERTENROLL_INVENTORY_OPTIONS_INIT;
    int status = take_options(&own, options, error);

    *out = NULL;
    return status < 0 ? status : new_inventory(out, token, NULL, &own, error);
}

int ce_inventory_new_of(certenroll_inventory **out, certenroll_token *token,
                        const unsigned char *id, size_t id_length, certenroll_error **error)
{
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    struct ce_buffer wanted = { 0 };
    int status = ce_buffer_set(&wanted, id, id_length, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = new_inventory(out, token, &wanted, &options, error);
    ce_buffer_clear(&wanted);
    return status;
}

size_t certenroll_inventory_count(const certenroll_inventory *inventory)
{
    return inventory->count;
}

const certenroll_entry *certenroll_inventory_at(const certenroll_inventory *inventory, size_t index)
{
    return index < inventory->count ? &inventory->entries[index] : NULL;
}

void certenroll_inventory_free(certenroll_inventory *inventory)
{
    if (!inventory)
        return;
    for (size_t i = 0; i < inventory->count; i++)
        entry_clear(&inventory->entries[i]);
    free(inventory->entries);
    free(inventory);
}
