/* SPDX-License-Identifier: Apache-2.0 */
/* The transaction's data, shared by its set-up (enrolment.c, resume.c) and its steps. */
#ifndef CE_ENROLL_ENROLMENT_H
#define CE_ENROLL_ENROLMENT_H

#include "context/stop.h"
#include "enroll/client_pair.h"
#include "journal/hold.h"
#include "journal/journal.h"
#include "protocol/protocol.h"
#include "token/key.h"
#include "x509/fit.h"

struct certenroll_enrolment {
    /* What the journal says: the steps work on this, so that nothing else needs to survive. */
    struct ce_record record;

    char *journal_directory;
    struct ce_journal *journal; /* locked; NULL before the first run and after the end */
    int is_journaled;           /* the file says what `record` says */
    struct ce_hold *held_subject, *held_present, *held_id; /* enrolment_holds.c */
    struct ce_hold *held_promised[CE_RECORD_REVOKE_MAX];

    certenroll_token *token;
    const struct ca_protocol *protocol;
    certenroll_anchors *anchors;
    certenroll_anchors *tls_anchors; /* NULL: `anchors` */
    struct ce_secret_source secret;
    certenroll_progress_callback progress;
    void *progress_user;
    certenroll_cancel *cancel; /* NULL: the context's alone */
    unsigned run_limit_ms, exchange_limit_ms;

    /* The record come alive, as far as it was needed yet; see enrolment_need.c. */
    struct ce_profile *profile; /* what is asked for */
    int id_is_new;              /* drawn at random in this run, and not tried yet */
    certenroll_key *key;
    EVP_PKEY *pkey; /* `key` for OpenSSL */
    int key_is_new; /* made by this run under an ID that nothing bore, nothing since */
    X509 *present;  /* renewal, re-key: the certificate that says who we are */
    STACK_OF(X509) *present_chain;
    EVP_PKEY *present_pkey; /* its key */
    X509 *issued;           /* passed the gates in this run */
    STACK_OF(X509) *chain;
    STACK_OF(X509) *supplied; /* offline: handed in, not yet received */

    /* what the RA said beside its answer, of use to this process alone */
    STACK_OF(X509) *cacerts;           /* its own certificates; or why there are none */
    certenroll_error *cacerts_failure; /* both NULL: it was not asked */
    int64_t skew;                      /* its clock less ours, in seconds; 0: not known */
    int is_ra_busy;                    /* it wants to be left alone until `retry_at`, by anybody */
    int is_fresh;                      /* what was received came in this run */
};

/* An enrolment with nothing in it but its token; freed by certenroll_enrolment_free. */
int ce_enrolment_alloc(certenroll_enrolment **out, certenroll_token *token,
                       certenroll_error **error);

/* Around each call that works on it: it heeds what its options say, from now on. */
void ce_enrolment_enter(struct certenroll_stop *stop, const certenroll_enrolment *e);
/* Its end. Where it was stopped, the reason says where it is written down how far it came. Returns
 * `status`. */
int ce_enrolment_leave(const struct certenroll_stop *stop, const certenroll_enrolment *e,
                       int status, certenroll_error **error);

/* --- enrolment_holds.c --- */

/* Takes what the record says and is not taken yet. Errors: as ce_hold_take. */
int ce_enrolment_hold(certenroll_enrolment *e, certenroll_error **error);
/* The same for the pairs on this token whose certificates are promised to be revoked: an unfinished
 * renewal or re-key of such a one would leave a certificate in force. Errors: the token's, too. */
int ce_enrolment_hold_promised(certenroll_enrolment *e, certenroll_error **error);
/* The same after another CKA_ID was chosen. */
int ce_enrolment_hold_other_id(certenroll_enrolment *e, certenroll_error **error);
/* `is_over`: nothing is held any longer; else the journal still holds it. */
void ce_enrolment_let_go(certenroll_enrolment *e, int is_over);

/* --- enrolment_need.c: what a step needs of what the record says, looked up if need be --- */

/* The key pair: `key` and `pkey`. */
int ce_need_key(certenroll_enrolment *e, certenroll_error **error);
/* The present certificate: `present`, `present_chain`, `profile`. The record knows it already. */
int ce_need_present(certenroll_enrolment *e, certenroll_error **error);
/* Its key, `present_pkey`. */
int ce_need_present_key(certenroll_enrolment *e, certenroll_error **error);
/* The enrolment's key as it is known since it was ready; NULL: not yet. */
int ce_known_key(EVP_PKEY **out, const struct ce_record *record, certenroll_error **error);
/* Refuses a key that was found, not made, unless it is of the type and can stay in the token. */
int ce_check_found_key(const certenroll_key *key, int64_t type, certenroll_error **error);

/* The CA's server; of a renewal or re-key under the present certificate, for which
 * ce_need_present_key came before. */
struct ca_endpoint ce_endpoint_of(const certenroll_enrolment *e);
/* The request to the CA, whether it has had it before or not: as the protocol's enroll or reenroll.
 */
int ce_ask_ca(struct ca_answer *answer, certenroll_enrolment *e, certenroll_error **error);

/* --- look_at_ra.c --- */

/* Before a key is made and a person asked for a PIN: can the RA be reached, and is it the one that
 * the anchors vouch for? Nothing is sent but a GET of its CA certificates, which are kept. That
 * the RA answers by no such list is no failure yet. Errors: CERTENROLL_E_NETWORK, CERTENROLL_E_TLS,
 * CERTENROLL_E_CERT_DATES (no anchor is valid by our clock), and what is of this machine. */
int ce_look_at_ra(certenroll_enrolment *e, certenroll_error **error);
/* `cacerts`, or `cacerts_failure` and its status: asked for once a run. */
int ce_need_cacerts(certenroll_enrolment *e);
void ce_forget_cacerts(certenroll_enrolment *e);

/* --- steps.c --- */

/* Goes from state to state until nothing is left to do now, CERTENROLL_PENDING or an error. */
int ce_enrolment_steps(certenroll_enrolment *e, certenroll_error **error);

/* Holds what the enrolment is about; where it has no journal yet, looks at the token and begins
 * one. */
int ce_enrolment_begin(certenroll_enrolment *e, certenroll_error **error);
/* Writes the journal. */
int ce_enrolment_write(certenroll_enrolment *e, certenroll_error **error);
/* Nothing is left to do: the journal goes, or is at least unlocked. */
void ce_enrolment_end(certenroll_enrolment *e);

/* A renewal's or re-key's present pair: `present`, and the record's; step_key.c. */
int ce_find_present(certenroll_enrolment *e, certenroll_error **error);
/* CERTENROLL_E_EXISTS where a valid pair for the subject is on the token; existing_pair.c. */
int ce_refuse_existing_pair(certenroll_enrolment *e, certenroll_error **error);

/* --- the steps; each leaves its result in the record with the new state, or fails --- */

int ce_step_ready_key(certenroll_enrolment *e, certenroll_error **error); /* step_key.c */
int ce_step_collect(certenroll_enrolment *e, certenroll_error **error);   /* step_collect.c */
int ce_step_judge(certenroll_enrolment *e, certenroll_error **error);     /* step_judge.c */
int ce_step_install(certenroll_enrolment *e, certenroll_error **error);   /* step_install.c */
int ce_step_confirm(certenroll_enrolment *e, certenroll_error **error);   /* step_install.c */
int ce_step_revoke(certenroll_enrolment *e, certenroll_error **error);    /* step_revoke.c */
int ce_step_retire(certenroll_enrolment *e, certenroll_error **error);    /* retire.c */

/* --- step_revoke.c --- */

/* As it is confirmed: the certificate that is replaced joins what is to be revoked, where that was
 * promised; the one that was issued is never among it, a CA may answer by what is there already. */
int ce_settle_promise(struct ce_record *record, certenroll_error **error);
/* Has the RA revoke what the record notes. `pair` asks; one without a key: the account does. Goes
 * on after a refusal; the first failure is told. */
int ce_revoke_noted(certenroll_enrolment *e, const struct ce_client_pair *pair,
                    certenroll_error **error);
/* The enrolment's key with the certificate that was issued. Clear it in any case. */
int ce_new_pair(struct ce_client_pair *pair, certenroll_enrolment *e, certenroll_error **error);

/* Removes the certificate that was issued from the token, unless it was there before. */
int ce_take_off_issued(certenroll_enrolment *e, certenroll_error **error); /* abandon.c */

/* --- step_judge.c --- */

/* Why what was received is not taken; NULL: it was not refused. */
void ce_note_refusal(struct ce_record *record, const certenroll_error *error);
/* Passes `certs` through the gates; what fits becomes `issued`, `chain` and the record's. */
int ce_judge(certenroll_enrolment *e, STACK_OF(X509) *certs, certenroll_error **error);

/* --- record_certs.c: certificates between the record and OpenSSL --- */

int ce_blobs_take_certs(struct ce_blobs *blobs, STACK_OF(X509) *certs, certenroll_error **error);
/* Freed by sk_X509_pop_free; empty where there are none. Errors: CERTENROLL_E_JOURNAL. */
int ce_blobs_to_certs(STACK_OF(X509) **out, const struct ce_blobs *blobs, certenroll_error **error);
int ce_blob_to_cert(X509 **out, const struct ce_buffer *der, certenroll_error **error);

#endif
