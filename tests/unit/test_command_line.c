/* SPDX-License-Identifier: Apache-2.0 */
/* What a person copies from a message reaches the program as it was meant: sh reads it back. */
#define _POSIX_C_SOURCE 200809L /* popen */

#include "base/command_line.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

/* What sh makes of the command's words, each ended by NUL. */
static size_t read_back(unsigned char *out, size_t capacity, const char *command)
{
    char script[8192];
    FILE *shell;
    size_t length;

    assert_true(snprintf(script, sizeof(script), "set -- %s\nprintf '%%s\\0' \"$@\"\n", command) <
                (int)sizeof(script));
    assert_int_equal(setenv("SCRIPT", script, 1), 0);
    shell = popen("exec sh -c \"$SCRIPT\"", "r");
    assert_non_null(shell);
    length = fread(out, 1, capacity, shell);
    assert_int_equal(pclose(shell), 0);
    return length;
}

static void sh_reads_each_word_byte_by_byte(void **state)
{
    static const char *const words[] = {
        "certenroll",
        "plain-1.2_3/4:5,6@7%8+9",
        "",
        " ",
        "two words",
        "$HOME ${HOME} $(id) $$",
        "\"",
        "say \"no\"",
        "'",
        "it's",
        "''",
        "`id`",
        "\\",
        "\\n\\\\",
        "line one\nline two\n",
        "-n",
        "--",
        "-",
        "~",
        "*",
        "[a-z]?",
        "#no comment",
        "a=b",
        "a&b|c;d<e>f(g)h!i{j,k}^l",
        "\t",
        "pkcs11:token=%E5%8D%B0;serial=1?module-path=/x y",
        "印鑑 カード",
        "\xff\x01\x7f",
    };
    struct ce_command line = { 0 };
    unsigned char expected[4096], got[4096];
    size_t length = 0;
    char *command;

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        ce_command_add(&line, words[i]);
        memcpy(expected + length, words[i], strlen(words[i]) + 1);
        length += strlen(words[i]) + 1;
    }
    command = ce_command_take(&line);
    assert_non_null(command);
    assert_int_equal(read_back(got, sizeof(got), command), length);
    assert_memory_equal(got, expected, length);
    free(command);
}

static void only_what_needs_it_is_quoted(void **state)
{
    struct ce_command line = { 0 };
    char *command;

    (void)state;
    ce_command_add(&line, "certenroll");
    ce_command_option(&line, "--url", "https://ra.example:8443/est");
    ce_command_option(&line, "--token", "pkcs11:token=a;serial=b");
    ce_command_option(&line, "--user", NULL);
    ce_command_option(&line, "--module", "");
    ce_command_option(&line, "--certificate", "it's.pem");
    command = ce_command_take(&line);
    assert_string_equal(command, "certenroll --url https://ra.example:8443/est "
                                 "--token 'pkcs11:token=a;serial=b' --certificate 'it'\\''s.pem'");
    free(command);
}

static void what_is_cut_is_no_command(void **state)
{
    struct ce_command line = { 0 };
    char *word = malloc((size_t)1024 * 1024);

    (void)state;
    assert_non_null(word);
    memset(word, 'a', (size_t)1024 * 1024);
    word[(size_t)1024 * 1024 - 1] = '\0';
    ce_command_add(&line, "certenroll");
    ce_command_add(&line, word);
    ce_command_add(&line, "end");
    assert_null(ce_command_take(&line));
    free(word);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sh_reads_each_word_byte_by_byte),
        cmocka_unit_test(only_what_needs_it_is_quoted),
        cmocka_unit_test(what_is_cut_is_no_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
