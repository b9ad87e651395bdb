/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/certificate_issue.h"

#include "base/openssl_error.h"
#include "base/platform.h"
#include "common/tool_message.h"
#include "ground/ra_directory.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <time.h>

#define SERIAL_LENGTH 16

struct extension {
    int nid;
    const char *value;
};

#define EXTENSIONS_MAX 7

/* OpenSSL's textual form; the issuer's key identifier comes before what depends on the kind. */
static const struct extension profiles[][EXTENSIONS_MAX] = {
    [CERTIFICATE_ROOT] = { { NID_basic_constraints, "critical,CA:TRUE" },
                           { NID_key_usage, "critical,keyCertSign,cRLSign" },
                           { NID_subject_key_identifier, "hash" } },
    [CERTIFICATE_ISSUING_CA] = { { NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
                                 { NID_key_usage, "critical,keyCertSign,cRLSign" },
                                 { NID_subject_key_identifier, "hash" },
                                 { NID_authority_key_identifier, "keyid:always" } },
    [CERTIFICATE_SERVER] = { { NID_basic_constraints, "critical,CA:FALSE" },
                             { NID_key_usage, "critical,digitalSignature" },
                             { NID_ext_key_usage, "serverAuth" },
                             { NID_subject_alt_name,
                               "DNS:entry.localhost,DNS:login.localhost,DNS:est.localhost" },
                             { NID_subject_key_identifier, "hash" },
                             { NID_authority_key_identifier, "keyid:always" } },
    [CERTIFICATE_CLIENT] = { { NID_basic_constraints, "critical,CA:FALSE" },
                             { NID_key_usage, "critical,digitalSignature" },
                             { NID_ext_key_usage, "clientAuth" },
                             { NID_subject_key_identifier, "hash" },
                             { NID_authority_key_identifier, "keyid:always" } },
    [CERTIFICATE_CLIENT_ENCIPHERMENT] = { { NID_basic_constraints, "critical,CA:FALSE" },
                                          { NID_key_usage,
                                            "critical,digitalSignature,keyEncipherment" },
                                          { NID_ext_key_usage, "clientAuth" },
                                          { NID_subject_key_identifier, "hash" },
                                          { NID_authority_key_identifier, "keyid:always" } },
};

/* 127 random bits, positive and always 16 octets long. */
static int set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_LENGTH];
    BIGNUM *number;
    int done;

    if (ce_random(bytes, sizeof(bytes)) < 0)
        return 0;
    bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return done;
}

static int set_subject(X509 *certificate, const struct certificate_order *order)
{
    const char *const entries[][2] = { { "C", order->organization ? "JP" : NULL },
                                       { "O", order->organization },
                                       { "CN", order->common_name } };
    X509_NAME *name = X509_NAME_new();
    int done = name != NULL;

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        done = done && (!entries[i][1] || X509_NAME_add_entry_by_txt(
                                              name, entries[i][0], MBSTRING_UTF8,
                                              (const unsigned char *)entries[i][1], -1, -1, 0));
    done = done && X509_set_subject_name(certificate, name);
    X509_NAME_free(name);
    return done;
}

static int set_dates(X509 *certificate, const struct certificate_order *order)
{
    const ASN1_TIME *last = order->issuer ? X509_get0_notAfter(order->issuer) : NULL;

    if (!ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)order->not_before) ||
        !ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)order->not_after))
        return 0;
    if (last && ASN1_TIME_compare(X509_get0_notAfter(certificate), last) > 0)
        return X509_set1_notAfter(certificate, last);
    return 1;
}

static int add_extensions(X509 *certificate, const struct certificate_order *order)
{
    const struct extension *extensions = profiles[order->kind];
    X509V3_CTX context;

    X509V3_set_ctx(&context, order->issuer ? order->issuer : certificate, certificate, NULL, NULL,
                   0);
    for (size_t i = 0; i < EXTENSIONS_MAX && extensions[i].value; i++) {
        X509_EXTENSION *extension =
            X509V3_EXT_nconf_nid(NULL, &context, extensions[i].nid, extensions[i].value);
        int added = extension && X509_add_ext(certificate, extension, -1);

        X509_EXTENSION_free(extension);
        if (!added)
            return 0;
    }
    return 1;
}

int certificate_issue(X509 **out, const struct certificate_order *order, certenroll_error **error)
{
    X509 *certificate = X509_new();
    const X509 *issuer = order->issuer ? order->issuer : certificate;

    *out = NULL;
    if (certificate && X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate) &&
        set_subject(certificate, order) &&
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) &&
        set_dates(certificate, order) && X509_set_pubkey(certificate, order->key) &&
        add_extensions(certificate, order) &&
        X509_sign(certificate, order->issuer_key, EVP_sha256()) > 0) {
        *out = certificate;
        return CERTENROLL_OK;
    }
    X509_free(certificate);
    return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot issue a certificate for %s"),
                           order->common_name);
}

int certificate_save(const char *directory, const char *name, X509 *first, X509 *second,
                     certenroll_error **error)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *pem = NULL;
    long length = 0;
    int status;

    if (memory && PEM_write_bio_X509(memory, first) &&
        (!second || PEM_write_bio_X509(memory, second)))
        length = BIO_get_mem_data(memory, &pem);
    if (length > 0) {
        const struct ce_buffer contents = { (unsigned char *)pem, (size_t)length };

        status = ra_directory_write(directory, name, &contents, 0644, error);
    } else {
        status = ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot encode a certificate"));
    }
    BIO_free(memory);
    return status;
}

int certificate_load(X509 **out, const char *directory, const char *name, certenroll_error **error)
{
    struct ce_buffer pem;
    int status = ra_directory_read(&pem, directory, name, error);
    BIO *memory = status ? NULL : BIO_new_mem_buf(pem.data, (int)pem.length);

    *out = memory ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
    if (!status && !*out)
        status = ce_fail_openssl(error, CERTENROLL_E_SYSTEM, _("%s is not a certificate"), name);
    BIO_free(memory);
    ce_buffer_clear(&pem);
    return status;
}
