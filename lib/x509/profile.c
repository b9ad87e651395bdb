/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "base/openssl_error.h"
#include "base/option_struct.h"
#include "base/text.h"
#include "x509/name.h"
#include "x509/request.h"

#include <openssl/err.h>

#include <stdlib.h>
#include <string.h>

#define MAX_ALT_NAMES 64
#define MAX_EXT_KEY_USAGES 16
#define MAX_EXT_KEY_USAGE 64 /* characters of one */
#define KNOWN_USAGES                                                                               \
    (CERTENROLL_USAGE_DIGITAL_SIGNATURE | CERTENROLL_USAGE_NON_REPUDIATION |                       \
     CERTENROLL_USAGE_KEY_ENCIPHERMENT | CERTENROLL_USAGE_DATA_ENCIPHERMENT |                      \
     CERTENROLL_USAGE_KEY_AGREEMENT)

/* --- from the caller's text --- */

static int take_subject(struct ce_profile *profile, const char *subject, certenroll_error **error)
{
    if (!subject)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no subject was given"));
    return ce_name_parse(&profile->subject, subject, error);
}

static int take_key_usage(struct ce_profile *profile, uint32_t key_usage, certenroll_error **error)
{
    if (key_usage & ~(uint32_t)KNOWN_USAGES)
        return certenroll_error_set(
            error, CERTENROLL_E_ARGUMENT,
            _("the key usage 0x%x has bits that an end entity cannot ask for"),
            (unsigned)key_usage);
    profile->key_usage = key_usage;
    return CERTENROLL_OK;
}

static int add_alt_name(GENERAL_NAMES *names, const char *text, certenroll_error **error)
{
    GENERAL_NAME *name;
    int status;

    if (!text)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("an alternative name is NULL"));
    status = ce_alt_name_parse(&name, text, error);
    if (status == CERTENROLL_OK && sk_GENERAL_NAME_push(names, name) <= 0) {
        GENERAL_NAME_free(name);
        return certenroll_error_set_memory(error);
    }
    return status;
}

static int take_alt_names(struct ce_profile *profile, const char *const *texts, size_t count,
                          certenroll_error **error)
{
    int status = CERTENROLL_OK;

    if (count == 0)
        return CERTENROLL_OK;
    if (!texts || count > MAX_ALT_NAMES)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("between 0 and %d alternative names can be asked for"),
                                    MAX_ALT_NAMES);
    profile->alt_names = sk_GENERAL_NAME_new_null();
    if (!profile->alt_names)
        return certenroll_error_set_memory(error);
    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++)
        status = add_alt_name(profile->alt_names, texts[i], error);
    return status;
}

static int refuse_ext_key_usage(const char *text, size_t length, certenroll_error **error)
{
    char shown[MAX_EXT_KEY_USAGE + 1];

    ce_text_clean(shown, sizeof(shown), text, length);
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("\"%s\" is no extended key usage"), shown);
    certenroll_error_because(
        error, _("neither one that OpenSSL knows, such as clientAuth, nor a dotted OID"));
    return CERTENROLL_E_ARGUMENT;
}

/* One name or OID, `length` characters with spaces around it. */
static int add_ext_key_usage(EXTENDED_KEY_USAGE *usages, const char *text, size_t length,
                             certenroll_error **error)
{
    char word[MAX_EXT_KEY_USAGE + 1];
    ASN1_OBJECT *object;

    for (; length > 0 && *text == ' '; text++)
        length--;
    while (length > 0 && text[length - 1] == ' ')
        length--;
    if (length == 0 || length > MAX_EXT_KEY_USAGE)
        return refuse_ext_key_usage(text, length, error);
    memcpy(word, text, length);
    word[length] = '\0';
    object = ce_object_parse(word);
    if (!object)
        return refuse_ext_key_usage(text, length, error);
    if (sk_ASN1_OBJECT_push(usages, object) <= 0) {
        ASN1_OBJECT_free(object);
        return certenroll_error_set_memory(error);
    }
    return CERTENROLL_OK;
}

static int take_ext_key_usage(struct ce_profile *profile, const char *list,
                              certenroll_error **error)
{
    int status = CERTENROLL_OK;

    if (!list || !*list)
        return CERTENROLL_OK;
    profile->ext_key_usage = sk_ASN1_OBJECT_new_null();
    if (!profile->ext_key_usage)
        return certenroll_error_set_memory(error);
    while (status == CERTENROLL_OK && list) {
        const char *comma = strchr(list, ',');
        size_t length = comma ? (size_t)(comma - list) : strlen(list);

        if (sk_ASN1_OBJECT_num(profile->ext_key_usage) == MAX_EXT_KEY_USAGES)
            return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                        _("more than %d extended key usages were asked for"),
                                        MAX_EXT_KEY_USAGES);
        status = add_ext_key_usage(profile->ext_key_usage, list, length, error);
        list = comma ? comma + 1 : NULL;
    }
    return status;
}

static int take_options(struct ce_profile *profile, const certenroll_request_options *options,
                        certenroll_error **error)
{
    int status = take_subject(profile, options->subject, error);

    if (status == CERTENROLL_OK)
        status = take_key_usage(profile, options->key_usage, error);
    if (status == CERTENROLL_OK)
        status = take_alt_names(profile, options->alt_names, options->alt_names_count, error);
    if (status == CERTENROLL_OK)
        status = take_ext_key_usage(profile, options->extended_key_usage, error);
    return status;
}

int ce_profile_new(struct ce_profile **out, const certenroll_request_options *options,
                   certenroll_error **error)
{
    certenroll_request_options own = CERTENROLL_REQUEST_OPTIONS_INIT;
    struct ce_profile *profile;
    int status = ce_options_take(&own, sizeof(own), options, error);

    *out = NULL;
    if (status < 0)
        return status;
    profile = calloc(1, sizeof(*profile));
    if (!profile)
        return certenroll_error_set_memory(error);
    status = take_options(profile, &own, error);
    if (status < 0)
        ce_profile_free(profile);
    else
        *out = profile;
    return status;
}

/* --- from a certificate --- */

int ce_extension_decode(void **out, const X509 *certificate, int nid, certenroll_error **error)
{
    int critical = 0;

    ERR_clear_error();
    *out = X509_get_ext_d2i(certificate, nid, &critical, NULL);
    if (*out || critical == -1)
        return CERTENROLL_OK;
    if (critical == -2)
        return certenroll_error_set(error, CERTENROLL_E_CERT_MALFORMED,
                                    _("the certificate has the extension %s twice"),
                                    OBJ_nid2sn(nid));
    return ce_fail_openssl(error, CERTENROLL_E_CERT_MALFORMED,
                           _("the certificate's extension %s cannot be read"), OBJ_nid2sn(nid));
}

static int copy_key_usage(struct ce_profile *profile, X509 *certificate, certenroll_error **error)
{
    void *decoded = NULL;
    int status = ce_extension_decode(&decoded, certificate, NID_key_usage, error);
    ASN1_BIT_STRING *bits = decoded;

    for (int bit = 0; bits && (1U << bit & KNOWN_USAGES); bit++)
        if (ASN1_BIT_STRING_get_bit(bits, bit))
            profile->key_usage |= 1U << bit;
    ASN1_BIT_STRING_free(bits);
    return status;
}

static int copy_extensions(struct ce_profile *profile, X509 *certificate, certenroll_error **error)
{
    void *decoded = NULL;
    int status = ce_extension_decode(&decoded, certificate, NID_subject_alt_name, error);

    profile->alt_names = decoded;
    if (status < 0)
        return status;
    status = ce_extension_decode(&decoded, certificate, NID_ext_key_usage, error);
    profile->ext_key_usage = decoded;
    return status < 0 ? status : copy_key_usage(profile, certificate, error);
}

int ce_profile_from_certificate(struct ce_profile **out, X509 *certificate,
                                certenroll_error **error)
{
    struct ce_profile *profile = calloc(1, sizeof(*profile));
    int status;

    *out = NULL;
    if (!profile)
        return certenroll_error_set_memory(error);
    profile->subject = X509_NAME_dup(X509_get_subject_name(certificate));
    status = profile->subject ? copy_extensions(profile, certificate, error)
                              : certenroll_error_set_memory(error);
    if (status < 0)
        ce_profile_free(profile);
    else
        *out = profile;
    return status;
}

void ce_profile_free(struct ce_profile *profile)
{
    if (!profile)
        return;
    X509_NAME_free(profile->subject);
    GENERAL_NAMES_free(profile->alt_names);
    sk_ASN1_OBJECT_pop_free(profile->ext_key_usage, ASN1_OBJECT_free);
    free(profile);
}
