/* SPDX-License-Identifier: Apache-2.0 */
/* Side by side in one run, taking turns: enrolments, calls to the token, and signatures. Started by
 * tests/bench, which makes the tokens.
 *
 *     certenroll-bench MODULE SHIM CERTENROLL DIRECTORY ROUNDS */
#include "bench.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MAX = 1000, SIGNATURE_ROUNDS_MAX = 9 };

double now_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

unsigned at_most(unsigned limit, unsigned count)
{
    return count < limit ? count : limit;
}

void stopwatch_start(struct stopwatch *watch)
{
    watch->started = now_milliseconds();
}

void stopwatch_halt(struct stopwatch *watch)
{
    watch->total += now_milliseconds() - watch->started;
}

void need(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(1);
}

X509 *bench_issue(const struct bench *bench, X509_REQ *request)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.key = X509_REQ_get0_pubkey(request);
    details.subject = BENCH_SUBJECT;
    return test_ca_issue(&bench->ca, &details);
}

void use_token(const struct bench *bench, const char *label)
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/%s/softhsm2.conf", bench->directory, label);
    need(setenv("SOFTHSM2_CONF", path, 1) == 0, "setenv");
}

/* --- enrolments --- */

struct contender {
    const char *name;
    double (*enrol)(struct bench *bench);
    double times[ROUNDS_MAX];
};

static struct contender contenders[] = {
    { "(a) floor: bare PKCS#11 calls, in process", enrol_floor, { 0 } },
    { "(b) libcertenroll, in process", enrol_library, { 0 } },
    { "(c) certenroll enroll --offline, whole process", enrol_certenroll, { 0 } },
    { "(d) pkcs11-tool + openssl", enrol_pkcs11_tool, { 0 } },
    { "(e) p11tool + certtool", enrol_p11tool, { 0 } },
};
enum { CONTENDERS = sizeof(contenders) / sizeof(contenders[0]) };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double median(double *times, unsigned count)
{
    qsort(times, count, sizeof(*times), compare);
    return count % 2 ? times[count / 2] : (times[count / 2 - 1] + times[count / 2]) / 2;
}

static void time_enrolments(struct bench *bench)
{
    unsigned rounds = bench->rounds;
    double medians[CONTENDERS];

    for (bench->round = 0; bench->round < rounds; bench->round++)
        for (size_t i = 0; i < CONTENDERS; i++)
            contenders[i].times[bench->round] = contenders[i].enrol(bench);
    printf("one P-256 enrolment, the CA's answer at hand: milliseconds, %u rounds in turn\n",
           rounds);
    printf("%-48s %8s %8s %8s\n", "", "median", "least", "/ floor");
    for (size_t i = 0; i < CONTENDERS; i++) {
        medians[i] = median(contenders[i].times, rounds);
        printf("%-48s %8.1f %8.1f %8.2f\n", contenders[i].name, medians[i], contenders[i].times[0],
               medians[i] / medians[0]);
    }
    printf("wanted: (b) <= 1.5 x (a): %.2f;  (d) >= 2 x (c): %.2f;  (e) >= 2 x (c): %.2f\n\n",
           medians[1] / medians[0], medians[3] / medians[2], medians[4] / medians[2]);
}

/* --- calls to the token --- */

/* How many; tests/flow/test_calls.c names each of them, and why it is made. */
static unsigned count_calls(struct bench *bench, double (*enrol)(struct bench *bench))
{
    const char *module = bench->module;
    unsigned calls = 0;
    FILE *log;
    int character;

    remove(getenv("SHIM_LOG"));
    bench->module = bench->shim;
    enrol(bench);
    bench->module = module;
    log = fopen(getenv("SHIM_LOG"), "r");
    need(log != NULL, "reading the shim's log");
    while ((character = getc(log)) != EOF)
        calls += character == '\n';
    fclose(log);
    return calls;
}

static void compare_calls(struct bench *bench)
{
    unsigned floor = count_calls(bench, enrol_floor);
    unsigned library = count_calls(bench, enrol_library);

    printf("calls to the token: the library's %u, the floor's %u\n", library, floor);
    printf("wanted: library <= 2 x floor: %.2f\n\n", (double)library / floor);
}

/* --- signatures --- */

static void compare_signatures_by(struct bench *bench, unsigned threads)
{
    double raw[SIGNATURE_ROUNDS_MAX], provider[SIGNATURE_ROUNDS_MAX];
    unsigned rounds = at_most(SIGNATURE_ROUNDS_MAX, bench->rounds);

    for (unsigned i = 0; i < rounds; i++) {
        raw[i] = sign_raw(bench, threads);
        provider[i] = sign_provider(bench, threads);
    }
    printf("%-10u %10.0f %10.0f %10.2f\n", threads, median(raw, rounds), median(provider, rounds),
           median(provider, rounds) / median(raw, rounds));
}

static void compare_signatures(struct bench *bench)
{
    printf("P-256 signatures a second, median of %u rounds in turn\n%-10s %10s %10s %10s\n",
           at_most(SIGNATURE_ROUNDS_MAX, bench->rounds), "threads", "raw", "provider", "ratio");
    compare_signatures_by(bench, 1);
    compare_signatures_by(bench, 8);
    printf("wanted: ratio >= 0.9\n");
}

/* --- */

static void write_anchor(const struct bench *bench)
{
    char path[1024];
    FILE *file;

    snprintf(path, sizeof(path), "%s/ca.pem", bench->directory);
    file = fopen(path, "w");
    need(file && PEM_write_X509(file, bench->ca.certificate) == 1 && fclose(file) == 0,
         "writing the trust anchor");
}

static void read_pin(struct bench *bench)
{
    char path[1024];
    FILE *file;

    snprintf(path, sizeof(path), "%s/pin", bench->directory);
    file = fopen(path, "r");
    need(file && fgets(bench->pin, sizeof(bench->pin), file), "reading the PIN");
    bench->pin[strcspn(bench->pin, "\n")] = '\0';
    fclose(file);
}

int main(int argc, char **argv)
{
    struct bench bench = { 0 };

    need(argc == 6, "reading the command line");
    bench.module = argv[1];
    bench.shim = argv[2];
    bench.certenroll = argv[3];
    bench.directory = argv[4];
    bench.rounds = (unsigned)strtoul(argv[5], NULL, 10);
    need(bench.rounds >= 1 && bench.rounds <= ROUNDS_MAX, "reading the number of rounds");
    read_pin(&bench);
    test_ca_new(&bench.ca, "CN=Bench CA,O=Test", NULL);
    write_anchor(&bench);
    time_enrolments(&bench);
    compare_calls(&bench);
    compare_growth(&bench);
    compare_signatures(&bench);
    test_ca_clear(&bench.ca);
    return 0;
}
