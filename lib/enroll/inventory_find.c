/* SPDX-License-Identifier: Apache-2.0 */
/* Looking things up in an inventory. */
#include "base/limits.h"
#include "base/message.h"
#include "base/platform.h"
#include "base/text.h"
#include "enroll/inventory.h"
#include "x509/name.h"

#include <openssl/x509v3.h>

#include <string.h>

/* --- pairs --- */

/* Keeps in *out the one that is valid longer. */
static void prefer_longer(const certenroll_entry **out, const certenroll_entry *entry)
{
    if (!*out || certenroll_entry_not_after(entry) > certenroll_entry_not_after(*out))
        *out = entry;
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
        prefer_longer(out, entry);
    }
    if (*out)
        return CERTENROLL_OK;
    ce_hex(hex, sizeof(hex), id, id_length);
    return certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                _("no key pair with a certificate has the CKA_ID %s"), hex);
}

static int is_valid_pair(const certenroll_entry *entry, int64_t now)
{
    return entry->key && entry->certificate && !certenroll_entry_is_ca(entry) &&
           certenroll_entry_not_before(entry) <= now && now <= certenroll_entry_not_after(entry);
}

int ce_inventory_has_successor(const certenroll_inventory *inventory, X509 *present,
                               int is_other_key)
{
    int64_t now = ce_now();

    for (size_t i = 0; i < inventory->count; i++) {
        X509 *certificate = inventory->entries[i].certificate;

        if (is_valid_pair(&inventory->entries[i], now) && X509_cmp(certificate, present) != 0 &&
            X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_subject_name(present)) ==
                0 &&
            !(is_other_key &&
              EVP_PKEY_eq(X509_get0_pubkey(certificate), X509_get0_pubkey(present)) == 1))
            return 1;
    }
    return 0;
}

int certenroll_inventory_find_valid(const certenroll_entry **out,
                                    const certenroll_inventory *inventory, const char *subject,
                                    certenroll_error **error)
{
    X509_NAME *name = NULL;
    int64_t now = ce_now();
    int status;

    *out = NULL;
    if (!subject)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no subject was given"));
    status = ce_name_parse(&name, subject, error);
    if (status < 0)
        return status;
    for (size_t i = 0; i < inventory->count; i++) {
        const certenroll_entry *entry = &inventory->entries[i];

        if (is_valid_pair(entry, now) &&
            X509_NAME_cmp(X509_get_subject_name(entry->certificate), name) == 0)
            prefer_longer(out, entry);
    }
    X509_NAME_free(name);
    return CERTENROLL_OK;
}

/* --- chains --- */

X509 *ce_inventory_issuer(const certenroll_inventory *inventory, X509 *certificate)
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

/* Two CAs may certify each other. */
static int is_in(STACK_OF(X509) *chain, const X509 *certificate)
{
    for (int i = 0; i < sk_X509_num(chain); i++)
        if (X509_cmp(sk_X509_value(chain, i), certificate) == 0)
            return 1;
    return 0;
}

int ce_inventory_chain(STACK_OF(X509) **out, const certenroll_inventory *inventory,
                       X509 *certificate, certenroll_error **error)
{
    X509 *issuer = ce_inventory_issuer(inventory, certificate);

    *out = sk_X509_new_null();
    while (*out && issuer && sk_X509_num(*out) < CE_CERTS_MAX_COUNT && !is_in(*out, issuer)) {
        if (X509_add_cert(*out, issuer, X509_ADD_FLAG_UP_REF) != 1) {
            sk_X509_pop_free(*out, X509_free);
            *out = NULL;
        }
        issuer = ce_inventory_issuer(inventory, issuer);
    }
    return *out ? CERTENROLL_OK : certenroll_error_set_memory(error);
}
