/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/name.h"

#include "base/buffer.h"
#include "base/message.h"
#include "base/openssl_error.h"
#include "base/text.h"

#include <certenroll/openssl.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <stdlib.h>
#include <string.h>

#define MAX_TEXT 4096
#define MAX_RDNS 32
#define MAX_ATTRIBUTES 64 /* of all RDNs together */
#define MAX_TYPE 64

/* --- reading RFC 4514 text --- */

struct parser {
    const char *text;
    const char *at;
    X509_NAME *name;
    int attributes;
    certenroll_error **error;
};

/* One value while it is read: UTF-8 (or the octets of a '#' value). */
struct value {
    unsigned char bytes[MAX_TEXT];
    size_t length;
    size_t kept; /* up to here it holds more than unescaped trailing spaces */
};

/* Says where: characters counted from 1, as a person counts them. */
static int refuse(const struct parser *parser, const char *place, const char *why)
{
    size_t position = 1;

    for (const char *at = parser->text; at < place; at++)
        if (((unsigned char)*at & 0xc0) != 0x80)
            position++;
    certenroll_error_set(parser->error, CERTENROLL_E_ARGUMENT,
                         _("the distinguished name is wrong at character %zu"), position);
    certenroll_error_because(parser->error, "%s", why);
    return CERTENROLL_E_ARGUMENT;
}

static void skip_spaces(struct parser *parser)
{
    while (*parser->at == ' ')
        parser->at++;
}

/* RFC 4514 §3 and RFC 4519 names that OpenSSL lacks or spells in another case only. */
static const struct {
    const char *name;
    int nid;
} types[] = {
    { "CN", NID_commonName },
    { "O", NID_organizationName },
    { "OU", NID_organizationalUnitName },
    { "C", NID_countryName },
    { "L", NID_localityName },
    { "ST", NID_stateOrProvinceName },
    { "S", NID_stateOrProvinceName },
    { "STREET", NID_streetAddress },
    { "DC", NID_domainComponent },
    { "UID", NID_userId },
    { "SN", NID_surname },
    { "GN", NID_givenName },
    { "T", NID_title },
    { "E", NID_pkcs9_emailAddress },
    { "email", NID_pkcs9_emailAddress },
    { "commonName", NID_commonName },
    { "organizationName", NID_organizationName },
    { "organizationalUnitName", NID_organizationalUnitName },
    { "countryName", NID_countryName },
    { "localityName", NID_localityName },
    { "stateOrProvinceName", NID_stateOrProvinceName },
    { "streetAddress", NID_streetAddress },
    { "domainComponent", NID_domainComponent },
    { "userId", NID_userId },
    { "surname", NID_surname },
    { "givenName", NID_givenName },
    { "initials", NID_initials },
    { "generationQualifier", NID_generationQualifier },
    { "title", NID_title },
    { "emailAddress", NID_pkcs9_emailAddress },
    { "serialNumber", NID_serialNumber },
    { "dnQualifier", NID_dnQualifier },
    { "pseudonym", NID_pseudonym },
    { "description", NID_description },
    { "postalCode", NID_postalCode },
    { "businessCategory", NID_businessCategory },
    { "organizationIdentifier", NID_organizationIdentifier },
};

ASN1_OBJECT *ce_object_parse(const char *word)
{
    size_t length = strlen(word);
    ASN1_OBJECT *object;

    /* OpenSSL reads an arc that is missing as 0. */
    if (length == 0 || word[length - 1] == '.' || strstr(word, ".."))
        return NULL;
    ERR_set_mark();
    object = OBJ_txt2obj(word, 0);
    ERR_pop_to_mark();
    return object;
}

/* NULL: no such type. */
static ASN1_OBJECT *find_type(const char *word)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (ce_text_same_word(types[i].name, word))
            return OBJ_nid2obj(types[i].nid);
    return ce_object_parse(word);
}

/* "CN =": the type and its equals sign. */
static int read_type(struct parser *parser, ASN1_OBJECT **type)
{
    static const char word_characters[] = "0123456789.-"
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char word[MAX_TYPE];
    const char *start;
    size_t length;

    skip_spaces(parser);
    start = parser->at;
    length = strspn(start, word_characters);
    if (length == 0)
        return refuse(parser, start, _("an attribute type such as CN is missing"));
    if (length >= sizeof(word))
        return refuse(parser, start, _("the attribute type is too long"));
    memcpy(word, start, length);
    word[length] = '\0';
    parser->at += length;
    skip_spaces(parser);
    if (*parser->at != '=')
        return refuse(parser, parser->at, _("\"=\" is missing after the attribute type"));
    *type = find_type(word);
    if (!*type)
        return refuse(parser, start, _("the attribute type is not known"));
    parser->at++;
    skip_spaces(parser);
    return CERTENROLL_OK;
}

/* RFC 4514 §3, pair: a backslash before a special character or two hexadecimal digits. */
static int read_pair(struct parser *parser, struct value *value)
{
    int octet = ce_hex_octet(parser->at + 1);

    if (octet == 0)
        return refuse(parser, parser->at, _("a value may not hold the character NUL"));
    if (octet > 0) {
        value->bytes[value->length++] = (unsigned char)octet;
        parser->at += 3;
    } else if (parser->at[1] && strchr("\\\"+,;<>=# ", parser->at[1])) {
        value->bytes[value->length++] = (unsigned char)parser->at[1];
        parser->at += 2;
    } else {
        return refuse(parser, parser->at,
                      _("\"\\\" is not followed by a character that it escapes"));
    }
    value->kept = value->length;
    return CERTENROLL_OK;
}

static int read_string(struct parser *parser, struct value *value)
{
    int status = CERTENROLL_OK;

    while (status == CERTENROLL_OK && *parser->at && *parser->at != ',' && *parser->at != '+') {
        if (*parser->at == '\\') {
            status = read_pair(parser, value);
            continue;
        }
        if (strchr("\";<>", *parser->at))
            return refuse(parser, parser->at, _("this character needs a \"\\\" before it"));
        value->bytes[value->length++] = (unsigned char)*parser->at;
        if (*parser->at++ != ' ')
            value->kept = value->length;
    }
    value->length = value->kept;
    return status;
}

/* Replaces BER by the text it holds. Returns 0 when it is no character string. */
static int decode_ber_string(struct value *value)
{
    const unsigned char *at = value->bytes;
    ASN1_TYPE *decoded;
    unsigned char *text = NULL;
    int length = -1;

    ERR_set_mark();
    decoded = d2i_ASN1_TYPE(NULL, &at, (long)value->length);
    if (decoded && at == value->bytes + value->length &&
        (ASN1_tag2bit(ASN1_TYPE_get(decoded)) & (B_ASN1_DIRECTORYSTRING | B_ASN1_IA5STRING)))
        length = ASN1_STRING_to_UTF8(&text, decoded->value.asn1_string);
    ERR_pop_to_mark();
    ASN1_TYPE_free(decoded);
    if (length < 0 || (size_t)length > sizeof(value->bytes) ||
        (length > 0 && memchr(text, 0, (size_t)length))) {
        OPENSSL_free(text);
        return 0;
    }
    if (length > 0)
        memcpy(value->bytes, text, (size_t)length);
    value->length = (size_t)length;
    OPENSSL_free(text);
    return 1;
}

/* RFC 4514 §2.4, "#" and the BER of the value. Its text is taken, in the string type that the
 * attribute has by RFC 5280, so that it passes the same checks as any other. */
static int read_hexstring(struct parser *parser, struct value *value)
{
    const char *start = parser->at++;
    int octet;

    while ((octet = ce_hex_octet(parser->at)) >= 0) {
        value->bytes[value->length++] = (unsigned char)octet;
        parser->at += 2;
    }
    skip_spaces(parser);
    if (*parser->at && *parser->at != ',' && *parser->at != '+')
        return refuse(parser, parser->at,
                      _("a \"#\" value takes pairs of hexadecimal digits only"));
    if (!decode_ber_string(value))
        return refuse(parser, start, _("the \"#\" value is not the BER of a character string"));
    return CERTENROLL_OK;
}

/* OpenSSL chooses the string type (PrintableString for C, IA5String for DC, else UTF8String) and
 * holds the value against RFC 5280's upper bounds. `joined`: into the RDN at the front, which
 * grows; otherwise a new RDN before it, for DER has the least specific one first. */
static int add_attribute(struct parser *parser, const ASN1_OBJECT *type, const struct value *value,
                         int joined, const char *place)
{
    ERR_clear_error();
    if (X509_NAME_add_entry_by_OBJ(parser->name, type, MBSTRING_UTF8, value->bytes,
                                   (int)value->length, joined ? 1 : 0, joined ? -1 : 0) == 1)
        return CERTENROLL_OK;
    switch (ERR_GET_REASON(ERR_peek_error())) {
    case ASN1_R_INVALID_UTF8STRING:
        ERR_clear_error();
        return refuse(parser, place, _("the value is not UTF-8"));
    case ASN1_R_STRING_TOO_LONG:
    case ASN1_R_STRING_TOO_SHORT:
        ERR_clear_error();
        return refuse(parser, place, _("the value is longer or shorter than RFC 5280 allows"));
    case ASN1_R_ILLEGAL_CHARACTERS:
        ERR_clear_error();
        return refuse(parser, place, _("the value has characters that this attribute cannot hold"));
    default:
        return ce_fail_openssl(parser->error, CERTENROLL_E_ARGUMENT,
                               _("the distinguished name cannot be encoded"));
    }
}

static int read_attribute(struct parser *parser, int joined)
{
    struct value value = { .length = 0, .kept = 0 };
    ASN1_OBJECT *type = NULL;
    int status = read_type(parser, &type);
    const char *place = parser->at;

    if (status < 0)
        return status;
    status = *place == '#' ? read_hexstring(parser, &value) : read_string(parser, &value);
    if (status == CERTENROLL_OK && value.length == 0)
        status = refuse(parser, place, _("the value is empty"));
    if (status == CERTENROLL_OK && ++parser->attributes > MAX_ATTRIBUTES)
        status = refuse(parser, place, _("the name has too many attributes"));
    if (status == CERTENROLL_OK)
        status = add_attribute(parser, type, &value, joined, place);
    ASN1_OBJECT_free(type);
    return status;
}

static int read_name(struct parser *parser)
{
    int rdns = 1;
    int status = read_attribute(parser, 0);

    while (status == CERTENROLL_OK && *parser->at) {
        int joined = *parser->at == '+';

        if (!joined && ++rdns > MAX_RDNS)
            return refuse(parser, parser->at, _("the name has more than 32 parts"));
        parser->at++;
        status = read_attribute(parser, joined);
    }
    return status;
}

int ce_name_parse(X509_NAME **out, const char *text, certenroll_error **error)
{
    struct parser parser = { .text = text, .at = text, .error = error };
    int status;

    *out = NULL;
    if (strlen(text) > MAX_TEXT)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the distinguished name is longer than %d bytes"), MAX_TEXT);
    parser.name = X509_NAME_new();
    if (!parser.name)
        return certenroll_error_set_memory(error);
    status = read_name(&parser);
    /* Encoded here, where it can be thrown away: a name for whose canonical form there was no
     * memory later is taken by OpenSSL (3.5) as encoded all the same, and as unlike any other. */
    if (status == CERTENROLL_OK && i2d_X509_NAME(parser.name, NULL) < 0)
        status = certenroll_error_set_memory(error);
    if (status < 0)
        X509_NAME_free(parser.name);
    else
        *out = parser.name;
    return status;
}

int ce_name_texts_match(const char *one, const char *other)
{
    X509_NAME *names[2] = { NULL, NULL };
    int is_same;

    if (!one || !other || strcmp(one, other) == 0)
        return one && other;
    is_same = ce_name_parse(&names[0], one, NULL) == CERTENROLL_OK &&
              ce_name_parse(&names[1], other, NULL) == CERTENROLL_OK &&
              X509_NAME_cmp(names[0], names[1]) == 0;
    X509_NAME_free(names[0]);
    X509_NAME_free(names[1]);
    return is_same;
}

int certenroll_name_parse(X509_NAME **out, const char *text, certenroll_error **error)
{
    *out = NULL;
    return text ? ce_name_parse(out, text, error)
                : certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no subject was given"));
}

/* --- writing --- */

/* Neutralises what acts on a display, and keeps each space: "\ " at an end means something. */
static char *clean(const char *text, size_t length)
{
    char *out = malloc(length + 1);
    size_t used = 0;

    while (out && length > 0) {
        const char *space = memchr(text, ' ', length);
        size_t word = space ? (size_t)(space - text) : length;

        ce_text_clean(out + used, word + 1, text, word);
        used += strlen(out + used);
        text += word;
        length -= word;
        for (; length > 0 && *text == ' '; text++, length--)
            out[used++] = ' ';
    }
    if (out)
        out[used] = '\0';
    return out;
}

int ce_name_format(char **out, const X509_NAME *name, certenroll_error **error)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    long length;

    *out = NULL;
    if (!bio || X509_NAME_print_ex(bio, name, 0,
                                   XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0) {
        BIO_free(bio);
        return ce_fail_openssl(error, CERTENROLL_E_CERT_MALFORMED,
                               _("a distinguished name cannot be shown"));
    }
    length = BIO_get_mem_data(bio, &text);
    *out = clean(text, length > 0 ? (size_t)length : 0);
    BIO_free(bio);
    return *out ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

/* The length of *text, which is freed with OPENSSL_free(). */
static size_t read_common_name(unsigned char **text, const X509_NAME *name)
{
    int last = -1, length = 0;

    *text = NULL;
    for (int i = -1; (i = X509_NAME_get_index_by_NID(name, NID_commonName, i)) >= 0;)
        last = i;
    ERR_set_mark();
    if (last >= 0)
        length =
            ASN1_STRING_to_UTF8(text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    ERR_pop_to_mark();
    return length > 0 ? (size_t)length : 0;
}

int ce_name_common_name(char **out, const X509_NAME *name, certenroll_error **error)
{
    unsigned char *text;
    size_t length = read_common_name(&text, name);

    *out = clean((const char *)text, length);
    OPENSSL_free(text);
    return *out ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

int ce_name_common_name_plain(char **out, const X509_NAME *name, certenroll_error **error)
{
    unsigned char *text;
    size_t length = read_common_name(&text, name);
    int is_plain = length > 0 && !memchr(text, '\0', length);
    int status = ce_string_copy(out, is_plain ? (const char *)text : "", error);

    OPENSSL_free(text);
    return status;
}

int ce_name_der(struct ce_buffer *out, const X509_NAME *name, certenroll_error **error)
{
    unsigned char *der = NULL;
    int length = i2d_X509_NAME(name, &der), status;

    if (length <= 0)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot encode a name or number"));
    status = ce_buffer_set(out, der, (size_t)length, error);
    OPENSSL_free(der);
    return status;
}
