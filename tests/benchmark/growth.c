/* SPDX-License-Identifier: Apache-2.0 */
/* Many enrolments on one token, each from the opening of the module to its end. SoftHSM reads all
 * of its objects for that, and gets slower with every enrolment, whoever makes it. So the bare
 * calls are measured beside the library, and what they grow by is taken off what the library grows
 * by. */
#include "bench.h"

#include <stdio.h>

/* As many as 20 rounds make. The first and the last are medians of a few, for one alone says
 * little.
 */
enum { ENROLMENTS_MAX = 200, FEW_MAX = 9 };

struct growth {
    const char *name;
    double times[ENROLMENTS_MAX];
    double first, last;
};

static void take_ends(struct growth *growth, unsigned enrolments, unsigned few)
{
    growth->first = median(growth->times, few);
    growth->last = median(growth->times + enrolments - few, few);
    printf("%-48s %8.1f %8.1f %8.2f\n", growth->name, growth->first, growth->last,
           growth->last / growth->first);
}

void compare_growth(struct bench *bench)
{
    static struct growth floor = { "bare PKCS#11 calls", { 0 }, 0, 0 };
    static struct growth library = { "libcertenroll", { 0 }, 0, 0 };
    unsigned enrolments = at_most(ENROLMENTS_MAX, 10 * bench->rounds);
    unsigned few = at_most(FEW_MAX, bench->rounds);

    for (unsigned i = 0; i < enrolments; i++) {
        floor.times[i] = enrol_floor_on(bench, "many-floor");
        library.times[i] = enrol_library_on(bench, "many-library");
    }
    printf("%u enrolments on one token, in turn: milliseconds, medians of the first and last %u\n",
           enrolments, few);
    printf("%-48s %8s %8s %8s\n", "", "first", "last", "ratio");
    take_ends(&floor, enrolments, few);
    take_ends(&library, enrolments, few);
    printf("wanted: the library's last, without SoftHSM's own growth, <= 1.5 x its first: %.2f\n\n",
           (library.last - (floor.last - floor.first)) / library.first);
}
