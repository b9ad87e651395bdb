/* SPDX-License-Identifier: Apache-2.0 */
#include "ra/present.h"

#include "ra/collection.h"
#include "ra/revoked.h"

#include <stdlib.h>

static enum standing standing_of(const certenroll_ra_collection *what,
                                 const certenroll_inventory *inventory,
                                 const certenroll_entry *entry)
{
    switch (revoked_ask(what->context, what->ra, inventory, entry)) {
    case REVOKED_NO:
        return STANDING_VALID;
    case REVOKED_YES:
        return STANDING_REVOKED;
    default:
        return STANDING_UNKNOWN;
    }
}

int present_find(struct present *out, const certenroll_ra_collection *what,
                 certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    char *subject = subject_of(what->name);
    int status = subject ? certenroll_inventory_new(&inventory, what->token, NULL, error)
                         : certenroll_error_set_memory(error);

    *out = (struct present){ .standing = STANDING_NONE };
    if (status == CERTENROLL_OK)
        status = certenroll_inventory_find_valid(&entry, inventory, subject, error);
    if (entry) {
        out->not_after = certenroll_entry_not_after(entry);
        out->standing = standing_of(what, inventory, entry);
    }
    certenroll_inventory_free(inventory);
    free(subject);
    return status;
}
