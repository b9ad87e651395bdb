/* SPDX-License-Identifier: Apache-2.0 */
/* The crash matrix: for one operation and key type the process dies before and after each PKCS#11
 * call, journal write and network call in turn, also while it resumes; the token is pulled before
 * each call; and each answer of the token that tells of a change is lost in turn. Every case must
 * end with one pair, and nothing beside it.
 *
 *     crash_matrix first_enrolment|renewal|rekey p-256|rsa-2048
 *
 * The points are numbered from 1; a run that is not hit any more was beyond the last one. */
#include "check.h"
#include "crash_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define POINTS_MAX 3000 /* a run that has more does not end */
#define BAD_MAX 10      /* so many bad cases of a class tell enough */

struct tally {
    unsigned long tried, converged, lost, orphaned;
};

struct matrix {
    struct crash_bench bench;
    struct tally sum;
};

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void describe(char *out, size_t size, const struct crash_point *point)
{
    static const char *const classes[] = { "PKCS#11 call", "journal operation",
                                           "network operation" };

    if (point->class == CRASH_LOST_ANSWER)
        snprintf(out, size, "answer lost: %s says %s", point->function, point->rv);
    else if (point->class == CRASH_REMOVAL)
        snprintf(out, size, "token pulled before a PKCS#11 call");
    else
        snprintf(out, size, "killed %s a %s%s", point->moment, classes[point->class],
                 point->resuming ? " while resuming" : "");
}

static void show(const char *what, const struct tally *tally)
{
    printf("%s: points tried: %lu, converged: %lu, lost: %lu, orphaned: %lu", what, tally->tried,
           tally->converged, tally->lost, tally->orphaned);
}

static void count(struct tally *tally, const struct crash_outcome *outcome)
{
    tally->tried++;
    tally->lost += outcome->lost != 0;
    tally->orphaned += !outcome->lost && outcome->orphaned;
    tally->converged += !outcome->lost && !outcome->orphaned;
}

/* All points of a class. */
static struct tally sweep(struct matrix *matrix, struct crash_point point)
{
    struct tally tally = { 0 };
    char what[96];

    describe(what, sizeof(what), &point);
    for (point.number = 1;; point.number++) {
        struct crash_outcome outcome = crash_case(&matrix->bench, &point);

        if (outcome.lost || outcome.orphaned)
            print_error("%s, number %lu%s%s\n", what, point.number,
                        outcome.hit ? "" : " (not reached)", outcome.what);
        if (!outcome.hit) {
            /* It was not interrupted at all, and is no point; but it has to be right. */
            tally.lost += outcome.lost != 0;
            tally.orphaned += outcome.orphaned != 0;
            break;
        }
        count(&tally, &outcome);
        check(point.number < POINTS_MAX, "%s: there is no end of them", what);
        if (tally.lost + tally.orphaned >= BAD_MAX) {
            print_error("%s: given up after number %lu\n", what, point.number);
            break;
        }
    }
    return tally;
}

/* `floor`: a class with fewer points was not really tried. Returns non-zero when all is well. */
static int try(struct matrix *matrix, struct crash_point point, unsigned long floor)
{
    const double start = seconds();
    struct tally tally = sweep(matrix, point);
    char what[96];

    describe(what, sizeof(what), &point);
    show(what, &tally);
    printf(" (%.1f s)\n", seconds() - start);
    matrix->sum.tried += tally.tried;
    matrix->sum.converged += tally.converged;
    matrix->sum.lost += tally.lost;
    matrix->sum.orphaned += tally.orphaned;
    if (tally.tried < floor)
        print_error("%s: there are only %lu points\n", what, tally.tried);
    return tally.lost == 0 && tally.orphaned == 0 && tally.converged == tally.tried &&
           tally.tried >= floor;
}

static void killed_before_pkcs11_calls(void **state)
{
    assert_true(try(*state, (struct crash_point){ .class = CRASH_PKCS11, .moment = "before" }, 20));
}

static void killed_after_pkcs11_calls(void **state)
{
    assert_true(try(*state, (struct crash_point){ .class = CRASH_PKCS11, .moment = "after" }, 20));
}

static void killed_before_journal_operations(void **state)
{
    assert_true(
        try(*state, (struct crash_point){ .class = CRASH_JOURNAL, .moment = "before" }, 40));
}

static void killed_after_journal_operations(void **state)
{
    assert_true(try(*state, (struct crash_point){ .class = CRASH_JOURNAL, .moment = "after" }, 40));
}

static void killed_before_network_operations(void **state)
{
    assert_true(
        try(*state, (struct crash_point){ .class = CRASH_NETWORK, .moment = "before" }, 15));
}

static void killed_after_network_operations(void **state)
{
    assert_true(try(*state, (struct crash_point){ .class = CRASH_NETWORK, .moment = "after" }, 15));
}

static void killed_again_while_resuming(void **state)
{
    struct crash_point point = { .class = CRASH_PKCS11, .moment = "before", .resuming = 1 };
    int good = try(*state, point, 15);

    point.class = CRASH_JOURNAL;
    assert_true(try(*state, point, 20) && good);
}

static void the_token_is_pulled(void **state)
{
    assert_true(try(*state, (struct crash_point){ .class = CRASH_REMOVAL }, 20));
}

/* CKR_DEVICE_REMOVED and CKR_GENERAL_ERROR, though the token has done it. */
static void answers_are_lost(void **state)
{
    static const char *const functions[] = { "C_GenerateKeyPair", "C_CreateObject",
                                             "C_DestroyObject", "C_Sign" };
    static const char *const answers[] = { "0x32", "0x5" };
    struct matrix *matrix = *state;
    const enum crash_operation operation = matrix->bench.operation;
    const unsigned long calls[] = { operation != RENEWAL, 1, operation != FIRST_ENROLMENT, 1 };
    int good = 1;

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        for (size_t j = 0; j < sizeof(answers) / sizeof(answers[0]); j++) {
            struct crash_point point = { .class = CRASH_LOST_ANSWER,
                                         .function = functions[i],
                                         .rv = answers[j] };

            good &= try(matrix, point, calls[i]);
        }
    }
    assert_true(good);
}

static void in_all(void **state)
{
    struct matrix *matrix = *state;

    show("in all", &matrix->sum);
    printf("\n");
    assert_int_equal(matrix->sum.converged, matrix->sum.tried);
    assert_int_equal(demo_ra_revoked(matrix->bench.ra), 0);
}

/* --- set-up --- */

static enum crash_operation operation_wanted;
static const char *key_type_wanted;

static int set_up(void **state)
{
    struct matrix *matrix = calloc(1, sizeof(*matrix));

    check(matrix != NULL, "out of memory");
    crash_bench_open(&matrix->bench, operation_wanted, key_type_wanted);
    *state = matrix;
    return 0;
}

static int tear_down(void **state)
{
    struct matrix *matrix = *state;

    crash_bench_close(&matrix->bench);
    free(matrix);
    return 0;
}

static int read_arguments(int argc, char **argv)
{
    static const char *const operations[] = { "first_enrolment", "renewal", "rekey" };

    for (size_t i = 0; argc == 3 && i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (strcmp(argv[1], operations[i]) != 0)
            continue;
        operation_wanted = (enum crash_operation)i;
        key_type_wanted = argv[2];
        return 1;
    }
    fprintf(stderr, "crash_matrix first_enrolment|renewal|rekey p-256|rsa-2048\n");
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_before_pkcs11_calls),
        cmocka_unit_test(killed_after_pkcs11_calls),
        cmocka_unit_test(killed_before_journal_operations),
        cmocka_unit_test(killed_after_journal_operations),
        cmocka_unit_test(killed_before_network_operations),
        cmocka_unit_test(killed_after_network_operations),
        cmocka_unit_test(killed_again_while_resuming),
        cmocka_unit_test(the_token_is_pulled),
        cmocka_unit_test(answers_are_lost),
        cmocka_unit_test(in_all),
    };
    const char *sanitizers = getenv("SANITIZE");

    if (!read_arguments(argc, argv))
        return 2;
    if (sanitizers != NULL && *sanitizers != '\0') {
        printf("skipped: the crash matrix: it preloads a library before the sanitizers' own, and "
               "starts thousands of programs\n");
        return 77;
    }
    setbuf(stdout, NULL);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
