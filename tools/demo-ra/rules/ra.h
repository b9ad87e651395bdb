/* SPDX-License-Identifier: Apache-2.0 */
/* The running RA: what every request needs. */
#ifndef DEMO_RA_RA_H
#define DEMO_RA_RA_H

#include "ca/issuer.h"
#include "ground/problem.h"
#include "store/store_clock.h"

#include <pthread.h>

struct ra {
    struct store *store;
    struct issuer issuer;
    pthread_mutex_t passwords; /* one password at a time, so that tries are counted one by one */
    int validity_days;
    int64_t hold;         /* seconds from the first request for a key to the certificate */
    int retry_after_date; /* what waits is told until when, not how long */
};

/* Every time that the RA goes by is of this clock, which can be set (store_clock.h). */
static inline int64_t ra_now(const struct ra *ra)
{
    return store_now(ra->store);
}

/* The problem that a result of the store is; `otherwise` where it neither found nor failed. */
static inline enum problem ra_problem(enum store_result result, enum problem otherwise)
{
    if (result == STORE_OK)
        return PROBLEM_NONE;
    return result == STORE_FAILED ? PROBLEM_FAILED : otherwise;
}

#endif
