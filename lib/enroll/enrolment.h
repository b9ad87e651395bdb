/* SPDX-License-Identifier: Apache-2.0 */
/* The transaction's data, shared by its set-up (enrolment.c) and its steps (steps.c). */
#ifndef CE_ENROLL_ENROLMENT_H
#define CE_ENROLL_ENROLMENT_H

#include "protocol/protocol.h"
#include "token/key.h"
#include "x509/fit.h"

#include <certenroll/enrolment.h>

struct certenroll_enrolment {
    /* What was asked for; does not change. */
    certenroll_token *token;
    const struct ca_protocol *protocol;
    char *url;
    char *username;
    char *label; /* NULL: the common name */
    certenroll_anchors *anchors;
    certenroll_anchors *tls_anchors;
    struct ce_secret_source secret;
    struct ce_profile *profile; /* of a renewal: known once the present certificate is found */
    int ca_names;
    int renewal;
    certenroll_key_type key_type;
    unsigned char id[CERTENROLL_ID_MAX]; /* chosen before the key is made */
    size_t id_length;
    certenroll_progress_callback progress;
    void *progress_user;

    /* What the steps have made. */
    certenroll_state state;
    certenroll_key *key;
    EVP_PKEY *pkey; /* `key` for OpenSSL */
    int key_is_new; /* made by this run under an ID that nothing bore, nothing written since */
    STACK_OF(X509) *present_chain; /* its CA certificates, as far as they are on the token */
    X509 *present;                 /* renewal: the certificate being renewed */
    struct ce_buffer request;
    int64_t retry_at;
    STACK_OF(X509) *supplied; /* offline: handed in, not yet judged */
    X509 *issued;             /* passed the gates */
    STACK_OF(X509) *chain;    /* CA certificates between it and the anchor */
    struct ce_buffer issued_der;
};

/* Goes from state to state until CONFIRMED, CERTENROLL_PENDING or an error. */
int ce_enrolment_steps(certenroll_enrolment *enrolment, certenroll_error **error);

#endif
