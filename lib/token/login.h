/* SPDX-License-Identifier: Apache-2.0 */
/* Logging in, and what a PIN try may cost. */
#ifndef CE_TOKEN_LOGIN_H
#define CE_TOKEN_LOGIN_H

#include "token/session.h"

/* Makes sure that the user is logged in, if the token wants that. One thread asks for the PIN, the
 * others wait for the outcome of that. */
int ce_login(struct ce_session *session, certenroll_error **error);

/* Non-zero while this thread is in the callback that the token asks for a PIN: whatever it waited
 * for would wait for the answer. */
int ce_login_is_asking(const certenroll_token *token);

/* The PIN for one signature (CKU_CONTEXT_SPECIFIC, PKCS#11 v2.40 §5.6 C_Login), in two steps:
 * asked for before C_SignInit, so that nothing is left half done when the person refuses, and sent
 * after it. *out stays NULL where the PIN is typed on the reader; freed by ce_secret_free. */
int ce_login_context_ask(struct ce_secret **out, struct ce_session *session,
                         certenroll_error **error);
int ce_login_context_send(struct ce_session *session, const struct ce_secret *secret,
                          certenroll_error **error);

#endif
