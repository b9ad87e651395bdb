/* SPDX-License-Identifier: Apache-2.0 */
#include "token/uri.h"

#include "base/buffer.h"
#include "base/message.h"

#include <string.h>

/* None of these errors quotes the URI: it may hold a PIN. */
int ce_uri_parse(P11KitUri **out, const char *text, certenroll_error **error)
{
    int result, status = CERTENROLL_OK;

    *out = p11_kit_uri_new();
    if (!*out)
        return certenroll_error_set_memory(error);
    result = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, *out);
    if (result != P11_KIT_URI_OK) {
        status =
            certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the token's URI cannot be read"));
        certenroll_error_because(error, "%s", p11_kit_uri_message(result));
    } else if (p11_kit_uri_get_pin_value(*out)) {
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("the token's URI holds a PIN (pin-value)"));
        certenroll_error_because(error, _("URIs are logged and shown"));
        certenroll_error_advise(
            error, _("Treat that PIN as seen by others; name a file by pin-source instead."));
    } else if (p11_kit_uri_any_unrecognized(*out)) {
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("the token's URI has an attribute that is not known"));
        certenroll_error_because(error, _("RFC 7512 §2.3 names those there are"));
    }
    if (status < 0) {
        p11_kit_uri_free(*out);
        *out = NULL;
    }
    return status;
}

int ce_uri_names_slot(P11KitUri *uri)
{
    const CK_SLOT_INFO *slot = p11_kit_uri_get_slot_info(uri);

    return slot->slotDescription[0] || slot->manufacturerID[0];
}

int ce_uri_names_library(P11KitUri *uri)
{
    const CK_INFO *library = p11_kit_uri_get_module_info(uri);

    /* p11-kit's mark for "no version given" */
    return library->libraryDescription[0] || library->manufacturerID[0] ||
           library->libraryVersion.major != (CK_BYTE)-1;
}

/* "file:/x", "file:///x" and "file://localhost/x" are the file /x (RFC 8089 §2); the rest is a
 * path as it stands. p11-kit has undone the percent-encoding. */
static const char *path_of(const char *source)
{
    if (strncmp(source, "file:", 5) != 0)
        return source;
    source += 5;
    if (strncmp(source, "//", 2) != 0)
        return source;
    source += 2;
    return strncmp(source, "localhost/", 10) == 0 ? source + 9 : source;
}

int ce_uri_pin_source(char **out, const P11KitUri *uri, certenroll_error **error)
{
    const char *source = p11_kit_uri_get_pin_source(uri);

    return ce_string_copy(out, source ? path_of(source) : NULL, error);
}
