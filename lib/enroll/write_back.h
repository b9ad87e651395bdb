/* SPDX-License-Identifier: Apache-2.0 */
/* The last steps of every enrolment: a certificate that fits goes beside its key, and the pair is
 * proven. Nothing here judges a certificate; x509/fit.h does, before. */
#ifndef CE_ENROLL_WRITE_BACK_H
#define CE_ENROLL_WRITE_BACK_H

#include "token/key.h"

#include <openssl/x509.h>

/* What is known of the objects that bear the key's CKA_ID. A search costs a card three calls. */
enum ce_beside {
    CE_BESIDE_UNKNOWN, /* the certificate may be there: look first */
    CE_BESIDE_NOTHING, /* nothing bore the ID when the key was made, and nothing was written since
                        */
};

/* Writes `leaf` under the key's CKA_ID, and where the token has room the CA certificates of
 * `chain`; what is on the token already is left alone. `label` NULL: the certificate's common name.
 */
int ce_write_back(certenroll_key *key, X509 *leaf, STACK_OF(X509) *chain, const char *label,
                  enum ce_beside beside, certenroll_error **error);

/* Has the token sign something fresh with `key` (the token key as EVP_PKEY) and verifies it under
 * the certificate. */
int ce_prove_pair(EVP_PKEY *key, X509 *certificate, certenroll_error **error);

#endif
