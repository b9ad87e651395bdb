/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/outstanding.h"

#include "common/shown_text.h"
#include "common/tool_message.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <string.h>

/* --- for programs --- */

static json_t *add_certificate(json_t *array, const unsigned char *der, size_t length)
{
    if (!array)
        array = json_array();
    json_array_append_new(array, describe_certificate(der, length));
    return array;
}

json_t *describe_promised(const certenroll_journal *journal)
{
    json_t *array = NULL, *object;
    const unsigned char *der;
    size_t length, i;

    for (i = 0; (der = certenroll_journal_revoke_at(journal, i, &length)) != NULL; i++)
        array = add_certificate(array, der, length);
    json_array_foreach(array, i, object) json_object_del(object, "pem");
    return array;
}

/* SHA-256 of the SubjectPublicKeyInfo: by it an RA finds what it has issued for the key. */
static json_t *describe_key_hash(X509_REQ *request)
{
    unsigned char digest[EVP_MAX_MD_SIZE], *der = NULL;
    int length = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request), &der);
    size_t size = 0;
    json_t *hex = NULL;

    if (length > 0 && EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)length, digest, &size))
        hex = describe_hex(digest, size);
    OPENSSL_free(der);
    return hex;
}

static json_t *add_unanswered(json_t *array, const char *url, const unsigned char *der,
                              size_t length)
{
    X509_REQ *request = der ? d2i_X509_REQ(NULL, &der, (long)length) : NULL;
    json_t *object = json_pack("{s:o}", "url", text_json(url));

    if (!array)
        array = json_array();
    if (request) {
        json_object_set_new(object, "subject", describe_name(X509_REQ_get_subject_name(request)));
        json_object_set_new(object, "key_sha256", describe_key_hash(request));
    }
    X509_REQ_free(request);
    ERR_clear_error();
    json_array_append_new(array, object);
    return array;
}

json_t *describe_left_in_force(const certenroll_enrolment *enrolment)
{
    const unsigned char *der;
    json_t *array = NULL;
    const char *url;
    size_t length;

    for (size_t i = 0; (der = certenroll_enrolment_revoke_at(enrolment, i, &length)) != NULL; i++)
        array = add_certificate(array, der, length);
    der = certenroll_enrolment_request(enrolment, &length);
    for (size_t i = 0; (url = certenroll_enrolment_unanswered_at(enrolment, i)) != NULL; i++)
        array = add_unanswered(array, url, der, length);
    return array;
}

json_t *describe_issued_elsewhere(const certenroll_enrolment *enrolment, const char *url)
{
    size_t length;
    const unsigned char *der = certenroll_enrolment_request(enrolment, &length);
    json_t *array = NULL;
    const char *other;

    for (size_t i = 0; (other = certenroll_enrolment_unanswered_at(enrolment, i)) != NULL; i++)
        if (strcmp(other, url ? url : "") != 0)
            array = add_unanswered(array, other, der, length);
    return array;
}

json_t *describe_left_by_journal(const certenroll_journal *journal)
{
    size_t length, request_length;
    const unsigned char *der = certenroll_journal_certificate(journal, &length),
                        *request = certenroll_journal_request(journal, &request_length);
    json_t *array = NULL;
    const char *url;

    /* Of one that is abandoned it is in the list, unless it was revoked. */
    if (der && certenroll_journal_state(journal) != CERTENROLL_STATE_ABANDONED)
        array = add_certificate(array, der, length);
    for (size_t i = 0; (der = certenroll_journal_revoke_at(journal, i, &length)) != NULL; i++)
        array = add_certificate(array, der, length);
    for (size_t i = 0; (url = certenroll_journal_unanswered_at(journal, i)) != NULL; i++)
        array = add_unanswered(array, url, request, request_length);
    return array;
}

void add_found(json_t *object, const char *member, json_t *array)
{
    if (array)
        json_object_set_new(object, member, array);
}

/* --- for a person --- */

static const char *member(struct tool *tool, const json_t *object, const char *name)
{
    return shown(tool, json_string_value(json_object_get(object, name)));
}

void show_promised(struct tool *tool, const json_t *array, const char *caption)
{
    const json_t *object;
    size_t i;

    json_array_foreach(array, i, object)
        printf(_("  %s serial number %s, issued by %s\n"), caption, member(tool, object, "serial"),
               member(tool, object, "issuer"));
}

void show_left_in_force(struct tool *tool, const json_t *array)
{
    const json_t *object;
    size_t i;

    json_array_foreach(array, i, object)
    {
        const char *url = member(tool, object, "url");

        if (json_object_get(object, "serial"))
            printf(_("  %s serial number %s, issued by %s\n"), _("not revoked:"),
                   member(tool, object, "serial"), member(tool, object, "issuer"));
        else
            printf(_("  perhaps issued, and not revoked: a certificate of %s, for the key with the "
                     "SHA-256 %s, by %s\n"),
                   member(tool, object, "subject"), member(tool, object, "key_sha256"),
                   url[0] ? url : _("the CA that was asked by hand"));
    }
    if (json_array_size(array) > 0)
        printf("  %s\n", _("To have it revoked, tell this to the RA's operator."));
}

/* Without a hash: the request that was sent is to be made anew, for the same key. */
void tell_issued_elsewhere(struct tool *tool, const json_t *array)
{
    const json_t *object;
    size_t i;

    json_array_foreach(array, i, object)
    {
        const char *url = member(tool, object, "url");
        const char *by = url[0] ? url : _("the CA that was asked by hand");

        if (json_object_get(object, "key_sha256"))
            fprintf(stderr,
                    _("%s may have issued a certificate of %s, for the key with the SHA-256 %s; "
                      "have it revoked there\n"),
                    by, member(tool, object, "subject"), member(tool, object, "key_sha256"));
        else
            fprintf(stderr,
                    _("%s may have issued a certificate for this enrolment's key; have it revoked "
                      "there\n"),
                    by);
    }
}
