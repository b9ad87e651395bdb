/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol.h"

#include "common/message.h"
#include "diagnostics.h"
#include "standing.h"

static const struct refusal other_subject = {
    400, "The request's subject differs from that of the present certificate.",
    "要求の主体者名が現在の証明書と異なります。"
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

static const struct refusal *check(struct ra *ra, const struct grant *grant, EVP_PKEY *key)
{
    const struct refusal *refusal = standing_of_account(ra, grant->account_id);

    if (!refusal && grant->predecessor)
        refusal = standing_of_certificate(ra, grant->predecessor);
    return refusal ? refusal : standing_of_key(ra, key, grant->account_name);
}

/* How many seconds the account still has to wait for the first certificate for this key; 0: none.
 */
static enum store_result time_left(int64_t *out, struct ra *ra, const struct grant *grant,
                                   EVP_PKEY *key)
{
    int64_t now = ra_now(ra);
    int64_t first = now;
    enum store_result result =
        ra->hold > 0 ? store_request_seen(ra->store, &first, grant->account_id, key, now)
                     : STORE_OK;

    *out = first + ra->hold - now;
    if (*out < 0)
        *out = 0;
    if (*out > ra->hold) /* the clock has been put back */
        *out = ra->hold;
    return result;
}

static const struct refusal *issue_in_time(struct enrolled *out, struct ra *ra,
                                           const struct grant *grant, X509_REQ *request)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(request);

    if (time_left(&out->wait, ra, grant, key) != STORE_OK)
        return &refusal_internal;
    if (out->wait > 0) {
        log_event(_("a request of \"%s\" waits, %ld seconds to go"), grant->account_name,
                  (long)out->wait);
        return NULL;
    }
    if (store_request_done(ra->store, grant->account_id, key) == STORE_FAILED)
        return &refusal_internal;
    return issue(&out->certificate, ra, grant, request);
}

static const struct refusal *find_or_issue(struct enrolled *out, struct ra *ra,
                                           const struct grant *grant, X509_REQ *request)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(request);
    const struct refusal *refusal = check(ra, grant, key);

    if (refusal)
        return refusal;
    switch (find_issued(&out->certificate, ra, grant, key)) {
    case STORE_OK:
        log_event(_("the same certificate given to \"%s\" again"), grant->account_name);
        return NULL;
    case STORE_NONE:
        return issue_in_time(out, ra, grant, request);
    default:
        return &refusal_internal;
    }
}

/* Looking and issuing are one transaction: two requests for one key get one certificate, and no
 * certificate leaves that is not in the books. */
static const struct refusal *grant_certificate(struct enrolled *out, struct ra *ra,
                                               const struct grant *grant, X509_REQ *request)
{
    const struct refusal *refusal;

    *out = (struct enrolled){ 0 };
    if (store_begin(ra->store) != STORE_OK)
        return &refusal_internal;
    refusal = find_or_issue(out, ra, grant, request);
    if (store_end(ra->store, !refusal) == STORE_OK)
        return refusal;
    X509_free(out->certificate);
    *out = (struct enrolled){ 0 };
    return &refusal_internal;
}

const struct refusal *enrol_first(struct enrolled *out, struct ra *ra,
                                  const struct account *account, X509_REQ *request)
{
    const struct grant grant = { account->id, account->name, 0 };

    return grant_certificate(out, ra, &grant, request);
}

const struct refusal *enrol_again(struct enrolled *out, struct ra *ra, const struct peer *peer,
                                  X509_REQ *request)
{
    const struct grant grant = { peer->record.account_id, peer->record.account_name,
                                 peer->record.id };
    const struct refusal *refusal = standing_of_peer(peer);

    *out = (struct enrolled){ 0 };
    if (refusal)
        return refusal;
    if (X509_NAME_cmp(X509_REQ_get_subject_name(request),
                      X509_get_subject_name(peer->certificate)) != 0)
        return &other_subject;
    return grant_certificate(out, ra, &grant, request);
}
