/* SPDX-License-Identifier: Apache-2.0 */
/* What the library says, as JSON. */
#include "common/message.h"
#include "common/text.h"
#include "output.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <stdlib.h>

static json_t *describe_hex(const unsigned char *bytes, size_t length)
{
    char *hex = text_hex(bytes, length);
    json_t *string = hex ? json_string(hex) : NULL;

    free(hex);
    return string;
}

static json_t *describe_time(int64_t when)
{
    char text[TEXT_TIME_SIZE];

    text_time(text, when);
    return json_string(text);
}

json_t *describe_pem(const char *name, const unsigned char *der, size_t length)
{
    BIO *bio = BIO_new(BIO_s_mem());
    json_t *string = NULL;
    char *text = NULL;

    if (bio && PEM_write_bio(bio, name, "", der, (long)length) > 0) {
        long size = BIO_get_mem_data(bio, &text);
        string = json_stringn(text, (size_t)size);
    }
    BIO_free(bio);
    return string;
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
    json_t *of_certificate;

    if (!certenroll_entry_has_certificate(entry))
        return object;
    of_certificate = json_pack("{s:o, s:o, s:s, s:o, s:o}", "subject",
                               text_json(certenroll_entry_subject(entry)), "issuer",
                               text_json(certenroll_entry_issuer(entry)), "serial",
                               certenroll_entry_serial(entry), "not_before",
                               describe_time(certenroll_entry_not_before(entry)), "not_after",
                               describe_time(certenroll_entry_not_after(entry)));
    if (!object || json_object_update(object, of_certificate) < 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(of_certificate);
    return object;
}
