/* SPDX-License-Identifier: Apache-2.0 */
/* Setting the user PIN as the SO. */
#ifndef CE_TOKEN_PIN_H
#define CE_TOKEN_PIN_H

#include "token/officer.h"

/* Logs the SO in with `officer`, has the user PIN be `new_pin`, and logs the SO out. The secrets
 * are NULL where they are typed on the reader. `now`: what the token said just before. The
 * login_mutex is held. */
int ce_pin_init(struct ce_session *session, const struct ce_secret *officer,
                const struct ce_secret *new_pin, const CK_TOKEN_INFO *now,
                certenroll_error **error);

/* CERTENROLL_E_TOKEN_READ_ONLY where the token says that it is write-protected. */
int ce_pin_may_write(const certenroll_token *token, const CK_TOKEN_INFO *now,
                     certenroll_error **error);

#endif
