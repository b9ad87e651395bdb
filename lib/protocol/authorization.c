/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/authorization.h"

#include "base/message.h"
#include "base/platform.h"
#include "context/stop.h"

#include <openssl/evp.h>

#include <string.h>

#define USERNAME_MAX 1024
#define PLAIN_MAX (USERNAME_MAX + 1 + CE_SECRET_MAX)

static const char basic[] = "Authorization: Basic ";
static const char bearer[] = "Authorization: Bearer ";

struct authorization {
    struct curl_slist node;
    unsigned char plain[PLAIN_MAX];
    char field[sizeof(bearer) + (PLAIN_MAX + 2) / 3 * 4];
};

static int authorization_new(struct authorization **out, certenroll_error **error)
{
    *out = ce_locked_alloc(sizeof(**out));
    if (!*out)
        return certenroll_error_set_memory(error);
    (*out)->node.data = (*out)->field;
    return CERTENROLL_OK;
}

/* --- HTTP Basic --- */

static int check_username(const char *username, certenroll_error **error)
{
    if (strlen(username) > USERNAME_MAX)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the user name is longer than %d bytes"), USERNAME_MAX);
    if (strchr(username, ':')) {
        certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the user name \"%s\" holds a colon"),
                             username);
        certenroll_error_because(error,
                                 _("HTTP Basic parts name and password by it (RFC 7617 §2)"));
        return CERTENROLL_E_ARGUMENT;
    }
    return CERTENROLL_OK;
}

/* RFC 7617 §2, in UTF-8 (§2.1) as both come. */
static void compose(struct authorization *auth, const char *username,
                    const struct ce_secret *password)
{
    size_t length = strlen(username);

    memcpy(auth->plain, username, length);
    auth->plain[length++] = ':';
    memcpy(auth->plain + length, password->bytes, password->length);
    length += password->length;
    memcpy(auth->field, basic, sizeof(basic));
    EVP_EncodeBlock((unsigned char *)auth->field + strlen(basic), auth->plain, (int)length);
}

int authorization_ask_basic(struct authorization **out, const struct ce_secret_source *source,
                            const char *username, const char *place, certenroll_error **error)
{
    const certenroll_secret_request request = {
        .size = sizeof(request),
        .kind = CERTENROLL_SECRET_PASSWORD,
        .name = username,
        .place = place,
        .stop = ce_stop_now(),
    };
    struct ce_secret *password;
    int status = check_username(username, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = ce_secret_ask(&password, source, &request, error);
    if (status != CERTENROLL_OK)
        return status;
    status = authorization_new(out, error);
    if (status == CERTENROLL_OK)
        compose(*out, username, password);
    ce_secret_free(password);
    return status;
}

/* --- bearer tokens --- */

/* RFC 6750 §2.1, b64token. Anything else could end the field and begin another. */
static int is_token(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "-._~+/";
    size_t length = strspn(text, allowed);

    return length > 0 && strlen(text) <= CE_SECRET_MAX &&
           text[length + strspn(text + length, "=")] == '\0';
}

int authorization_bearer(struct authorization **out, const char *token, certenroll_error **error)
{
    int status;

    *out = NULL;
    if (!is_token(token))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the token is not one that can be sent (RFC 6750 §2.1)"));
    status = authorization_new(out, error);
    if (status != CERTENROLL_OK)
        return status;
    memcpy((*out)->field, bearer, sizeof(bearer));
    memcpy((*out)->field + strlen(bearer), token, strlen(token) + 1);
    return CERTENROLL_OK;
}

/* --- both --- */

struct curl_slist *authorization_fields(struct authorization *authorization,
                                        struct curl_slist *rest)
{
    authorization->node.next = rest;
    return &authorization->node;
}

void authorization_free(struct authorization *authorization)
{
    ce_locked_free(authorization, sizeof(*authorization));
}
