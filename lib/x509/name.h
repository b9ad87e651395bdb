/* SPDX-License-Identifier: Apache-2.0 */
/* Distinguished names as text (RFC 4514) and as X509_NAME. */
#ifndef CE_X509_NAME_H
#define CE_X509_NAME_H

#include "base/buffer.h"

#include <certenroll/error.h>

#include <openssl/x509.h>

/* Parses RFC 4514 text ("CN=a,O=b,C=JP": most specific first) into a name in DER order. Knows the
 * short and long names of OpenSSL and dotted OIDs; escapes \, \+ \23 and so on; "+" for
 * multi-valued RDNs. At most 4096 bytes of text, 32 RDNs. Never an empty name.
 * Errors: CERTENROLL_E_ARGUMENT naming the place. */
int ce_name_parse(X509_NAME **out, const char *text, certenroll_error **error);

/* Non-zero when both are text of one name. NULL is none. */
int ce_name_texts_match(const char *one, const char *other);

/* An object identifier by the name OpenSSL has for it or as a dotted OID; NULL: neither. */
ASN1_OBJECT *ce_object_parse(const char *word);

/* RFC 4514 text; malloc'ed. What acts on a display is replaced by "?". */
int ce_name_format(char **out, const X509_NAME *name, certenroll_error **error);

/* The name in DER. */
int ce_name_der(struct ce_buffer *out, const X509_NAME *name, certenroll_error **error);

/* The most specific common name as UTF-8, malloc'ed, "" where there is none: to show; and as it is,
 * to compare, when one with a NUL is none either. */
int ce_name_common_name(char **out, const X509_NAME *name, certenroll_error **error);
int ce_name_common_name_plain(char **out, const X509_NAME *name, certenroll_error **error);

#endif
