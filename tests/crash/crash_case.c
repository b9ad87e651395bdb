/* SPDX-License-Identifier: Apache-2.0 */
#include "crash_case.h"

#include "check.h"
#include "run.h"
#include "scratch.h"

#include <sys/stat.h>

#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define TOKEN "customer"

void crash_bench_open(struct crash_bench *bench, enum crash_operation operation,
                      const char *key_type)
{
    const char *dir;

    *bench = (struct crash_bench){ .operation = operation, .key_type = key_type };
    bench->certenroll = run_built("tools/certenroll/certenroll");
    bench->crash_points = run_built("tests/shim/certenroll-crash-points.so");
    bench->ra = demo_ra_new();
    bench->hsm = softhsm_new((const char *[]){ TOKEN, NULL });
    dir = softhsm_dir(bench->hsm);
    bench->shim = shim_new(dir);
    unsetenv("SHIM_LOG"); /* nobody reads it */
    bench->tokens = scratch_path(dir, "tokens");
    bench->blank = scratch_path(dir, "blank");
    bench->journals = scratch_path(dir, "journals");
    bench->pin_source = scratch_write_text(dir, "pin", SOFTHSM_PIN "\n");
    scratch_copy(bench->tokens, bench->blank);
}

void crash_bench_close(struct crash_bench *bench)
{
    token_contents_clear(&bench->before);
    shim_free(bench->shim);
    softhsm_free(bench->hsm);
    demo_ra_free(bench->ra);
    free(bench->certenroll);
    free(bench->crash_points);
    free(bench->tokens);
    free(bench->blank);
    free(bench->journals);
    free(bench->pin_source);
}

/* --- the tool --- */

static struct run enroll(const struct crash_bench *bench)
{
    return run_program(softhsm_dir(bench->hsm),
                       (const char *[]){ bench->certenroll,
                                         "enroll",
                                         "--journal",
                                         bench->journals,
                                         "--token=pkcs11:token=" TOKEN,
                                         "--module",
                                         shim_module(),
                                         "--pin-source",
                                         bench->pin_source,
                                         "--url",
                                         demo_ra_url(bench->ra),
                                         "--trust-anchor",
                                         demo_ra_anchor(bench->ra),
                                         "--user=" DEMO_RA_ACCOUNT,
                                         "--password-source",
                                         demo_ra_password_source(bench->ra),
                                         "--subject=" DEMO_RA_SUBJECT,
                                         "--key-type",
                                         bench->key_type,
                                         NULL });
}

static struct run replace(const struct crash_bench *bench)
{
    const struct token_object *present = token_first(&bench->before, TOKEN_CERTIFICATE);
    char id[2 * sizeof(present->id) + 1] = "";

    for (size_t i = 0; i < present->id_length; i++)
        snprintf(id + 2 * i, 3, "%02x", present->id[i]);
    return run_program(
        softhsm_dir(bench->hsm),
        (const char *[]){ bench->certenroll, bench->operation == RENEWAL ? "renew" : "rekey",
                          "--journal", bench->journals, "--token=pkcs11:token=" TOKEN, "--module",
                          shim_module(), "--pin-source", bench->pin_source, "--url",
                          demo_ra_url(bench->ra), "--trust-anchor", demo_ra_anchor(bench->ra),
                          "--id", id, NULL });
}

static struct run operate(const struct crash_bench *bench)
{
    return bench->operation == FIRST_ENROLMENT ? enroll(bench) : replace(bench);
}

static struct run resume(const struct crash_bench *bench)
{
    return run_program(softhsm_dir(bench->hsm),
                       (const char *[]){ bench->certenroll, "resume", "--journal", bench->journals,
                                         "--pin-source", bench->pin_source, "--password-source",
                                         demo_ra_password_source(bench->ra), NULL });
}

/* --- the hit --- */

static void aim(const struct crash_bench *bench, const struct crash_point *point)
{
    char text[96];

    switch (point->class) {
    case CRASH_PKCS11:
        snprintf(text, sizeof(text), "kill-%s %lu\n", point->moment, point->number);
        shim_control(bench->shim, text);
        return;
    case CRASH_REMOVAL:
        snprintf(text, sizeof(text), "absent-in %06lu\n", point->number);
        shim_control(bench->shim, text);
        return;
    case CRASH_LOST_ANSWER:
        snprintf(text, sizeof(text), "lose %s %s %lu\n", point->function, point->rv, point->number);
        shim_control(bench->shim, text);
        return;
    case CRASH_JOURNAL:
    case CRASH_NETWORK:
        snprintf(text, sizeof(text), "%s %s %lu",
                 point->class == CRASH_JOURNAL ? "journal" : "network", point->moment,
                 point->number);
        check(setenv("CRASH_POINT", text, 1) == 0 &&
                  setenv("CRASH_JOURNALS", bench->journals, 1) == 0 &&
                  setenv("LD_PRELOAD", bench->crash_points, 1) == 0,
              "cannot set the environment");
        return;
    }
}

static void aim_no_more(const struct crash_bench *bench)
{
    shim_control(bench->shim, "");
    unsetenv("CRASH_POINT");
    unsetenv("CRASH_JOURNALS");
    unsetenv("LD_PRELOAD");
}

/* The shim marks what it has done. */
static int was_hit(const struct crash_bench *bench, const struct crash_point *point,
                   const struct run *run)
{
    char *control;
    int hit;

    if (point->class != CRASH_REMOVAL && point->class != CRASH_LOST_ANSWER)
        return run->status == 128 + SIGKILL;
    control = shim_control_now(bench->shim);
    hit = control[0] == '#' || strncmp(control, "absent-in 000000\n", 17) == 0;
    free(control);
    return hit;
}

/* --- judging --- */

__attribute__((format(printf, 3, 4))) static void note(struct crash_outcome *outcome, int *as,
                                                       const char *format, ...)
{
    size_t used = strlen(outcome->what);
    va_list arguments;

    *as = 1;
    va_start(arguments, format);
    vsnprintf(outcome->what + used, sizeof(outcome->what) - used, format, arguments);
    va_end(arguments);
}

static int has_ending(const char *name, const char *ending)
{
    size_t length = strlen(name), needed = strlen(ending);

    return length >= needed && strcmp(name + length - needed, ending) == 0;
}

/* The first file among the journals with this ending, but for `other`; "": there is none. */
static void find_file(char out[256], const struct crash_bench *bench, const char *ending,
                      const char *other)
{
    DIR *stream = opendir(bench->journals);
    struct dirent *entry;

    out[0] = '\0';
    if (stream == NULL && errno == ENOENT)
        return;
    check(stream != NULL, "cannot read %s", bench->journals);
    while ((entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, other) != 0 && has_ending(entry->d_name, ending))
            snprintf(out, 256, "%s", entry->d_name);
    }
    closedir(stream);
}

static int has_journal(const struct crash_bench *bench)
{
    char name[256];

    find_file(name, bench, ".journal", "");
    return name[0] != '\0';
}

/* A certificate that was not there before. */
static int is_done(const struct crash_bench *bench, const struct token_contents *now)
{
    const struct token_object *old = token_first(&bench->before, TOKEN_CERTIFICATE);

    for (size_t i = 0; i < now->count; i++) {
        if (now->objects[i].kind == TOKEN_CERTIFICATE &&
            (old == NULL || X509_cmp(old->certificate, now->objects[i].certificate) != 0))
            return 1;
    }
    return 0;
}

static void judge_replacement(struct crash_outcome *outcome, const struct crash_bench *bench,
                              const struct token_contents *now)
{
    const struct token_object *old = token_first(&bench->before, TOKEN_CERTIFICATE);
    const struct token_object *new = token_first(now, TOKEN_CERTIFICATE);
    int same_key;

    if (old == NULL || new == NULL)
        return;
    same_key = token_same_id(old, new) && EVP_PKEY_eq(X509_get0_pubkey(old->certificate),
                                                      X509_get0_pubkey(new->certificate)) == 1;
    if (same_key != (bench->operation == RENEWAL))
        note(outcome, &outcome->lost, "; the key is the wrong one");
}

/* Nothing stays among the journals. But whoever was killed between removing its journal and its
 * lock file leaves that, which the next enrolment removes, not this one's resumption. */
static void judge_journals(struct crash_outcome *outcome, struct crash_bench *bench)
{
    char lock[256], other[256];

    find_file(lock, bench, ".lock", "");
    find_file(other, bench, "", lock);
    if (other[0] == '\0' && (lock[0] == '\0' || strcmp(lock, bench->lock_left) != 0)) {
        memcpy(bench->lock_left, lock, sizeof(lock));
        return;
    }
    note(outcome, &outcome->orphaned, "; %s is left%s", other[0] != '\0' ? other : lock,
         strcmp(lock, bench->lock_left) == 0 ? ", of an earlier case" : "");
    bench->lock_left[0] = '\0';
    scratch_empty(bench->journals);
}

/* How it is in the end. */
static void judge(struct crash_outcome *outcome, struct crash_bench *bench,
                  const struct token_contents *now)
{
    const long issued = demo_ra_issued(bench->ra) - bench->issued_before;
    const char *flaw = token_flaw(now);

    if (token_pairs(now) == 0 || !is_done(bench, now))
        note(outcome, &outcome->lost, "; there is no new pair");
    if (flaw != NULL)
        note(outcome, &outcome->orphaned, "; %s", flaw);
    judge_replacement(outcome, bench, now);
    if (issued != 1)
        note(outcome, &outcome->orphaned, "; %ld certificates were issued", issued);
    judge_journals(outcome, bench);
}

/* --- the case --- */

static void blank_token(const struct crash_bench *bench)
{
    scratch_remove(strdup(bench->tokens));
    scratch_copy(bench->blank, bench->tokens);
}

static void first_pair(const struct crash_bench *bench)
{
    struct run run = enroll(bench);

    check(run.status == 0, "the enrolment before: %s", run.err);
    run_clear(&run);
}

/* A blank token; for renewal and re-key one with a pair, which may be the one that the last case
 * has ended with. */
static void begin(struct crash_bench *bench)
{
    const int replaces = bench->operation != FIRST_ENROLMENT;

    token_contents_clear(&bench->before);
    scratch_forget_sent_ids();
    if (!replaces || !bench->in_order)
        blank_token(bench);
    if (replaces && !bench->in_order)
        first_pair(bench);
    if (replaces) {
        token_read(&bench->before, TOKEN);
        check(token_flaw(&bench->before) == NULL, "%s", token_flaw(&bench->before));
    }
    bench->issued_before = demo_ra_issued(bench->ra);
}

/* Between the hit and the resumption a renewed or replaced pair must still be of use. */
static void look_meanwhile(struct crash_outcome *outcome, const struct crash_bench *bench)
{
    struct token_contents now;

    if (bench->operation == FIRST_ENROLMENT)
        return;
    token_read(&now, TOKEN);
    if (token_pairs(&now) == 0)
        note(outcome, &outcome->lost, "; meanwhile no pair works");
    token_contents_clear(&now);
}

static void must_succeed(struct crash_outcome *outcome, struct run run, const char *what)
{
    if (run.status != 0)
        note(outcome, &outcome->lost, "; %s ended with status %d: %.300s", what, run.status,
             run.err);
    run_clear(&run);
}

/* Two hours pass: what is young may be in use. */
static void age_files(const struct crash_bench *bench)
{
    const time_t then = time(NULL) - (time_t)2 * 3600;
    const struct timespec times[] = { { then, 0 }, { then, 0 } };
    DIR *stream = opendir(bench->journals);
    struct dirent *entry;

    if (stream == NULL && errno == ENOENT) /* killed before it was made */
        return;
    check(stream != NULL, "cannot read %s", bench->journals);
    while ((entry = readdir(stream)) != NULL)
        check(utimensat(dirfd(stream), entry->d_name, times, 0) == 0, "%s", entry->d_name);
    closedir(stream);
}

/* What a person does who finds the computer restarted: resume; and when nothing had begun yet,
 * begin. */
static void finish(struct crash_outcome *outcome, struct crash_bench *bench)
{
    const int had_journal = has_journal(bench);
    struct token_contents now;

    age_files(bench);
    must_succeed(outcome, resume(bench), "resume");
    token_read(&now, TOKEN);
    if (!had_journal && !is_done(bench, &now)) {
        token_contents_clear(&now);
        must_succeed(outcome, operate(bench), "the second run");
        token_read(&now, TOKEN);
    }
    judge(outcome, bench, &now);
    token_contents_clear(&now);
}

/* A pull that only closing the sessions would have noticed is none to speak of. */
static int ended_as_it_should(const struct crash_outcome *outcome, const struct crash_point *point,
                              int status)
{
    if (!outcome->hit)
        return status == 0;
    if (point->class == CRASH_REMOVAL)
        return status == 0 || status == CERTENROLL_CLASS_MODULE;
    return 1;
}

/* Killed before the first network operation that comes after the look at the RA. Which one that is
 * shows by the journal; the next case begins where this one has found it. */
static void leave_unsent(const struct crash_bench *bench)
{
    static unsigned long number = 1;
    struct run run;

    for (;; number++) {
        const struct crash_point point = { .class = CRASH_NETWORK,
                                           .moment = "before",
                                           .number = number };

        aim(bench, &point);
        run = operate(bench);
        aim_no_more(bench);
        check(run.status == 128 + SIGKILL, "it was to be killed: %s", run.err);
        run_clear(&run);
        if (has_journal(bench))
            return;
    }
}

struct crash_outcome crash_case(struct crash_bench *bench, const struct crash_point *point)
{
    struct crash_outcome outcome = { 0 };
    struct run run;

    begin(bench);
    if (point->resuming)
        leave_unsent(bench);
    aim(bench, point);
    run = point->resuming ? resume(bench) : operate(bench);
    outcome.hit = was_hit(bench, point, &run);
    aim_no_more(bench);
    if (!ended_as_it_should(&outcome, point, run.status))
        note(&outcome, &outcome.lost, "; the run ended with status %d: %.300s", run.status,
             run.err);
    run_clear(&run);
    look_meanwhile(&outcome, bench);
    finish(&outcome, bench);
    bench->in_order = !outcome.lost && !outcome.orphaned;
    return outcome;
}
