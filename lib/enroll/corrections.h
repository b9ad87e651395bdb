/* SPDX-License-Identifier: Apache-2.0 */
/* What had been wrong about an enrolment is said anew: by the same options once more
 * (unfinished.c), or as it is resumed (resume.c). */
#ifndef CE_ENROLL_CORRECTIONS_H
#define CE_ENROLL_CORRECTIONS_H

#include "journal/record.h"

#define CE_SWAP(type, one, other)                                                                  \
    do {                                                                                           \
        type swapped = one;                                                                        \
        one = other;                                                                               \
        other = swapped;                                                                           \
    } while (0)

/* `begun` goes on with the address, the account, the anchors, and what is asked for, of `asked`,
 * which has the former afterwards. The request is signed anew where it asks for other things; a
 * certificate that has come is judged by them. Errors: CERTENROLL_E_ARGUMENT (it has been at too
 * many addresses), CERTENROLL_E_MEMORY. */
int ce_correct(struct ce_record *begun, struct ce_record *asked, certenroll_error **error);

#endif
