/* SPDX-License-Identifier: Apache-2.0 */
/* Clearing up after a key generation that the token refused half way. */
#ifndef CE_TOKEN_REMAINS_H
#define CE_TOKEN_REMAINS_H

#include "token/attribute.h"

/* Removes the key objects that bear `id`, which nothing bore before, and husks: key objects of this
 * type without CKA_ID, label and any key material, such as SoftHSM leaves behind a refused
 * template. There is nothing in a husk that anybody could miss, and none is missed either when it
 * stays: only what may be left under the ID is a failure. */
int ce_remains_remove(struct ce_session *session, const struct ce_buffer *id, CK_KEY_TYPE key_type,
                      certenroll_error **error);

#endif
