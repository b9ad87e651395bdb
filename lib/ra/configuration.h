/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll/ra.json (docs/ra.md, "The clients' configuration"), read. */
#ifndef CE_RA_CONFIGURATION_H
#define CE_RA_CONFIGURATION_H

#include <certenroll/ra.h>

#include <jansson.h>

struct certenroll_ra {
    const char *name;
    const char *entry, *login, *est;
    certenroll_anchors *anchors;
};

struct certenroll_ra_config {
    certenroll_ra *ras;
    size_t count;
    const char *token;
    const char *module;
    certenroll_key_type key_type;
    const char *pinentry;
    json_t *root; /* what the strings are borrowed from */
};

/* The RA whose EST origin this is, byte for byte; NULL: it is not listed. */
const certenroll_ra *configuration_find(const certenroll_ra_config *config, const char *est_origin);

#endif
