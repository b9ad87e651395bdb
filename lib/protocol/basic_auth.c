/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/basic_auth.h"

#include "base/message.h"
#include "base/platform.h"

#include <openssl/evp.h>

#include <string.h>

#define USERNAME_MAX 1024
#define PLAIN_MAX (USERNAME_MAX + 1 + CE_SECRET_MAX)

static const char scheme[] = "Authorization: Basic ";

struct basic_auth {
    struct curl_slist node;
    unsigned char plain[PLAIN_MAX];
    char field[sizeof(scheme) + (PLAIN_MAX + 2) / 3 * 4];
};

static int check_username(const char *username, certenroll_error **error)
{
    if (strlen(username) > USERNAME_MAX)
        return ce_fail(error, CERTENROLL_E_ARGUMENT, _("the user name is longer than %d bytes"),
                       USERNAME_MAX);
    if (strchr(username, ':')) {
        ce_fail(error, CERTENROLL_E_ARGUMENT, _("the user name \"%s\" holds a colon"), username);
        ce_because(error, _("HTTP Basic parts name and password by it (RFC 7617 §2)"));
        return CERTENROLL_E_ARGUMENT;
    }
    return CERTENROLL_OK;
}

/* RFC 7617 §2, in UTF-8 (§2.1) as both come. */
static void compose(struct basic_auth *auth, const char *username, const struct ce_secret *password)
{
    size_t length = strlen(username);

    memcpy(auth->plain, username, length);
    auth->plain[length++] = ':';
    memcpy(auth->plain + length, password->bytes, password->length);
    length += password->length;
    memcpy(auth->field, scheme, sizeof(scheme));
    EVP_EncodeBlock((unsigned char *)auth->field + strlen(scheme), auth->plain, (int)length);
    auth->node.data = auth->field;
}

int basic_auth_ask(struct basic_auth **out, const struct ce_secret_source *source,
                   const char *username, const char *place, certenroll_error **error)
{
    const certenroll_secret_request request = {
        .size = sizeof(request),
        .kind = CERTENROLL_SECRET_PASSWORD,
        .name = username,
        .place = place,
    };
    struct ce_secret *password;
    int status = check_username(username, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = ce_secret_ask(&password, source, &request, error);
    if (status != CERTENROLL_OK)
        return status;
    *out = ce_locked_alloc(sizeof(**out));
    if (*out)
        compose(*out, username, password);
    else
        status = ce_fail_memory(error);
    ce_secret_free(password);
    return status;
}

struct curl_slist *basic_auth_fields(struct basic_auth *auth, struct curl_slist *rest)
{
    auth->node.next = rest;
    return &auth->node;
}

void basic_auth_free(struct basic_auth *auth)
{
    ce_locked_free(auth, sizeof(*auth));
}
