/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for PINs: how the token stands with them, what a try may cost, and the question. */
#ifndef CE_TOKEN_ASK_H
#define CE_TOKEN_ASK_H

#include "base/secret.h"
#include "token/session.h"

/* Whose PIN. */
enum ce_pin_owner {
    CE_PIN_OF_USER,
    CE_PIN_OF_OFFICER, /* the SO's, or a card's management key */
};

/* Whether a PIN may be sent, by the flags of a fresh CK_TOKEN_INFO: to log in with it, or to have
 * it changed, which is what a PIN that must be changed is sent for. */
enum ce_pin_use { CE_PIN_TO_LOG_IN, CE_PIN_TO_CHANGE };
int ce_ask_may_send(const certenroll_token *token, enum ce_pin_owner owner, enum ce_pin_use use,
                    CK_FLAGS flags, certenroll_error **error);

/* The same by a look of its own: right before a PIN is sent, for who was asked for it may have
 * taken his time, and the token may be another one by now, or its tries spent by another program.
 */
int ce_ask_may_still_send(struct ce_session *session, enum ce_pin_owner owner, enum ce_pin_use use,
                          certenroll_error **error);

/* Asks for the PIN of this kind. One that cannot be right is refused here, as an empty one, and a
 * new one of the wrong length: nothing is sent then. *out stays NULL where it is typed on the
 * reader; freed by ce_secret_free. `now` is fresh. */
int ce_ask_pin(struct ce_secret **out, certenroll_token *token, certenroll_secret_kind kind,
               const CK_TOKEN_INFO *now, certenroll_error **error);

/* Refuses the present PIN of the user where the token says that its PINs are shorter or longer. Not
 * for one that is to be changed: a card may come with a shorter one than it takes from then on. */
int ce_ask_check_length(const struct ce_secret *secret, const CK_TOKEN_INFO *now,
                        certenroll_error **error);

/* A call that was sent a PIN failed with `rv`: what, and how it stands with the tries now. Returns
 * the status. */
int ce_ask_fail(certenroll_token *token, enum ce_pin_owner owner, certenroll_error **error,
                CK_RV rv, const char *what);
/* The same where the token did not take a new PIN. */
int ce_ask_fail_new(const certenroll_token *token, enum ce_pin_owner owner,
                    const CK_TOKEN_INFO *now, certenroll_error **error, CK_RV rv);

/* Non-zero when `rv` says that a new PIN is not what the token takes. */
int ce_ask_is_new_refused(CK_RV rv);

/* Non-zero while this thread is in the callback that the token asks for a PIN: whatever it waited
 * for would wait for the answer. */
int ce_ask_is_asking(const certenroll_token *token);

/* The secret as PKCS#11 wants it: NULL and 0 where it is typed on the reader. */
CK_UTF8CHAR *ce_secret_bytes(const struct ce_secret *secret);
CK_ULONG ce_secret_length(const struct ce_secret *secret);

#endif
