/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol.h"

#include "common/message.h"
#include "diagnostics.h"

static const struct refusal foreign_key = { 403, "This key belongs to another account.",
                                            "この鍵は別のアカウントのものです。" };
static const struct refusal other_subject = {
    400, "The request's subject differs from that of the present certificate.",
    "要求の主体者名が現在の証明書と異なります。"
};
static const struct refusal not_logged_on = {
    403, "A valid certificate of this registration authority is needed to renew it.",
    "更新には、この登録局が発行した有効な証明書が必要です。"
};
static const struct refusal revoked = { 403, "The certificate has been revoked.",
                                        "証明書は失効しています。" };
static const struct refusal revoked_key = {
    403, "A certificate for this key has been revoked; generate a new key.",
    "この鍵の証明書は失効しています。新しい鍵を生成してください。"
};
static const struct refusal removed = { 403, "The account has been removed.",
                                        "アカウントは削除されています。" };
static const struct refusal expired = {
    403, "The certificate is not valid at this time; get a new one with your password.",
    "証明書は有効期間外です。暗証番号で新しい証明書を取得してください。"
};

/* Who gets the certificate, and what it takes the place of. */
struct grant {
    int64_t account_id;
    const char *account_name;
    int64_t predecessor; /* 0: none */
};

static const struct refusal *issue(X509 **out, struct ra *ra, const struct grant *grant,
                                   X509_REQ *request)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(request);
    const char *event = grant->predecessor ? "certificate-renewed" : "certificate-issued";
    struct certificate_record record;

    if (issuer_issue(&ra->issuer, out, grant->account_name, key, policy_key_encipherment(request),
                     ra_now(ra), ra->validity_days))
        return &refusal_internal;
    if (store_certificate_add(ra->store, *out, grant->account_id, grant->predecessor) == STORE_OK &&
        store_certificate_find(ra->store, &record, *out) == STORE_OK &&
        store_audit(ra->store, event, grant->account_name, record.serial) == STORE_OK) {
        log_event(grant->predecessor ? _("certificate %s issued to \"%s\", as a renewal")
                                     : _("certificate %s issued to \"%s\""),
                  record.serial, grant->account_name);
        return NULL;
    }
    X509_free(*out);
    *out = NULL;
    return &refusal_internal;
}

static enum store_result find_issued(X509 **out, struct ra *ra, const struct grant *grant,
                                     EVP_PKEY *key)
{
    int64_t now = ra_now(ra);

    if (grant->predecessor)
        return store_certificate_successor(ra->store, out, grant->predecessor, key, now);
    return store_certificate_for_key(ra->store, out, key, grant->account_id, now);
}

static const struct refusal *refusal_of(enum store_result result, const struct refusal *refusal)
{
    if (result == STORE_OK)
        return NULL;
    return result == STORE_FAILED ? &refusal_internal : refusal;
}

/* Again, as either may have changed since the requester was let in. */
static const struct refusal *check_standing(struct ra *ra, const struct grant *grant)
{
    const struct refusal *refusal =
        refusal_of(store_account_stands(ra->store, grant->account_id), &removed);

    if (!refusal && grant->predecessor)
        refusal = refusal_of(store_certificate_stands(ra->store, grant->predecessor), &revoked);
    return refusal;
}

/* A revoked key stays so, also for its own account: the key may be what was lost. */
static const struct refusal *check_key(struct ra *ra, const struct grant *grant, EVP_PKEY *key)
{
    const struct refusal *refusal =
        refusal_of(store_key_is_free(ra->store, key, grant->account_name), &foreign_key);

    if (!refusal)
        refusal = refusal_of(store_key_is_unrevoked(ra->store, key), &revoked_key);
    return refusal;
}

static const struct refusal *find_or_issue(X509 **out, struct ra *ra, const struct grant *grant,
                                           X509_REQ *request)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(request);
    const struct refusal *refusal = check_standing(ra, grant);

    if (!refusal)
        refusal = check_key(ra, grant, key);
    if (refusal)
        return refusal;
    switch (find_issued(out, ra, grant, key)) {
    case STORE_OK:
        log_event(_("the same certificate given to \"%s\" again"), grant->account_name);
        return NULL;
    case STORE_NONE:
        return issue(out, ra, grant, request);
    default:
        return &refusal_internal;
    }
}

/* Looking and issuing are one transaction: two requests for one key get one certificate, and no
 * certificate leaves that is not in the books. */
static const struct refusal *grant_certificate(X509 **out, struct ra *ra, const struct grant *grant,
                                               X509_REQ *request)
{
    const struct refusal *refusal;

    *out = NULL;
    if (store_begin(ra->store) != STORE_OK)
        return &refusal_internal;
    refusal = find_or_issue(out, ra, grant, request);
    if (store_end(ra->store, !refusal) == STORE_OK)
        return refusal;
    X509_free(*out);
    *out = NULL;
    return &refusal_internal;
}

const struct refusal *enrol_first(X509 **out, struct ra *ra, const struct account *account,
                                  X509_REQ *request)
{
    const struct grant grant = { account->id, account->name, 0 };

    return grant_certificate(out, ra, &grant, request);
}

static const struct refusal *check_peer(const struct peer *peer)
{
    switch (peer->logon) {
    case LOGON_OK:
        return NULL;
    case LOGON_REVOKED:
        return &revoked;
    case LOGON_EXPIRED:
    case LOGON_NOT_YET_VALID:
        return &expired;
    case LOGON_FAILED:
        return &refusal_internal;
    case LOGON_NONE:
    case LOGON_FOREIGN:
    case LOGON_UNKNOWN:
    default:
        return &not_logged_on;
    }
}

const struct refusal *enrol_again(X509 **out, struct ra *ra, const struct peer *peer,
                                  X509_REQ *request)
{
    const struct grant grant = { peer->record.account_id, peer->record.account_name,
                                 peer->record.id };
    const struct refusal *refusal = check_peer(peer);

    *out = NULL;
    if (refusal)
        return refusal;
    if (X509_NAME_cmp(X509_REQ_get_subject_name(request),
                      X509_get_subject_name(peer->certificate)) != 0)
        return &other_subject;
    return grant_certificate(out, ra, &grant, request);
}
