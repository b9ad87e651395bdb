/* SPDX-License-Identifier: Apache-2.0 */
/* CKA_IDs that were sent to a token for a key pair whose making nobody saw the end of. A token that
 * works on after its client has died (a remote one, a network HSM) may make the pair long after the
 * enrolment has ended: what comes to bear one of these IDs is nobody's, and is taken away by who
 * comes by next. A file a token, in the user's state directory; empty of IDs there is none. */
#ifndef CE_JOURNAL_SENT_IDS_H
#define CE_JOURNAL_SENT_IDS_H

#include "journal/record.h"

/* No token works on one call for a day: an ID that was not seen by then never comes. */
#define CE_SENT_SECONDS (24 * 60 * 60)
#define CE_SENT_MAX 16 /* of one token: whoever comes by looks for each */

struct ce_sent_id {
    struct ce_buffer id;
    int64_t sent_at; /* or when it was last known to be under way */
};

struct ce_sent_ids {
    char *token_label, *token_serial;
    char *token_uri, *module; /* where it was last reached; NULL: not said */
    struct ce_sent_id *list;
    size_t count;
    struct ce_sent_file *file; /* locked; NULL: read only */
};

/* Locks the token's file and reads what it says, for changing; where `only_existing` is set and
 * there is no file, nothing is made and `out` is empty. `instead`: where the user has no state
 * directory. Errors: CERTENROLL_E_BUSY, CERTENROLL_E_SYSTEM, CERTENROLL_E_MEMORY. */
int ce_sent_ids_open(struct ce_sent_ids *out, const char *token_label, const char *token_serial,
                     const char *instead, int only_existing, certenroll_error **error);
int ce_sent_ids_add(struct ce_sent_ids *ids, const struct ce_buffer *id, int64_t sent_at,
                    certenroll_error **error);
void ce_sent_ids_remove(struct ce_sent_ids *ids, size_t index);
/* Writes what is left, or removes the file. */
int ce_sent_ids_write(struct ce_sent_ids *ids, certenroll_error **error);
/* Unlocks and frees. */
void ce_sent_ids_close(struct ce_sent_ids *ids);

/* All tokens' files, as they are. *out is an array of *count, freed by ce_sent_ids_free. */
int ce_sent_ids_read_all(struct ce_sent_ids **out, size_t *count, certenroll_error **error);
void ce_sent_ids_free(struct ce_sent_ids *all, size_t count);

#endif
