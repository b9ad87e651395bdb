/* SPDX-License-Identifier: Apache-2.0 */
/* Many enrolments on one token, each from the opening of the module to its end. SoftHSM reads all
 * of its objects for that, and gets slower with every enrolment, whoever makes it. So the bare
 * calls are measured beside the library, and what they grow by is taken off what the library grows
 * by. */
#include "bench.h"

#include <stdio.h>

/* The first and the last are medians of a few, for one alone says little. */
enum { ENROLMENTS = 200, FEW = 9 };

struct growth {
    const char *name;
    double times[ENROLMENTS];
    double first, last;
};

static void take_ends(struct growth *growth)
{
    growth->first = median(growth->times, FEW);
    growth->last = median(growth->times + ENROLMENTS - FEW, FEW);
    printf("%-48s %8.1f %8.1f %8.2f\n", growth->name, growth->first, growth->last,
           growth->last / growth->first);
}

void compare_growth(struct bench *bench)
{
    static struct growth floor = { "bare PKCS#11 calls", { 0 }, 0, 0 };
    static struct growth library = { "libcertenroll", { 0 }, 0, 0 };

    for (unsigned i = 0; i < ENROLMENTS; i++) {
        floor.times[i] = enrol_floor_on(bench, "many-floor");
        library.times[i] = enrol_library_on(bench, "many-library");
    }
    printf("%d enrolments on one token, in turn: milliseconds, medians of the first and last %d\n",
           ENROLMENTS, FEW);
    printf("%-48s %8s %8s %8s\n", "", "first", "last", "ratio");
    take_ends(&floor);
    take_ends(&library);
    printf("wanted: the library's last, without SoftHSM's own growth, <= 1.5 x its first: %.2f\n\n",
           (library.last - (floor.last - floor.first)) / library.first);
}
