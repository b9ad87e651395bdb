/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the token is still the one that was opened. People pull cards, and put others in their
 * place: nothing is to be sent to those, or written on them. */
#include "base/message.h"
#include "token/session.h"

#include <string.h>

CK_RV ce_token_look(CK_TOKEN_INFO *now, const certenroll_token *token)
{
    memset(now, 0, sizeof(*now));
    return token->module.functions->C_GetTokenInfo(atomic_load(&token->slot), now);
}

int ce_token_check_same(const certenroll_token *token, const CK_TOKEN_INFO *now,
                        certenroll_error **error)
{
    char serial[sizeof(now->serialNumber) + 1];

    if (ce_token_info_same(now, &token->info->raw))
        return CERTENROLL_OK;
    ce_token_info_text(serial, sizeof(serial), now->serialNumber, sizeof(now->serialNumber));
    certenroll_error_set(error, CERTENROLL_E_TOKEN_REMOVED,
                         _("another token is in the place of \"%s\""), token->info->label);
    certenroll_error_because(error, _("the serial number is %s now and was %s"), serial,
                             token->info->serial);
    return CERTENROLL_E_TOKEN_REMOVED;
}

int ce_session_token_info(CK_TOKEN_INFO *now, struct ce_session *session, certenroll_error **error)
{
    const certenroll_token *token = session->token;
    CK_RV rv = ce_token_look(now, token);

    if (rv != CKR_OK)
        return ce_session_fail(session, error, rv, _("the token \"%s\" does not answer"),
                               token->info->label);
    return ce_token_check_same(token, now, error);
}

/* Who pulls a token may put it back elsewhere, and another one in its place. */
static int follow_token(struct ce_session *session)
{
    certenroll_token *token = session->token;
    CK_SLOT_ID slot;

    if (ce_token_slot_find(&slot, session->functions, &token->info->raw) != CKR_OK)
        return 0;
    ce_log(token->context, CERTENROLL_LOG_INFO, "the token \"%s\" is in slot %lu now",
           token->info->label, (unsigned long)slot);
    atomic_store(&token->slot, slot);
    session->rv = CKR_OK;
    return 1;
}

int ce_session_check_token(struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    CK_TOKEN_INFO now;
    uint64_t checked;
    int status;

    ce_mutex_lock(token->mutex);
    checked = token->checked;
    ce_mutex_unlock(token->mutex);
    if (checked >= session->generation)
        return CERTENROLL_OK;
    status = ce_session_token_info(&now, session, error);
    if (status < 0 && !follow_token(session))
        return status;
    certenroll_error_clear(error);
    ce_mutex_lock(token->mutex);
    if (token->checked < session->generation)
        token->checked = session->generation;
    ce_mutex_unlock(token->mutex);
    return CERTENROLL_OK;
}
