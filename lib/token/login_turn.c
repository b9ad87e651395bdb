/* SPDX-License-Identifier: Apache-2.0 */
#include "token/login_turn.h"

#include "base/message.h"
#include "context/stop.h"

/* `refusals`: those that the thread has seen; NULL: they are not about what it waits for. */
static int take(certenroll_token *token, const uint64_t *refusals, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    while (token->login_turn.is_taken && status == CERTENROLL_OK) {
        ce_condition_wait_until(token->login_turn.ended, token->mutex,
                                ce_uptime_ms() + ce_stop_patience_ms(CE_STOP_LOOK_MS));
        status = ce_stop_check(error);
        if (status == CERTENROLL_OK && refusals && *refusals != token->login_turn.refusals)
            status = certenroll_error_set(error, CERTENROLL_E_CANCELLED,
                                          _("the PIN that others wait for as well was not given"));
    }
    if (status == CERTENROLL_OK)
        token->login_turn.is_taken = 1;
    return status;
}

int ce_login_turn_take(certenroll_token *token, certenroll_error **error)
{
    int status;

    ce_mutex_lock(token->mutex);
    status = take(token, NULL, error);
    ce_mutex_unlock(token->mutex);
    return status;
}

int ce_login_turn_take_for_user(certenroll_token *token, certenroll_error **error)
{
    uint64_t refusals;
    int status;

    ce_mutex_lock(token->mutex);
    refusals = token->login_turn.refusals;
    status = ce_stop_check(error); /* before a person is asked in vain */
    if (status == CERTENROLL_OK)
        status = take(token, &refusals, error);
    ce_mutex_unlock(token->mutex);
    return status;
}

void ce_login_turn_refused(certenroll_token *token)
{
    ce_mutex_lock(token->mutex);
    token->login_turn.refusals++;
    ce_mutex_unlock(token->mutex);
}

void ce_login_turn_end(certenroll_token *token)
{
    ce_mutex_lock(token->mutex);
    token->login_turn.is_taken = 0;
    ce_condition_wake_all(token->login_turn.ended);
    ce_mutex_unlock(token->mutex);
}
