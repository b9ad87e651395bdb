/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of one key among all that are on a token, for those who remove. */
#ifndef CE_ENROLL_KEY_CERTIFICATES_H
#define CE_ENROLL_KEY_CERTIFICATES_H

#include "token/object.h"
#include "token/token.h"

#include <openssl/x509.h>

struct ce_key_certificates {
    EVP_PKEY *key;
    struct ce_certificate_object *objects; /* all of the token */
    X509 **certificates;                   /* of `key`, in the same places; NULL: of another one */
    size_t count;
};

int ce_key_certificates_read(struct ce_key_certificates *out, certenroll_token *token,
                             EVP_PKEY *key, certenroll_error **error);
void ce_key_certificates_clear(struct ce_key_certificates *all);

/* Removes certificate objects by their value alone: some tokens keep them under an ID of their own.
 * None there is no failure. */
int ce_certificate_remove(certenroll_token *token, const struct ce_buffer *value,
                          certenroll_error **error);

/* Removes the key that bears `id`, and before it all of its certificates: `all` is what was read of
 * them. The caller has made sure that the key can be told from others. What is no longer there is
 * no failure. remove.c. */
int ce_pair_remove(certenroll_token *token, const struct ce_buffer *id,
                   const struct ce_key_certificates *all, certenroll_error **error);

#endif
