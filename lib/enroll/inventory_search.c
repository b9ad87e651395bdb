/* SPDX-License-Identifier: Apache-2.0 */
/* One pair and its chain, by what the token can search for, so that it costs the same whatever else
 * is there. What a search gives is believed for nothing but that: certificates are told by their
 * public key, issuers by what the certificate says of them. */
#include "base/limits.h"
#include "enroll/inventory_building.h"
#include "x509/name.h"

#include <openssl/x509v3.h>

#include <string.h>

/* Certificates that are as soon read as searched for: those of a card. */
#define FEW 6

static int add_by(struct ce_inventory_building *building, struct ce_certificate_search search,
                  certenroll_error **error)
{
    return ce_building_add_certificates(building, &search, error);
}

/* --- the pair --- */

/* By label: the keys that have the IDs of the certificates with it. */
static int read_keys_by_label(struct ce_inventory_building *building, const struct ce_buffer *label,
                              certenroll_error **error)
{
    struct ce_certificate_search search = { .label = label };
    struct ce_certificate_object *objects = NULL;
    size_t count = 0;
    int status = ce_certificates_read(&objects, &count, building->token, &search, error);

    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++) {
        size_t earlier = 0;

        while (earlier < i && !ce_buffer_equal(&objects[earlier].id, &objects[i].id))
            earlier++;
        if (earlier == i && objects[i].id.length > 0 && ce_buffer_equal(&objects[i].label, label))
            status = ce_building_read_keys(building, &objects[i].id, error);
    }
    ce_certificate_objects_free(objects, count);
    return status;
}

static int has_pair(const struct ce_inventory_building *building)
{
    for (size_t i = 0; i < building->key_count; i++)
        if (building->keys[i].is_paired)
            return 1;
    return 0;
}

/* The certificates that bear the key's ID; or else its label, which software without a mind for IDs
 * gives to both; or else, one by one, whatever there is. */
static int search_certificates(struct ce_inventory_building *building,
                               const struct ce_inventory_wanted *wanted, certenroll_error **error)
{
    int status =
        add_by(building, (struct ce_certificate_search){ .id = wanted->id, .label = wanted->label },
               error);

    for (size_t i = 0; status >= 0 && !has_pair(building) && i < building->key_count; i++) {
        const char *text = certenroll_key_get_label(building->keys[i].key);
        struct ce_buffer label = { (unsigned char *)(uintptr_t)text, strlen(text) };

        if (label.length > 0)
            status = add_by(building, (struct ce_certificate_search){ .label = &label }, error);
    }
    if (status < 0 || building->key_count == 0 || has_pair(building))
        return status;
    return ce_building_add_all_certificates(building, error);
}

static int add_certificates(struct ce_inventory_building *building,
                            const struct ce_inventory_wanted *wanted, certenroll_error **error)
{
    int status = add_by(building, (struct ce_certificate_search){ .most = FEW }, error);

    building->has_all = status == 1;
    return status == 0 ? search_certificates(building, wanted, error) : status;
}

/* --- the chain --- */

/* 1: the token gives certificates by this name, 0: none. */
static int add_by_name(struct ce_inventory_building *building, const X509_NAME *name,
                       certenroll_error **error)
{
    struct ce_buffer subject = { 0 };
    int status = ce_name_der(&subject, name, error);

    if (status == CERTENROLL_OK)
        status = add_by(building, (struct ce_certificate_search){ .subject = &subject }, error);
    ce_buffer_clear(&subject);
    building->finds_names = building->finds_names || status == 1;
    return status;
}

/* Nothing has the issuer's name, byte for byte. Mostly it is not there: a root seldom is. But a
 * token that cannot search for names does not find this certificate by its own one either, though
 * it is there, and every certificate on it must be read. (A name in another encoding than the
 * issuer's own, against RFC 5280 §4.1.2.4, is found among few certificates alone.) */
static int add_issuer(struct ce_inventory_building *building, X509 *certificate,
                      certenroll_error **error)
{
    int status;

    if (X509_check_issued(certificate, certificate) == X509_V_OK ||
        ce_inventory_issuer(building->inventory, certificate))
        return CERTENROLL_OK;
    status = add_by_name(building, X509_get_issuer_name(certificate), error);
    if (status == 0 && !building->finds_names)
        status = add_by_name(building, X509_get_subject_name(certificate), error);
    return status == 0 && !building->finds_names ? ce_building_add_all_certificates(building, error)
                                                 : status;
}

/* The entries grow while they are gone through. A module that makes up issuer after issuer comes to
 * an end as well. */
static int add_chains(struct ce_inventory_building *building, certenroll_error **error)
{
    certenroll_inventory *inventory = building->inventory;
    const size_t most = inventory->count + CE_CERTS_MAX_COUNT;
    int status = CERTENROLL_OK;

    for (size_t i = 0; status >= 0 && !building->has_all && i < inventory->count && i < most; i++) {
        const certenroll_entry *entry = &inventory->entries[i];
        X509 *certificate = entry->certificate;

        if (!entry->key && !certenroll_entry_is_ca(entry))
            continue;
        X509_up_ref(certificate); /* entries may be read anew */
        status = add_issuer(building, certificate, error);
        X509_free(certificate);
    }
    return status;
}

/* --- both --- */

int ce_building_search(struct ce_inventory_building *building,
                       const struct ce_inventory_wanted *wanted, certenroll_error **error)
{
    int status = wanted->id ? ce_building_read_keys(building, wanted->id, error)
                            : read_keys_by_label(building, wanted->label, error);

    if (status == CERTENROLL_OK)
        status = ce_building_sort_keys(building, error);
    if (status == CERTENROLL_OK)
        status = add_certificates(building, wanted, error);
    if (status >= 0 && wanted->with_chain)
        status = add_chains(building, error);
    return status < 0 ? status : CERTENROLL_OK;
}
