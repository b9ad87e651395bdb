/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "base/option_struct.h"
#include "base/text.h"
#include "enroll/inventory_building.h"
#include "provider/provider.h"
#include "x509/certs.h"
#include "x509/name.h"

#include <openssl/err.h>

#include <stdlib.h>
#include <string.h>

/* --- keys --- */

/* A key's parts, each behind its length: two keys have the same bytes where they are the same. */
static int append_part(struct ce_buffer *out, const struct ce_buffer *part,
                       certenroll_error **error)
{
    const uint32_t length = (uint32_t)part->length;

    if (ce_buffer_append(out, &length, sizeof(length), SIZE_MAX) < 0 ||
        ce_buffer_append(out, part->data, part->length, SIZE_MAX) < 0)
        return certenroll_error_set_memory(error);
    return CERTENROLL_OK;
}

/* What tells public keys apart, so that they can be sorted: the numbers that a token has of them,
 * whatever form the point has in a certificate; of other algorithms the SubjectPublicKeyInfo. A key
 * that is for PSS alone is not the one that signs by PKCS#1. */
static int identify(struct ce_buffer *out, EVP_PKEY *key, certenroll_error **error)
{
    struct ce_public_value value = { 0 };
    int status = EVP_PKEY_is_a(key, "RSA-PSS") ? CERTENROLL_E_UNSUPPORTED : CERTENROLL_OK;

    if (status == CERTENROLL_OK)
        status = ce_provider_public_value(&value, key, error);
    if (status == CERTENROLL_OK)
        status = append_part(out, &value.modulus, error);
    if (status == CERTENROLL_OK)
        status = append_part(out, &value.exponent, error);
    if (status == CERTENROLL_OK)
        status = append_part(out, &value.params, error);
    if (status == CERTENROLL_OK)
        status = append_part(out, &value.point, error);
    ce_public_value_clear(&value);
    if (status == CERTENROLL_E_UNSUPPORTED) {
        unsigned char *der = NULL;
        int length = i2d_PUBKEY(key, &der);

        certenroll_error_clear(error);
        status = length > 0 ? ce_buffer_set(out, der, (size_t)length, error)
                            : certenroll_error_set_memory(error);
        OPENSSL_free(der);
    }
    return status;
}

static int take_key(struct ce_found_key *found, certenroll_key *key, certenroll_error **error)
{
    int status;

    found->key = ce_key_ref(key);
    status = ce_provider_public_key(&found->public_key, key, error);
    /* A kind of key that OpenSSL does not know is listed, alone; and so is one of several under one
     * CKA_ID, where it cannot be told which public half is whose. */
    if (status == CERTENROLL_E_UNSUPPORTED) {
        certenroll_error_clear(error);
        return CERTENROLL_OK;
    }
    return status < 0 ? status : identify(&found->identity, found->public_key, error);
}

int ce_building_read_keys(struct ce_inventory_building *building, const struct ce_buffer *id,
                          certenroll_error **error)
{
    certenroll_key **keys = NULL;
    struct ce_found_key *grown = NULL;
    size_t count = 0;
    int status = ce_keys_read(&keys, &count, building->token, id, error);

    if (status == CERTENROLL_OK) {
        grown = realloc(building->keys, (building->key_count + count + 1) * sizeof(*grown));
        if (grown)
            building->keys = grown;
        else
            status = certenroll_error_set_memory(error);
    }
    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++) {
        struct ce_found_key *found = &building->keys[building->key_count++];

        *found = (struct ce_found_key){ 0 };
        status = take_key(found, keys[i], error);
    }
    ce_keys_free(keys, count);
    return status;
}

static int order_of_keys(const void *one, const void *other)
{
    const struct ce_found_key *a = *(const struct ce_found_key *const *)one;
    const struct ce_found_key *b = *(const struct ce_found_key *const *)other;
    int order = ce_buffer_compare(&a->identity, &b->identity);

    return order != 0 ? order : (a > b) - (a < b);
}

int ce_building_sort_keys(struct ce_inventory_building *building, certenroll_error **error)
{
    building->by_identity = calloc(building->key_count + 1, sizeof(*building->by_identity));
    if (!building->by_identity)
        return certenroll_error_set_memory(error);
    for (size_t i = 0; i < building->key_count; i++)
        if (building->keys[i].public_key)
            building->by_identity[building->identity_count++] = &building->keys[i];
    qsort(building->by_identity, building->identity_count, sizeof(*building->by_identity),
          order_of_keys);
    return CERTENROLL_OK;
}

/* The first of the keys with this identity; NULL: none. */
static struct ce_found_key *find_key(const struct ce_inventory_building *building,
                                     const struct ce_buffer *identity)
{
    size_t low = 0, high = building->identity_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ce_buffer_compare(&building->by_identity[middle]->identity, identity) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < building->identity_count &&
                   ce_buffer_equal(&building->by_identity[low]->identity, identity)
               ? (struct ce_found_key *)(uintptr_t)building->by_identity[low]
               : NULL;
}

/* --- entries --- */

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

static int fill_key_entry(certenroll_entry *entry, const struct ce_found_key *found,
                          certenroll_error **error)
{
    size_t id_length;
    const unsigned char *id = certenroll_key_get_id(found->key, &id_length);
    const char *label = certenroll_key_get_label(found->key);
    int status;

    entry->key = ce_key_ref(found->key);
    set_public_key(entry, found->public_key);
    entry->key_type = certenroll_key_get_type(found->key);
    status = ce_buffer_set(&entry->identity, found->identity.data, found->identity.length, error);
    return status < 0 ? status : copy_identity(entry, id, id_length, label, strlen(label), error);
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

/* Parses the certificate. What OpenSSL cannot read is no error, and leaves nothing on the error
 * queue of the application. NULL: not a certificate with a key that it knows. */
static EVP_PKEY *recognise(certenroll_entry *entry, const struct ce_certificate_object *object)
{
    const unsigned char *der = object->value.data;
    EVP_PKEY *public_key;

    ERR_set_mark();
    entry->certificate = ce_x509_decode(&der, object->value.length);
    public_key = entry->certificate ? X509_get0_pubkey(entry->certificate) : NULL;
    ERR_pop_to_mark();
    return public_key;
}

static int find_key_of(certenroll_entry *entry, const struct ce_inventory_building *building,
                       certenroll_error **error)
{
    int status = identify(&entry->identity, entry->public_key, error);
    struct ce_found_key *found =
        status == CERTENROLL_OK ? find_key(building, &entry->identity) : NULL;

    if (found) {
        entry->key = ce_key_ref(found->key);
        found->is_paired = 1;
    }
    return status;
}

/* A certificate object, with its key where that is on the token. An object that is no certificate
 * (a card's placeholder) stays out: 0 where it is listed, 1 where not. */
static int fill_certificate_entry(certenroll_entry *entry,
                                  const struct ce_certificate_object *object,
                                  const struct ce_inventory_building *building,
                                  certenroll_error **error)
{
    EVP_PKEY *public_key = recognise(entry, object);
    const char *label = object->label.data ? (const char *)object->label.data : "";
    const ASN1_INTEGER *serial;
    size_t size;
    int status;

    if (!public_key)
        return 1;
    set_public_key(entry, public_key);
    entry->key_type = type_of_public_key(public_key);
    status = find_key_of(entry, building, error);
    if (status == CERTENROLL_OK)
        status = ce_name_format(&entry->subject, X509_get_subject_name(entry->certificate), error);
    if (status == CERTENROLL_OK)
        status = ce_name_format(&entry->issuer, X509_get_issuer_name(entry->certificate), error);
    if (status == CERTENROLL_OK)
        status = ce_name_common_name_plain(&entry->common_name,
                                           X509_get_subject_name(entry->certificate), error);
    if (status < 0)
        return status;
    serial = X509_get0_serialNumber(entry->certificate);
    size = 2 * (size_t)ASN1_STRING_length(serial) + 1;
    entry->serial = malloc(size);
    if (!entry->serial)
        return certenroll_error_set_memory(error);
    ce_hex(entry->serial, size, ASN1_STRING_get0_data(serial), size / 2);
    status = ce_buffer_set(&entry->der, object->value.data, object->value.length, error);
    return status < 0 ? status
                      : copy_identity(entry, object->id.data, object->id.length, label,
                                      object->label.length, error);
}

static void entry_clear(certenroll_entry *entry)
{
    certenroll_key_free(entry->key);
    X509_free(entry->certificate);
    EVP_PKEY_free(entry->public_key);
    ce_buffer_clear(&entry->id);
    ce_buffer_clear(&entry->label);
    ce_buffer_clear(&entry->der);
    ce_buffer_clear(&entry->identity);
    free(entry->subject);
    free(entry->common_name);
    free(entry->issuer);
    free(entry->serial);
    *entry = (certenroll_entry){ 0 };
}

static int make_room(struct ce_inventory_building *building, size_t more, certenroll_error **error)
{
    certenroll_inventory *inventory = building->inventory;
    certenroll_entry *grown;

    if (inventory->count + more <= building->room)
        return CERTENROLL_OK;
    grown = realloc(inventory->entries, (inventory->count + more) * sizeof(*grown));
    if (!grown)
        return certenroll_error_set_memory(error);
    memset(grown + inventory->count, 0, more * sizeof(*grown));
    inventory->entries = grown;
    building->room = inventory->count + more;
    return CERTENROLL_OK;
}

/* Among the first `count` entries: of several searches, those of the ones before. */
static int is_listed(const certenroll_inventory *inventory, size_t count,
                     const struct ce_certificate_object *object)
{
    for (size_t i = 0; i < count; i++)
        if (ce_buffer_equal(&inventory->entries[i].der, &object->value) &&
            ce_buffer_equal(&inventory->entries[i].id, &object->id))
            return 1;
    return 0;
}

int ce_building_add_certificates(struct ce_inventory_building *building,
                                 const struct ce_certificate_search *search,
                                 certenroll_error **error)
{
    certenroll_inventory *inventory = building->inventory;
    const size_t before = inventory->count;
    struct ce_certificate_object *objects = NULL;
    size_t count = 0;
    int status = ce_certificates_read(&objects, &count, building->token, search, error);

    if (status == CERTENROLL_OK)
        status = make_room(building, count, error);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        certenroll_entry *entry = &inventory->entries[inventory->count];

        if (is_listed(inventory, before, &objects[i]))
            continue;
        inventory->count++;
        status = fill_certificate_entry(entry, &objects[i], building, error);
        if (status > 0)
            entry_clear(&inventory->entries[--inventory->count]);
    }
    ce_certificate_objects_free(objects, count);
    return status < 0 ? status : count > 0;
}

int ce_building_add_all_certificates(struct ce_inventory_building *building,
                                     certenroll_error **error)
{
    certenroll_inventory *inventory = building->inventory;

    while (inventory->count > 0)
        entry_clear(&inventory->entries[--inventory->count]);
    building->has_all = 1;
    return ce_building_add_certificates(building, NULL, error);
}

/* Behind the certificates, each with its key: the keys that no certificate is for. */
static int add_lone_keys(struct ce_inventory_building *building, certenroll_error **error)
{
    int status = make_room(building, building->key_count, error);

    for (size_t i = 0; status == CERTENROLL_OK && i < building->key_count; i++)
        if (!building->keys[i].is_paired)
            status = fill_key_entry(&building->inventory->entries[building->inventory->count++],
                                    &building->keys[i], error);
    return status;
}

/* --- the inventory --- */

static void building_clear(struct ce_inventory_building *building)
{
    for (size_t i = 0; i < building->key_count; i++) {
        certenroll_key_free(building->keys[i].key);
        EVP_PKEY_free(building->keys[i].public_key);
        ce_buffer_clear(&building->keys[i].identity);
    }
    free(building->keys);
    free(building->by_identity);
}

static int read_all(struct ce_inventory_building *building, int certificates_only,
                    certenroll_error **error)
{
    int status = certificates_only ? CERTENROLL_OK : ce_building_read_keys(building, NULL, error);

    if (status == CERTENROLL_OK)
        status = ce_building_sort_keys(building, error);
    if (status == CERTENROLL_OK)
        status = ce_building_add_all_certificates(building, error);
    return status < 0 ? status : CERTENROLL_OK;
}

static int is_wanted(const certenroll_entry *entry, const struct ce_inventory_wanted *wanted)
{
    return (!wanted->id || ce_entry_bears(entry, wanted->id->data, wanted->id->length)) &&
           (!wanted->label || ce_buffer_equal(&entry->label, wanted->label));
}

/* What the searches gave beside. */
static void leave_out_others(certenroll_inventory *inventory,
                             const struct ce_inventory_wanted *wanted)
{
    size_t kept = 0;

    for (size_t i = 0; i < inventory->count; i++) {
        certenroll_entry *entry = &inventory->entries[i];

        if (is_wanted(entry, wanted))
            inventory->entries[kept++] = *entry;
        else
            entry_clear(entry);
    }
    inventory->count = kept;
}

/* `wanted` NULL: everything. */
static int new_inventory(certenroll_inventory **out, certenroll_token *token,
                         const struct ce_inventory_wanted *wanted,
                         const certenroll_inventory_options *options, certenroll_error **error)
{
    struct ce_inventory_building building = { .token = token };
    int status;

    building.inventory = calloc(1, sizeof(*building.inventory));
    if (!building.inventory)
        return certenroll_error_set_memory(error);
    status = wanted ? ce_building_search(&building, wanted, error)
                    : read_all(&building, options->certificates_only, error);
    if (status == CERTENROLL_OK)
        status = add_lone_keys(&building, error);
    if (status == CERTENROLL_OK && wanted && !wanted->with_chain)
        leave_out_others(building.inventory, wanted);
    if (status == CERTENROLL_OK)
        status = ce_inventory_mark(building.inventory, token, options, error);
    building_clear(&building);
    if (status < 0)
        certenroll_inventory_free(building.inventory);
    else
        *out = building.inventory;
    return status;
}

/* The part of the token that the caller wants: 1; 0: all of it. */
static int take_wanted(struct ce_inventory_wanted *wanted, struct ce_buffer *id,
                       struct ce_buffer *label, const certenroll_inventory_options *options,
                       certenroll_error **error)
{
    int status = CERTENROLL_OK;

    if (!options->id && !options->label)
        return 0;
    if (options->certificates_only)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a pair is not looked for without its key"));
    if (options->id)
        status = ce_id_check(options->id, options->id_length, error);
    if (status == CERTENROLL_OK && options->id) {
        status = ce_buffer_set(id, options->id, options->id_length, error);
        wanted->id = id;
    }
    if (status == CERTENROLL_OK && options->label) {
        status = ce_buffer_set(label, options->label, strlen(options->label), error);
        wanted->label = label;
    }
    return status < 0 ? status : 1;
}

int certenroll_inventory_new(certenroll_inventory **out, certenroll_token *token,
                             const certenroll_inventory_options *options, certenroll_error **error)
{
    certenroll_inventory_options own = CERTENROLL_INVENTORY_OPTIONS_INIT;
    struct ce_inventory_wanted wanted = { .with_chain = 0 };
    struct ce_buffer id = { 0 }, label = { 0 };
    int status = ce_options_take(&own, sizeof(own), options, error);

    *out = NULL;
    if (status == CERTENROLL_OK && own.due_days < 0)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("a certificate cannot be due %d days before its end"),
                                      own.due_days);
    if (status == CERTENROLL_OK)
        status = take_wanted(&wanted, &id, &label, &own, error);
    if (status >= 0)
        status = new_inventory(out, token, status == 1 ? &wanted : NULL, &own, error);
    ce_buffer_clear(&id);
    ce_buffer_clear(&label);
    return status;
}

int ce_inventory_new_of(certenroll_inventory **out, certenroll_token *token,
                        const unsigned char *id, size_t id_length, certenroll_error **error)
{
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    struct ce_buffer wanted_id = { 0 };
    struct ce_inventory_wanted wanted = { .id = &wanted_id, .with_chain = 1 };
    int status = ce_buffer_set(&wanted_id, id, id_length, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = new_inventory(out, token, &wanted, &options, error);
    ce_buffer_clear(&wanted_id);
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
