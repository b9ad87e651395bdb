/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/enrol.h"

#include "ca/request_policy.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "rules/logon.h"
#include "store/store_order.h"

#include <openssl/err.h>

#include <string.h>

/* Who gets the certificate, and what it takes the place of. */
struct grant {
    int64_t account_id;
    const char *account_name;
    int64_t predecessor;   /* 0: none */
    const struct job *job; /* NULL: none */
};

static enum problem tell_job(struct ra *ra, const struct grant *grant, int64_t certificate_id,
                             int made)
{
    if (grant->job)
        return ra_problem(job_issued(ra, grant->job, certificate_id, made), PROBLEM_JOB_OVER);
    /* A first certificate by password alone uses an order up, too. */
    if (grant->predecessor)
        return PROBLEM_NONE;
    return ra_problem(store_order_collect(ra->store, grant->account_id, certificate_id),
                      PROBLEM_NONE);
}

static enum problem issue(X509 **out, struct ra *ra, const struct grant *grant, X509_REQ *request)
{
    const struct client_order order = { grant->account_name, X509_REQ_get0_pubkey(request),
                                        policy_key_encipherment(request), ra_now(ra),
                                        ra->validity_days };
    const char *event = grant->predecessor ? "certificate-renewed" : "certificate-issued";
    struct certificate_record record;

    /* Who called frees it where this comes to nothing. */
    if (issuer_issue(&ra->issuer, out, &order) ||
        store_certificate_add(ra->store, *out, grant->account_id, grant->predecessor) != STORE_OK ||
        store_certificate_find(ra->store, &record, *out) != STORE_OK ||
        store_audit(ra->store, event, grant->account_name, record.serial) != STORE_OK)
        return PROBLEM_FAILED;
    log_event(grant->predecessor ? _("certificate %s issued to \"%s\", as a renewal")
                                 : _("certificate %s issued to \"%s\""),
              record.serial, grant->account_name);
    return tell_job(ra, grant, record.id, 1);
}

/* Either may have changed since the requester was let in. */
static enum problem check_grant(struct ra *ra, const struct grant *grant, EVP_PKEY *key)
{
    struct store *store = ra->store;
    enum problem problem =
        ra_problem(store_account_stands(store, grant->account_id), PROBLEM_ACCOUNT_REMOVED);

    if (!problem && grant->predecessor)
        problem = ra_problem(store_certificate_stands(store, grant->predecessor),
                             PROBLEM_CERTIFICATE_REVOKED);
    /* What its job may yet take back has no successor, which would outlive it. */
    if (!problem && grant->predecessor)
        problem = ra_problem(store_job_awaits_none(store, grant->predecessor), PROBLEM_UNCONFIRMED);
    if (!problem)
        problem =
            ra_problem(store_key_is_free(store, key, grant->account_name), PROBLEM_KEY_FOREIGN);
    /* A revoked key stays so, also for its own account: the key may be what was lost. */
    return problem ? problem : ra_problem(store_key_is_unrevoked(store, key), PROBLEM_KEY_REVOKED);
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

/* A certificate that is there already. A job that has one has this one. */
static enum problem give_again(const struct enrolled *out, struct ra *ra, const struct grant *grant)
{
    struct certificate_record record;

    log_event(_("the same certificate given to \"%s\" again"), grant->account_name);
    if (!grant->job)
        return PROBLEM_NONE;
    if (store_certificate_find(ra->store, &record, out->certificate) != STORE_OK)
        return PROBLEM_FAILED;
    if (grant->job->state == JOB_ISSUED)
        return grant->job->certificate_id == record.id ? PROBLEM_NONE : PROBLEM_JOB_OVER;
    return tell_job(ra, grant, record.id, 0);
}

static enum problem find_or_issue(struct enrolled *out, struct ra *ra, const struct grant *grant,
                                  X509_REQ *request)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(request);
    enum problem problem = check_grant(ra, grant, key);
    enum store_result found;

    if (problem)
        return problem;
    found = grant->predecessor ? store_certificate_successor(ra->store, &out->certificate,
                                                             grant->predecessor, key, ra_now(ra))
                               : store_certificate_for_key(ra->store, &out->certificate, key,
                                                           grant->account_id, ra_now(ra));
    if (found == STORE_OK)
        return give_again(out, ra, grant);
    /* The certificate that the job has got for another key is taken back. */
    if (found != STORE_NONE || (grant->job && grant->job->state == JOB_ISSUED &&
                                job_take_back(ra, grant->job) != STORE_OK))
        return PROBLEM_FAILED;
    if (time_left(&out->wait, ra, grant, key) != STORE_OK)
        return PROBLEM_FAILED;
    if (out->wait > 0) {
        log_event(_("a request of \"%s\" waits, %ld seconds to go"), grant->account_name,
                  (long)out->wait);
        return PROBLEM_NONE;
    }
    if (store_request_done(ra->store, grant->account_id, key) == STORE_FAILED)
        return PROBLEM_FAILED;
    return issue(&out->certificate, ra, grant, request);
}

/* Looking and issuing are one transaction: two requests for one key get one certificate, and no
 * certificate leaves that is not in the books. A job is looked at again in it. */
static enum problem grant_certificate(struct enrolled *out, struct ra *ra,
                                      const struct grant *wanted, X509_REQ *request)
{
    struct grant grant = *wanted;
    enum problem problem = PROBLEM_NONE;
    struct job still;

    if (store_begin(ra->store) != STORE_OK)
        return PROBLEM_FAILED;
    if (wanted->job) {
        problem = job_still(&still, ra, wanted->job);
        grant.job = &still;
    }
    if (!problem)
        problem = find_or_issue(out, ra, &grant, request);
    if (store_end(ra->store, !problem) != STORE_OK && !problem)
        problem = PROBLEM_FAILED;
    if (problem) {
        X509_free(out->certificate);
        *out = (struct enrolled){ 0 };
    }
    return problem;
}

enum problem enrol_first(struct enrolled *out, struct ra *ra, const struct account *account,
                         X509_REQ *request)
{
    const struct grant grant = { account->id, account->name, 0, NULL };

    *out = (struct enrolled){ 0 };
    return account->needs_order ? PROBLEM_NO_ORDER : grant_certificate(out, ra, &grant, request);
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

enum problem enrol_for_job(struct enrolled *out, struct ra *ra, const struct account *account,
                           const struct job *job, X509_REQ *request)
{
    const struct grant grant = { account->id, account->name, 0, job };

    *out = (struct enrolled){ 0 };
    return has_subject(request, account->name) ? grant_certificate(out, ra, &grant, request)
                                               : PROBLEM_SUBJECT_OTHER;
}

enum problem enrol_again(struct enrolled *out, struct ra *ra, const struct peer *peer,
                         X509_REQ *request)
{
    const struct grant grant = { peer->record.account_id, peer->record.account_name,
                                 peer->record.id, NULL };
    enum problem problem = logon_certificate_problem(peer);

    *out = (struct enrolled){ 0 };
    if (!problem && X509_NAME_cmp(X509_REQ_get_subject_name(request),
                                  X509_get_subject_name(peer->certificate)) != 0)
        problem = PROBLEM_SUBJECT_CHANGED;
    return problem ? problem : grant_certificate(out, ra, &grant, request);
}
