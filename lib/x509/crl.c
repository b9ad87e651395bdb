/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/crl.h"

#include "base/message.h"
#include "base/openssl_error.h"
#include "base/text.h"
#include "x509/certs.h"
#include "x509/show.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Seconds that this computer's clock may be off, either way. */
#define CLOCK_TOLERANCE 120

/* --- reading --- */

static int refuse(certenroll_error **error, const char *why)
{
    certenroll_error_set(error, CERTENROLL_E_CERT_MALFORMED,
                         _("the revocation list cannot be read"));
    certenroll_error_because(error, "%s", why);
    return CERTENROLL_E_CERT_MALFORMED;
}

/* OpenSSL decodes these with the list, and takes those that it cannot read for absent: a list of
 * some certificates would pass for one of all. */
static int has_readable_extensions(const X509_CRL *crl)
{
    static const int nids[] = { NID_issuing_distribution_point, NID_delta_crl,
                                NID_authority_key_identifier };

    for (size_t i = 0; i < sizeof(nids) / sizeof(nids[0]); i++) {
        int found = -1;
        void *decoded = X509_CRL_get_ext_d2i(crl, nids[i], &found, NULL);

        if (!decoded && found != -1)
            return 0;
        ASN1_item_free(decoded, ASN1_ITEM_ptr(X509V3_EXT_get_nid(nids[i])->it));
    }
    return 1;
}

static int parse_der(X509_CRL **out, const unsigned char *der, size_t length,
                     certenroll_error **error)
{
    const unsigned char *at = der;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)length);
    int status = CERTENROLL_OK;

    if (!crl)
        return ce_fail_openssl(error, CERTENROLL_E_CERT_MALFORMED,
                               _("the revocation list cannot be read"));
    if (at != der + length)
        status = refuse(error, _("something follows the end of the list"));
    else if (!has_readable_extensions(crl))
        status = ce_fail_openssl(error, CERTENROLL_E_CERT_MALFORMED,
                                 _("the revocation list's extensions cannot be read"));
    if (status < 0)
        X509_CRL_free(crl);
    else
        *out = crl;
    return status;
}

/* The block as it is: OpenSSL's own reader of CRLs would ask the terminal for a password. */
static int parse_pem(X509_CRL **out, const void *text, size_t length, certenroll_error **error)
{
    BIO *bio = BIO_new_mem_buf(text, (int)length);
    char *label = NULL, *header = NULL;
    unsigned char *der = NULL;
    long der_length = 0;
    int status;

    if (!bio)
        return certenroll_error_set_memory(error);
    if (PEM_read_bio(bio, &label, &header, &der, &der_length) != 1)
        status = ce_fail_openssl(error, CERTENROLL_E_CERT_MALFORMED,
                                 _("the revocation list is neither DER nor PEM"));
    else if (strcmp(label, PEM_STRING_X509_CRL) != 0 || header[0])
        status = refuse(error, _("the PEM block is no revocation list"));
    else
        status = parse_der(out, der, (size_t)der_length, error);
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(der, (size_t)der_length); /* a private key, by mistake */
    BIO_free(bio);
    return status;
}

int ce_crl_parse(X509_CRL **out, const void *data, size_t length, certenroll_error **error)
{
    int status;

    *out = NULL;
    if (length == 0)
        return refuse(error, _("there is no data"));
    if (length > CE_CRL_MAX_BYTES)
        return refuse(error, _("it is longer than 10 MiB"));
    ERR_clear_error();
    status = ce_certs_is_der(data, length) ? parse_der(out, data, length, error)
                                           : parse_pem(out, data, length, error);
    ERR_clear_error();
    return status;
}

/* --- what makes it the list to ask --- */

void ce_crl_unknown(certenroll_revocation *out, const char *why, ...)
{
    char text[2 * sizeof(out->why)];
    va_list arguments;

    va_start(arguments, why);
    vsnprintf(text, sizeof(text), why, arguments);
    va_end(arguments);
    out->state = CERTENROLL_REVOCATION_UNKNOWN;
    out->since = 0;
    out->reason = -1;
    ce_text_clean(out->why, sizeof(out->why), text, strlen(text));
}

static void tell_no_path(certenroll_revocation *out, const X509 *at, int failure)
{
    if (ce_path_lacks_issuer(failure))
        ce_crl_unknown(out, _("\"%s\" was issued by \"%s\", whose certificate is missing"),
                       show_name(X509_get_subject_name(at)).text,
                       show_name(X509_get_issuer_name(at)).text);
    else
        ce_crl_unknown(out, _("the certificate does not lead to a trust anchor: OpenSSL: %s"),
                       X509_verify_cert_error_string(failure));
}

/* OpenSSL would also take a list by another CA of the name, further up the path. */
static int is_of_issuer(certenroll_revocation *out, X509_CRL *crl, X509 *issuer)
{
    const X509_NAME *name = X509_get_subject_name(issuer);

    if (X509_NAME_cmp(X509_CRL_get_issuer(crl), name) != 0)
        ce_crl_unknown(out,
                       _("the revocation list is one of \"%s\"; the certificate was issued by "
                         "\"%s\""),
                       show_name(X509_CRL_get_issuer(crl)).text, show_name(name).text);
    else if (X509_CRL_verify(crl, X509_get0_pubkey(issuer)) != 1)
        ce_crl_unknown(out,
                       _("the revocation list is not signed with the key of \"%s\" that the "
                         "certificate is signed with"),
                       show_name(name).text);
    else
        return 1;
    return 0;
}

/* OpenSSL knows no tolerance that goes both ways, and takes a list without a next update, which
 * says nothing about today, for one of all times. */
static int is_of_today(certenroll_revocation *out, const X509_CRL *crl, int64_t now)
{
    const ASN1_TIME *last = X509_CRL_get0_lastUpdate(crl), *next = X509_CRL_get0_nextUpdate(crl);
    int64_t from = ce_certs_time(last), until = ce_certs_time(next);

    if (from == INT64_MIN || (next && until == INT64_MIN))
        ce_crl_unknown(out, _("the revocation list's dates cannot be read"));
    else if (now < from - CLOCK_TOLERANCE)
        ce_crl_unknown(out,
                       _("the revocation list is not valid yet: it is of %s, and by this "
                         "computer's clock it is %s"),
                       show_asn1_time(last).text, show_time(now).text);
    else if (!next)
        ce_crl_unknown(out,
                       _("the revocation list has no nextUpdate, so it says nothing about today"));
    else if (now > until + CLOCK_TOLERANCE)
        ce_crl_unknown(out,
                       _("the revocation list is old: a new one was due at %s, and by this "
                         "computer's clock it is %s"),
                       show_asn1_time(next).text, show_time(now).text);
    else
        return 1;
    return 0;
}

/* Here OpenSSL has the whole rule (RFC 5280 §6.3.3): cRLSign, critical extensions, and whether the
 * certificate is among those that the issuingDistributionPoint leaves, its own distribution points
 * held against that; indirect lists and those of some reasons it takes only when told to. Deltas it
 * should not take either, but 3.0 does, as if they were whole. */
static int covers(certenroll_revocation *out, X509_CRL *crl, X509 *certificate,
                  const struct ce_path *path)
{
    int failure;

    if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0) {
        ce_crl_unknown(out,
                       _("the revocation list is a delta: it holds the changes to another alone"));
        return 0;
    }
    failure = ce_path_verify(NULL, certificate, path, crl);
    switch (failure) {
    case X509_V_OK:
    case X509_V_ERR_CERT_REVOKED:
        return 1;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
        ce_crl_unknown(
            out, _("the revocation list is limited to other certificates, or to some reasons"));
        return 0;
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
        ce_crl_unknown(out,
                       _("the CA certificate \"%s\" may not sign revocation lists: its key usage "
                         "lacks cRLSign"),
                       show_name(X509_CRL_get_issuer(crl)).text);
        return 0;
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
        ce_crl_unknown(out,
                       _("the revocation list has a critical extension that is not known here"));
        return 0;
    default:
        ce_crl_unknown(out, _("the revocation list does not pass validation: OpenSSL: %s"),
                       X509_verify_cert_error_string(failure));
        return 0;
    }
}

/* --- what it says --- */

/* The CRLReason; -1: it cannot be read, or is none of RFC 5280 §5.3.1. */
static int reason_of(const X509_REVOKED *entry)
{
    int found = 0;
    ASN1_ENUMERATED *decoded = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &found, NULL);
    long reason = decoded       ? ASN1_ENUMERATED_get(decoded)
                  : found == -1 ? CRL_REASON_UNSPECIFIED
                                : -1;

    ASN1_ENUMERATED_free(decoded);
    return reason >= CRL_REASON_UNSPECIFIED && reason <= CRL_REASON_AA_COMPROMISE && reason != 7
               ? (int)reason
               : -1;
}

/* What is only on hold can come back into force. A reason that cannot be read is none to remove
 * anything for. removeFromCRL is said in deltas; here it is no revocation. */
static void take_entry(certenroll_revocation *out, const X509_REVOKED *entry)
{
    int reason = reason_of(entry);
    int64_t since = ce_certs_time(X509_REVOKED_get0_revocationDate(entry));

    if (reason == CRL_REASON_REMOVE_FROM_CRL)
        return;
    out->state = reason == CRL_REASON_CERTIFICATE_HOLD || reason == -1
                     ? CERTENROLL_REVOCATION_ON_HOLD
                     : CERTENROLL_REVOCATION_REVOKED;
    out->since = since == INT64_MIN ? 0 : since;
    out->reason = reason;
}

void ce_crl_check(certenroll_revocation *out, X509_CRL *crl, X509 *certificate,
                  const struct ce_path *path, int64_t now)
{
    X509_REVOKED *entry = NULL;
    X509 *at = NULL;
    int failure = ce_path_verify(&at, certificate, path, NULL);

    out->since = 0;
    out->reason = -1;
    if (failure != X509_V_OK) {
        tell_no_path(out, at ? at : certificate, failure);
    } else if (is_of_issuer(out, crl, at) && is_of_today(out, crl, now) &&
               covers(out, crl, certificate, path)) {
        out->state = CERTENROLL_REVOCATION_GOOD;
        out->why[0] = '\0';
        if (X509_CRL_get0_by_cert(crl, &entry, certificate) != 0)
            take_entry(out, entry);
    }
    X509_free(at);
    ERR_clear_error();
}
