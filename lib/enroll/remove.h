/* SPDX-License-Identifier: Apache-2.0 */
/* A pair that goes: its certificates, then its key. */
#ifndef CE_ENROLL_REMOVE_H
#define CE_ENROLL_REMOVE_H

#include "enroll/key_certificates.h"

/* Removes the key that bears `id`, and before it all of its certificates: `all` is what was read of
 * them. The caller has made sure that the key can be told from others. What is no longer there is
 * no failure. */
int ce_pair_remove(certenroll_token *token, const struct ce_buffer *id,
                   const struct ce_key_certificates *all, certenroll_error **error);

#endif
