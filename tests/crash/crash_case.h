/* SPDX-License-Identifier: Apache-2.0 */
/* One case of the crash matrix: `certenroll` enrols on a fresh SoftHSM token at a real demo-ra, is
 * killed or misled at one point, and `certenroll resume` has to bring it to its end. */
#ifndef CRASH_CASE_H
#define CRASH_CASE_H

#include "demo_ra.h"
#include "shim.h"
#include "softhsm.h"
#include "token_reader.h"

enum crash_operation { FIRST_ENROLMENT, RENEWAL, REKEY };

/* What all cases of a program share, and the present one's beginning. */
struct crash_bench {
    enum crash_operation operation;
    const char *key_type;
    struct demo_ra *ra;
    struct softhsm *hsm;
    struct shim *shim;
    char *certenroll, *crash_points; /* built */
    char *tokens, *blank;            /* directories: SoftHSM's, and the copy with a blank token */
    char *journals;
    char *pin_source;

    int in_order;                 /* the last case has ended with one pair and nothing else */
    struct token_contents before; /* renewal, re-key: what is on the token already */
    long issued_before;

    char lock_left[256]; /* of an earlier case: a lock file without its journal */
};

/* Where it is hit. */
struct crash_point {
    enum {
        CRASH_PKCS11,
        CRASH_JOURNAL,
        CRASH_NETWORK,
        CRASH_REMOVAL,    /* not the process dies, but the token is pulled before a PKCS#11 call */
        CRASH_LOST_ANSWER /* nor here: the token has done it, and says something else */
    } class;
    const char *moment;   /* "before", "after" */
    const char *function; /* lost answers: whose, */
    const char *rv;       /* and what is said instead */
    unsigned long number; /* of the operations of the class, from 1 */
    /* Non-zero: the enrolment is killed before it sends its request, and it is the resumption that
     * is hit here. */
    int resuming;
};

struct crash_outcome {
    int hit;        /* 0: the run has fewer points and went to its end */
    int lost;       /* no working pair, at the end or meanwhile, or it does not come to an end */
    int orphaned;   /* something is left over: on the token, at the RA, among the journals */
    char what[640]; /* what is wrong */
};

void crash_bench_open(struct crash_bench *bench, enum crash_operation operation,
                      const char *key_type);
void crash_bench_close(struct crash_bench *bench);

struct crash_outcome crash_case(struct crash_bench *bench, const struct crash_point *point);

#endif
