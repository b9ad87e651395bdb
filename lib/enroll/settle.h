/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs that a token may have made, or may yet make, for a call whose answer was lost. */
#ifndef CE_ENROLL_SETTLE_H
#define CE_ENROLL_SETTLE_H

#include "journal/record.h"
#include "token/key.h"

/* Looks for what bears one of the IDs and takes it away: they were drawn at random before they were
 * sent, and no enrolment has gone on with what they name. Those that were not seen are written
 * down, so that whoever comes by later looks; those that a caller chose are left, for nobody can
 * tell whose what bears them is. Leaves `ids` empty. `instead`: the directory where the user has no
 * state directory. A failure costs nobody his enrolment: it is logged, and what was not looked at
 * is written down as well. */
void ce_settle_ids(certenroll_token *token, struct ce_blobs *ids, const char *instead);

/* Looks for those that were written down of this token, and counts those that were taken away. A
 * quick look at the directory where there are none. Fails where the token cannot be looked at: a
 * PIN that is wrong is not to be sent once more. */
int ce_settle_token(size_t *removed, certenroll_token *token, const char *instead,
                    certenroll_error **error);

#endif
