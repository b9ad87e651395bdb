/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/certs.h"

#include "base/base64.h"
#include "base/message.h"
#include "base/openssl_error.h"
#include "base/text.h"
#include "x509/foreign_data.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <string.h>
#include <time.h>

/* Where the certificates go as they are found. */
struct sink {
    STACK_OF(X509) *certs;
    int limit;
    certenroll_error **error;
};

static int refuse(const struct sink *sink, const char *why)
{
    certenroll_error_set(sink->error, CERTENROLL_E_CERT_MALFORMED,
                         _("the certificates cannot be read"));
    certenroll_error_because(sink->error, "%s", why);
    return CERTENROLL_E_CERT_MALFORMED;
}

static int advise_what_is_wanted(const struct sink *sink)
{
    certenroll_error_advise(
        sink->error, _("Give the certificate itself, in PEM, in DER, or as certs-only PKCS#7."));
    return CERTENROLL_E_CERT_MALFORMED;
}

/* What was given is something else: what it is, and what is wanted. */
static int refuse_foreign(const struct sink *sink, const char *clause)
{
    refuse(sink, clause);
    return advise_what_is_wanted(sink);
}

/* Takes over `certificate`. */
static int keep(struct sink *sink, X509 *certificate)
{
    if (sk_X509_num(sink->certs) >= sink->limit) {
        X509_free(certificate);
        certenroll_error_set(sink->error, CERTENROLL_E_CERT_MALFORMED,
                             _("there are more than %d certificates"), sink->limit);
        return CERTENROLL_E_CERT_MALFORMED;
    }
    if (sk_X509_push(sink->certs, certificate) <= 0) {
        X509_free(certificate);
        return certenroll_error_set_memory(sink->error);
    }
    return CERTENROLL_OK;
}

/* --- DER --- */

/* What OpenSSL could not decode for want of memory, it would later call a fault of the certificate:
 * no key, no use for anything. */
static int is_sound(X509 *certificate)
{
    (void)X509_check_purpose(certificate, -1, 0); /* decodes the extensions */
    return X509_get0_pubkey(certificate) &&
           !(X509_get_extension_flags(certificate) & EXFLAG_INVALID);
}

X509 *ce_x509_decode(const unsigned char **der, size_t length)
{
    const unsigned char *start = *der;
    X509 *certificate = d2i_X509(NULL, der, (long)length);
    int sound;

    ERR_set_mark();
    sound = certificate && is_sound(certificate);
    ERR_pop_to_mark();
    if (sound)
        return certificate;
    X509_free(certificate);
    *der = start;
    certificate = d2i_X509(NULL, der, (long)length);
    ERR_set_mark();
    if (certificate)
        (void)is_sound(certificate);
    ERR_pop_to_mark();
    return certificate;
}

int ce_x509_parse(X509 **out, const unsigned char *der, size_t length, certenroll_error **error)
{
    const unsigned char *at = der;

    *out = NULL;
    if (!der || length == 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no certificate was given"));
    ERR_clear_error();
    *out = length <= CE_CERTS_MAX_BYTES ? ce_x509_decode(&at, length) : NULL;
    if (*out && at == der + length)
        return CERTENROLL_OK;
    X509_free(*out);
    *out = NULL;
    return ce_fail_openssl(error, CERTENROLL_E_CERT_MALFORMED,
                           _("what was given is no certificate in DER"));
}

static int parse_certificate(struct sink *sink, const unsigned char *der, size_t length)
{
    const unsigned char *at = der;
    X509 *certificate = ce_x509_decode(&at, length);
    const char *foreign = certificate ? NULL : ce_foreign_data(der, length);

    if (foreign) {
        ERR_clear_error();
        return refuse_foreign(sink, foreign);
    }
    if (!certificate)
        return ce_fail_openssl(sink->error, CERTENROLL_E_CERT_MALFORMED,
                               _("a certificate cannot be read"));
    if (at != der + length) {
        X509_free(certificate);
        return refuse(sink, _("something follows the end of a certificate"));
    }
    return keep(sink, certificate);
}

/* Takes the certificates out of a SignedData that carries nothing else (RFC 5652 §5.1). */
static int unpack(struct sink *sink, CMS_ContentInfo *cms)
{
    STACK_OF(X509) *certs;
    int status = CERTENROLL_OK;

    if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
        return refuse(sink, _("the PKCS#7 is no SignedData"));
    if (sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) > 0)
        return refuse(sink, _("the PKCS#7 is a signed message, not certificates only"));
    certs = CMS_get1_certs(cms);
    while (status == CERTENROLL_OK && sk_X509_num(certs) > 0)
        status = keep(sink, sk_X509_shift(certs));
    sk_X509_pop_free(certs, X509_free);
    return status;
}

static int parse_pkcs7(struct sink *sink, const unsigned char *der, size_t length)
{
    const unsigned char *at = der;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)length);
    int status;

    if (!cms)
        return ce_fail_openssl(sink->error, CERTENROLL_E_CERT_MALFORMED,
                               _("the PKCS#7 cannot be read"));
    status = at == der + length ? unpack(sink, cms)
                                : refuse(sink, _("something follows the end of the PKCS#7"));
    CMS_ContentInfo_free(cms);
    return status;
}

/* Both are a SEQUENCE; a ContentInfo goes on with an OBJECT IDENTIFIER, a Certificate with another
 * SEQUENCE. */
static int parse_der(struct sink *sink, const unsigned char *der, size_t length)
{
    const unsigned char *at = der;
    long content_length = 0;
    int tag = 0, class = 0;
    int flags = ASN1_get_object(&at, &content_length, &tag, &class, (long)length);

    if (flags & 0x80)
        return ce_fail_openssl(sink->error, CERTENROLL_E_CERT_MALFORMED,
                               _("the certificates are cut short or damaged"));
    if (at < der + length && *at == V_ASN1_OBJECT)
        return parse_pkcs7(sink, der, length);
    return parse_certificate(sink, der, length);
}

/* --- PEM --- */

static int parse_block(struct sink *sink, const char *label, const char *header,
                       const unsigned char *der, long length)
{
    /* What is in it is told by its bytes: a PKCS#7 under the label of a certificate is common. */
    static const char *const labels[] = { PEM_STRING_X509, PEM_STRING_X509_OLD, PEM_STRING_PKCS7,
                                          PEM_STRING_PKCS7_SIGNED, PEM_STRING_CMS };
    const char *foreign = ce_foreign_block(label);
    char shown[64];

    if (header[0] && !foreign)
        return refuse(sink, _("a PEM block is encrypted"));
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (strcmp(label, labels[i]) == 0)
            return parse_der(sink, der, (size_t)length);
    ce_text_clean(shown, sizeof(shown), label, strlen(label));
    certenroll_error_set(sink->error, CERTENROLL_E_CERT_MALFORMED,
                         _("there is a PEM block \"%s\" among the certificates"), shown);
    if (!foreign)
        return CERTENROLL_E_CERT_MALFORMED;
    certenroll_error_because(sink->error, "%s", foreign);
    return advise_what_is_wanted(sink);
}

/* One block. *more is 0 when there is none left. */
static int parse_next_block(struct sink *sink, BIO *bio, int *more)
{
    char *label = NULL, *header = NULL;
    unsigned char *der = NULL;
    long length = 0;
    int status;

    ERR_clear_error();
    *more = PEM_read_bio(bio, &label, &header, &der, &length);
    if (!*more && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
        ERR_clear_error();
        return CERTENROLL_OK;
    }
    if (!*more)
        return ce_fail_openssl(sink->error, CERTENROLL_E_CERT_MALFORMED,
                               _("the PEM text cannot be read"));
    status = parse_block(sink, label, header, der, length);
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(der, (size_t)length); /* a private key may have been put here by mistake */
    return status;
}

static int parse_pem(struct sink *sink, const void *text, size_t length)
{
    BIO *bio = BIO_new_mem_buf(text, (int)length);
    int more = 1, status = bio ? CERTENROLL_OK : certenroll_error_set_memory(sink->error);

    while (status == CERTENROLL_OK && more)
        status = parse_next_block(sink, bio, &more);
    BIO_free(bio);
    return status;
}

/* A SEQUENCE of 128 bytes or more: its length octet is none of UTF-8's first bytes, so no text
 * begins like that. A shorter one, which holds no certificate, is known by its length. */
int ce_certs_is_der(const unsigned char *data, size_t length)
{
    if (length < 2 || data[0] != (V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED))
        return 0;
    return data[1] < 0x80 ? length == data[1] + 2U : data[1] <= 0x84;
}

/* --- base64 without a header --- */

/* What some web pages show for copying. Zero when it is no base64 of a DER. */
static int parse_base64(int *status, struct sink *sink, const void *text, size_t length)
{
    const struct ce_buffer base64 = { (unsigned char *)(uintptr_t)text, length };
    struct ce_buffer der;
    int is_der =
        ce_base64_decode(&der, &base64) == CERTENROLL_OK && ce_certs_is_der(der.data, der.length);

    if (is_der)
        *status = parse_der(sink, der.data, der.length);
    ce_buffer_clear(&der);
    return is_der;
}

/* --- any of them --- */

static int is_blank(const char *data, size_t length)
{
    while (length > 0 && data[length - 1] != '\0' && strchr(" \t\r\n", data[length - 1]))
        length--;
    return length == 0;
}

static int holds_pem(const char *data, size_t length)
{
    static const char begin[] = "-----BEGIN ";

    for (size_t i = 0; i + sizeof(begin) - 1 <= length; i++)
        if (memcmp(data + i, begin, sizeof(begin) - 1) == 0)
            return 1;
    return 0;
}

/* What it is, where that is known, else `why`. */
static int refuse_data(struct sink *sink, const void *data, size_t length, const char *why)
{
    const char *foreign = ce_foreign_data(data, length);

    return foreign ? refuse_foreign(sink, foreign) : refuse(sink, why);
}

static int parse(struct sink *sink, const void *data, size_t length)
{
    int status;

    if (is_blank(data, length))
        return refuse_foreign(sink, _("there is no data"));
    if (length > CE_CERTS_MAX_BYTES)
        return refuse(sink, _("they are longer than 1 MiB"));
    if (ce_certs_is_der(data, length))
        status = parse_der(sink, data, length);
    else if (holds_pem(data, length))
        status = parse_pem(sink, data, length);
    else if (!parse_base64(&status, sink, data, length))
        return refuse_data(sink, data, length, _("the data is neither PEM nor DER"));
    if (status == CERTENROLL_OK && sk_X509_num(sink->certs) == 0)
        return refuse_data(sink, data, length, _("there is no certificate in the data"));
    return status;
}

int ce_certs_parse_up_to(STACK_OF(X509) **out, int limit, const void *data, size_t length,
                         certenroll_error **error)
{
    struct sink sink = { .limit = limit, .error = error };
    int status;

    *out = NULL;
    sink.certs = sk_X509_new_null();
    if (!sink.certs)
        return certenroll_error_set_memory(error);
    ERR_clear_error();
    status = parse(&sink, data, length);
    if (status < 0)
        sk_X509_pop_free(sink.certs, X509_free);
    else
        *out = sink.certs;
    return status;
}

int ce_certs_parse(STACK_OF(X509) **out, const void *data, size_t length, certenroll_error **error)
{
    return ce_certs_parse_up_to(out, CE_CERTS_MAX_COUNT, data, length, error);
}

/* --- looking at certificates --- */

static int is_for_key(const X509 *certificate, const EVP_PKEY *key)
{
    EVP_PKEY *public_key;
    int same;

    ERR_set_mark();
    public_key = X509_get0_pubkey(certificate);
    same = public_key && EVP_PKEY_eq(public_key, key) == 1;
    ERR_pop_to_mark();
    return same;
}

int ce_certs_find_leaf(X509 **out, STACK_OF(X509) *certs, const EVP_PKEY *key,
                       certenroll_error **error)
{
    int count = sk_X509_num(certs);

    *out = NULL;
    for (int i = 0; i < count; i++) {
        X509 *certificate = sk_X509_value(certs, i);

        /* After a renewal a CA may send the old one along: take the one that lives longest. */
        if (is_for_key(certificate, key) &&
            (!*out || ce_certs_time(X509_get0_notAfter(certificate)) >
                          ce_certs_time(X509_get0_notAfter(*out))))
            *out = certificate;
    }
    if (*out)
        return CERTENROLL_OK;
    if (count <= 0)
        return certenroll_error_set(error, CERTENROLL_E_CERT_MALFORMED,
                                    _("there is no certificate"));
    return certenroll_error_set(error, CERTENROLL_E_CERT_KEY,
                                _("none of the %d certificates that came is for this key"), count);
}

int ce_certs_der(struct ce_buffer *out, const X509 *certificate, certenroll_error **error)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    int status;

    *out = (struct ce_buffer){ NULL, 0 };
    if (length <= 0)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("a certificate cannot be encoded"));
    status = ce_buffer_set(out, der, (size_t)length, error);
    OPENSSL_free(der);
    return status;
}

int64_t ce_certs_time(const ASN1_TIME *time)
{
    ASN1_TIME *epoch = time ? ASN1_TIME_set(NULL, 0) : NULL;
    int days = 0, seconds = 0;
    int is_known = epoch && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;

    ASN1_TIME_free(epoch);
    return is_known ? (int64_t)days * 86400 + seconds : INT64_MIN;
}
