/* SPDX-License-Identifier: Apache-2.0 */
#include "calls/revocation_list.h"

#include "base/openssl_error.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "rules/ra.h"
#include "store/store_crl.h"

#include <certenroll/revocation.h>

#include <openssl/bn.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>

#define KEPT_SECONDS 3600   /* the same list, while nothing is revoked */
#define VALID_SECONDS 86400 /* to nextUpdate */

/* --- entries --- */

/* No reason is told as none: RFC 5280 §5.3.1. */
static int add_reason(X509_REVOKED *entry, const char *name)
{
    int reason = name ? certenroll_revocation_reason_from_name(name) : -1;
    ASN1_ENUMERATED *value;
    int added;

    if (reason <= 0)
        return 1;
    value = ASN1_ENUMERATED_new();
    added = value && ASN1_ENUMERATED_set(value, reason) &&
            X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value, 0, X509V3_ADD_DEFAULT) == 1;
    ASN1_ENUMERATED_free(value);
    return added;
}

static int add_entry(X509_CRL *list, const char *serial, int64_t revoked_at, const char *reason)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)revoked_at);
    BIGNUM *number = NULL;
    ASN1_INTEGER *value = BN_hex2bn(&number, serial) > 0 ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
    int added = entry && time && value && X509_REVOKED_set_serialNumber(entry, value) &&
                X509_REVOKED_set_revocationDate(entry, time) && add_reason(entry, reason) &&
                X509_CRL_add0_revoked(list, entry);

    ASN1_TIME_free(time);
    ASN1_INTEGER_free(value);
    BN_free(number);
    if (!added)
        X509_REVOKED_free(entry);
    return added;
}

struct filling {
    X509_CRL *list;
    int failed;
};

static int take_revoked(void *user, const char *serial, int64_t revoked_at, const char *reason)
{
    struct filling *filling = user;

    filling->failed = !add_entry(filling->list, serial, revoked_at, reason);
    return filling->failed;
}

/* --- the list --- */

static int set_dates(X509_CRL *list, int64_t now)
{
    ASN1_TIME *this_update = ASN1_TIME_set(NULL, (time_t)now);
    ASN1_TIME *next_update = ASN1_TIME_set(NULL, (time_t)(now + VALID_SECONDS));
    int set = this_update && next_update && X509_CRL_set1_lastUpdate(list, this_update) &&
              X509_CRL_set1_nextUpdate(list, next_update);

    ASN1_TIME_free(this_update);
    ASN1_TIME_free(next_update);
    return set;
}

static int add_extensions(X509_CRL *list, X509 *issuer, int64_t number)
{
    ASN1_INTEGER *value = ASN1_INTEGER_new();
    X509V3_CTX context;
    X509_EXTENSION *key_id;
    int added;

    X509V3_set_ctx(&context, issuer, NULL, NULL, list, 0);
    key_id = X509V3_EXT_nconf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
    added = key_id && X509_CRL_add_ext(list, key_id, -1) && value &&
            ASN1_INTEGER_set_int64(value, number) &&
            X509_CRL_add1_ext_i2d(list, NID_crl_number, value, 0, X509V3_ADD_DEFAULT) == 1;
    X509_EXTENSION_free(key_id);
    ASN1_INTEGER_free(value);
    return added;
}

/* As DER, freed by OPENSSL_free. */
static enum store_result make_list(unsigned char **der, size_t *length, struct ra *ra,
                                   int64_t number, int64_t now)
{
    X509_CRL *list = X509_CRL_new();
    struct filling filling = { list, 0 };
    certenroll_error *error = NULL;
    int size = -1;

    *der = NULL;
    if (list && X509_CRL_set_version(list, X509_CRL_VERSION_2) &&
        X509_CRL_set_issuer_name(list, X509_get_subject_name(ra->issuer.issuing)) &&
        set_dates(list, now) && add_extensions(list, ra->issuer.issuing, number) &&
        store_revoked_list(ra->store, now, take_revoked, &filling) == STORE_OK && !filling.failed &&
        X509_CRL_sort(list) && X509_CRL_sign(list, ra->issuer.key, EVP_sha256()) > 0)
        size = i2d_X509_CRL(list, der);
    X509_CRL_free(list);
    *length = size > 0 ? (size_t)size : 0;
    if (size > 0)
        return STORE_OK;
    ce_fail_openssl(&error, CERTENROLL_E_INTERNAL, _("cannot make a revocation list"));
    log_error(&error);
    return STORE_FAILED;
}

static enum store_result find_or_make(struct ra *ra, struct text *body)
{
    int64_t now = ra_now(ra);
    unsigned char *der = NULL;
    size_t length;
    int64_t revoked, number;
    enum store_result result = store_revoked_count(ra->store, &revoked);

    if (result == STORE_OK)
        result = store_crl_find(ra->store, &der, &length, revoked, now - KEPT_SECONDS, now);
    if (result == STORE_OK)
        text_add_bytes(body, der, length);
    free(der);
    if (result != STORE_NONE)
        return result;
    result = store_crl_number(ra->store, &number, revoked, now);
    if (result != STORE_OK)
        return result;
    result = make_list(&der, &length, ra, number, now);
    if (result == STORE_OK)
        result = store_crl_keep(ra->store, number, der, length);
    if (result == STORE_OK)
        text_add_bytes(body, der, length);
    OPENSSL_free(der);
    return result;
}

/* In a transaction, so that no revocation comes between counting and listing. */
static enum store_result write_list(struct ra *ra, struct text *body)
{
    enum store_result result = store_begin(ra->store);

    if (result != STORE_OK)
        return result;
    result = find_or_make(ra, body);
    return store_end(ra->store, result == STORE_OK) == STORE_OK ? result : STORE_FAILED;
}

int crl_answer(struct reply *reply, const struct request *request)
{
    if (strcmp(request->path, CRL_PATH) != 0)
        return 0;
    if (strcmp(request->method, "GET") != 0) {
        reply_plain(reply, 405, "GET only. / GETのみ使えます。\n");
        reply_add_header(reply, "Allow", "GET");
    } else if (write_list(request->ra, &reply->body) == STORE_OK) {
        reply->status = 200;
        reply->content_type = "application/pkix-crl";
    } else {
        text_clear(&reply->body);
        reply_plain(reply, 500,
                    "The revocation list cannot be made now. / 現在、失効リストを作成でき"
                    "ません。\n");
    }
    return 1;
}
