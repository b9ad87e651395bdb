/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#11 URIs (RFC 7512), by p11-kit. */
#ifndef CE_TOKEN_URI_H
#define CE_TOKEN_URI_H

#include <certenroll/error.h>

#include <p11-kit/uri.h>

/* Parses a URI that names a token. Refuses a PIN in it, and attributes that are not known: they
 * could have been meant to narrow the choice. *out is freed by p11_kit_uri_free. */
int ce_uri_parse(P11KitUri **out, const char *text, certenroll_error **error);

/* Whether it says something of the slot, or of the module: only then the module is asked. */
int ce_uri_names_slot(P11KitUri *uri);
int ce_uri_names_library(P11KitUri *uri);

/* The path of the URI's pin-source, owned by the caller; NULL where there is none. */
int ce_uri_pin_source(char **out, const P11KitUri *uri, certenroll_error **error);

#endif
