/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/fit.h"

#include "base/message.h"
#include "base/openssl_error.h"
#include "x509/certs.h"
#include "x509/show.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MIN_RSA_BITS 2048      /* NIST SP 800-57: 112 bits of security */
#define MIN_EC_BITS 256        /* P-256 */
#define MIN_SECURITY_BITS 112  /* of keys of any other kind */
#define MIN_SIGNATURE_BITS 128 /* collision resistance of SHA-256 */

/* A certificate before the gates. */
struct candidate {
    const struct ce_fit *fit;
    X509 *leaf;
    STACK_OF(X509) *certs;
    STACK_OF(X509) *chain; /* from leaf to anchor, once that gate is passed */
};

/* "the certificate" for the leaf, with their names for those above it. */
static struct shown show_certificate(const struct candidate *candidate, X509 *certificate)
{
    struct shown shown;

    if (certificate == candidate->leaf)
        snprintf(shown.text, sizeof(shown.text), "%s", _("the certificate"));
    else
        snprintf(shown.text, sizeof(shown.text), _("the CA certificate \"%.120s\""),
                 show_name(X509_get_subject_name(certificate)).text);
    return shown;
}

static struct shown show_key(const EVP_PKEY *key)
{
    struct shown shown;
    const char *type = EVP_PKEY_get0_type_name(key);

    snprintf(shown.text, sizeof(shown.text), _("%s, %d bits"), type ? type : "?",
             EVP_PKEY_get_bits(key));
    return shown;
}

/* --- the gates --- */

/* OpenSSL reads extensions late and passes over those it cannot read. */
static int check_form(struct candidate *candidate, certenroll_error **error)
{
    if (X509_get_extension_flags(candidate->leaf) & EXFLAG_INVALID)
        return ce_fail_openssl(error, CERTENROLL_E_CERT_MALFORMED,
                               _("the certificate's extensions cannot be read"));
    return CERTENROLL_OK;
}

static int check_key(struct candidate *candidate, certenroll_error **error)
{
    EVP_PKEY *found = X509_get0_pubkey(candidate->leaf);

    if (!found)
        return ce_fail_openssl(error, CERTENROLL_E_CERT_MALFORMED,
                               _("the certificate's public key cannot be read"));
    if (EVP_PKEY_eq(found, candidate->fit->key) == 1)
        return CERTENROLL_OK;
    ERR_clear_error();
    certenroll_error_set(error, CERTENROLL_E_CERT_KEY, _("the certificate is for another key"));
    certenroll_error_because(
        error, _("its public key (%s) is not the public half of the token's key (%s)"),
        show_key(found).text, show_key(candidate->fit->key).text);
    return CERTENROLL_E_CERT_KEY;
}

/* Dates have a gate of their own, which knows what to say. The time is set all the same: of two
 * issuers of one name OpenSSL then takes the one that is valid. */
static int pass_over_dates(int good, X509_STORE_CTX *context)
{
    int failure = X509_STORE_CTX_get_error(context);

    return good || failure == X509_V_ERR_CERT_HAS_EXPIRED ||
           failure == X509_V_ERR_CERT_NOT_YET_VALID;
}

/* Failures of the path that are not about the issuer. */
static int status_of_failure(int failure)
{
    static const struct {
        int failure;
        int status;
    } statuses[] = {
        { X509_V_ERR_PERMITTED_VIOLATION, CERTENROLL_E_CERT_NAME },
        { X509_V_ERR_EXCLUDED_VIOLATION, CERTENROLL_E_CERT_NAME },
        { X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, CERTENROLL_E_CERT_USAGE },
        { X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, CERTENROLL_E_CERT_MALFORMED },
        { X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, CERTENROLL_E_CERT_MALFORMED },
        { X509_V_ERR_OUT_OF_MEM, CERTENROLL_E_MEMORY },
    };

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].failure == failure)
            return statuses[i].status;
    return CERTENROLL_E_CERT_ISSUER;
}

static int refuse_chain(const struct candidate *candidate, X509_STORE_CTX *context,
                        certenroll_error **error)
{
    int failure = X509_STORE_CTX_get_error(context);
    int status = status_of_failure(failure);
    X509 *at = X509_STORE_CTX_get_current_cert(context);

    ERR_clear_error();
    if (!at)
        at = candidate->leaf;
    if (status == CERTENROLL_E_CERT_ISSUER)
        certenroll_error_set(error, status, _("the certificate does not lead to a trust anchor"));
    else
        certenroll_error_set(error, status, _("the certificate does not pass path validation"));
    if (failure == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
        failure == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
        certenroll_error_because(
            error,
            _("%s was issued by \"%s\", whose certificate is neither an anchor nor "
              "among those that came"),
            show_certificate(candidate, at).text, show_name(X509_get_issuer_name(at)).text);
    else
        certenroll_error_because(error, _("%s: OpenSSL: %s"), show_certificate(candidate, at).text,
                                 X509_verify_cert_error_string(failure));
    return status;
}

static int build_chain(struct candidate *candidate, certenroll_error **error)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int status = CERTENROLL_OK;

    if (!context || X509_STORE_CTX_init(context, ce_anchors_store(candidate->fit->anchors),
                                        candidate->leaf, candidate->certs) != 1) {
        X509_STORE_CTX_free(context);
        return ce_fail_openssl(error, CERTENROLL_E_MEMORY, _("the path cannot be validated"));
    }
    X509_STORE_CTX_set_time(context, 0, (time_t)candidate->fit->now);
    X509_STORE_CTX_set_verify_cb(context, pass_over_dates);
    ERR_clear_error();
    if (X509_verify_cert(context) != 1) {
        status = refuse_chain(candidate, context, error);
    } else {
        candidate->chain = X509_STORE_CTX_get1_chain(context);
        if (!candidate->chain)
            status = certenroll_error_set_memory(error);
    }
    X509_STORE_CTX_free(context);
    return status;
}

static int check_dates_of(const struct candidate *candidate, X509 *certificate,
                          certenroll_error **error)
{
    const ASN1_TIME *from = X509_get0_notBefore(certificate);
    const ASN1_TIME *until = X509_get0_notAfter(certificate);
    int64_t now = candidate->fit->now;

    if (ce_certs_time(from) <= now && now <= ce_certs_time(until))
        return CERTENROLL_OK;
    if (now < ce_certs_time(from))
        certenroll_error_set(error, CERTENROLL_E_CERT_DATES, _("%s is not valid yet"),
                             show_certificate(candidate, certificate).text);
    else
        certenroll_error_set(error, CERTENROLL_E_CERT_DATES, _("%s has expired"),
                             show_certificate(candidate, certificate).text);
    certenroll_error_because(error, _("it is valid from %s to %s; it is now %s"),
                             show_asn1_time(from).text, show_asn1_time(until).text,
                             show_time(now).text);
    return CERTENROLL_E_CERT_DATES;
}

static int check_dates(struct candidate *candidate, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    for (int i = 0; status == CERTENROLL_OK && i < sk_X509_num(candidate->chain); i++)
        status = check_dates_of(candidate, sk_X509_value(candidate->chain, i), error);
    return status;
}

static int check_no_ca(struct candidate *candidate, certenroll_error **error)
{
    if (!(X509_get_extension_flags(candidate->leaf) & EXFLAG_CA))
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_CERT_USAGE,
                         _("the certificate makes its holder a CA"));
    certenroll_error_because(error,
                             _("its basicConstraints say CA:TRUE; an end entity's were wanted"));
    return CERTENROLL_E_CERT_USAGE;
}

static int check_subject(struct candidate *candidate, certenroll_error **error)
{
    const struct ce_profile *profile = candidate->fit->profile;
    X509_NAME *found = X509_get_subject_name(candidate->leaf);

    if (!profile || candidate->fit->ca_names || X509_NAME_cmp(found, profile->subject) == 0)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_CERT_NAME, _("the certificate is for another name"));
    certenroll_error_because(error, _("its subject is \"%s\"; \"%s\" was asked for"),
                             show_name(found).text, show_name(profile->subject).text);
    return CERTENROLL_E_CERT_NAME;
}

/* The first of `names` that `others` lack; NULL: they have them all. */
static const GENERAL_NAME *find_lacking(const GENERAL_NAMES *names, const GENERAL_NAMES *others)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int j = 0;

        while (j < sk_GENERAL_NAME_num(others) &&
               !ce_alt_name_same(sk_GENERAL_NAME_value(names, i), sk_GENERAL_NAME_value(others, j)))
            j++;
        if (j >= sk_GENERAL_NAME_num(others))
            return sk_GENERAL_NAME_value(names, i);
    }
    return NULL;
}

static int compare_alt_names(const GENERAL_NAMES *found, const GENERAL_NAMES *wanted,
                             certenroll_error **error)
{
    const GENERAL_NAME *missing = find_lacking(wanted, found);
    const GENERAL_NAME *extra = find_lacking(found, wanted);
    char shown[160];

    if (!missing && !extra)
        return CERTENROLL_OK;
    ce_alt_name_describe(shown, sizeof(shown), missing ? missing : extra);
    certenroll_error_set(
        error, CERTENROLL_E_CERT_NAME,
        _("the certificate's alternative names differ from those that were asked for"));
    if (missing)
        certenroll_error_because(error, _("it lacks \"%s\""), shown);
    else
        certenroll_error_because(error, _("it has \"%s\", which was not asked for"), shown);
    return CERTENROLL_E_CERT_NAME;
}

static int check_alt_names(struct candidate *candidate, certenroll_error **error)
{
    const struct ce_profile *profile = candidate->fit->profile;
    void *found = NULL;
    int status;

    if (!profile || candidate->fit->ca_names)
        return CERTENROLL_OK;
    status = ce_extension_decode(&found, candidate->leaf, NID_subject_alt_name, error);
    if (status == CERTENROLL_OK)
        status = compare_alt_names(found, profile->alt_names, error);
    GENERAL_NAMES_free(found);
    return status;
}

static int check_key_usage(struct candidate *candidate, certenroll_error **error)
{
    static const char *const names[] = { "digitalSignature", "nonRepudiation", "keyEncipherment",
                                         "dataEncipherment", "keyAgreement" };
    uint32_t found = X509_get_key_usage(candidate->leaf);
    uint32_t wanted = candidate->fit->profile ? candidate->fit->profile->key_usage : 0;

    if (found == UINT32_MAX) /* without the extension every usage is allowed */
        return CERTENROLL_OK;
    if (found & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) {
        certenroll_error_set(error, CERTENROLL_E_CERT_USAGE,
                             _("the certificate is one to issue others with"));
        certenroll_error_because(error,
                                 _("its key usage has keyCertSign or cRLSign, which are a CA's"));
        return CERTENROLL_E_CERT_USAGE;
    }
    /* OpenSSL keeps the first octet of the BIT STRING as it is: bit 0 is 0x80. */
    for (size_t bit = 0; bit < sizeof(names) / sizeof(names[0]); bit++) {
        if ((wanted >> bit & 1) && !(found & 0x80U >> bit)) {
            certenroll_error_set(error, CERTENROLL_E_CERT_USAGE,
                                 _("the certificate lacks a key usage"));
            certenroll_error_because(
                error, _("%s was asked for, and its keyUsage does not have it"), names[bit]);
            return CERTENROLL_E_CERT_USAGE;
        }
    }
    return CERTENROLL_OK;
}

static struct shown show_usage(const ASN1_OBJECT *usage)
{
    struct shown shown = { "?" };
    int nid = OBJ_obj2nid(usage);

    if (nid != NID_undef)
        snprintf(shown.text, sizeof(shown.text), "%s", OBJ_nid2sn(nid));
    else
        OBJ_obj2txt(shown.text, (int)sizeof(shown.text), usage, 1);
    return shown;
}

static struct shown show_usages(const EXTENDED_KEY_USAGE *usages)
{
    struct shown shown = { "" };
    size_t used = 0;

    for (int i = 0; i < sk_ASN1_OBJECT_num(usages) && used < sizeof(shown.text); i++)
        used += (size_t)snprintf(shown.text + used, sizeof(shown.text) - used, "%s%s",
                                 i ? ", " : "", show_usage(sk_ASN1_OBJECT_value(usages, i)).text);
    if (used == 0)
        snprintf(shown.text, sizeof(shown.text), "%s", _("none"));
    return shown;
}

static int require_usage(const EXTENDED_KEY_USAGE *found, const ASN1_OBJECT *wanted,
                         certenroll_error **error)
{
    for (int i = 0; i < sk_ASN1_OBJECT_num(found); i++)
        if (OBJ_cmp(sk_ASN1_OBJECT_value(found, i), wanted) == 0)
            return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_CERT_USAGE,
                         _("the certificate lacks an extended key usage"));
    certenroll_error_because(error, _("%s was wanted; it has: %s"), show_usage(wanted).text,
                             show_usages(found).text);
    return CERTENROLL_E_CERT_USAGE;
}

/* A usage that nobody asked for (codeSigning, OCSPSigning, any) would make more of the key than its
 * owner wanted. */
static int refuse_unasked(const EXTENDED_KEY_USAGE *found, const EXTENDED_KEY_USAGE *asked,
                          certenroll_error **error)
{
    for (int i = 0; i < sk_ASN1_OBJECT_num(found); i++) {
        const ASN1_OBJECT *usage = sk_ASN1_OBJECT_value(found, i);

        if (require_usage(asked, usage, NULL) == CERTENROLL_OK)
            continue;
        certenroll_error_set(error, CERTENROLL_E_CERT_USAGE,
                             _("the certificate has an extended key usage that was not asked for"));
        certenroll_error_because(error, _("%s was not asked for; asked for: %s"),
                                 show_usage(usage).text, show_usages(asked).text);
        return CERTENROLL_E_CERT_USAGE;
    }
    return CERTENROLL_OK;
}

/* anyExtendedKeyUsage is not taken for the one wanted: TLS servers do not take it either. */
static int check_ext_key_usage(struct candidate *candidate, certenroll_error **error)
{
    const struct ce_profile *profile = candidate->fit->profile;
    void *found = NULL;
    int status = ce_extension_decode(&found, candidate->leaf, NID_ext_key_usage, error);

    if (status == CERTENROLL_OK && !profile)
        status = require_usage(found, OBJ_nid2obj(NID_client_auth), error);
    for (int i = 0;
         status == CERTENROLL_OK && profile && i < sk_ASN1_OBJECT_num(profile->ext_key_usage); i++)
        status = require_usage(found, sk_ASN1_OBJECT_value(profile->ext_key_usage, i), error);
    if (status == CERTENROLL_OK && profile && profile->ext_key_usage)
        status = refuse_unasked(found, profile->ext_key_usage, error);
    EXTENDED_KEY_USAGE_free(found);
    return status;
}

static int is_weak_key(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
        return EVP_PKEY_get_bits(key) < MIN_RSA_BITS;
    if (EVP_PKEY_is_a(key, "EC"))
        return EVP_PKEY_get_bits(key) < MIN_EC_BITS;
    return EVP_PKEY_get_security_bits(key) < MIN_SECURITY_BITS;
}

static int check_algorithm_of(const struct candidate *candidate, X509 *certificate,
                              certenroll_error **error)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    int digest = NID_undef, bits = 0;

    ERR_clear_error();
    if (X509_get_signature_info(certificate, &digest, NULL, &bits, NULL) != 1 ||
        bits < MIN_SIGNATURE_BITS) {
        certenroll_error_set(error, CERTENROLL_E_CERT_ALGORITHM, _("%s is signed too weakly"),
                             show_certificate(candidate, certificate).text);
        certenroll_error_because(
            error, _("its signature is by %s; SHA-256 or better is wanted"),
            OBJ_nid2ln(digest != NID_undef ? digest : X509_get_signature_nid(certificate)));
        return CERTENROLL_E_CERT_ALGORITHM;
    }
    if (key && !is_weak_key(key))
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_CERT_ALGORITHM, _("%s has a key that is too weak"),
                         show_certificate(candidate, certificate).text);
    if (key)
        certenroll_error_because(error, _("it is %s; RSA of %d or EC of %d bits is wanted"),
                                 show_key(key).text, MIN_RSA_BITS, MIN_EC_BITS);
    return CERTENROLL_E_CERT_ALGORITHM;
}

/* The anchor is trusted for what it is: its own signature proves nothing (RFC 5280 §6.1). */
static int check_algorithms(struct candidate *candidate, certenroll_error **error)
{
    int status = check_algorithm_of(candidate, candidate->leaf, error);

    for (int i = 1; status == CERTENROLL_OK && i < sk_X509_num(candidate->chain) - 1; i++)
        status = check_algorithm_of(candidate, sk_X509_value(candidate->chain, i), error);
    return status;
}

static int (*const gates[])(struct candidate *candidate, certenroll_error **error) = {
    check_form,    check_key,       build_chain,     check_dates,         check_no_ca,
    check_subject, check_alt_names, check_key_usage, check_ext_key_usage, check_algorithms,
};

int ce_fit_check(const struct ce_fit *fit, X509 *leaf, STACK_OF(X509) *certs,
                 certenroll_error **error)
{
    struct candidate candidate = { .fit = fit, .leaf = leaf, .certs = certs };
    int status = CERTENROLL_OK;

    for (size_t i = 0; status == CERTENROLL_OK && i < sizeof(gates) / sizeof(gates[0]); i++)
        status = gates[i](&candidate, error);
    sk_X509_pop_free(candidate.chain, X509_free);
    return status;
}

int ce_fit_find(X509 **out, const struct ce_fit *fit, STACK_OF(X509) *certs,
                certenroll_error **error)
{
    int status = ce_certs_find_leaf(out, certs, fit->key, error);

    if (status == CERTENROLL_OK)
        status = ce_fit_check(fit, *out, certs, error);
    if (status == CERTENROLL_OK || !*out)
        return status;
    /* An old or foreign one for the same key came along: any other that fits will do. */
    for (int i = 0; i < sk_X509_num(certs); i++) {
        *out = sk_X509_value(certs, i);
        if (ce_fit_check(fit, *out, certs, NULL) == CERTENROLL_OK) {
            certenroll_error_clear(error);
            return CERTENROLL_OK;
        }
    }
    *out = NULL;
    return status;
}

int ce_fit_chain(STACK_OF(X509) **out, const struct ce_fit *fit, X509 *leaf, STACK_OF(X509) *certs,
                 certenroll_error **error)
{
    struct candidate candidate = { .fit = fit, .leaf = leaf, .certs = certs };
    X509 *last;
    int status = build_chain(&candidate, error);

    *out = NULL;
    if (status < 0)
        return status;
    X509_free(sk_X509_shift(candidate.chain));
    last = sk_X509_value(candidate.chain, sk_X509_num(candidate.chain) - 1);
    if (last && (X509_get_extension_flags(last) & EXFLAG_SS))
        X509_free(sk_X509_pop(candidate.chain));
    *out = candidate.chain;
    return CERTENROLL_OK;
}
