/* SPDX-License-Identifier: Apache-2.0 */
/* What the library says, and what a certificate says by OpenSSL's reading, as JSON. */
#include "base/text.h"
#include "base/time.h"
#include "common/shown_text.h"
#include "common/tool_message.h"
#include "output/output.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <time.h>

/* --- values --- */

json_t *describe_hex(const unsigned char *bytes, size_t length)
{
    char hex[1024];

    ce_hex(hex, sizeof(hex), bytes, length);
    return json_string(hex);
}

static json_t *describe_time(int64_t when)
{
    char text[CE_TIME_SIZE];

    ce_time_format(text, when);
    return json_string(text);
}

/* What was written to the BIO, which is freed; NULL when `is_written` is 0. */
static json_t *describe_bio(BIO *bio, int is_written)
{
    char *text = NULL;
    long size = is_written ? BIO_get_mem_data(bio, &text) : 0;
    json_t *string = is_written ? json_stringn(text, (size_t)size) : NULL;

    BIO_free(bio);
    return string;
}

json_t *describe_pem(const char *name, const unsigned char *der, size_t length)
{
    BIO *bio = BIO_new(BIO_s_mem());

    return describe_bio(bio, bio && PEM_write_bio(bio, name, "", der, (long)length) > 0);
}

/* --- objects and arrays --- */

void add_time(json_t *object, const char *member, int64_t when)
{
    char text[CE_TIME_SIZE];

    ce_time_format(text, when);
    if (text[0])
        json_object_set_new(object, member, json_string(text));
}

void add_members(json_t **object, json_t *part)
{
    int failed = json_object_update(*object, part) < 0;

    json_decref(part);
    if (!failed)
        return;
    json_decref(*object);
    *object = NULL;
}

void add_item(json_t **array, json_t *item)
{
    if (json_array_append_new(*array, item) == 0)
        return;
    json_decref(*array);
    *array = NULL;
}

/* --- tokens --- */

static const struct {
    uint32_t flag;
    const char *name;
} flag_names[] = {
    { CERTENROLL_TOKEN_INITIALIZED, N_("initialised") },
    { CERTENROLL_TOKEN_USER_PIN_SET, N_("PIN set") },
    { CERTENROLL_TOKEN_LOGIN_REQUIRED, N_("login required") },
    { CERTENROLL_TOKEN_WRITE_PROTECTED, N_("write-protected") },
    { CERTENROLL_TOKEN_PIN_COUNT_LOW, N_("a wrong PIN was given") },
    { CERTENROLL_TOKEN_PIN_FINAL_TRY, N_("last PIN try") },
    { CERTENROLL_TOKEN_PIN_LOCKED, N_("PIN locked") },
    { CERTENROLL_TOKEN_PIN_TO_BE_CHANGED, N_("PIN to be changed") },
    { CERTENROLL_TOKEN_PIN_ON_READER, N_("PIN typed on the reader") },
    { CERTENROLL_TOKEN_SO_PIN_COUNT_LOW, N_("a wrong SO PIN was given") },
    { CERTENROLL_TOKEN_SO_PIN_FINAL_TRY, N_("last SO PIN try") },
    { CERTENROLL_TOKEN_SO_PIN_LOCKED, N_("SO PIN locked") },
    { CERTENROLL_TOKEN_SO_PIN_TO_BE_CHANGED, N_("SO PIN to be changed") },
};

/* The PINs of an empty token mean nothing, but for how they are typed: SoftHSM says of such a one
 * that they are locked. */
#define FLAGS_OF_EMPTY (CERTENROLL_TOKEN_WRITE_PROTECTED | CERTENROLL_TOKEN_PIN_ON_READER)

static json_t *describe_flags(uint32_t flags)
{
    json_t *array = json_array();

    if (array && !(flags & CERTENROLL_TOKEN_INITIALIZED)) {
        flags &= FLAGS_OF_EMPTY;
        json_array_append_new(array, json_string(N_("not initialised")));
    }
    for (size_t i = 0; array && i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
        if (flags & flag_names[i].flag)
            json_array_append_new(array, json_string(flag_names[i].name));
    return array;
}

/* What has to be done before the token can be used; NULL: nothing. */
static const char *advice_on(uint32_t flags)
{
    const uint32_t so_locked = CERTENROLL_TOKEN_SO_PIN_LOCKED;

    if (flags & CERTENROLL_TOKEN_WRITE_PROTECTED)
        return N_("Nothing can be written on it; its maker's tool may lift that.");
    if (!(flags & CERTENROLL_TOKEN_INITIALIZED))
        return N_("\"certenroll token init\" with --label and this URI makes it ready.");
    if (flags & CERTENROLL_TOKEN_PIN_LOCKED && flags & so_locked)
        return N_("Both PINs are locked: \"certenroll token init --erase\" destroys what is on it "
                  "and may bring it back.");
    if (flags & CERTENROLL_TOKEN_PIN_LOCKED)
        return N_("\"certenroll token pin --unblock\" sets a new PIN with the SO PIN (PUK).");
    if (!(flags & CERTENROLL_TOKEN_USER_PIN_SET) && flags & CERTENROLL_TOKEN_LOGIN_REQUIRED)
        return N_("\"certenroll token pin --unblock\" sets the first PIN with the SO PIN.");
    if (flags & CERTENROLL_TOKEN_PIN_TO_BE_CHANGED)
        return N_("\"certenroll token pin\" changes the PIN.");
    if (flags & CERTENROLL_TOKEN_PIN_FINAL_TRY)
        return N_("One more wrong PIN locks it: commands that log in want --allow-final-try now.");
    return NULL;
}

json_t *describe_token(const certenroll_token_info *info)
{
    const uint32_t flags = certenroll_token_info_flags(info);
    const char *advice = advice_on(flags);

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s*}", "label",
                     text_json(certenroll_token_info_label(info)), "serial",
                     text_json(certenroll_token_info_serial(info)), "manufacturer",
                     text_json(certenroll_token_info_manufacturer(info)), "model",
                     text_json(certenroll_token_info_model(info)), "uri",
                     text_json(certenroll_token_info_uri(info)), "module",
                     text_json(certenroll_token_info_module(info)), "flags", describe_flags(flags),
                     "advice", advice ? _(advice) : NULL);
}

/* --- keys and certificates --- */

const struct field key_fields[] = {
    { "id", N_("ID"), 0 },
    { "label", N_("label"), 0 },
    { "key_type", N_("key type"), 0 },
    FIELD_END,
};

json_t *describe_key(const certenroll_key *key)
{
    size_t length = 0;
    const unsigned char *id = certenroll_key_get_id(key, &length);

    return json_pack("{s:o, s:o, s:s}", "id", describe_hex(id, length), "label",
                     text_json(certenroll_key_get_label(key)), "key_type",
                     certenroll_key_type_name(certenroll_key_get_type(key)));
}

const struct field entry_fields[] = {
    { "state", N_("state"), 0 },
    { "id", N_("ID"), 0 },
    { "key_type", N_("key type"), 0 },
    { "subject", N_("subject"), 0 },
    { "issuer", N_("issuer"), 0 },
    { "serial", N_("serial number"), 0 },
    { "not_before", N_("valid from"), 0 },
    { "not_after", N_("valid until"), 0 },
    FIELD_END,
};

json_t *describe_entry(const certenroll_entry *entry)
{
    size_t length = 0;
    const unsigned char *id = certenroll_entry_id(entry, &length);
    json_t *object = json_pack(
        "{s:s, s:b, s:o, s:o, s:s}", "state", certenroll_mark_name(certenroll_entry_mark(entry)),
        "duplicate_id", certenroll_entry_has_duplicate_id(entry), "id", describe_hex(id, length),
        "label", text_json(certenroll_entry_label(entry)), "key_type",
        certenroll_key_type_name(certenroll_entry_key_type(entry)));

    if (certenroll_entry_has_certificate(entry))
        add_members(&object,
                    json_pack("{s:o, s:o, s:s, s:o, s:o}", "subject",
                              text_json(certenroll_entry_subject(entry)), "issuer",
                              text_json(certenroll_entry_issuer(entry)), "serial",
                              certenroll_entry_serial(entry), "not_before",
                              describe_time(certenroll_entry_not_before(entry)), "not_after",
                              describe_time(certenroll_entry_not_after(entry))));
    return object;
}

/* --- a certificate that is not on a token yet, or was just written --- */

/* RFC 4514 text; characters beyond ASCII as they are. */
json_t *describe_name(const X509_NAME *name)
{
    const unsigned long style = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    BIO *bio = BIO_new(BIO_s_mem());

    return describe_bio(bio, bio && X509_NAME_print_ex(bio, name, 0, style) >= 0);
}

static json_t *describe_when(const ASN1_TIME *when)
{
    char text[CE_TIME_SIZE] = "";
    struct tm utc;

    if (ASN1_TIME_to_tm(when, &utc))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return json_string(text);
}

json_t *describe_certificate(const unsigned char *der, size_t length)
{
    const unsigned char *next = der;
    X509 *certificate = d2i_X509(NULL, &next, (long)length);
    const ASN1_INTEGER *serial;
    json_t *object;

    if (!certificate)
        return NULL;
    serial = X509_get0_serialNumber(certificate);
    object =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "subject",
                  describe_name(X509_get_subject_name(certificate)), "issuer",
                  describe_name(X509_get_issuer_name(certificate)), "serial",
                  describe_hex(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)),
                  "not_before", describe_when(X509_get0_notBefore(certificate)), "not_after",
                  describe_when(X509_get0_notAfter(certificate)), "pem",
                  describe_pem("CERTIFICATE", der, length));
    X509_free(certificate);
    return object;
}
