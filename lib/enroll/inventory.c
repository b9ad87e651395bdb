/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/inventory.h"

#include "base/message.h"
#include "base/text.h"
#include "provider/provider.h"
#include "x509/certs.h"
#include "x509/name.h"

#include <certenroll/openssl.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>

struct certenroll_inventory {
    size_t count;
    certenroll_entry *entries;
};

/* What is read from the token before it is paired. */
struct contents {
    certenroll_key **keys;
    EVP_PKEY **public_keys; /* of `keys`, in the same order; NULL: OpenSSL does not know the kind */
    size_t key_count;
    struct ce_certificate_object *certificates;
    size_t certificate_count;
};

/* --- reading --- */

static int read_public_keys(struct contents *contents, certenroll_error **error)
{
    contents->public_keys = calloc(contents->key_count + 1, sizeof(EVP_PKEY *));
    if (!contents->public_keys)
        return ce_fail_memory(error);
    for (size_t i = 0; i < contents->key_count; i++) {
        int status = ce_provider_public_key(&contents->public_keys[i], contents->keys[i], error);

        /* A kind of key that OpenSSL does not know is listed, alone. */
        if (status == CERTENROLL_E_UNSUPPORTED)
            ce_error_clear(error);
        else if (status < 0)
            return status;
    }
    return CERTENROLL_OK;
}

static int contents_read(struct contents *contents, certenroll_token *token,
                         certenroll_error **error)
{
    int status = ce_keys_read(&contents->keys, &contents->key_count, token, error);

    if (status == CERTENROLL_OK)
        status = read_public_keys(contents, error);
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
    if (status < 0)
        return status;
    entry->serial = malloc(size);
    if (!entry->serial)
        return ce_fail_memory(error);
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

static int fill_key_entry(certenroll_entry *entry, certenroll_key *key, certenroll_error **error)
{
    size_t id_length;
    const unsigned char *id = certenroll_key_get_id(key, &id_length);
    const char *label = certenroll_key_get_label(key);

    entry->key = ce_key_ref(key);
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
    entry->certificate = d2i_X509(NULL, &der, (long)object->value.length);
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
    ce_buffer_clear(&entry->id);
    ce_buffer_clear(&entry->label);
    ce_buffer_clear(&entry->der);
    free(entry->subject);
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
        return ce_fail_memory(error);
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
        status = fill_key_entry(&inventory->entries[inventory->count++], contents->keys[i], error);
        if (status < 0)
            return status;
    }
    return CERTENROLL_OK;
}

int certenroll_inventory_new(certenroll_inventory **out, certenroll_token *token,
                             certenroll_error **error)
{
    struct contents contents = { 0 };
    certenroll_inventory *inventory = calloc(1, sizeof(*inventory));
    int status;

    *out = NULL;
    if (!inventory)
        return ce_fail_memory(error);
    status = contents_read(&contents, token, error);
    if (status == CERTENROLL_OK)
        status = pair(inventory, &contents, error);
    contents_clear(&contents);
    if (status < 0) {
        certenroll_inventory_free(inventory);
        return status;
    }
    *out = inventory;
    return CERTENROLL_OK;
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

int ce_inventory_find_pair(const certenroll_entry **out, const certenroll_inventory *inventory,
                           const unsigned char *id, size_t id_length, certenroll_error **error)
{
    char hex[2 * CERTENROLL_ID_MAX + 1];

    *out = NULL;
    for (size_t i = 0; i < inventory->count; i++) {
        const certenroll_entry *entry = &inventory->entries[i];
        size_t length = 0;
        const unsigned char *key_id =
            entry->key ? certenroll_key_get_id(entry->key, &length) : NULL;

        if (!key_id || !entry->certificate || length != id_length ||
            memcmp(key_id, id, length) != 0)
            continue;
        if (!*out || certenroll_entry_not_after(entry) > certenroll_entry_not_after(*out))
            *out = entry;
    }
    if (*out)
        return CERTENROLL_OK;
    ce_hex(hex, sizeof(hex), id, id_length);
    return ce_fail(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                   _("no key pair with a certificate has the CKA_ID %s"), hex);
}

/* --- chains --- */

/* The CA certificate on the token that issued `certificate`; NULL when there is none, or when it is
 * its own issuer. */
static X509 *find_issuer(const certenroll_inventory *inventory, X509 *certificate)
{
    for (size_t i = 0; i < inventory->count; i++) {
        X509 *candidate = inventory->entries[i].certificate;

        if (candidate && certenroll_entry_is_ca(&inventory->entries[i]) &&
            X509_cmp(candidate, certificate) != 0 &&
            X509_check_issued(candidate, certificate) == X509_V_OK)
            return candidate;
    }
    return NULL;
}

int ce_inventory_chain(STACK_OF(X509) **out, const certenroll_inventory *inventory,
                       X509 *certificate, certenroll_error **error)
{
    X509 *issuer = find_issuer(inventory, certificate);

    *out = sk_X509_new_null();
    /* No chain is longer than what the token holds: two CAs that certify each other end here. */
    for (size_t left = inventory->count; *out && issuer && left > 0; left--) {
        if (X509_add_cert(*out, issuer, X509_ADD_FLAG_UP_REF) != 1) {
            sk_X509_pop_free(*out, X509_free);
            *out = NULL;
        }
        issuer = find_issuer(inventory, issuer);
    }
    return *out ? CERTENROLL_OK : ce_fail_memory(error);
}

/* --- accessors --- */

int certenroll_entry_has_key(const certenroll_entry *entry)
{
    return entry->key != NULL;
}

int certenroll_entry_has_certificate(const certenroll_entry *entry)
{
    return entry->certificate != NULL;
}

certenroll_key_type certenroll_entry_key_type(const certenroll_entry *entry)
{
    return entry->key_type;
}

const unsigned char *certenroll_entry_id(const certenroll_entry *entry, size_t *length)
{
    if (entry->key)
        return certenroll_key_get_id(entry->key, length);
    *length = entry->id.length;
    return entry->id.data;
}

const char *certenroll_entry_label(const certenroll_entry *entry)
{
    return (const char *)entry->label.data;
}

const char *certenroll_entry_subject(const certenroll_entry *entry)
{
    return entry->subject ? entry->subject : "";
}

const char *certenroll_entry_issuer(const certenroll_entry *entry)
{
    return entry->issuer ? entry->issuer : "";
}

const char *certenroll_entry_serial(const certenroll_entry *entry)
{
    return entry->serial ? entry->serial : "";
}

int64_t certenroll_entry_not_before(const certenroll_entry *entry)
{
    return entry->certificate ? ce_certs_time(X509_get0_notBefore(entry->certificate)) : 0;
}

int64_t certenroll_entry_not_after(const certenroll_entry *entry)
{
    return entry->certificate ? ce_certs_time(X509_get0_notAfter(entry->certificate)) : 0;
}

int certenroll_entry_is_ca(const certenroll_entry *entry)
{
    return entry->certificate && (X509_get_extension_flags(entry->certificate) & EXFLAG_CA) != 0;
}

const unsigned char *certenroll_entry_certificate(const certenroll_entry *entry, size_t *length)
{
    *length = entry->der.length;
    return entry->der.data;
}

int certenroll_entry_x509(X509 **out, const certenroll_entry *entry, certenroll_error **error)
{
    *out = entry->certificate;
    if (!*out)
        return ce_fail(error, CERTENROLL_E_OBJECT_NOT_FOUND, _("\"%s\" has no certificate"),
                       certenroll_entry_label(entry));
    X509_up_ref(*out);
    return CERTENROLL_OK;
}
