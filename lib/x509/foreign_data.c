/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/foreign_data.h"

#include "base/message.h"
#include "base/text.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <string.h>

enum foreign {
    PRIVATE_KEY,
    PUBLIC_KEY,
    REQUEST,
    REVOCATION_LIST,
    BUNDLE,
    PAGE,
    ARCHIVE,
    WIDE_TEXT
};

static const char *clause_of(enum foreign foreign)
{
    static const char *const clauses[] = {
        [PRIVATE_KEY] = N_("it is a private key"),
        [PUBLIC_KEY] = N_("it is a public key without a certificate"),
        [REQUEST] = N_("it is a certification request, from which the CA makes the certificate"),
        [REVOCATION_LIST] = N_("it is a revocation list"),
        [BUNDLE] = N_("it is a PKCS#12 file, which holds a private key"),
        [PAGE] = N_("it is a page of HTML or XML, perhaps of an error or a login"),
        [ARCHIVE] = N_("it is a ZIP archive, to be unpacked first"),
        [WIDE_TEXT] = N_("it is text in UTF-16, to be saved as plain text first"),
    };

    return _(clauses[foreign]);
}

/* --- DER --- */

/* d2i_X509_SIG's structure is that of an encrypted PKCS#8 (RFC 5958 §3). */
#define EACH_KIND(X)                                                                               \
    X(PKCS12, BUNDLE)                                                                              \
    X(PKCS8_PRIV_KEY_INFO, PRIVATE_KEY)                                                            \
    X(X509_SIG, PRIVATE_KEY)                                                                       \
    X(X509_REQ, REQUEST)                                                                           \
    X(X509_CRL, REVOCATION_LIST)                                                                   \
    X(X509_PUBKEY, PUBLIC_KEY)

#define READER(type, foreign)                                                                      \
    static int is_##type(const unsigned char *der, size_t length)                                  \
    {                                                                                              \
        type *read = d2i_##type(NULL, &der, (long)length);                                         \
                                                                                                   \
        type##_free(read);                                                                         \
        return read != NULL;                                                                       \
    }
EACH_KIND(READER)

/* Those before PKCS#8: RSA's and EC's own. */
static int is_bare_key(const unsigned char *der, size_t length)
{
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, (long)length);

    EVP_PKEY_free(key);
    return key != NULL;
}

#define ROW(type, foreign) { is_##type, foreign },
static const struct {
    int (*is)(const unsigned char *der, size_t length);
    enum foreign foreign;
} kinds[] = { EACH_KIND(ROW){ is_bare_key, PRIVATE_KEY } };

static const char *foreign_der(const unsigned char *der, size_t length)
{
    const char *clause = NULL;

    ERR_set_mark();
    for (size_t i = 0; !clause && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].is(der, length))
            clause = clause_of(kinds[i].foreign);
    ERR_pop_to_mark();
    return clause;
}

/* --- what files begin with --- */

static int begins(const unsigned char *data, size_t length, const char *magic)
{
    return length >= strlen(magic) && memcmp(data, magic, strlen(magic)) == 0;
}

static int is_markup(const unsigned char *data, size_t length)
{
    size_t at = begins(data, length, "\xef\xbb\xbf") ? 3 : 0;

    while (at < length && strchr(" \t\r\n", data[at]) && data[at])
        at++;
    return at + 1 < length && data[at] == '<' &&
           (strchr("!?", data[at + 1]) ||
            (ce_text_lower(data[at + 1]) >= 'a' && ce_text_lower(data[at + 1]) <= 'z'));
}

const char *ce_foreign_data(const unsigned char *data, size_t length)
{
    if (is_markup(data, length))
        return clause_of(PAGE);
    if (begins(data, length, "PK\x03\x04"))
        return clause_of(ARCHIVE);
    if (begins(data, length, "\xff\xfe") || begins(data, length, "\xfe\xff"))
        return clause_of(WIDE_TEXT);
    return foreign_der(data, length);
}

/* --- PEM --- */

const char *ce_foreign_block(const char *label)
{
    static const struct {
        const char *ending; /* of the label */
        enum foreign foreign;
    } rows[] = {
        { "PRIVATE KEY", PRIVATE_KEY },
        { "PUBLIC KEY", PUBLIC_KEY },
        { "CERTIFICATE REQUEST", REQUEST },
        { "X509 CRL", REVOCATION_LIST },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t length = strlen(label), ending = strlen(rows[i].ending);

        if (length >= ending && strcmp(label + length - ending, rows[i].ending) == 0)
            return clause_of(rows[i].foreign);
    }
    return NULL;
}
