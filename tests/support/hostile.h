/* SPDX-License-Identifier: Apache-2.0 */
/* Wrong answers to an EST request, for tests/flow/test_hostile_ra.c: each with the status that it
 * must get and a part of the reason. */
#ifndef CE_TESTS_HOSTILE_H
#define CE_TESTS_HOSTILE_H

#include "honest_ra.h"

struct hostile_row {
    const char *name;
    int expected;
    /* In what happened, why, or what to do. Two rows may give the same text only where they have
     * the same word here: where it is the same fault. */
    const char *says;
    /* `key` is the one in the request. */
    void (*make)(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key);
    /* Where there is no `make`: */
    const char *status_line;
    const char *fields;
    const char *body;
};

/* Each ends with a row that has no name. */
extern const struct hostile_row hostile_certificates[]; /* sound PKCS#7, unfit certificates */
extern const struct hostile_row hostile_encodings[];    /* base64, PKCS#7 and DER */
extern const struct hostile_row hostile_http[];         /* HTTP and what is below */

/* A certificate that fits, to be spoilt. */
struct test_certificate hostile_fitting(EVP_PKEY *key);

#endif
