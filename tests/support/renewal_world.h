/* SPDX-License-Identifier: Apache-2.0 */
/* A SoftHSM token with one pair of an honest RA on it, to be renewed, replaced, and taken back. */
#ifndef CE_TESTS_RENEWAL_WORLD_H
#define CE_TESTS_RENEWAL_WORLD_H

#include "check.h"
#include "honest_ra.h"
#include "journal/journal.h"
#include "softhsm.h"

#include <certenroll/certenroll.h>

struct renewal_world {
    struct softhsm *hsm;
    struct test_pin pin;
    struct honest_ra ra;
    certenroll_context *context;
    certenroll_token *token;
    char *journals; /* a directory */
    certenroll_error *error;
    unsigned char present_id[CERTENROLL_ID_MAX]; /* of the pair */
    size_t present_id_length;
    struct ce_buffer present_certificate; /* DER */
};

int renewal_world_set_up(void **state);
int renewal_world_tear_down(void **state);
#define RENEWAL_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, renewal_world_set_up, renewal_world_tear_down)

/* Options of an enrolment at the honest RA; `operation` is filled in with the pair as present. The
 * request and key that a first enrolment needs are static. */
certenroll_enrolment_options renewal_options(struct renewal_world *world,
                                             certenroll_operation operation);
certenroll_enrolment *renewal_new(struct renewal_world *world,
                                  const certenroll_enrolment_options *options);
/* From the only journal, after the enrolment was freed. */
certenroll_enrolment *renewal_resume(struct renewal_world *world);

/* How many keys, and how many end-entity certificates, are on the token. */
void assert_renewal_objects(struct renewal_world *world, size_t keys, size_t certificates);
/* Whether the pair with this ID is there and complete. */
int renewal_has_pair(struct renewal_world *world, const unsigned char *id, size_t length);
void assert_renewal_journals(struct renewal_world *world, size_t count);

/* Changes the only journal's record. */
void renewal_edit_journal(struct renewal_world *world,
                          void (*edit)(struct ce_record *record, void *user), void *user);

#endif
