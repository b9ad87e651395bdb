/* SPDX-License-Identifier: Apache-2.0 */
/* CKA_IDs of new key pairs: what key.h has not said already. */
#ifndef CE_TOKEN_ID_H
#define CE_TOKEN_ID_H

#include "token/key.h"
#include "token/session.h"

/* 1 when an object that is seen in the session bears the ID, 0 when none does, negative on failure.
 */
int ce_id_is_borne(struct ce_session *session, const struct ce_buffer *id,
                   certenroll_error **error);

/* A caller's ID, if it is one that the token can have. */
int ce_id_take(struct ce_buffer *out, const certenroll_token *token, const unsigned char *id,
               size_t length, certenroll_error **error);

#endif
