/* SPDX-License-Identifier: Apache-2.0 */
/* Logging the user in. The SO is in officer.h. */
#ifndef CE_TOKEN_LOGIN_H
#define CE_TOKEN_LOGIN_H

#include "token/session.h"

/* Who is logged in to the token in this process. */
enum ce_who {
    CE_WHO_NOBODY,
    CE_WHO_USER,
    CE_WHO_OFFICER,
};
int ce_login_who(enum ce_who *out, struct ce_session *session, certenroll_error **error);

/* The SO is logged in, by another part of the process. Returns CERTENROLL_E_STATE. */
int ce_login_fail_officer(const struct ce_session *session, certenroll_error **error);

/* Makes sure that the user is logged in, if the token wants that. One thread asks for the PIN, the
 * others wait for the outcome of that. */
int ce_login(struct ce_session *session, certenroll_error **error);

/* After a search for private objects as the user: where somebody has logged out meanwhile, or the
 * SO is in by now, what was found is not all that is there. Fails so that ce_session_run tries once
 * more, and logs in. */
int ce_login_confirm(struct ce_session *session, certenroll_error **error);

/* The PIN for one signature (CKU_CONTEXT_SPECIFIC, PKCS#11 v2.40 §5.6 C_Login), in two steps:
 * asked for before C_SignInit, so that nothing is left half done when the person refuses, and sent
 * after it. *out stays NULL where the PIN is typed on the reader; freed by ce_secret_free. */
int ce_login_context_ask(struct ce_secret **out, struct ce_session *session,
                         certenroll_error **error);
int ce_login_context_send(struct ce_session *session, const struct ce_secret *secret,
                          certenroll_error **error);

#endif
