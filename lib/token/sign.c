/* SPDX-License-Identifier: Apache-2.0 */
#include "token/sign.h"

#include "base/message.h"
#include "token/key_pair.h"
#include "token/login.h"

/* One signature to make. */
struct signing {
    certenroll_key *key;
    const CK_MECHANISM *mechanism;
    const unsigned char *data;
    size_t data_length;
    unsigned char *signature;
    size_t capacity;
    size_t length;
};

/* A handle that the token no longer knows is forgotten, so that the next try searches. Those of
 * private objects die with the login. */
static int fail_signing(struct signing *signing, struct ce_session *session, CK_RV rv,
                        certenroll_error **error)
{
    if (rv == CKR_KEY_HANDLE_INVALID || rv == CKR_OBJECT_HANDLE_INVALID ||
        rv == CKR_USER_NOT_LOGGED_IN)
        ce_key_forget_handle(signing->key);
    return ce_session_fail(session, error, rv, _("the token \"%s\" does not sign"),
                           session->token->info->label);
}

/* The PKCS#11 headers know no const; modules only read these. */
static CK_RV sign(struct signing *signing, struct ce_session *session)
{
    CK_ULONG length = (CK_ULONG)signing->capacity;
    CK_RV rv =
        session->functions->C_Sign(session->handle, (CK_BYTE *)signing->data,
                                   (CK_ULONG)signing->data_length, signing->signature, &length);

    if (rv == CKR_OK && length > signing->capacity)
        return CKR_GENERAL_ERROR;
    signing->length = rv == CKR_OK ? length : 0;
    return rv;
}

static int sign_initialized(struct signing *signing, struct ce_session *session,
                            const struct ce_secret *secret, certenroll_error **error)
{
    CK_RV rv;

    if (signing->key->always_authenticate) {
        int status = ce_login_context_send(session, secret, error);
        if (status < 0) {
            /* Fails, and so ends the operation (PKCS#11 v2.40 §5.11): the session is fit for the
             * next one. */
            (void)sign(signing, session);
            signing->length = 0;
            return status;
        }
    }
    rv = sign(signing, session);
    return rv == CKR_OK ? CERTENROLL_OK : fail_signing(signing, session, rv, error);
}

/* A driver that failed an earlier C_Sign without ending the operation, as PKCS#11 v2.40 §5.11
 * wants, is still at it: that signature is let out, and thrown away. */
static CK_RV begin(struct signing *signing, struct ce_session *session, CK_OBJECT_HANDLE object)
{
    CK_MECHANISM *mechanism = (CK_MECHANISM *)signing->mechanism;
    CK_RV rv = session->functions->C_SignInit(session->handle, mechanism, object);

    if (rv != CKR_OPERATION_ACTIVE)
        return rv;
    (void)sign(signing, session);
    signing->length = 0;
    return session->functions->C_SignInit(session->handle, mechanism, object);
}

static int sign_in_session(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct signing *signing = argument;
    struct ce_secret *secret = NULL;
    CK_OBJECT_HANDLE object;
    int status = ce_key_resolve(&object, session, signing->key, error);
    CK_RV rv;

    if (status == CERTENROLL_OK && signing->key->always_authenticate)
        status = ce_login_context_ask(&secret, session, error);
    if (status < 0)
        return status;
    rv = begin(signing, session, object);
    status = rv == CKR_OK ? sign_initialized(signing, session, secret, error)
                          : fail_signing(signing, session, rv, error);
    ce_secret_free(secret);
    return status;
}

int ce_key_sign(certenroll_key *key, const CK_MECHANISM *mechanism, const unsigned char *data,
                size_t data_length, unsigned char *signature, size_t capacity,
                size_t *signature_length, certenroll_error **error)
{
    struct signing signing = { key, mechanism, data, data_length, signature, capacity, 0 };
    int status = ce_session_run(key->token, CE_ACCESS_LOGGED_IN, sign_in_session, &signing, error);

    *signature_length = signing.length;
    return status;
}
