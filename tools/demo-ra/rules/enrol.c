/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/enrol.h"

#include "base/diagnostics.h"
#include "common/message.h"
#include "rules/standing.h"
#include "store/store_order.h"

#include <openssl/err.h>

#include <string.h>

static const struct refusal other_subject = {
    400, "The request's subject differs from that of the present certificate.",
    "要求の主体者名が現在の証明書と異なります。"
};
static const struct refusal no_order = {
    403,
    "There is no order for a certificate that could be collected so (R-103): use the bank's page "
    "or its tools, or ask the bank's branch.",
    "この方法で取得できる電子証明書はありません(R-103)。当行のページまたはツールをご利用いただく"
    "か、営業店にお問い合わせください。"
};
static const struct refusal not_jobs_subject = {
    400, "The request's subject is not the name that this collection is for.",
    "要求の主体者名がこの取得手続きの名称と異なります。"
};

/* Who gets the certificate, and what it takes the place of. */
struct grant {
    int64_t account_id;
    const char *account_name;
    int64_t predecessor;   /* 0: none */
    const struct job *job; /* NULL: none */
};

static const struct refusal *tell_job(struct ra *ra, const struct grant *grant,
                                      int64_t certificate_id, int made)
{
    if (!grant->job) /* a first certificate by password alone uses an order up, too */
        return grant->predecessor || store_order_collect(ra->store, grant->account_id,
                                                         certificate_id) != STORE_FAILED
                   ? NULL
                   : &refusal_internal;
    switch (job_issued(ra, grant->job, certificate_id, made)) {
    case STORE_OK:
        return NULL;
    case STORE_NONE:
        return &refusal_job_over;
    default:
        return &refusal_internal;
    }
}

static const struct refusal *issue(X509 **out, struct ra *ra, const struct grant *grant,
                                   X509_REQ *request)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(request);
    const char *event = grant->predecessor ? "certificate-renewed" : "certificate-issued";
    const struct refusal *refusal = &refusal_internal;
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
        refusal = tell_job(ra, grant, record.id, 1);
    }
    if (refusal) {
        X509_free(*out);
        *out = NULL;
    }
    return refusal;
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
    if (!refusal && grant->predecessor)
        refusal = standing_as_confirmed(ra, grant->predecessor);
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

/* A certificate that is there already. A job that has one has this one. */
static const struct refusal *give_again(const struct enrolled *out, struct ra *ra,
                                        const struct grant *grant)
{
    struct certificate_record record;

    if (!grant->job)
        return NULL;
    if (store_certificate_find(ra->store, &record, out->certificate) != STORE_OK)
        return &refusal_internal;
    if (grant->job->state == JOB_ISSUED)
        return grant->job->certificate_id == record.id ? NULL : &refusal_job_over;
    return tell_job(ra, grant, record.id, 0);
}

/* The certificate that the job has got for another key is taken back. */
static const struct refusal *make_room(struct ra *ra, const struct grant *grant)
{
    if (!grant->job || grant->job->state != JOB_ISSUED)
        return NULL;
    return job_take_back(ra, grant->job) == STORE_OK ? NULL : &refusal_internal;
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
        return give_again(out, ra, grant);
    case STORE_NONE:
        refusal = make_room(ra, grant);
        return refusal ? refusal : issue_in_time(out, ra, grant, request);
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
    if (store_end(ra->store, !refusal) == STORE_OK && !refusal)
        return NULL;
    X509_free(out->certificate);
    *out = (struct enrolled){ 0 };
    return refusal ? refusal : &refusal_internal;
}

const struct refusal *enrol_first(struct enrolled *out, struct ra *ra,
                                  const struct account *account, X509_REQ *request)
{
    const struct grant grant = { account->id, account->name, 0, NULL };

    *out = (struct enrolled){ 0 };
    return account->needs_order ? &no_order : grant_certificate(out, ra, &grant, request);
}

/* "CN=name", to the letter: X509_NAME_cmp would not tell upper from lower case. */
static int has_subject(X509_REQ *request, const char *account_name)
{
    const X509_NAME *subject = X509_REQ_get_subject_name(request);
    const X509_NAME_ENTRY *entry =
        X509_NAME_entry_count(subject) == 1 ? X509_NAME_get_entry(subject, 0) : NULL;
    unsigned char *text = NULL;
    int length, same;

    if (!entry || OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != NID_commonName)
        return 0;
    length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    same = length >= 0 && (size_t)length == strlen(account_name) &&
           memcmp(text, account_name, (size_t)length) == 0;
    OPENSSL_free(text);
    ERR_clear_error();
    return same;
}

const struct refusal *enrol_for_job(struct enrolled *out, struct ra *ra,
                                    const struct account *account, const struct job *job,
                                    X509_REQ *request)
{
    struct job still;
    const struct grant grant = { account->id, account->name, 0, &still };
    const struct refusal *refusal;

    *out = (struct enrolled){ 0 };
    if (!has_subject(request, account->name))
        return &not_jobs_subject;
    if (store_begin(ra->store) != STORE_OK)
        return &refusal_internal;
    switch (job_still(&still, ra, job)) {
    case PROBLEM_NONE:
        refusal = grant_certificate(out, ra, &grant, request);
        break;
    case PROBLEM_JOB_OVER:
        refusal = &refusal_job_over;
        break;
    default:
        refusal = &refusal_internal;
    }
    if (store_end(ra->store, !refusal) == STORE_OK || refusal)
        return refusal;
    X509_free(out->certificate);
    *out = (struct enrolled){ 0 };
    return &refusal_internal;
}

const struct refusal *enrol_again(struct enrolled *out, struct ra *ra, const struct peer *peer,
                                  X509_REQ *request)
{
    const struct grant grant = { peer->record.account_id, peer->record.account_name,
                                 peer->record.id, NULL };
    const struct refusal *refusal = standing_of_peer(peer);

    *out = (struct enrolled){ 0 };
    if (refusal)
        return refusal;
    if (X509_NAME_cmp(X509_REQ_get_subject_name(request),
                      X509_get_subject_name(peer->certificate)) != 0)
        return &other_subject;
    return grant_certificate(out, ra, &grant, request);
}
