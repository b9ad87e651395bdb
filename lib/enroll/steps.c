/* SPDX-License-Identifier: Apache-2.0 */
/* The states of an enrolment and the step that leads out of each. A step first looks whether its
 * effect is there already, acts, and only then moves the state: whoever runs it again after a
 * failure, or one day after a crash, finds what was done and goes on from there. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "base/platform.h"
#include "enroll/enrolment.h"
#include "enroll/inventory.h"
#include "enroll/write_back.h"
#include "provider/provider.h"
#include "x509/certs.h"
#include "x509/name.h"

#include <certenroll/openssl.h>

#include <stdlib.h>

/* --- NEW -> KEY_READY --- */

static int generate_key(certenroll_enrolment *e, certenroll_error **error)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    char *common_name = NULL;
    int status = CERTENROLL_OK;

    if (!e->label)
        status = ce_name_common_name(&common_name, e->profile->subject, error);
    options.type = e->key_type;
    options.label = e->label ? e->label : common_name;
    options.id = e->id;
    options.id_length = e->id_length;
    if (status == CERTENROLL_OK)
        status = certenroll_key_generate(&e->key, e->token, &options, error);
    free(common_name);
    return status;
}

static int check_adopted(certenroll_enrolment *e, certenroll_error **error)
{
    certenroll_key_type type = certenroll_key_get_type(e->key);

    if (type != e->key_type)
        return ce_fail(error, CERTENROLL_E_ID_IN_USE,
                       _("the key with this CKA_ID is of the type %s, not %s"),
                       certenroll_key_type_name(type), certenroll_key_type_name(e->key_type));
    if (!ce_key_is_safe(e->key))
        return ce_fail(error, CERTENROLL_E_KEY_UNSAFE,
                       _("the key with this CKA_ID can be taken out of the token"));
    return CERTENROLL_OK;
}

/* The key under our CKA_ID is the one of an earlier run: it is used, not made again. */
static int adopt_key(certenroll_enrolment *e, certenroll_error **error)
{
    int status = certenroll_key_find(&e->key, e->token, e->id, e->id_length, error);

    if (status == CERTENROLL_OK)
        status = check_adopted(e, error);
    if (status < 0) {
        certenroll_key_free(e->key);
        e->key = NULL;
    }
    return status;
}

static int make_key(certenroll_enrolment *e, certenroll_error **error)
{
    int status = generate_key(e, error);

    e->key_is_new = status == CERTENROLL_OK;
    if (status != CERTENROLL_E_ID_IN_USE)
        return status;
    ce_error_clear(error);
    return adopt_key(e, error);
}

/* What an earlier run that failed half-way left. */
static void forget_present(certenroll_enrolment *e)
{
    ce_profile_free(e->profile);
    X509_free(e->present);
    sk_X509_pop_free(e->present_chain, X509_free);
    e->profile = NULL;
    e->present = NULL;
    e->present_chain = NULL;
}

static int take_present(certenroll_enrolment *e, const certenroll_inventory *inventory,
                        const certenroll_entry *entry, certenroll_error **error)
{
    int status;

    forget_present(e);
    status = ce_profile_from_certificate(&e->profile, entry->certificate, error);
    if (status == CERTENROLL_OK && !e->label)
        status = ce_string_copy(&e->label, certenroll_entry_label(entry), error);
    if (status == CERTENROLL_OK)
        status = certenroll_entry_x509(&e->present, entry, error);
    if (status == CERTENROLL_OK)
        status = ce_inventory_chain(&e->present_chain, inventory, entry->certificate, error);
    if (status == CERTENROLL_OK)
        e->key = ce_key_ref(entry->key);
    return status;
}

/* A renewal finds its key with the present certificate, and asks for the same contents again. */
static int find_present(certenroll_enrolment *e, certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    int status = certenroll_inventory_new(&inventory, e->token, error);

    if (status == CERTENROLL_OK)
        status = ce_inventory_find_pair(&entry, inventory, e->id, e->id_length, error);
    if (status == CERTENROLL_OK)
        status = take_present(e, inventory, entry, error);
    certenroll_inventory_free(inventory);
    return status;
}

static int ready_key(certenroll_enrolment *e, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    if (!e->key)
        status = e->renewal ? find_present(e, error) : make_key(e, error);
    if (status == CERTENROLL_OK && !e->pkey)
        status = certenroll_key_evp_pkey(&e->pkey, e->key, error);
    if (status == CERTENROLL_OK)
        e->state = CERTENROLL_STATE_KEY_READY;
    return status;
}

/* --- KEY_READY -> CSR_SIGNED --- */

static int sign_request(certenroll_enrolment *e, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    if (!e->request.data)
        status = ce_request_sign(&e->request, e->profile, e->pkey, error);
    if (status == CERTENROLL_OK)
        e->state = CERTENROLL_STATE_CSR_SIGNED;
    return status;
}

/* --- CSR_SIGNED -> SUBMITTED --- */

/* Before the request leaves, not after: from here on the CA may have it, whatever we hear. */
static int submit(certenroll_enrolment *e, certenroll_error **error)
{
    (void)error;
    e->state = CERTENROLL_STATE_SUBMITTED;
    return CERTENROLL_OK;
}

/* --- SUBMITTED, PENDING, REJECTED -> ISSUED --- */

/* Keeps what came back if it fits, and nothing otherwise. */
static int judge(certenroll_enrolment *e, STACK_OF(X509) *certs, certenroll_error **error)
{
    EVP_PKEY *public_key = NULL;
    X509 *leaf = NULL;
    struct ce_fit fit = {
        .anchors = e->anchors, .profile = e->profile, .ca_names = e->ca_names, .now = ce_now()
    };
    int status = ce_provider_public_key(&public_key, e->key, error);

    fit.key = public_key;
    sk_X509_pop_free(e->chain, X509_free);
    e->chain = NULL;
    ce_buffer_clear(&e->issued_der);
    if (status == CERTENROLL_OK)
        status = ce_fit_find(&leaf, &fit, certs, error);
    if (status == CERTENROLL_OK)
        status = ce_fit_chain(&e->chain, &fit, leaf, certs, error);
    if (status == CERTENROLL_OK)
        status = ce_certs_der(&e->issued_der, leaf, error);
    if (status == CERTENROLL_OK) {
        X509_up_ref(leaf);
        e->issued = leaf;
        e->state = CERTENROLL_STATE_ISSUED;
    }
    EVP_PKEY_free(public_key);
    return status;
}

static struct ca_endpoint endpoint_of(const certenroll_enrolment *e)
{
    struct ca_endpoint endpoint = {
        .context = ce_token_context(e->token),
        .url = e->url,
        .tls_anchors = e->tls_anchors ? e->tls_anchors : e->anchors,
        .username = e->username,
        .secret = e->secret,
    };

    if (e->renewal) {
        endpoint.client_key = e->pkey;
        endpoint.client_certificate = e->present;
        endpoint.client_chain = e->present_chain;
    }
    return endpoint;
}

/* An EST answer may be the certificate alone (RFC 7030 §4.2.3); what leads from it to the anchor is
 * then to be had as /cacerts. That makes nobody trusted: the anchors stay what they are. */
static int judge_with_cacerts(certenroll_enrolment *e, STACK_OF(X509) *certs,
                              certenroll_error **error)
{
    struct ca_endpoint endpoint = endpoint_of(e);
    STACK_OF(X509) *cacerts = NULL;
    int status = judge(e, certs, error);

    if (status != CERTENROLL_E_CERT_ISSUER ||
        e->protocol->cacerts(&cacerts, &endpoint, NULL) != CERTENROLL_OK)
        return status;
    if (X509_add_certs(certs, cacerts, X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP) == 1 &&
        judge(e, certs, NULL) == CERTENROLL_OK) {
        ce_error_clear(error);
        status = CERTENROLL_OK;
    }
    sk_X509_pop_free(cacerts, X509_free);
    return status;
}

static int ask_ca(struct ca_answer *answer, certenroll_enrolment *e, certenroll_error **error)
{
    struct ca_endpoint endpoint = endpoint_of(e);

    return e->renewal ? e->protocol->reenroll(answer, &endpoint, &e->request, error)
                      : e->protocol->enroll(answer, &endpoint, &e->request, error);
}

static int collect(certenroll_enrolment *e, certenroll_error **error)
{
    struct ca_answer answer = { 0 };
    int status;

    if (e->supplied)
        return judge(e, e->supplied, error);
    if (e->state == CERTENROLL_STATE_PENDING && ce_now() < e->retry_at)
        return CERTENROLL_PENDING;
    status = ask_ca(&answer, e, error);
    if (status == CERTENROLL_OK)
        status = judge_with_cacerts(e, answer.certs, error);
    if (status == CERTENROLL_PENDING) {
        e->retry_at = answer.retry_at;
        e->state = CERTENROLL_STATE_PENDING;
    }
    if (status == CERTENROLL_E_REJECTED)
        e->state = CERTENROLL_STATE_REJECTED;
    ca_answer_clear(&answer);
    return status;
}

/* --- ISSUED -> INSTALLED --- */

static int install(certenroll_enrolment *e, certenroll_error **error)
{
    enum ce_beside beside = e->key_is_new ? CE_BESIDE_NOTHING : CE_BESIDE_UNKNOWN;
    int status;

    e->key_is_new = 0;
    status = ce_write_back(e->key, e->issued, e->chain, e->label, beside, error);
    if (status == CERTENROLL_OK)
        e->state = CERTENROLL_STATE_INSTALLED;
    return status;
}

/* --- INSTALLED -> CONFIRMED --- */

/* Only a proven pair lets the certificate it replaces go. */
static int confirm(certenroll_enrolment *e, certenroll_error **error)
{
    int status = ce_prove_pair(e->pkey, e->issued, error);

    if (status == CERTENROLL_OK && e->present && X509_cmp(e->present, e->issued) != 0)
        status = ce_write_back_remove(e->key, e->present, error);
    if (status == CERTENROLL_OK)
        e->state = CERTENROLL_STATE_CONFIRMED;
    return status;
}

/* --- the table --- */

struct step {
    const char *name;
    int (*run)(certenroll_enrolment *e, certenroll_error **error);
};

static const struct step steps[] = {
    [CERTENROLL_STATE_NEW] = { "key", ready_key },
    [CERTENROLL_STATE_KEY_READY] = { "request", sign_request },
    [CERTENROLL_STATE_CSR_SIGNED] = { "submit", submit },
    [CERTENROLL_STATE_SUBMITTED] = { "collect", collect },
    [CERTENROLL_STATE_PENDING] = { "collect", collect },
    [CERTENROLL_STATE_REJECTED] = { "collect", collect },
    [CERTENROLL_STATE_ISSUED] = { "install", install },
    [CERTENROLL_STATE_INSTALLED] = { "confirm", confirm },
    [CERTENROLL_STATE_CONFIRMED] = { NULL, NULL },
};

int ce_enrolment_steps(certenroll_enrolment *e, certenroll_error **error)
{
    while (steps[e->state].run) {
        const struct step *step = &steps[e->state];
        certenroll_state before = e->state;
        int status = step->run(e, error);

        ce_log(ce_token_context(e->token), CERTENROLL_LOG_DEBUG, "enrolment: %s: %s -> %s (%s)",
               step->name, certenroll_state_name(before), certenroll_state_name(e->state),
               certenroll_status_name(status));
        if (e->state != before && e->progress)
            e->progress(e->progress_user, e->state);
        if (status != CERTENROLL_OK)
            return status;
    }
    return CERTENROLL_OK;
}
