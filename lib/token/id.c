/* SPDX-License-Identifier: Apache-2.0 */
/* CKA_IDs: what a caller may give, and those of new key pairs. */
#include "base/message.h"
#include "token/key.h"
#include "token/key_pair.h"
#include "token/login.h"
#include "token/quirks.h"

#include <stdlib.h>
#include <string.h>

/* --- in use? --- */

int ce_id_is_borne(struct ce_session *session, const struct ce_buffer *id, certenroll_error **error)
{
    CK_ATTRIBUTE template = { CKA_ID, id->data, (CK_ULONG)id->length };
    CK_OBJECT_HANDLE *handles;
    size_t count;
    int status = ce_objects_find(&handles, &count, session, &template, 1, error);

    free(handles);
    if (status == CERTENROLL_OK && count == 0) /* or none to be seen by who is not logged in */
        status = ce_login_confirm(session, error);
    return status < 0 ? status : count > 0;
}

/* A ce_session_work. */
struct id_search {
    const struct ce_buffer *id;
    int is_borne;
};

static int look_for_bearer(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct id_search *search = argument;
    int status = ce_id_is_borne(session, search->id, error);

    search->is_borne = status == 1;
    return status < 0 ? status : CERTENROLL_OK;
}

int ce_id_in_use(certenroll_token *token, const struct ce_buffer *id, certenroll_error **error)
{
    struct id_search search = { id, 0 };
    int status = ce_session_run(token, CE_ACCESS_LOGGED_IN, look_for_bearer, &search, error);

    return status < 0 ? status : search.is_borne;
}

/* --- the caller's --- */

int ce_id_check(const unsigned char *id, size_t length, certenroll_error **error)
{
    if (id && length >= 1 && length <= CERTENROLL_ID_MAX)
        return CERTENROLL_OK;
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                _("a CKA_ID has 1 to %d bytes, not %zu"), CERTENROLL_ID_MAX,
                                id ? length : 0);
}

int ce_id_take(struct ce_buffer *out, const certenroll_token *token, const unsigned char *id,
               size_t length, certenroll_error **error)
{
    const struct ce_quirks *quirks = ce_quirks_of(&token->info->raw);
    int status = ce_id_check(id, length, error);

    if (status < 0)
        return status;
    if (quirks->slot_count == 0 ||
        (length == 1 && memchr(quirks->slots, id[0], quirks->slot_count)))
        return ce_buffer_set(out, id, length, error);
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                         _("the token \"%s\" has no place for that CKA_ID"), token->info->label);
    certenroll_error_because(
        error, _("on it a CKA_ID is the number of a slot: one byte, from %02x to %02x"),
        quirks->first_slot, quirks->last_slot);
    return CERTENROLL_E_ARGUMENT;
}

/* --- ours --- */

struct slot_search {
    const struct ce_quirks *quirks;
    struct ce_buffer *out;
};

/* A slot is never given up on our own account, though it hold a key without a certificate: that may
 * be one that a re-key has left, or one whose certificate somebody waits for. */
static int find_free_slot(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct slot_search *search = argument;
    unsigned char slot;
    struct ce_buffer id = { &slot, 1 };
    int borne = 1;

    for (size_t i = 0; borne == 1 && i < search->quirks->choice_count; i++) {
        slot = search->quirks->slots[i];
        borne = ce_id_is_borne(session, &id, error);
    }
    if (borne < 0)
        return borne;
    if (borne == 0)
        return ce_buffer_set(search->out, &slot, 1, error);
    certenroll_error_set(error, CERTENROLL_E_TOKEN_FULL,
                         _("all key slots of the token \"%s\" are in use"),
                         session->token->info->label);
    certenroll_error_because(
        error, _("it has %zu of them, and a new key would overwrite what is in its slot"),
        search->quirks->choice_count);
    if (search->quirks->keeps_private_keys)
        certenroll_error_advise(
            error, _("No program can remove a key from it by PKCS#11, and each re-key leaves "
                     "one, listed without a certificate. Delete a key that nobody needs with "
                     "the maker's own tool, or renew certificates instead of keys."));
    else
        certenroll_error_advise(
            error, _("Remove a pair that is no longer needed, or name the CKA_ID to use "
                     "once its slot is empty."));
    return CERTENROLL_E_TOKEN_FULL;
}

int ce_choose_id(certenroll_token *token, struct ce_buffer *out, certenroll_error **error)
{
    struct slot_search search = { ce_quirks_of(&token->info->raw), out };
    unsigned char random[CE_RANDOM_ID_LENGTH];

    *out = (struct ce_buffer){ NULL, 0 };
    if (search.quirks->slot_count > 0)
        return ce_session_run(token, CE_ACCESS_LOGGED_IN, find_free_slot, &search, error);
    if (ce_random(random, sizeof(random)) < 0)
        return certenroll_error_set_errno(error, _("no random numbers"));
    return ce_buffer_set(out, random, sizeof(random), error);
}
