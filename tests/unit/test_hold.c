/* SPDX-License-Identifier: Apache-2.0 */
/* Holds: one at a time; they outlive their process with an unfinished journal, and nothing else. */
#include "base/platform.h"
#include "check.h"
#include "journal/hold.h"
#include "journal/journal.h"
#include "journal/sent_ids.h"
#include "journal_files.h"
#include "scratch.h"

#include <certenroll/leftovers.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned char id_bytes[] = { 1, 2, 0xff };
static const struct ce_buffer id = { id_bytes, sizeof(id_bytes) };
/* The token and ID of the journals of journal_files_put(). */
static unsigned char its_bytes[] = { 0x01, 0x80, 0xff };
static const struct ce_buffer its_id = { its_bytes, sizeof(its_bytes) };

static struct ce_held held_pair(const struct ce_buffer *what)
{
    return (struct ce_held){ CE_HELD_PAIR, "100% \xe5\x88\xa9\xe7\x94\xa8\xe8\x80\x85: card", "",
                             what };
}

static size_t count_files(const char *suffix)
{
    char *state = scratch_path(getenv("XDG_STATE_HOME"), "certenroll/holds"), **names = NULL;
    size_t count = 0;

    if (ce_platform_exists(state) == 1)
        assert_int_equal(ce_platform_list(&names, &count, state, suffix), 0);
    ce_platform_list_free(names, count);
    free(state);
    return count;
}

static void assert_busy(struct journal_files *test, const struct ce_held *held,
                        const struct ce_holder *holder, const char *word)
{
    struct ce_hold *hold = NULL;

    assert_int_equal(ce_hold_take(&hold, held, holder, &test->error), CERTENROLL_E_BUSY);
    assert_null(hold);
    assert_non_null(strstr(certenroll_error_message(test->error), word));
    certenroll_error_free(test->error);
    test->error = NULL;
}

static struct ce_hold *take(struct journal_files *test, const struct ce_held *held,
                            const struct ce_holder *holder)
{
    struct ce_hold *hold = NULL;

    assert_ok(ce_hold_take(&hold, held, holder, &test->error), test->error);
    return hold;
}

static void test_one_at_a_time(void **state)
{
    struct journal_files *test = *state;
    const struct ce_held held = held_pair(&id);
    const struct ce_held subject = { CE_HELD_SUBJECT, held.token_label, held.token_serial, &id };
    const struct ce_holder one = { "remove", NULL, NULL }, other = { "rekey", test->dir, "other" };
    struct ce_hold *hold = take(test, &held, &one), *beside;
    char process[32];

    snprintf(process, sizeof(process), "process %ld ", (long)getpid());
    assert_busy(test, &held, &other, process);
    assert_busy(test, &held, &other, "\"remove\"");
    beside = take(test, &subject, &other); /* something else that looks alike */
    assert_int_equal(count_files(".hold"), 2);
    ce_hold_end(beside);
    ce_hold_end(hold);
    assert_int_equal(count_files(".hold"), 0);
    ce_hold_end(take(test, &held, &other));
}

static void test_an_unfinished_journal_holds(void **state)
{
    struct journal_files *test = *state;
    const struct ce_held held = held_pair(&its_id);
    const struct ce_holder begun = { "enroll", test->dir, "begun" },
                           other = { "remove", NULL, NULL };

    ce_hold_leave(take(test, &held, &begun));
    ce_hold_end(take(test, &held, &other)); /* it died before it had a journal */

    ce_hold_leave(take(test, &held, &begun));
    journal_files_put(test, "begun", CERTENROLL_STATE_PENDING, 1000);
    assert_busy(test, &held, &other, "--name begun --journal");
    assert_int_equal(ce_holds_clear(NULL), 0);
    ce_hold_leave(take(test, &held, &begun)); /* its own */
    assert_ok(certenroll_journal_remove(test->context, test->dir, "begun", 1, &test->error),
              test->error);
    assert_int_equal(count_files(".hold"), 1);
    assert_int_equal(ce_holds_clear(NULL), 1);
    assert_int_equal(count_files(".hold"), 0);

    journal_files_put(test, "begun", CERTENROLL_STATE_RETIRED, 1000);
    ce_hold_leave(take(test, &held, &begun));
    ce_hold_end(take(test, &held, &other)); /* it is finished */
}

/* Another ID is in the journal by now: what it was left for is free. */
static void test_a_journal_holds_what_it_is_about(void **state)
{
    struct journal_files *test = *state;
    const struct ce_held held = held_pair(&id);
    const struct ce_holder begun = { "enroll", test->dir, "begun" },
                           other = { "remove", NULL, NULL };

    journal_files_put(test, "begun", CERTENROLL_STATE_PENDING, 1000);
    ce_hold_leave(take(test, &held, &begun));
    ce_hold_end(take(test, &held, &other));
}

static void test_a_damaged_hold_holds_nothing(void **state)
{
    static const char *const texts[] = {
        "", "certenroll-hold 1\n", "certenroll-hold 9\njournal: x\n",
        "certenroll-hold 1\njournal: ../../x\ndirectory: /\n",
        "certenroll-hold 1\njournal: x\ndirectory: /nonexistent\n"
    };
    struct journal_files *test = *state;
    const struct ce_held held = held_pair(&id);
    const struct ce_holder other = { "remove", NULL, NULL };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char *holds = scratch_path(getenv("XDG_STATE_HOME"), "certenroll/holds"), **names = NULL;
        size_t count = 0;

        ce_hold_leave(take(test, &held, &other));
        assert_int_equal(ce_platform_list(&names, &count, holds, ".hold"), 0);
        assert_int_equal(count, 1);
        free(scratch_write_text(holds, names[0], texts[i]));
        ce_platform_list_free(names, count);
        free(holds);
        ce_hold_end(take(test, &held, &other));
    }
}

/* --- IDs that were sent --- */

static void test_sent_ids_are_kept_by_token(void **state)
{
    struct journal_files *test = *state;
    struct ce_sent_ids sent;
    certenroll_unsettled *unsettled = NULL;
    size_t length;
    int64_t at;

    assert_ok(ce_sent_ids_open(&sent, "card", "7", NULL, 1, &test->error), test->error);
    assert_true(sent.file == NULL && sent.count == 0);
    ce_sent_ids_close(&sent);

    assert_ok(ce_sent_ids_open(&sent, "card", "7", NULL, 0, &test->error), test->error);
    assert_ok(ce_sent_ids_add(&sent, &id, 1780000000, &test->error), test->error);
    assert_ok(ce_sent_ids_add(&sent, &id, 1780000001, &test->error), test->error); /* once */
    assert_ok(ce_sent_ids_write(&sent, &test->error), test->error);
    ce_sent_ids_close(&sent);

    assert_ok(certenroll_unsettled_new(&unsettled, &test->error), test->error);
    assert_int_equal(certenroll_unsettled_count(unsettled), 1);
    assert_string_equal(certenroll_unsettled_token_label(unsettled, 0), "card");
    assert_string_equal(certenroll_unsettled_token_serial(unsettled, 0), "7");
    assert_memory_equal(certenroll_unsettled_id(unsettled, 0, 0, &length, &at), id_bytes, 3);
    assert_true(length == 3 && at == 1780000000);
    assert_null(certenroll_unsettled_id(unsettled, 0, 1, &length, NULL));
    assert_null(certenroll_unsettled_token_label(unsettled, 1));
    certenroll_unsettled_free(unsettled);

    assert_ok(ce_sent_ids_open(&sent, "card", "8", NULL, 1, &test->error), test->error);
    assert_int_equal(sent.count, 0); /* another token */
    ce_sent_ids_close(&sent);
    assert_ok(ce_sent_ids_open(&sent, "card", "7", NULL, 1, &test->error), test->error);
    assert_int_equal(sent.count, 1);
    ce_sent_ids_remove(&sent, 0);
    assert_ok(ce_sent_ids_write(&sent, &test->error), test->error);
    ce_sent_ids_close(&sent);
    assert_ok(certenroll_unsettled_new(&unsettled, &test->error), test->error);
    assert_int_equal(certenroll_unsettled_count(unsettled), 0);
    certenroll_unsettled_free(unsettled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_at_a_time, journal_files_set_up,
                                        journal_files_tear_down),
        cmocka_unit_test_setup_teardown(test_an_unfinished_journal_holds, journal_files_set_up,
                                        journal_files_tear_down),
        cmocka_unit_test_setup_teardown(test_a_journal_holds_what_it_is_about, journal_files_set_up,
                                        journal_files_tear_down),
        cmocka_unit_test_setup_teardown(test_a_damaged_hold_holds_nothing, journal_files_set_up,
                                        journal_files_tear_down),
        cmocka_unit_test_setup_teardown(test_sent_ids_are_kept_by_token, journal_files_set_up,
                                        journal_files_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
