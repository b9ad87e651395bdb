/* SPDX-License-Identifier: Apache-2.0 */
/* A table of more rows than there are digits before ':' and '?', which are answers of
 * getopt_long's own: as a row's number they would be taken for mistakes of the person's. */
#include "check.h"
#include "common/option_rows.h"

#include <stdio.h>

enum { ROWS = 80 };
static char names[ROWS][16];
static struct option_row list[ROWS];
static const struct option_rows rows = { list, ROWS };

struct options {
    int flags[ROWS];
    const char *texts[ROWS];
};

/* Every other row is a flag. */
static int make_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof(names[i]), "option-%03zu", i);
        list[i].name = names[i];
        list[i].kind = i % 2 ? OPTION_TEXT : OPTION_FLAG;
        list[i].groups = 1;
        list[i].offset = i % 2 ? offsetof(struct options, texts) + i * sizeof(const char *)
                               : offsetof(struct options, flags) + i * sizeof(int);
    }
    return 0;
}

static int read_line(struct options *options, const char *first, const char *second,
                     certenroll_error **error)
{
    char *argv[] = { (char *)(uintptr_t) "list", (char *)(uintptr_t)first,
                     (char *)(uintptr_t)second, NULL };
    struct argument_line line = { second ? 3 : 2, argv, 0 };

    return option_rows_read(options, &rows, 1, &line, error);
}

static void every_row_is_read(void **state)
{
    certenroll_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct options options = { 0 };
        char given[32];

        snprintf(given, sizeof(given), "--%.15s", names[i]);
        assert_ok(read_line(&options, given, i % 2 ? "value" : NULL, &error), error);
        if (i % 2)
            assert_string_equal(options.texts[i], "value");
        else
            assert_int_equal(options.flags[i], 1);
    }
}

/* A row's name, where the mistake is about it. */
static void mistakes_name_their_option(void **state)
{
    certenroll_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct options options = { 0 };
        char given[32], expected[64];

        snprintf(given, sizeof(given), i % 2 ? "--%.15s" : "--%.15s=1", names[i]);
        snprintf(expected, sizeof(expected),
                 i % 2 ? "--%.15s needs a value" : "--%.15s takes no value", names[i]);
        assert_int_equal(read_line(&options, given, NULL, &error), CERTENROLL_E_ARGUMENT);
        assert_string_equal(certenroll_error_what(error), expected);
        certenroll_error_clear(&error);
    }
}

/* Each character that can stand behind "-": none of them is a row. */
static void there_are_no_one_letter_options(void **state)
{
    certenroll_error *error = NULL;

    (void)state;
    for (char c = '!'; c <= '~'; c++) {
        struct options options = { 0 };
        const char given[] = { '-', c, '\0' };

        if (c == '-')
            continue;
        assert_int_equal(read_line(&options, given, NULL, &error), CERTENROLL_E_ARGUMENT);
        assert_string_equal(certenroll_error_what(error), "there are no one-letter options");
        certenroll_error_clear(&error);
    }
}

static void numbers_are_whole_and_within_bounds(void **state)
{
    (void)state;
    assert_int_equal(option_number("0", 10), 0);
    assert_int_equal(option_number("10", 10), 10);
    assert_int_equal(option_number("11", 10), -1);
    assert_int_equal(option_number("-1", 10), -1);
    assert_int_equal(option_number("1x", 10), -1);
    assert_int_equal(option_number("", 10), -1);
    assert_int_equal(option_number("99999999999999999999", 10), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_read),
        cmocka_unit_test(mistakes_name_their_option),
        cmocka_unit_test(there_are_no_one_letter_options),
        cmocka_unit_test(numbers_are_whole_and_within_bounds),
    };

    return cmocka_run_group_tests(tests, make_rows, NULL);
}
