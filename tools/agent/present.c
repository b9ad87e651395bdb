/* SPDX-License-Identifier: Apache-2.0 */
#include "present.h"

#include "common/message.h"
#include "revoked.h"

#include <stdio.h>

/* `name` is of characters that RFC 4514 does not escape (job.c). */
static int find(struct present *out, certenroll_context *context,
                const certenroll_inventory *inventory, const struct ra_place *place,
                const char *name, struct failure *failure)
{
    const certenroll_entry *entry = NULL;
    certenroll_error *error = NULL;
    char subject[80];

    snprintf(subject, sizeof(subject), "CN=%s", name);
    if (certenroll_inventory_find_valid(&entry, inventory, subject, &error) < 0)
        return failure_take(failure, error);
    if (!entry)
        return CERTENROLL_OK;
    out->not_after = certenroll_entry_not_after(entry);
    switch (revoked_ask(context, place, inventory, entry)) {
    case REVOKED_NO:
        out->standing = STANDING_VALID;
        break;
    case REVOKED_YES:
        out->standing = STANDING_REVOKED;
        break;
    default:
        out->standing = STANDING_UNKNOWN;
    }
    return CERTENROLL_OK;
}

int present_find(struct present *out, certenroll_context *context, certenroll_token *token,
                 const struct ra_place *place, const char *name, struct failure *failure)
{
    certenroll_inventory *inventory = NULL;
    certenroll_error *error = NULL;
    int status;

    *out = (struct present){ .standing = STANDING_NONE };
    if (certenroll_inventory_new(&inventory, token, NULL, &error) < 0)
        return failure_take(failure, error);
    status = find(out, context, inventory, place, name, failure);
    certenroll_inventory_free(inventory);
    return status;
}
