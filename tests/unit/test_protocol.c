/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of the EST protocol: base64, Retry-After, addresses. */
#include "base/base64.h"
#include "check.h"
#include "protocol/answer.h"
#include "protocol/url.h"

#include <certenroll/context.h>
#include <certenroll/revocation.h>

#include <stdlib.h>

static struct ce_buffer borrowed(const char *text)
{
    return (struct ce_buffer){ (unsigned char *)(uintptr_t)text, strlen(text) };
}

/* --- base64 --- */

static void check_decodes(const char *text, const char *expected)
{
    const struct ce_buffer input = borrowed(text);
    struct ce_buffer output;

    assert_int_equal(ce_base64_decode(&output, &input), 0);
    assert_int_equal(output.length, strlen(expected));
    assert_memory_equal(output.data, expected, output.length);
    ce_buffer_clear(&output);
}

static void base64_takes_every_shape(void **state)
{
    (void)state;
    check_decodes("", "");
    check_decodes("Zm9vYmFy", "foobar");
    check_decodes("Zm9vYmE=", "fooba");
    check_decodes("Zm9vYg==", "foob");
    check_decodes("Zm9v\nYmFy\n", "foobar");
    check_decodes("\r\nZm9v\r\nYm\r\nFy\r\n\r\n", "foobar");
    check_decodes(" Z m\t9vYg = =\n", "foob");
}

static void base64_refuses_the_rest(void **state)
{
    static const char *const bad[] = { "Zm9vYmF",   "Zm9vYg=",
                                       "Zm9vYg",    "Zm9vYg==Zm9v",
                                       "Zm9vYh==",  "Zm9vYmF=",
                                       "Zm-_YmFy",  "====",
                                       "Z===",      "Zm=v",
                                       "Zm9v!",     "-----BEGIN PKCS7-----",
                                       "=",         "\x80\x80\x80\x80",
                                       "Zm9v\vYmFy" };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct ce_buffer input = borrowed(bad[i]);
        struct ce_buffer output;

        if (ce_base64_decode(&output, &input) == 0)
            fail_msg("took \"%s\"", bad[i]);
        assert_null(output.data);
    }
}

static void base64_refuses_nul(void **state)
{
    const struct ce_buffer input = { (unsigned char *)(uintptr_t) "Zm9\0", 4 };
    struct ce_buffer output;

    (void)state;
    assert_int_equal(ce_base64_decode(&output, &input), CERTENROLL_E_CERT_MALFORMED);
}

static void base64_comes_back(void **state)
{
    unsigned char bytes[200];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 7 + 3);
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        const struct ce_buffer input = { bytes, length };
        struct ce_buffer text, output;
        certenroll_error *error = NULL;

        assert_ok(ce_base64_encode(&text, &input, &error), error);
        assert_int_equal(text.length, strlen((char *)text.data));
        assert_int_equal(ce_base64_decode(&output, &text), 0);
        assert_int_equal(output.length, length);
        assert_memory_equal(output.data, bytes, length);
        for (const char *line = (char *)text.data; *line; line += strcspn(line, "\n") + 1)
            assert_true(strcspn(line, "\n") <= 64);
        ce_buffer_clear(&text);
        ce_buffer_clear(&output);
    }
}

static void base64url_fits_a_form(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } rows[] = { { "", 0, "" },          { "f", 1, "Zg" },         { "fo", 2, "Zm8" },
                 { "foo", 3, "Zm9v" },   { "\xfb\xff", 2, "-_8" }, { "\xff\xef\xbe", 3, "_---" },
                 { "foob", 4, "Zm9vYg" } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct ce_buffer input = { (unsigned char *)(uintptr_t)rows[i].bytes,
                                         rows[i].length };
        char *text = base64url_encode(&input);

        assert_string_equal(text, rows[i].text);
        free(text);
    }
}

/* --- reasons of a revocation --- */

static void reasons_are_those_of_rfc_5280(void **state)
{
    static const char *const names[] = {
        "unspecified", "keyCompromise",        NULL, "affiliationChanged",
        "superseded",  "cessationOfOperation", NULL, NULL,
        NULL,          "privilegeWithdrawn",   NULL
    };
    static const char *const none[] = {
        "", "keycompromise", "keyCompromise ", "cACompromise", "certificateHold", "removeFromCRL",
        "1"
    };

    (void)state;
    for (int i = 0; i <= 10; i++) {
        const char *name = certenroll_revocation_reason_name((certenroll_revocation_reason)i);

        assert_int_equal(name != NULL, names[i] != NULL);
        if (names[i]) {
            assert_string_equal(name, names[i]);
            assert_int_equal(certenroll_revocation_reason_from_name(name), i);
        }
    }
    assert_null(certenroll_revocation_reason_name((certenroll_revocation_reason)-1));
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_int_equal(certenroll_revocation_reason_from_name(none[i]), -1);
    assert_int_equal(certenroll_revocation_reason_from_name(NULL), -1);
}

/* --- Retry-After --- */

static void retry_after_is_bounded(void **state)
{
    const int64_t now = 1700000000; /* Tue, 14 Nov 2023 22:13:20 GMT */
    const int64_t year = INT64_C(366) * 86400;

    (void)state;
    assert_int_equal(retry_after_moment("0", now, 0), now);
    assert_int_equal(retry_after_moment("120", now, 0), now + 120);
    assert_int_equal(retry_after_moment("99999999999999999999999999", now, 0), now + year);
    assert_int_equal(retry_after_moment("Tue, 14 Nov 2023 22:15:20 GMT", now, 0), now + 120);
    assert_int_equal(retry_after_moment("Tuesday, 14-Nov-23 22:15:20 GMT", now, 0), now + 120);
    assert_int_equal(retry_after_moment("Tue Nov 14 22:15:20 2023", now, 0), now + 120);
    assert_int_equal(retry_after_moment("Sun, 06 Nov 1994 08:49:37 GMT", now, 0), now);
    assert_int_equal(retry_after_moment("Fri, 31 Dec 9999 23:59:59 GMT", now, 0), now + year);
    assert_int_equal(retry_after_moment("", now, 0), 0);
    assert_int_equal(retry_after_moment("soon", now, 0), 0);
    /* A date is by the server's clock, seconds are by none. */
    assert_int_equal(retry_after_moment("Tue, 14 Nov 2023 23:15:20 GMT", now, 3600), now + 120);
    assert_int_equal(retry_after_moment("Tue, 14 Nov 2023 21:15:20 GMT", now, -3600), now + 120);
    assert_int_equal(retry_after_moment("120", now, 3600), now + 120);
    assert_int_equal(date_skew("Tue, 14 Nov 2023 22:15:20 GMT", now), 120);
    assert_int_equal(date_skew("Tue, 14 Nov 2023 22:11:20 GMT", now), -120);
    assert_int_equal(date_skew("today", now), 0);
}

/* --- addresses --- */

static void check_address(const char *base, const char *expected)
{
    certenroll_error *error = NULL;
    char *url;

    assert_ok(url_of_operation(&url, base, "cacerts", &error), error);
    assert_string_equal(url, expected);
    certenroll_buffer_free(url);
}

static void operation_is_added(void **state)
{
    (void)state;
    check_address("https://ra.example", "https://ra.example/.well-known/est/cacerts");
    check_address("https://ra.example/", "https://ra.example/.well-known/est/cacerts");
    check_address("https://ra.example:8443", "https://ra.example:8443/.well-known/est/cacerts");
    check_address("https://[::1]:8443//", "https://[::1]:8443/.well-known/est/cacerts");
    check_address("https://ra.example/.well-known/est/users",
                  "https://ra.example/.well-known/est/users/cacerts");
    check_address("https://ra.example/a%20b/", "https://ra.example/a%20b/cacerts");
}

static void check_well_known(const char *base, const char *expected)
{
    certenroll_error *error = NULL;
    char *url;

    assert_ok(url_of_well_known(&url, base, "certenroll/revoke", &error), error);
    assert_string_equal(url, expected);
    certenroll_buffer_free(url);
}

static void well_known_ignores_the_path(void **state)
{
    certenroll_error *error = NULL;
    char *url;

    (void)state;
    check_well_known("https://ra.example", "https://ra.example/.well-known/certenroll/revoke");
    check_well_known("https://ra.example:8443/est/users/",
                     "https://ra.example:8443/.well-known/certenroll/revoke");
    assert_fails(url_of_well_known(&url, "http://ra.example", "x", &error), CERTENROLL_E_ARGUMENT,
                 error);
    assert_fails(url_of_well_known(&url, NULL, "x", &error), CERTENROLL_E_ARGUMENT, error);
}

static void bad_address_is_refused(void **state)
{
    static const char *const bad[] = { "http://ra.example",
                                       "ftp://ra.example",
                                       "file:///etc/passwd",
                                       "ra.example",
                                       "",
                                       "https://",
                                       "https://ra.example:99999",
                                       "https://ra example",
                                       "https://ra.example/?a=b",
                                       "https://ra.example/?",
                                       "https://ra.example/#top",
                                       "https://ra.example/\nHost: other" };
    char *url;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        certenroll_error *error = NULL;

        assert_fails(url_of_operation(&url, bad[i], "cacerts", &error), CERTENROLL_E_ARGUMENT,
                     error);
        assert_null(url);
    }
}

static void long_address_is_refused(void **state)
{
    certenroll_error *error = NULL;
    char base[3000] = "https://ra.example/";
    char *url;

    (void)state;
    memset(base + strlen(base), 'a', 2000);
    assert_fails(url_of_operation(&url, base, "cacerts", &error), CERTENROLL_E_ARGUMENT, error);
    assert_fails(url_of_operation(&url, NULL, "cacerts", &error), CERTENROLL_E_ARGUMENT, error);
}

static void credentials_in_an_address_are_not_repeated(void **state)
{
    certenroll_error *error = NULL;
    char *url;

    (void)state;
    assert_int_equal(url_of_operation(&url, "http://me:hunter2@ra.example", "cacerts", &error),
                     CERTENROLL_E_ARGUMENT);
    assert_null(strstr(certenroll_error_message(error), "hunter2"));
    certenroll_error_free(error);
}

static void origins_are_compared(void **state)
{
    const char *url = "https://ra.example/a";

    (void)state;
    assert_true(url_same_origin(url, "https://ra.example/b?c"));
    assert_true(url_same_origin(url, "https://RA.Example:443/"));
    assert_false(url_same_origin(url, "https://ra.example:8443/a"));
    assert_false(url_same_origin(url, "http://ra.example/a"));
    assert_false(url_same_origin(url, "http://ra.example:443/a"));
    assert_false(url_same_origin(url, "https://ra.example.evil/a"));
    assert_false(url_same_origin(url, "https://ra.example@evil/a"));
    assert_false(url_same_origin(url, "https://me:pw@ra.example/a"));
    assert_false(url_same_origin(url, "not an address"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_takes_every_shape),
        cmocka_unit_test(base64_refuses_the_rest),
        cmocka_unit_test(base64_refuses_nul),
        cmocka_unit_test(base64_comes_back),
        cmocka_unit_test(base64url_fits_a_form),
        cmocka_unit_test(reasons_are_those_of_rfc_5280),
        cmocka_unit_test(retry_after_is_bounded),
        cmocka_unit_test(operation_is_added),
        cmocka_unit_test(well_known_ignores_the_path),
        cmocka_unit_test(bad_address_is_refused),
        cmocka_unit_test(long_address_is_refused),
        cmocka_unit_test(credentials_in_an_address_are_not_repeated),
        cmocka_unit_test(origins_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
