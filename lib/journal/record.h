/* SPDX-License-Identifier: Apache-2.0 */
/* What an enrolment writes down of itself: what was asked for, and what the steps have made, as far
 * as another process needs it to go on. No secret is among it. The enrolment works on its record
 * (enrolment.h), the journal carries it to disk and back (journal.h). */
#ifndef CE_JOURNAL_RECORD_H
#define CE_JOURNAL_RECORD_H

#include "base/buffer.h"
#include "base/limits.h"

#include <certenroll/enrolment.h>

#define CE_JOURNAL_NAME_MAX 64
#define CE_RECORD_FORMER_MAX 64 /* tries of one enrolment */
#define CE_RECORD_CHAIN_MAX                                                                        \
    (2 * CE_CERTS_MAX_COUNT)    /* an answer, and what was fetched to complete it */
#define CE_RECORD_REVOKE_MAX 64 /* certificates that one enrolment promises to have revoked */

/* The texts are malloc'ed; NULL where nothing was said. */
struct ce_texts {
    char **list;
    size_t count;
};
struct ce_blobs {
    struct ce_buffer *list;
    size_t count;
};

struct ce_record {
    char name[CE_JOURNAL_NAME_MAX + 1];
    certenroll_operation operation;
    certenroll_state state;
    int64_t begun_at; /* UTC seconds since 1970, as all times */
    int64_t updated_at;
    int keep_journal; /* it stays when nothing is left to do */

    /* the token */
    char *token_uri;
    char *token_label;
    char *token_serial;
    char *module;

    /* the key */
    struct ce_buffer id; /* CKA_ID, chosen before the key is made */
    int64_t key_type;    /* certenroll_key_type */
    char *label;
    int id_is_random; /* and so nobody else's */
    int key_is_ours;  /* what bears the ID was made by this enrolment */
    /* CKA_IDs that were sent to the token for a key whose making nobody saw the end of: what comes
     * to bear one of them is this enrolment's, and is taken away */
    struct ce_blobs former_ids;
    struct ce_buffer public_key; /* SubjectPublicKeyInfo, DER; known from KEY_READY on */

    /* what it replaces */
    int64_t retirement;            /* certenroll_retirement */
    struct ce_buffer present_id;   /* CKA_ID of the present pair */
    struct ce_buffer present;      /* its certificate, DER; empty before it was found */
    struct ce_blobs present_chain; /* CA certificates above it, DER, its issuer first */
    int64_t retire_at;

    /* the CA */
    char *url; /* NULL: offline */
    char *username;
    struct ce_blobs anchors;     /* DER */
    struct ce_blobs tls_anchors; /* DER; none: `anchors` */
    struct ce_texts former_urls; /* where the request may have been answered before `url` */

    /* what is asked for; of a renewal or re-key it is in `present` */
    char *subject;
    struct ce_texts alt_names;
    int64_t key_usage; /* set of certenroll_key_usage */
    char *extended_key_usage;
    int ca_names;
    int64_t another; /* certenroll_another */

    /* what came of it */
    struct ce_buffer request; /* DER PKCS#10 */
    int64_t retry_at;
    /* what the CA returned, its own first, until it is taken as `issued` and `chain`; and why it
     * was not: CERTENROLL_E_CERT_ with its sign changed, and in words */
    struct ce_blobs received;
    int64_t refused;
    char *refused_why;
    struct ce_buffer issued; /* the certificate that passed the gates, DER */
    int issued_was_there;    /* it was on the token already: not ours to take off */
    struct ce_blobs chain;   /* CA certificates between it and the anchor, DER */

    /* what was promised beyond it */
    int revoke_replaced;    /* `present` is to join `revoke` as the new one is confirmed */
    int64_t revoke_reason;  /* certenroll_revocation_reason */
    struct ce_blobs revoke; /* certificates to be revoked, DER: once the new one is proven, or as
                             * the enrolment is abandoned; each leaves as it is done */
};

void ce_record_clear(struct ce_record *record);

/* The certificate joins `revoke`, once; but never the enrolment's own. */
int ce_record_promise(struct ce_record *record, const struct ce_buffer *certificate,
                      certenroll_error **error);

/* Non-zero when nothing is left to do: confirmed, what was to be retired and revoked is. */
int ce_record_is_finished(const struct ce_record *record);

/* Non-zero when nothing is left to do but to retire, at its time, what is no longer in use. */
int ce_record_waits(const struct ce_record *record);

/* Non-zero when it is confirmed and there is something to retire, now or later. */
int ce_record_has_to_retire(const struct ce_record *record);

/* What is to be revoked, and which servers may have issued a certificate that nobody saw: by index,
 * NULL behind the last; "" is a CA that is asked by hand. */
const struct ce_buffer *ce_record_revoke_at(const struct ce_record *record, size_t index);
const char *ce_record_unanswered_at(const struct ce_record *record, size_t index);
/* Non-zero when the last of those is the CA that is asked now. */
int ce_record_is_unanswered(const struct ce_record *record);

int ce_texts_add(struct ce_texts *texts, const char *text, certenroll_error **error);
int ce_blobs_add(struct ce_blobs *blobs, const void *data, size_t length, certenroll_error **error);
/* Takes out the one at `index`. */
void ce_blobs_remove(struct ce_blobs *blobs, size_t index);
void ce_blobs_clear(struct ce_blobs *blobs);

/* The record as the text of a journal, and back; docs/journal.md describes it. Reading refuses what
 * is torn, altered, of another version, or says what no record can: CERTENROLL_E_JOURNAL. */
int ce_record_format(struct ce_buffer *out, const struct ce_record *record,
                     certenroll_error **error);
int ce_record_parse(struct ce_record *out, const struct ce_buffer *text, certenroll_error **error);

#endif
