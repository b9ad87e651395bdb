/* SPDX-License-Identifier: Apache-2.0 */
#include "ra/present.h"

#include "ra/collection.h"

#include <stdio.h>
#include <stdlib.h>

static int ask_crl(certenroll_revocation_state *out, const certenroll_ra_collection *what,
                   const certenroll_inventory *inventory, const certenroll_entry *entry,
                   certenroll_error **error)
{
    certenroll_issuers_options options = CERTENROLL_ISSUERS_OPTIONS_INIT;
    certenroll_crl_check_options check = CERTENROLL_CRL_CHECK_OPTIONS_INIT;
    certenroll_revocation revocation = CERTENROLL_REVOCATION_INIT;
    certenroll_issuers *issuers = NULL;
    certenroll_crl *crl = NULL;
    char url[320]; /* an origin is shorter */
    int status;

    options.anchors = options.tls_anchors = certenroll_ra_anchors(what->ra);
    options.inventory = inventory;
    options.est_url = certenroll_ra_est(what->ra);
    snprintf(url, sizeof(url), "%s/crl", certenroll_ra_entry(what->ra));
    status = certenroll_crl_fetch(&crl, what->context, url, options.anchors, error);
    if (status == CERTENROLL_OK)
        status = certenroll_issuers_new(&issuers, what->context, &options, error);
    check.issuers = issuers;
    check.entry = entry;
    if (status == CERTENROLL_OK)
        status = certenroll_crl_check(&revocation, crl, &check, error);
    *out = revocation.state;
    certenroll_issuers_free(issuers);
    certenroll_crl_free(crl);
    return status;
}

int present_find(struct present *out, const certenroll_ra_collection *what,
                 certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    char *subject = subject_of(what->name);
    int status = subject ? certenroll_inventory_new(&inventory, what->token, NULL, error)
                         : certenroll_error_set_memory(error);

    *out = (struct present){ 0 };
    if (status == CERTENROLL_OK)
        status = certenroll_inventory_find_valid(&entry, inventory, subject, error);
    if (entry) {
        out->is_there = 1;
        out->not_after = certenroll_entry_not_after(entry);
        status = ask_crl(&out->state, what, inventory, entry, error);
    }
    certenroll_inventory_free(inventory);
    free(subject);
    return status;
}
