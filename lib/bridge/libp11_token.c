/* SPDX-License-Identifier: Apache-2.0 */
/* From a PKCS11_TOKEN to the same token in our library, by what it says of itself. */
#include "base/message.h"

#include <certenroll/libp11.h>

#include <stdio.h>
#include <string.h>

/* Each byte of CK_TOKEN_INFO's four texts as "%XX", and their names. */
#define URI_SIZE (3 * (32 + 32 + 16 + 16) + 64)

struct uri {
    char text[URI_SIZE];
    size_t length;
    int too_long;
};

static void add(struct uri *uri, const char *text)
{
    size_t length = strlen(text);

    if (length >= sizeof(uri->text) - uri->length) {
        uri->too_long = 1;
        return;
    }
    memcpy(uri->text + uri->length, text, length + 1);
    uri->length += length;
}

/* RFC 7512 §2.3: what is not unreserved (RFC 3986 §2.3) is percent-encoded. An attribute without a
 * value stands for a text of blanks, not for any text. */
static void add_attribute(struct uri *uri, const char *name, const char *value)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";
    char piece[4];

    add(uri, name);
    for (const char *byte = value ? value : ""; *byte; byte++) {
        if (strchr(unreserved, *byte))
            snprintf(piece, sizeof(piece), "%c", *byte);
        else
            snprintf(piece, sizeof(piece), "%%%02X", (unsigned char)*byte);
        add(uri, piece);
    }
}

int certenroll_libp11_token_open(certenroll_token **out, certenroll_context *context,
                                 const PKCS11_TOKEN *libp11_token,
                                 const certenroll_token_options *options, certenroll_error **error)
{
    struct uri uri = { .length = 0 };

    *out = NULL;
    if (!libp11_token) {
        certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no token was given"));
        certenroll_error_because(error, _("libp11's slot is empty"));
        certenroll_error_advise(error, _("Insert the token, and have libp11 list its slots anew."));
        return CERTENROLL_E_ARGUMENT;
    }
    add_attribute(&uri, "pkcs11:token=", libp11_token->label);
    add_attribute(&uri, ";serial=", libp11_token->serialnr);
    add_attribute(&uri, ";manufacturer=", libp11_token->manufacturer);
    add_attribute(&uri, ";model=", libp11_token->model);
    if (uri.too_long)
        return certenroll_error_set(
            error, CERTENROLL_E_ARGUMENT,
            _("what libp11 says of the token is longer than PKCS#11 allows"));
    return certenroll_token_open(out, context, uri.text, options, error);
}
