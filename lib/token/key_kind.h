/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of key that are generated, and reading public values off objects. */
#ifndef CE_TOKEN_KEY_KIND_H
#define CE_TOKEN_KEY_KIND_H

#include "token/attribute.h"
#include "token/object.h"

/* How one kind of key is named, asked for and recognised. */
struct ce_key_kind {
    certenroll_key_type type;
    const char *name;
    CK_MECHANISM_TYPE mechanism; /* that generates it */
    CK_KEY_TYPE key_type;
    CK_ULONG bits;               /* RSA: of the modulus */
    const unsigned char *params; /* others: CKA_EC_PARAMS as it is asked for */
    size_t params_length;
    size_t point_length; /* bytes of the point, unwrapped */
};

/* NULL for what is not generated. */
const struct ce_key_kind *ce_key_kind(certenroll_key_type type);

/* The public value in a key object's attributes (CKA_KEY_TYPE and those of ce_public_types): of a
 * public key, or of a private key that repeats it. 1 when it is there and well formed, 0 when not,
 * negative on failure. */
int ce_public_value_read(struct ce_public_value *out, const struct ce_attributes *attributes,
                         certenroll_error **error);

/* Fills in the type of a value whose numbers are there: CERTENROLL_KEY_OTHER for what is not
 * generated. */
void ce_public_value_set_type(struct ce_public_value *value);

#endif
