/* SPDX-License-Identifier: Apache-2.0 */
/* A key pair and its certificate in libp11's own handles.
 *
 * libp11's lists only grow: what was destroyed on the token stays in them, and what came under a
 * handle that was used before is not read. Therefore our own inventory, which is fresh, says what
 * is looked for, and libp11's entries are held against it by value, not by CKA_ID alone. */
#include "base/message.h"

#include <certenroll/certificate.h>
#include <certenroll/libp11.h>
#include <certenroll/openssl.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <string.h>

/* --- what is looked for --- */

static int is_pair_with_id(const certenroll_entry *entry, const unsigned char *id, size_t id_length)
{
    size_t length = 0;
    const unsigned char *entry_id = certenroll_entry_id(entry, &length);

    return certenroll_entry_has_key(entry) && certenroll_entry_has_certificate(entry) &&
           length == id_length && memcmp(entry_id, id, length) == 0;
}

static int find_entry(const certenroll_entry **out, const certenroll_inventory *inventory,
                      const unsigned char *id, size_t id_length, certenroll_error **error)
{
    *out = NULL;
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        if (is_pair_with_id(entry, id, id_length) &&
            (!*out || certenroll_entry_not_after(entry) > certenroll_entry_not_after(*out)))
            *out = entry;
    }
    if (!*out)
        return certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                    _("no key pair with a certificate has this CKA_ID"));
    if (!certenroll_entry_has_duplicate_id(*out))
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ID_IN_USE,
                         _("two keys of the token have this CKA_ID"));
    certenroll_error_because(error,
                             _("libp11 goes by the CKA_ID alone and may take one for the other"));
    certenroll_error_advise(error, _("Remove the one that is not needed."));
    return CERTENROLL_E_ID_IN_USE;
}

/* --- how libp11 fails --- */

/* libp11 0.4.12 keeps the sessions that died with a token that was pulled. */
static int fail(certenroll_error **error, int status, const char *what, const char *why)
{
    certenroll_error_set(error, status, "%s", what);
    if (why[0])
        certenroll_error_because(error, "%s", why);
    certenroll_error_advise(error, _("Call PKCS11_enumerate_slots() anew and give its token."));
    return status;
}

/* libp11's reason is the newest in OpenSSL's queue, which is left as the program had it. */
static int fail_libp11(certenroll_error **error, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    char why[256] = "";

    if (code != 0)
        ERR_error_string_n(code, why, sizeof(why));
    return fail(error, CERTENROLL_E_TOKEN, what, why);
}

static int fail_hidden(certenroll_error **error, const char *what)
{
    return fail(error, CERTENROLL_E_OBJECT_NOT_FOUND, what,
                _("it is another token, or libp11 holds on to what the token had before"));
}

/* libp11 0.4.12 knows RSA and EC, and lists no key at all beside one of another kind. */
static int has_other_kind(const certenroll_inventory *inventory)
{
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        certenroll_key_type type = certenroll_entry_key_type(entry);

        if (certenroll_entry_has_key(entry) &&
            (type == CERTENROLL_KEY_ED25519 || type == CERTENROLL_KEY_OTHER))
            return 1;
    }
    return 0;
}

static int fail_to_list_keys(const certenroll_inventory *inventory, certenroll_error **error)
{
    const char *what = _("libp11 cannot list the keys of the token");

    if (!has_other_kind(inventory))
        return fail_libp11(error, what);
    certenroll_error_set(error, CERTENROLL_E_UNSUPPORTED, "%s", what);
    certenroll_error_because(
        error,
        _("the token holds a key of a kind that this libp11 does not know, such as Ed25519"));
    certenroll_error_advise(error, _("Use a newer libp11, or certenroll_key_evp_pkey() in place of "
                                     "PKCS11_get_private_key()."));
    return CERTENROLL_E_UNSUPPORTED;
}

/* --- libp11's handles --- */

static int find_certificate(PKCS11_CERT **out, PKCS11_TOKEN *libp11_token,
                            const certenroll_entry *entry, certenroll_error **error)
{
    PKCS11_CERT *list = NULL;
    unsigned int count = 0;
    X509 *wanted = NULL;
    int status;

    if (PKCS11_enumerate_certs(libp11_token, &list, &count) != 0)
        return fail_libp11(error, _("libp11 cannot list the certificates of the token"));
    status = certenroll_entry_x509(&wanted, entry, error);
    if (status < 0)
        return status;
    for (unsigned int i = 0; i < count && !*out; i++) {
        if (list[i].x509 && X509_cmp(list[i].x509, wanted) == 0)
            *out = &list[i];
    }
    X509_free(wanted);
    return *out ? CERTENROLL_OK : fail_hidden(error, _("libp11 does not show the certificate"));
}

static int is_private_key_of(PKCS11_KEY *key, X509 *certificate)
{
    EVP_PKEY *pkey = PKCS11_get_private_key(key);
    int fits = pkey && EVP_PKEY_eq(X509_get0_pubkey(certificate), pkey) == 1;

    EVP_PKEY_free(pkey);
    return fits;
}

static int find_key(PKCS11_KEY **out, PKCS11_TOKEN *libp11_token, const certenroll_entry *entry,
                    const certenroll_inventory *inventory, X509 *certificate,
                    certenroll_error **error)
{
    PKCS11_KEY *list = NULL;
    unsigned int count = 0;
    size_t length = 0;
    const unsigned char *id = certenroll_entry_id(entry, &length);

    if (PKCS11_enumerate_keys(libp11_token, &list, &count) != 0)
        return fail_to_list_keys(inventory, error);
    for (unsigned int i = 0; i < count && !*out; i++) {
        if (list[i].id_len == length && memcmp(list[i].id, id, length) == 0 &&
            is_private_key_of(&list[i], certificate))
            *out = &list[i];
    }
    return *out ? CERTENROLL_OK : fail_hidden(error, _("libp11 does not show the private key"));
}

static int find_handles(PKCS11_KEY **key, PKCS11_CERT **certificate, PKCS11_TOKEN *libp11_token,
                        const certenroll_entry *entry, const certenroll_inventory *inventory,
                        certenroll_error **error)
{
    int status;

    ERR_set_mark();
    status = find_certificate(certificate, libp11_token, entry, error);
    if (status == CERTENROLL_OK)
        status = find_key(key, libp11_token, entry, inventory, (*certificate)->x509, error);
    ERR_pop_to_mark();
    if (status < 0)
        *certificate = NULL;
    return status;
}

int certenroll_libp11_find(PKCS11_KEY **key, PKCS11_CERT **certificate, PKCS11_TOKEN *libp11_token,
                           certenroll_token *token, const unsigned char *id, size_t id_length,
                           certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    int status;

    *key = NULL;
    *certificate = NULL;
    if (!libp11_token || !token || !id || id_length == 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a token or the CKA_ID is missing"));
    /* It also shows that the token answers: libp11 0.4.12 would wait for ever for one that does
     * not (C_OpenSession: CKR_DEVICE_REMOVED). */
    status = certenroll_inventory_new(&inventory, token, NULL, error);
    if (status == CERTENROLL_OK)
        status = find_entry(&entry, inventory, id, id_length, error);
    if (status == CERTENROLL_OK)
        status = find_handles(key, certificate, libp11_token, entry, inventory, error);
    certenroll_inventory_free(inventory);
    return status;
}
