/* SPDX-License-Identifier: Apache-2.0 */
#include "calls/revoke.h"

#include "base/diagnostics.h"
#include "calls/basic_auth.h"
#include "common/message.h"
#include "rules/peer.h"
#include "rules/revocation.h"
#include "rules/standing.h"

#include <certenroll/revocation.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct refusal wrong_type = {
    415, "The request's Content-Type must be application/x-www-form-urlencoded.",
    "要求のContent-Typeはapplication/x-www-form-urlencodedでなければなりません。"
};
static const struct refusal malformed = {
    400, "The request is not a form of exactly the fields certificate (base64url) and reason.",
    "要求がcertificate(base64url)とreasonの二つの項目だけからなるフォームではありません。"
};
static const struct refusal unknown_reason = {
    400,
    "The reason must be unspecified, keyCompromise, affiliationChanged, superseded, "
    "cessationOfOperation or privilegeWithdrawn.",
    "理由にはunspecified、keyCompromise、affiliationChanged、superseded、cessationOfOperation、"
    "privilegeWithdrawnのいずれかを指定してください。"
};
/* One text for all that is not the caller's: whose it is, is nobody else's business. */
static const struct refusal not_yours = { 403, "This is no certificate that was issued to you.",
                                          "お客様に発行された証明書ではありません。" };

/* --- what is asked --- */

struct form {
    char *text; /* what the others point into */
    const char *certificate;
    const char *reason;
};

/* Where the field has not been seen before. */
static int take_field(const char **out, const char *part, const char *name)
{
    size_t length = strlen(name);

    if (*out || strncmp(part, name, length) != 0 || part[length] != '=')
        return 0;
    *out = part + length + 1;
    return 1;
}

/* Neither value needs escapes, so none are read. */
static int read_form(struct form *form, const struct request *request)
{
    form->text = strndup((const char *)request->body, request->body_length);
    if (!form->text || strlen(form->text) != request->body_length)
        return 0;
    for (char *part = form->text, *next; part; part = next) {
        next = strchr(part, '&');
        if (next)
            *next++ = '\0';
        if (!take_field(&form->certificate, part, "certificate") &&
            !take_field(&form->reason, part, "reason"))
            return 0;
    }
    return form->certificate && form->reason;
}

/* RFC 4648 §5 without padding. Returns how many bytes, 0 when it is not that; `*out` is the
 * caller's. */
static size_t decode_base64url(unsigned char **out, const char *text)
{
    size_t length = strlen(text);
    size_t padding = (4 - length % 4) % 4;
    char *padded = malloc(length + 4);
    int decoded = -1;

    *out = malloc(length + 4);
    if (padded && *out && padding < 3 &&
        text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")] ==
            '\0') {
        for (size_t i = 0; i < length; i++)
            padded[i] = (char)(text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
        memset(padded + length, '=', padding);
        decoded = EVP_DecodeBlock(*out, (const unsigned char *)padded, (int)(length + padding));
    }
    free(padded);
    return decoded > 0 ? (size_t)decoded - padding : 0;
}

/* Exactly one, and nothing behind it. */
static X509 *read_certificate(const char *text)
{
    unsigned char *der;
    size_t length = decode_base64url(&der, text);
    const unsigned char *end = der;
    X509 *certificate = length > 0 ? d2i_X509(NULL, &end, (long)length) : NULL;

    if (certificate && end != der + length) {
        X509_free(certificate);
        certificate = NULL;
    }
    ERR_clear_error();
    free(der);
    return certificate;
}

/* --- who asks --- */

struct caller {
    int64_t account_id;
    char account_name[ACCOUNT_NAME_MAX + 1];
    int64_t certificate_id; /* 0: by password */
};

static const struct refusal *identify_by_password(struct caller *out, const struct request *request)
{
    struct account account;
    const struct refusal *refusal =
        basic_auth_check(&account, NULL, request->ra, request->authorization);

    if (!refusal) {
        out->account_id = account.id;
        memcpy(out->account_name, account.name, sizeof(out->account_name));
    }
    return refusal;
}

/* A revoked certificate is let in so far: it may be asking again after its own revocation. */
static const struct refusal *identify(struct caller *out, const struct request *request)
{
    const struct refusal *refusal;
    struct peer peer;

    *out = (struct caller){ 0 };
    peer_judge(&peer, request->ra, request->session);
    if (peer.logon == LOGON_NONE || request->authorization) {
        refusal = identify_by_password(out, request);
    } else {
        refusal = peer.logon == LOGON_REVOKED ? NULL : standing_of_peer(&peer);
        out->account_id = peer.record.account_id;
        out->certificate_id = peer.record.id;
        memcpy(out->account_name, peer.record.account_name, sizeof(out->account_name));
    }
    peer_clear(&peer);
    return refusal;
}

/* --- the revocation --- */

static const struct refusal *find_owned(struct certificate_record *out, struct ra *ra,
                                        const struct caller *caller, X509 *certificate)
{
    switch (store_certificate_find(ra->store, out, certificate)) {
    case STORE_OK:
        return out->account_id == caller->account_id ? NULL : &not_yours;
    case STORE_NONE:
        return &not_yours;
    default:
        return &refusal_internal;
    }
}

static const struct refusal *find_and_revoke(struct ra *ra, const struct caller *caller,
                                             X509 *certificate, const char *reason)
{
    struct certificate_record record;
    const struct refusal *refusal = standing_of_account(ra, caller->account_id);

    if (!refusal)
        refusal = find_owned(&record, ra, caller, certificate);
    if (!refusal && caller->certificate_id && caller->certificate_id != record.id)
        refusal = standing_of_certificate(ra, caller->certificate_id);
    if (refusal || record.revoked)
        return refusal;
    if (revocation_record(ra->store, caller->account_name, record.serial, reason) != STORE_OK)
        return &refusal_internal;
    log_event(_("certificate %s of \"%s\" revoked (%s)"), record.serial, caller->account_name,
              reason);
    return NULL;
}

static const struct refusal *revoke(struct ra *ra, const struct caller *caller, X509 *certificate,
                                    const char *reason)
{
    const struct refusal *refusal;

    if (store_begin(ra->store) != STORE_OK)
        return &refusal_internal;
    refusal = find_and_revoke(ra, caller, certificate, reason);
    return store_end(ra->store, !refusal) == STORE_OK ? refusal : &refusal_internal;
}

static const struct refusal *revoke_named(const struct request *request,
                                          const struct caller *caller, const struct form *form)
{
    X509 *certificate;
    const struct refusal *refusal;

    if (certenroll_revocation_reason_from_name(form->reason) < 0)
        return &unknown_reason;
    certificate = read_certificate(form->certificate);
    refusal = certificate ? revoke(request->ra, caller, certificate, form->reason) : &malformed;
    X509_free(certificate);
    return refusal;
}

const struct refusal *revoke_answer(struct reply *reply, const struct request *request)
{
    struct form form = { 0 };
    struct caller caller;
    const struct refusal *refusal = identify(&caller, request);

    if (refusal)
        return refusal;
    if (!request_has_type(request, "application/x-www-form-urlencoded"))
        return &wrong_type;
    refusal = read_form(&form, request) ? revoke_named(request, &caller, &form) : &malformed;
    free(form.text);
    if (refusal)
        return refusal;
    reply->status = 200;
    reply->content_type = "text/plain; charset=utf-8";
    text_add(&reply->body, "The certificate is revoked. / 証明書は失効しました。\n");
    return NULL;
}
