/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_REVOKED_H
#define AGENT_REVOKED_H

#include <certenroll/ra.h>

enum revoked { REVOKED_NO, REVOKED_YES, REVOKED_UNKNOWN };

/* Whether the RA's CRL (RFC 5280 §5; entry's /crl) has the certificate of this entry. Both have to
 * lead to the RA's trust anchors, by way of the CA certificates that are on the token. */
enum revoked revoked_ask(certenroll_context *context, const certenroll_ra *place,
                         const certenroll_inventory *inventory, const certenroll_entry *entry);

#endif
