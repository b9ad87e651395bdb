/* SPDX-License-Identifier: Apache-2.0 */
/* An EST server that does what it should: an issuing CA below the endpoint's root, which gives a
 * key that it has seen before the same certificate again. Its memory is the ledger that a test
 * looks at. A test may put a wrong answer in the place of the right one (`instead`). */
#ifndef CE_TESTS_HONEST_RA_H
#define CE_TESTS_HONEST_RA_H

#include "test_endpoint.h"

#include <pthread.h>

#define HONEST_RA_SUBJECT "CN=0258366660019 user01,O=Test"
#define HONEST_RA_ALT_NAMES "DNS:pc.example.jp,email:user@example.jp"
#define HONEST_RA_USER "0258366660019 user01"

/* A certificate that was issued, for which key and under which other one. */
struct honest_ra_entry {
    EVP_PKEY *key;
    X509 *under; /* what the client showed: a renewal of it. NULL: a first one */
    X509 *certificate;
    int is_revoked;
    struct honest_ra_entry *next; /* the one before */
};

struct honest_ra {
    struct test_endpoint endpoint; /* its CA is the root and the only anchor */
    struct test_ca issuing;
    long not_after; /* of what it issues, seconds from now */
    int wants_password;
    int loses_answers;      /* it does what is asked, and nobody hears of it */
    char revoked_by[16];    /* who asked last: "pair", "account", "" */
    char revoke_reason[32]; /* and why */
    /* Answers instead where it returns 1. Called on the connection's thread, one at a time. */
    int (*instead)(void *user, struct https_answer *answer, const struct https_seen *seen);
    void *user;
    pthread_mutex_t mutex;
    struct honest_ra_entry *issued; /* the newest first */
    size_t issued_count;
};

void honest_ra_start(struct honest_ra *ra);
void honest_ra_stop(struct honest_ra *ra);

size_t honest_ra_issued(struct honest_ra *ra);
/* How many of them are not revoked. */
size_t honest_ra_in_force(struct honest_ra *ra);
/* Whether this one was issued and is not revoked. */
int honest_ra_has_in_force(struct honest_ra *ra, const unsigned char *der, size_t length);
/* Whether this certificate is one that was issued, the newest for its key. */
int honest_ra_knows(struct honest_ra *ra, const unsigned char *der, size_t length);
/* Forgets what was issued. */
void honest_ra_forget(struct honest_ra *ra);

/* The key in the request that came, for an answer by hand; freed by the caller. */
EVP_PKEY *honest_ra_requested_key(const struct https_seen *seen);
/* Certificates as certs-only PKCS#7 in base64, with status 200. */
void honest_ra_answer_with(struct https_answer *answer, X509 *const *certificates, size_t count);

#endif
