/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/revocation.h"

#include <stdio.h>

enum store_result revocation_record(struct store *store, const char *account_name,
                                    const char *serial, const char *reason)
{
    char detail[SERIAL_TEXT_MAX + 1 + REASON_MAX + 1];
    enum store_result result = store_certificate_revoke(store, serial, reason);

    snprintf(detail, sizeof(detail), "%s %s", serial, reason);
    if (result == STORE_OK)
        result = store_audit(store, "certificate-revoked", account_name, detail);
    return result;
}
