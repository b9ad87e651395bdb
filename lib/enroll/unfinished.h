/* SPDX-License-Identifier: Apache-2.0 */
/* An enrolment that was begun already is gone on with, not begun beside. */
#ifndef CE_ENROLL_UNFINISHED_H
#define CE_ENROLL_UNFINISHED_H

#include "enroll/enrolment.h"

/* `e` is what its options say, and has no journal. Where the directory has an unfinished one about
 * the same (the token, the operation, and the present pair or the subject), `e` becomes that
 * enrolment, with what the options correct. `by_name`: only the journal of the record's name is
 * looked at. Errors: CERTENROLL_E_BUSY, CERTENROLL_E_STATE (the name is that of another enrolment),
 * CERTENROLL_E_ARGUMENT (it has a key of another kind or ID than is asked for). */
int ce_unfinished_take_up(certenroll_enrolment *e, int by_name, certenroll_error **error);

#endif
