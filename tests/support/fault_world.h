/* SPDX-License-Identifier: Apache-2.0 */
/* What the fault matrix (tests/flow/test_faults_*.c) turns round: an enrolment, renewal or re-key
 * on a SoftHSM token behind the shim, against an honest RA, in which something fails once. Each
 * point of failure begins on a token in order, and ends when the enrolment was run again, the same
 * object or another one from the journal: then the books are balanced. */
#ifndef CE_TESTS_FAULT_WORLD_H
#define CE_TESTS_FAULT_WORLD_H

#include "honest_ra.h"
#include "shimmed_token.h"

#include <certenroll/enrolment.h>

struct fault_world {
    struct softhsm *hsm;
    struct shim *shim;
    struct test_pin pin;
    certenroll_context *context;
    struct honest_ra ra;
    char *journals; /* the directory */
    char url[64];   /* the RA's, or that of a relay before it */

    /* the enrolments of this row of the matrix */
    const char *name;
    certenroll_operation operation;
    certenroll_key_type type;

    /* what the enrolments that are made heed; NULL and 0: nothing */
    certenroll_cancel *cancel;
    unsigned run_limit_ms, exchange_limit_ms;
    certenroll_progress_callback progress; /* gets `progress_user` */
    void *progress_user;

    /* the present point */
    certenroll_token *token;
    certenroll_enrolment *enrolment;
    unsigned char present_id[CERTENROLL_ID_MAX]; /* of the pair that is renewed or replaced */
    size_t present_id_length;
    size_t issued_before;
    int is_done;     /* the attempt succeeded all the same */
    int is_in_order; /* as the last point has ended */

    /* the books */
    unsigned points, failed, converged, lost, orphaned;
    unsigned wrong; /* what else was not as it should be */
};

void fault_world_open(struct fault_world *world);
void fault_world_close(struct fault_world *world);
/* The same round a test of cmocka's, whose state is the world. */
int fault_world_set_up(void **state);
int fault_world_tear_down(void **state);

/* Every point of a row is tried, or a part of them: so it is but in tests/run --full, and under a
 * sanitizer, where each point takes several times as long. */
int fault_world_is_full(void);

/* The rows that follow are of this kind; the books are opened anew. */
void fault_world_row(struct fault_world *world, const char *name, certenroll_operation operation,
                     certenroll_key_type type);
/* Something at this point is not as it should be: says so. The row goes on, and fails in the end.
 */
void fault_complain(struct fault_world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints the row's books; fails the test when something was lost or orphaned, when not all points
 * have converged, when there was a complaint, or when there were fewer points than `least`. */
void fault_world_balance(const struct fault_world *world, unsigned least);

/* --- a point: begin, then attempt with something failing, then finish --- */

/* An empty token, or one with the pair that is to be renewed or replaced. */
void fault_begin(struct fault_world *world);

/* Opens the token, makes the enrolment and runs it. Returns what the first of these that fails
 * returns. Called between a test's own arming and disarming. */
int fault_attempt(struct fault_world *world, certenroll_error **error);

/* Nothing fails any more. Goes on by running the same object again or, with `resume` or where there
 * is none, by another one from the journal; then looks at the token, the RA and the journals. */
void fault_finish(struct fault_world *world, int resume);

/* Frees the token and enrolment of the attempt; what fails goes no further. */
void fault_let_go(struct fault_world *world);

/* The only journal there is, read by a list of its own; *state is only set then. Returns whether
 * there is one. */
int fault_journal(struct fault_world *world, certenroll_state *state);

#endif
