/* SPDX-License-Identifier: Apache-2.0 */
#include "calls/owner_revocation.h"

#include "base/base64.h"
#include "calls/basic_auth.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "http/form.h"
#include "rules/logon.h"

#include <certenroll/revocation.h>

#include <openssl/err.h>

#include <limits.h>
#include <string.h>

/* Base64url without padding (RFC 4648 §5): exactly one, and nothing behind it. */
static X509 *read_certificate(const char *text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strlen(text);
    struct ce_buffer base64 = { NULL, 0 }, der = { NULL, 0 };
    const unsigned char *end;
    X509 *certificate = NULL;

    if (length == 0 || strspn(text, alphabet) != length ||
        ce_buffer_set(&base64, text, length, NULL) ||
        ce_buffer_append(&base64, "===", (4 - length % 4) % 4, SIZE_MAX / 2) < 0) {
        ce_buffer_clear(&base64);
        return NULL;
    }
    for (size_t i = 0; i < length; i++)
        if (text[i] == '-' || text[i] == '_')
            base64.data[i] = text[i] == '-' ? '+' : '/';
    if (ce_base64_decode(&der, &base64) == CERTENROLL_OK) {
        end = der.data;
        certificate = d2i_X509(NULL, &end, (long)der.length);
        if (certificate && end != der.data + der.length) {
            X509_free(certificate);
            certificate = NULL;
        }
    }
    ERR_clear_error();
    ce_buffer_clear(&base64);
    ce_buffer_clear(&der);
    return certificate;
}

/* --- who asks --- */

struct caller {
    int64_t account_id;
    char account_name[ACCOUNT_NAME_MAX + 1];
    int64_t certificate_id; /* 0: by password */
};

/* A revoked certificate is let in so far: it may be asking again after its own revocation. */
static enum problem identify(struct caller *out, const struct request *request)
{
    struct account account;
    struct peer peer;
    enum problem problem;

    *out = (struct caller){ 0 };
    peer_judge(&peer, request->ra, request->session);
    if (peer.logon == LOGON_NONE || request->authorization) {
        problem = basic_auth_check(&account, NULL, request->ra, request->authorization);
        out->account_id = account.id;
        memcpy(out->account_name, account.name, sizeof(out->account_name));
    } else {
        problem = peer.logon == LOGON_REVOKED ? PROBLEM_NONE : logon_certificate_problem(&peer);
        out->account_id = peer.record.account_id;
        out->certificate_id = peer.record.id;
        memcpy(out->account_name, peer.record.account_name, sizeof(out->account_name));
    }
    peer_clear(&peer);
    return problem;
}

/* --- the revocation --- */

/* In a transaction: what let the caller in may have changed. */
static enum problem find_and_revoke(struct ra *ra, const struct caller *caller, X509 *certificate,
                                    const char *reason)
{
    struct certificate_record record;
    enum problem problem =
        ra_problem(store_account_stands(ra->store, caller->account_id), PROBLEM_ACCOUNT_REMOVED);

    if (!problem)
        problem = ra_problem(store_certificate_find(ra->store, &record, certificate),
                             PROBLEM_REVOCATION_FOREIGN);
    if (!problem && record.account_id != caller->account_id)
        problem = PROBLEM_REVOCATION_FOREIGN;
    if (!problem && caller->certificate_id && caller->certificate_id != record.id)
        problem = ra_problem(store_certificate_stands(ra->store, caller->certificate_id),
                             PROBLEM_CERTIFICATE_REVOKED);
    if (problem || record.revoked)
        return problem;
    if (store_certificate_revoke(ra->store, caller->account_name, record.serial, reason) !=
        STORE_OK)
        return PROBLEM_FAILED;
    log_event(_("certificate %s of \"%s\" revoked (%s)"), record.serial, caller->account_name,
              reason);
    return PROBLEM_NONE;
}

static enum problem revoke_named(struct ra *ra, const struct caller *caller,
                                 const struct form *form)
{
    const char *reason = form_text(form, "reason");
    X509 *certificate;
    enum problem problem;

    if (form->count != 2 || !form_value(form, "reason") || !form_value(form, "certificate"))
        return PROBLEM_REVOCATION_FORM;
    if (certenroll_revocation_reason_from_name(reason) < 0)
        return PROBLEM_REVOCATION_REASON;
    certificate = read_certificate(form_text(form, "certificate"));
    if (!certificate)
        return PROBLEM_REVOCATION_FORM;
    problem = ra_problem(store_begin(ra->store), PROBLEM_FAILED);
    if (!problem) {
        problem = find_and_revoke(ra, caller, certificate, reason);
        if (store_end(ra->store, !problem) != STORE_OK)
            problem = PROBLEM_FAILED;
    }
    X509_free(certificate);
    return problem;
}

enum problem revoke_answer(struct reply *reply, const struct request *request)
{
    struct form form = { 0 };
    struct caller caller;
    enum problem problem = identify(&caller, request);

    if (!problem && !request_has_type(request, FORM_TYPE))
        problem = PROBLEM_REVOCATION_TYPE;
    if (!problem)
        problem = form_read(&form, request, SIZE_MAX, SIZE_MAX);
    if (!problem)
        problem = revoke_named(request->ra, &caller, &form);
    form_clear(&form);
    if (!problem)
        reply_plain(reply, 200, "The certificate is revoked. / 証明書は失効しました。\n");
    return problem == PROBLEM_FIELD ? PROBLEM_REVOCATION_FORM : problem;
}
