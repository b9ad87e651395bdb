/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate that is not on a token yet, or was just written: read by OpenSSL. */
#include "common/text.h"
#include "output.h"

#include <openssl/bio.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <time.h>

/* RFC 4514 text; characters beyond ASCII as they are. */
static json_t *describe_name(const X509_NAME *name)
{
    const unsigned long style = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    BIO *bio = BIO_new(BIO_s_mem());
    json_t *string = NULL;
    char *text = NULL;

    if (bio && X509_NAME_print_ex(bio, name, 0, style) >= 0) {
        long size = BIO_get_mem_data(bio, &text);
        string = json_stringn(text, (size_t)size);
    }
    BIO_free(bio);
    return string;
}

static json_t *describe_serial(const ASN1_INTEGER *serial)
{
    char *hex = text_hex(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
    json_t *string = hex ? json_string(hex) : NULL;

    free(hex);
    return string;
}

static json_t *describe_when(const ASN1_TIME *when)
{
    char text[TEXT_TIME_SIZE] = "";
    struct tm utc;

    if (ASN1_TIME_to_tm(when, &utc))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return json_string(text);
}

json_t *describe_certificate(const unsigned char *der, size_t length)
{
    const unsigned char *next = der;
    X509 *certificate = d2i_X509(NULL, &next, (long)length);
    json_t *object;

    if (!certificate)
        return NULL;
    object = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "subject",
                       describe_name(X509_get_subject_name(certificate)), "issuer",
                       describe_name(X509_get_issuer_name(certificate)), "serial",
                       describe_serial(X509_get0_serialNumber(certificate)), "not_before",
                       describe_when(X509_get0_notBefore(certificate)), "not_after",
                       describe_when(X509_get0_notAfter(certificate)), "pem",
                       describe_pem("CERTIFICATE", der, length));
    X509_free(certificate);
    return object;
}
