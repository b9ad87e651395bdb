/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller says is to be collected; and what of that an earlier one has left on the token. */
#ifndef CE_RA_COLLECTION_H
#define CE_RA_COLLECTION_H

#include <certenroll/ra.h>

/* A collection taken over, and the name of its journal. */
struct collection {
    certenroll_ra_collection what;
    char journal[CERTENROLL_RA_JOURNAL_NAME_SIZE];
};
int collection_take(struct collection *out, const certenroll_ra_collection *what,
                    certenroll_error **error);

/* certenroll_ra_leftover_find(), and the ID of the pair. */
int leftover_find(certenroll_ra_leftover *out, certenroll_ra_collected *pair,
                  const struct collection *collection, certenroll_error **error);
int leftover_take_back(const struct collection *collection, certenroll_error **error);
int leftover_settle(const struct collection *collection, certenroll_error **error);

/* "CN=" and the name, escaped by RFC 4514 §2.4; freed by free(). NULL: out of memory. */
char *subject_of(const char *name);

#endif
