/* SPDX-License-Identifier: Apache-2.0 */
/* Alternative names are built as structures, never through OpenSSL's configuration syntax: there a
 * comma in a name would begin another one. */
#include "base/message.h"
#include "base/text.h"
#include "x509/request.h"

#include <openssl/err.h>

#include <stdio.h>
#include <string.h>

#define MAX_DNS 253   /* RFC 1035 §2.3.4, as text */
#define MAX_LABEL 63  /* RFC 1035 §2.3.1 */
#define MAX_EMAIL 254 /* RFC 5321 §4.5.3.1.3 without the angle brackets */
#define MAX_URI 2048
#define MAX_UPN 1024

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* --- what a value may look like --- */

/* RFC 1034 §3.5 labels of letters, digits and hyphens. */
static int is_host_name(const char *name)
{
    if (strlen(name) > MAX_DNS)
        return 0;
    for (;;) {
        size_t length = strspn(name, LETTERS DIGITS "-");

        if (length == 0 || length > MAX_LABEL || name[0] == '-' || name[length - 1] == '-')
            return 0;
        if (name[length] == '\0')
            return 1;
        if (name[length] != '.')
            return 0;
        name += length + 1;
    }
}

/* RFC 5280 §4.2.1.6, with a wildcard as the whole first label (RFC 6125 §6.4.3). */
static int is_dns(const char *name)
{
    int wildcard = strncmp(name, "*.", 2) == 0;

    return strlen(name) <= MAX_DNS && is_host_name(wildcard ? name + 2 : name);
}

/* RFC 5321 §4.1.2 Mailbox with a Dot-string; quoted local parts are not taken. */
static int is_email(const char *address)
{
    size_t local = strspn(address, LETTERS DIGITS ".!#$%&'*+-/=?^_`{|}~");

    return strlen(address) <= MAX_EMAIL && local > 0 && local <= 64 && address[local] == '@' &&
           address[0] != '.' && address[local - 1] != '.' && is_host_name(address + local + 1);
}

/* RFC 3986 §3: a scheme and something after it, in the characters of §2. */
static int is_uri(const char *uri)
{
    size_t scheme = strspn(uri, LETTERS DIGITS "+-.");
    size_t rest;

    if (scheme == 0 || uri[scheme] != ':' || !strchr(LETTERS, uri[0]))
        return 0;
    rest = strspn(uri + scheme + 1, LETTERS DIGITS "-._~:/?#[]@!$&'()*+,;=%");
    return rest > 0 && uri[scheme + 1 + rest] == '\0' && scheme + 1 + rest <= MAX_URI;
}

/* --- building --- */

static int set_ia5(GENERAL_NAME *name, int type, const char *text)
{
    ASN1_IA5STRING *string = ASN1_IA5STRING_new();

    if (!string || ASN1_STRING_set(string, text, (int)strlen(text)) != 1) {
        ASN1_IA5STRING_free(string);
        return 0;
    }
    GENERAL_NAME_set0_value(name, type, string);
    return 1;
}

static int set_dns(GENERAL_NAME *name, const char *text)
{
    return is_dns(text) && set_ia5(name, GEN_DNS, text);
}

static int set_email(GENERAL_NAME *name, const char *text)
{
    return is_email(text) && set_ia5(name, GEN_EMAIL, text);
}

static int set_uri(GENERAL_NAME *name, const char *text)
{
    return is_uri(text) && set_ia5(name, GEN_URI, text);
}

static int set_ip(GENERAL_NAME *name, const char *text)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);

    if (address)
        GENERAL_NAME_set0_value(name, GEN_IPADD, address);
    return address != NULL;
}

/* Microsoft's user principal name: otherName 1.3.6.1.4.1.311.20.2.3 with a UTF8String. */
static int set_upn(GENERAL_NAME *name, const char *text)
{
    size_t length = strlen(text);
    ASN1_STRING *string = NULL;
    ASN1_TYPE *value;

    if (length == 0 || length > MAX_UPN ||
        ASN1_mbstring_copy(&string, (const unsigned char *)text, (int)length, MBSTRING_UTF8,
                           B_ASN1_UTF8STRING) < 0)
        return 0;
    value = ASN1_TYPE_new();
    if (!value) {
        ASN1_STRING_free(string);
        return 0;
    }
    ASN1_TYPE_set(value, V_ASN1_UTF8STRING, string);
    if (GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_ms_upn), value) == 1)
        return 1;
    ASN1_TYPE_free(value);
    return 0;
}

static const struct kind {
    const char *prefix;
    int type;
    int (*set)(GENERAL_NAME *name, const char *text); /* non-zero when it was fit */
    const char *wanted;
} kinds[] = {
    { "dns:", GEN_DNS, set_dns,
      N_("a DNS name has labels of letters, digits and hyphens, like \"pc1.example.com\"") },
    { "email:", GEN_EMAIL, set_email,
      N_("a mail address is ASCII with one \"@\", like \"suzuki@example.com\"") },
    { "ip:", GEN_IPADD, set_ip, N_("an IP address is like \"192.0.2.1\" or \"2001:db8::1\"") },
    { "uri:", GEN_URI, set_uri, N_("a URI has a scheme and no spaces, like \"urn:uuid:...\"") },
    { "upn:", GEN_OTHERNAME, set_upn,
      N_("a user principal name is UTF-8 of 1 to 1024 bytes, like \"suzuki@example.com\"") },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int refuse(const char *text, const char *why, certenroll_error **error)
{
    char shown[128];

    ce_text_clean(shown, sizeof(shown), text, strlen(text));
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                         _("the alternative name \"%s\" cannot be used"), shown);
    certenroll_error_because(error, "%s", why);
    return CERTENROLL_E_ARGUMENT;
}

static const struct kind *find_kind(const char *text)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strncmp(text, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return &kinds[i];
    return NULL;
}

int ce_alt_name_parse(GENERAL_NAME **out, const char *text, certenroll_error **error)
{
    const struct kind *kind = find_kind(text);
    GENERAL_NAME *name;
    int fit;

    *out = NULL;
    if (!kind)
        return refuse(text, _("it begins with none of dns:, email:, ip:, uri:, upn:"), error);
    name = GENERAL_NAME_new();
    if (!name)
        return certenroll_error_set_memory(error);
    ERR_set_mark();
    fit = kind->set(name, text + strlen(kind->prefix));
    ERR_pop_to_mark();
    if (!fit) {
        GENERAL_NAME_free(name);
        return refuse(text, _(kind->wanted), error);
    }
    *out = name;
    return CERTENROLL_OK;
}

/* --- comparing and showing --- */

static const ASN1_STRING *upn_of(const GENERAL_NAME *name)
{
    ASN1_OBJECT *type = NULL;
    ASN1_TYPE *value = NULL;

    if (GENERAL_NAME_get0_otherName(name, &type, &value) != 1 || OBJ_obj2nid(type) != NID_ms_upn ||
        ASN1_TYPE_get(value) != V_ASN1_UTF8STRING)
        return NULL;
    return value->value.utf8string;
}

/* RFC 5280 §7.2 and §7.5: host names are compared without regard to case, local parts with. */
static int same_text(const ASN1_STRING *a, const ASN1_STRING *b, int is_mail)
{
    const unsigned char *left = ASN1_STRING_get0_data(a), *right = ASN1_STRING_get0_data(b);
    int length = ASN1_STRING_length(a), in_host = !is_mail;

    if (length != ASN1_STRING_length(b))
        return 0;
    for (int i = 0; i < length; i++) {
        if (in_host ? ce_text_lower(left[i]) != ce_text_lower(right[i]) : left[i] != right[i])
            return 0;
        in_host |= left[i] == '@';
    }
    return 1;
}

int ce_alt_name_same(const GENERAL_NAME *a, const GENERAL_NAME *b)
{
    int type = -1, other_type = -1;
    const void *value = GENERAL_NAME_get0_value(a, &type);
    const void *other = GENERAL_NAME_get0_value(b, &other_type);

    if (type != other_type || !value || !other)
        return 0;
    if (type == GEN_DNS || type == GEN_EMAIL)
        return same_text(value, other, type == GEN_EMAIL);
    return GENERAL_NAME_cmp((GENERAL_NAME *)a, (GENERAL_NAME *)b) == 0;
}

static void describe_ip(char *out, size_t size, const ASN1_STRING *address)
{
    const unsigned char *octets = ASN1_STRING_get0_data(address);
    int length = ASN1_STRING_length(address);

    if (length == 4) {
        snprintf(out, size, "ip:%d.%d.%d.%d", octets[0], octets[1], octets[2], octets[3]);
        return;
    }
    snprintf(out, size, "ip:");
    for (int i = 0; i + 1 < length && i < 16; i += 2) {
        size_t used = strlen(out);

        snprintf(out + used, size - used, "%s%x", i ? ":" : "", octets[i] << 8 | octets[i + 1]);
    }
}

void ce_alt_name_describe(char *out, size_t size, const GENERAL_NAME *name)
{
    int type = -1;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);

    if (type == GEN_OTHERNAME)
        value = upn_of(name);
    for (size_t i = 0; i < KINDS; i++) {
        size_t prefix = strlen(kinds[i].prefix);

        if (kinds[i].type != type || !value || size <= prefix)
            continue;
        if (type == GEN_IPADD) {
            describe_ip(out, size, value);
            return;
        }
        memcpy(out, kinds[i].prefix, prefix);
        ce_text_clean(out + prefix, size - prefix, (const char *)ASN1_STRING_get0_data(value),
                      (size_t)ASN1_STRING_length(value));
        return;
    }
    snprintf(out, size, _("a name of another kind"));
}
