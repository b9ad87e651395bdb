/* SPDX-License-Identifier: Apache-2.0 */
/* The security officer (CKU_SO; of a PIV card, its management key): logged in for one piece of work
 * and out again. One user at a time can be logged in to a token in a process, so whoever else
 * needs the token waits that long (login_turn.h). */
#ifndef CE_TOKEN_OFFICER_H
#define CE_TOKEN_OFFICER_H

#include "token/ask.h"

/* Logs the SO in, asking for the PIN; our own login of the user ends then, that of somebody else is
 * CERTENROLL_E_STATE. After success, and only then, ce_officer_end. */
int ce_officer_begin(struct ce_session *session, certenroll_error **error);
void ce_officer_end(struct ce_session *session);

/* Its parts, for calls that have more to ask before anything is sent. The turn to log in is held.
 * *out may be NULL after success. `now`: what the token said just before. */
int ce_officer_ask(struct ce_secret **out, CK_TOKEN_INFO *now, struct ce_session *session,
                   certenroll_error **error);
/* After the last question, and right before the login. */
int ce_officer_may_still_send(struct ce_session *session, certenroll_error **error);
int ce_officer_login(struct ce_session *session, const struct ce_secret *secret,
                     certenroll_error **error);
void ce_officer_logout(struct ce_session *session);

/* Logs the SO in with `officer`, has the user PIN be `new_pin`, and logs the SO out (pin.c). The
 * secrets are NULL where they are typed on the reader. `now`: what the token said just before. The
 * turn to log in is held. */
int ce_officer_init_pin(struct ce_session *session, const struct ce_secret *officer,
                        const struct ce_secret *new_pin, const CK_TOKEN_INFO *now,
                        certenroll_error **error);

#endif
