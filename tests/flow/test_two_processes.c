/* SPDX-License-Identifier: Apache-2.0 */
/* Two processes at the same time: enrolling on one token, and resuming one enrolment. Both get what
 * they want, or one says why not; nothing breaks. */
#include "check.h"
#include "demo_ra.h"
#include "run.h"
#include "scratch.h"
#include "shim.h"
#include "softhsm.h"
#include "token_reader.h"

#include <sys/file.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOKEN "customer"
#define ROUNDS 50
#define ROUNDS_SANITIZED 8

struct two {
    struct demo_ra *ra;
    struct softhsm *hsm;
    struct shim *shim;
    char *certenroll;
    char *tokens, *blank, *journals;
    char *pin_source;
    long issued_before;
};

static int set_up(void **state)
{
    struct two *two = calloc(1, sizeof(*two));
    const char *dir;

    check(two != NULL, "out of memory");
    two->ra = demo_ra_new();
    two->hsm = softhsm_new((const char *[]){ TOKEN, NULL });
    dir = softhsm_dir(two->hsm);
    two->shim = shim_new(dir);
    two->certenroll = run_built("tools/certenroll/certenroll");
    two->tokens = scratch_path(dir, "tokens");
    two->blank = scratch_path(dir, "blank");
    two->journals = scratch_path(dir, "journals");
    two->pin_source = scratch_write_text(dir, "pin", SOFTHSM_PIN "\n");
    scratch_copy(two->tokens, two->blank);
    *state = two;
    return 0;
}

static int tear_down(void **state)
{
    struct two *two = *state;

    shim_free(two->shim);
    softhsm_free(two->hsm);
    demo_ra_free(two->ra);
    free(two->certenroll);
    free(two->tokens);
    free(two->blank);
    free(two->journals);
    free(two->pin_source);
    free(two);
    return 0;
}

/* The sanitizers' programs take several times as long. */
static int rounds(int wanted)
{
    const char *sanitizers = getenv("SANITIZE");

    if (sanitizers == NULL || *sanitizers == '\0')
        return wanted;
    print_message("skipped: %d of %d rounds, under the sanitizers\n", wanted - ROUNDS_SANITIZED,
                  wanted);
    return ROUNDS_SANITIZED;
}

static void begin_round(struct two *two)
{
    scratch_remove(strdup(two->tokens));
    scratch_copy(two->blank, two->tokens);
    shim_control(two->shim, "");
    two->issued_before = demo_ra_issued(two->ra);
}

/* --- the programs --- */

static pid_t start_enroll(struct two *two, const char *name, const char *module)
{
    return run_start(softhsm_dir(two->hsm), name,
                     (const char *[]){ two->certenroll,
                                       "enroll",
                                       "--journal",
                                       two->journals,
                                       "--token=pkcs11:token=" TOKEN,
                                       "--module",
                                       module,
                                       "--pin-source",
                                       two->pin_source,
                                       "--url",
                                       demo_ra_url(two->ra),
                                       "--trust-anchor",
                                       demo_ra_anchor(two->ra),
                                       "--user=" DEMO_RA_ACCOUNT,
                                       "--another",
                                       "--password-source",
                                       demo_ra_password_source(two->ra),
                                       "--subject=" DEMO_RA_SUBJECT,
                                       "--key-type=p-256",
                                       "--label",
                                       name,
                                       NULL });
}

static pid_t start_resume(struct two *two, const char *name)
{
    return run_start(softhsm_dir(two->hsm), name,
                     (const char *[]){ two->certenroll, "resume", "--journal", two->journals,
                                       "--pin-source", two->pin_source, "--password-source",
                                       demo_ra_password_source(two->ra), NULL });
}

/* What a program started under this name has said; freed by the caller. */
static char *said_by(const struct two *two, const char *name)
{
    char file[64];
    char *path, *text;

    snprintf(file, sizeof(file), "%s.log", name);
    path = scratch_path(softhsm_dir(two->hsm), file);
    text = scratch_read(path, NULL);
    check(text != NULL, "cannot read %s", path);
    free(path);
    return text;
}

/* --- what must be true afterwards --- */

/* The first file among the journals with this ending, its path, freed by the caller; NULL: none. */
static char *find_journal_file(const struct two *two, const char *ending)
{
    DIR *stream = opendir(two->journals);
    struct dirent *entry;
    char *found = NULL;

    while (stream != NULL && found == NULL && (entry = readdir(stream)) != NULL) {
        const size_t length = strlen(entry->d_name), needed = strlen(ending);

        if (entry->d_name[0] != '.' && length >= needed &&
            strcmp(entry->d_name + length - needed, ending) == 0)
            found = scratch_path(two->journals, entry->d_name);
    }
    if (stream != NULL)
        closedir(stream);
    return found;
}

/* PKCS#11 has no "create unless it is there": of two processes that write at the same time each may
 * find the CA's certificate missing. So `ca_most`; it is no more than that, and harms no pair. */
static size_t assert_sound(const struct two *two, size_t pairs, size_t ca_most)
{
    struct token_contents contents;
    char *left = find_journal_file(two, "");
    size_t ca_count;

    token_read(&contents, TOKEN);
    assert_int_equal(token_pairs(&contents), pairs);
    assert_int_equal(token_count(&contents, TOKEN_PRIVATE_KEY), pairs);
    assert_int_equal(token_count(&contents, TOKEN_PUBLIC_KEY), pairs);
    assert_int_equal(token_count(&contents, TOKEN_CERTIFICATE), pairs);
    ca_count = token_count(&contents, TOKEN_CA_CERTIFICATE);
    assert_true(ca_count >= 1 && ca_count <= ca_most);
    assert_int_equal(token_count(&contents, TOKEN_OTHER_OBJECT), 0);
    assert_int_equal(demo_ra_issued(two->ra) - two->issued_before, (long)pairs);
    if (left != NULL)
        print_error("%s is left\n", left);
    assert_null(left);
    token_contents_clear(&contents);
    return ca_count;
}

/* A program that could not do it has ended by itself, and has said why. */
static void assert_told(const struct two *two, const char *name, int status)
{
    char *said;

    if (status == 0)
        return;
    said = said_by(two, name);
    if (status != CERTENROLL_CLASS_PENDING)
        print_message("%s: status %d: %s", name, status, said);
    assert_true(status < 128);
    assert_non_null(strstr(said, ". ")); /* a clause, and what to do next */
    free(said);
}

static void resume_rest(struct two *two)
{
    int status = run_wait(start_resume(two, "resume"));

    assert_told(two, "resume", status);
    assert_int_equal(status, 0);
}

/* --- enrolling --- */

/* How many pairs there are to be: of those that succeeded, and of those that can be resumed. */
static size_t pairs_expected(const struct two *two, int one_status, int other_status)
{
    size_t pairs = (size_t)(one_status == 0) + (size_t)(other_status == 0);
    DIR *stream = opendir(two->journals);
    struct dirent *entry;

    while (stream != NULL && (entry = readdir(stream)) != NULL)
        pairs += strstr(entry->d_name, ".journal") != NULL ? 1 : 0;
    if (stream != NULL)
        closedir(stream);
    return pairs;
}

/* The CA's certificate is looked for and written under a hold. SoftHSM 2.6.1 does not see what
 * another process wrote before it last wrote itself: its own copies are counted, not refused. */
static void two_enrol_on_one_token(void **state)
{
    struct two *two = *state;
    int both = 0, doubled = 0;

    for (int round = rounds(ROUNDS); round > 0; round--) {
        pid_t one, other;
        int one_status, other_status;
        size_t pairs;

        begin_round(two);
        one = start_enroll(two, "one", softhsm_module());
        other = start_enroll(two, "other", softhsm_module());
        one_status = run_wait(one);
        other_status = run_wait(other);
        assert_told(two, "one", one_status);
        assert_told(two, "other", other_status);
        both += one_status == 0 && other_status == 0;
        pairs = pairs_expected(two, one_status, other_status);
        if (one_status != 0 || other_status != 0)
            resume_rest(two);
        doubled += assert_sound(two, pairs, 2) == 2;
    }
    print_message("both succeeded in %d rounds; both wrote the CA's certificate in %d\n", both,
                  doubled);
    assert_true(both > 0);
}

/* --- resuming --- */

/* An enrolment that was killed when its certificate was about to be written. */
static void leave_unfinished(struct two *two)
{
    char *journal;
    pid_t pid;

    begin_round(two);
    shim_control(two->shim, "kill-after 15\n");
    pid = start_enroll(two, "one", shim_module());
    assert_int_equal(run_wait(pid), 128 + SIGKILL);
    shim_control(two->shim, "");
    journal = find_journal_file(two, ".journal");
    assert_non_null(journal);
    free(journal);
}

/* We hold the lock as another process would. */
static void one_that_is_locked_is_busy(void **state)
{
    struct two *two = *state;
    char *lock, *said;
    int fd, status;

    leave_unfinished(two);
    lock = find_journal_file(two, ".lock");
    assert_non_null(lock);
    fd = open(lock, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    status = run_wait(start_resume(two, "resume"));
    said = said_by(two, "resume");
    assert_int_equal(status, CERTENROLL_CLASS_PENDING);
    assert_non_null(strstr(said, "works on the enrolment"));
    close(fd);
    free(lock);
    free(said);
    resume_rest(two);
    assert_sound(two, 1, 1);
}

/* Who comes late finds nothing to do. SoftHSM 2.6.1 itself loses sight of a token at times while
 * another process logs in: that is told as well. */
static void two_resume_one_enrolment(void **state)
{
    struct two *two = *state;
    int busy = 0;

    for (int round = rounds(ROUNDS / 2); round > 0; round--) {
        pid_t one, other;
        int one_status, other_status;

        leave_unfinished(two);
        one = start_resume(two, "one");
        other = start_resume(two, "other");
        one_status = run_wait(one);
        other_status = run_wait(other);
        assert_told(two, "one", one_status);
        assert_told(two, "other", other_status);
        busy += one_status == CERTENROLL_CLASS_PENDING || other_status == CERTENROLL_CLASS_PENDING;
        resume_rest(two);
        assert_sound(two, 1, 1);
    }
    print_message("one was told that the other is at work in %d rounds\n", busy);
    assert_true(busy > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_enrol_on_one_token),
        cmocka_unit_test(one_that_is_locked_is_busy),
        cmocka_unit_test(two_resume_one_enrolment),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
