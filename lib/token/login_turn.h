/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is to log in to a token, or out, or to have its PINs changed: one thread asks a
 * person, the others wait, for as long as they are not to stop. */
#ifndef CE_TOKEN_LOGIN_TURN_H
#define CE_TOKEN_LOGIN_TURN_H

#include "token/session.h"

/* Waits for the turn. Errors: CERTENROLL_E_CANCELLED (this thread is to stop). */
int ce_login_turn_take(certenroll_token *token, certenroll_error **error);
/* The same for who wants the user to be logged in: also CERTENROLL_E_CANCELLED when the person
 * whose PIN he waits for refuses it: nobody wants to be asked for it once more by each thread. */
int ce_login_turn_take_for_user(certenroll_token *token, certenroll_error **error);
/* By who has the turn: the person refused the user PIN. */
void ce_login_turn_refused(certenroll_token *token);
void ce_login_turn_end(certenroll_token *token);

#endif
