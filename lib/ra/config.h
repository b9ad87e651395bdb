/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll/ra.json: which RAs the person's programs may talk to, and which token they use
 * (docs/ra.md, "The clients' configuration"). */
#ifndef TOOLS_COMMON_RA_CONFIG_H
#define TOOLS_COMMON_RA_CONFIG_H

#include "common/failure.h"

#include <certenroll/certificate.h>
#include <certenroll/key.h>

#include <stddef.h>

/* One RA; its three origins are "https://HOST[:PORT]" in lower case, without a slash at the end. */
struct ra_place {
    const char *name;
    const char *entry;
    const char *login;
    const char *est;
    const char *trust_anchor;    /* the file */
    certenroll_anchors *anchors; /* read from it */
};

struct ra_config {
    struct ra_place *places;
    size_t count;       /* at least 1 */
    const char *token;  /* PKCS#11 URI; "pkcs11:" when none is named */
    const char *module; /* NULL: by URI or configuration */
    certenroll_key_type key_type;
    const char *pinentry; /* absolute path; NULL: none is named */
    json_t *root;         /* what the strings are borrowed from */
};

/* `path` NULL: the system's. Refuses a file that somebody else could have written, is too large,
 * has unknown or doubled members, or names a place that is no https origin. */
int ra_config_load(struct ra_config *out, const char *path, struct failure *failure);
void ra_config_clear(struct ra_config *config);

/* The RA whose EST origin this is, byte for byte; NULL: it is not listed. */
const struct ra_place *ra_config_find(const struct ra_config *config, const char *est_origin);

#endif
