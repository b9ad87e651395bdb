/* SPDX-License-Identifier: Apache-2.0 */
#include <certenroll/revocation.h>

#include <stddef.h>
#include <string.h>

static const struct {
    certenroll_revocation_reason reason;
    const char *name;
} rows[] = {
    { CERTENROLL_REVOKE_UNSPECIFIED, "unspecified" },
    { CERTENROLL_REVOKE_KEY_COMPROMISE, "keyCompromise" },
    { CERTENROLL_REVOKE_AFFILIATION_CHANGED, "affiliationChanged" },
    { CERTENROLL_REVOKE_SUPERSEDED, "superseded" },
    { CERTENROLL_REVOKE_CESSATION, "cessationOfOperation" },
    { CERTENROLL_REVOKE_PRIVILEGE_WITHDRAWN, "privilegeWithdrawn" },
};

const char *certenroll_revocation_reason_name(certenroll_revocation_reason reason)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].reason == reason)
            return rows[i].name;
    return NULL;
}

int certenroll_revocation_reason_from_name(const char *name)
{
    for (size_t i = 0; name && i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].name, name) == 0)
            return (int)rows[i].reason;
    return -1;
}
