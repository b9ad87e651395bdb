/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmark's parts share: where things are, a stopwatch, and a CA that answers at once.
 */
#ifndef BENCH_H
#define BENCH_H

#include "test_ca.h"

struct bench {
    const char *module;     /* SoftHSM's, or the counting shim in front of it */
    const char *shim;       /* the shim's file; it counts into $SHIM_LOG */
    const char *certenroll; /* the tool */
    const char *directory;  /* scratch; holds pin, ca.pem and what the programs exchange */
    char pin[64];
    struct test_ca ca;
    unsigned rounds; /* the more, the more its figures say */
    unsigned round;  /* every object gets a name of its own */
};

/* A stopwatch that can be halted while the CA works: its time is nobody's. */
struct stopwatch {
    double started; /* milliseconds, as now_milliseconds() has them */
    double total;
};
void stopwatch_start(struct stopwatch *watch);
void stopwatch_halt(struct stopwatch *watch);
double now_milliseconds(void);

double median(double *times, unsigned count); /* sorts them */
unsigned at_most(unsigned limit, unsigned count);

/* From now on SoftHSM has this one token, in a directory of its own: no contender pays for the
 * objects of another. */
void use_token(const struct bench *bench, const char *label);

/* Ends the program unless `condition` holds. */
void need(int condition, const char *what);

#define BENCH_SUBJECT "CN=bench,O=Test"

/* The CA's certificate for a request. */
X509 *bench_issue(const struct bench *bench, X509_REQ *request);

/* One enrolment of a P-256 key each, in milliseconds without the CA: enrol.c and programs.c */
double enrol_floor(struct bench *bench);
double enrol_library(struct bench *bench);
double enrol_certenroll(struct bench *bench);
double enrol_pkcs11_tool(struct bench *bench);
double enrol_p11tool(struct bench *bench);

/* The first two on the token with this label. */
double enrol_floor_on(struct bench *bench, const char *label);
double enrol_library_on(struct bench *bench, const char *label);

/* Many enrolments on one token, of the floor and of the library: growth.c */
void compare_growth(struct bench *bench);

/* Signatures a second by `threads` threads on one P-256 key: sign.c */
double sign_raw(struct bench *bench, unsigned threads);
double sign_provider(struct bench *bench, unsigned threads);

#endif
