/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_PROTOCOL_URL_H
#define CE_PROTOCOL_URL_H

#include <certenroll/error.h>

#include <stddef.h>

/* The address of an EST operation (RFC 7030 §3.2.2). `base` is "https://HOST[:PORT]", to which the
 * well-known path is added, or has a path of its own, which is kept. *out is malloc'ed.
 * Errors: CERTENROLL_E_ARGUMENT for what is not https, or holds credentials, a query, a fragment;
 * CERTENROLL_E_SYSTEM where there is no libcurl. */
int url_of_operation(char **out, const char *base, const char *operation, certenroll_error **error);

/* The same for what is not EST but on EST's server: "/.well-known/" and `name`, whatever path
 * `base` has. */
int url_of_well_known(char **out, const char *base, const char *name, certenroll_error **error);

/* Whether `url` is "https://HOST[:PORT][/PATH][?QUERY]" and brings no credentials.
 * Errors: CERTENROLL_E_ARGUMENT; CERTENROLL_E_SYSTEM where there is no libcurl. */
int url_check_https(const char *url, certenroll_error **error);

/* Non-zero when `other` has the scheme, host and port of `url` (RFC 6454 §5), and brings no
 * credentials of its own. */
int url_same_origin(const char *url, const char *other);

/* "HOST:PORT" for a person to read, clean and cut to fit. */
void url_place(char *out, size_t size, const char *url);

#endif
