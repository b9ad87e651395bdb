/* SPDX-License-Identifier: Apache-2.0 */
#include "token/sign.h"

#include "base/message.h"
#include "token/key_pair.h"
#include "token/login.h"

/* One signature to make. */
struct signing {
    struct ce_signature_bytes *out;
    certenroll_key *key;
    const CK_MECHANISM *mechanism;
    const unsigned char *data;
    size_t data_length;
};

/* The PKCS#11 headers know no const; modules only read these. */
static CK_RV sign(struct signing *signing, struct ce_session *session)
{
    CK_ULONG length = sizeof(signing->out->bytes);
    CK_RV rv =
        session->functions->C_Sign(session->handle, (CK_BYTE *)signing->data,
                                   (CK_ULONG)signing->data_length, signing->out->bytes, &length);

    if (rv == CKR_OK && length > sizeof(signing->out->bytes))
        return CKR_GENERAL_ERROR;
    signing->out->length = rv == CKR_OK ? length : 0;
    return rv;
}

/* A driver that failed an earlier C_Sign without ending the operation, as PKCS#11 v2.40 §5.11
 * wants, is still at it: that signature is let out, and thrown away. */
static CK_RV begin_signature(struct signing *signing, struct ce_session *session,
                             CK_OBJECT_HANDLE object)
{
    CK_MECHANISM *mechanism = (CK_MECHANISM *)signing->mechanism;
    CK_RV rv = session->functions->C_SignInit(session->handle, mechanism, object);

    if (rv != CKR_OPERATION_ACTIVE)
        return rv;
    (void)sign(signing, session);
    signing->out->length = 0;
    return session->functions->C_SignInit(session->handle, mechanism, object);
}

static int sign_in_session(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct signing *signing = argument;
    certenroll_key *key = signing->key;
    struct ce_secret *secret = NULL;
    CK_OBJECT_HANDLE object;
    int status = ce_key_resolve(&object, session, key, error);
    CK_RV rv;

    if (status == CERTENROLL_OK && key->always_authenticate)
        status = ce_login_context_ask(&secret, session, error);
    if (status < 0)
        return status;
    rv = begin_signature(signing, session, object);
    if (rv == CKR_OK && key->always_authenticate)
        status = ce_login_context_send(session, secret, error);
    if (status < 0) {
        /* Fails, and so ends the operation (PKCS#11 v2.40 §5.11): the session is fit for the next
         * one. */
        (void)sign(signing, session);
        signing->out->length = 0;
    } else {
        if (rv == CKR_OK)
            rv = sign(signing, session);
        /* A handle that the token no longer knows is forgotten, so that the next try searches.
         * Those of private objects die with the login. */
        if (ce_session_is_lost_login(rv))
            ce_key_forget_handle(key);
        if (rv != CKR_OK)
            status = ce_session_fail(session, error, rv, _("the token \"%s\" does not sign"),
                                     session->token->info->label);
    }
    ce_secret_free(secret);
    return status;
}

int ce_key_sign(struct ce_signature_bytes *out, certenroll_key *key, const CK_MECHANISM *mechanism,
                const unsigned char *data, size_t data_length, certenroll_error **error)
{
    struct signing signing = { out, key, mechanism, data, data_length };

    out->length = 0;
    return ce_session_run(key->token, CE_ACCESS_LOGGED_IN, sign_in_session, &signing, error);
}
