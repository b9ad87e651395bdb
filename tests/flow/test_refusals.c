/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* RTLD_NEXT */

/* An RA that says no: what is told of a 401 or 403, and the RA's own words. */
#include "check.h"
#include "client_identity.h"
#include "protocol/challenge.h"

#include <sys/wait.h>

#include <dlfcn.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct refusal_test {
    struct test_endpoint endpoint;
    struct client_identity identity;

    /* the answer, once the password is there, or where none is asked for */
    const char *status_line;
    const char *fields;
    const void *body;
    size_t body_length;
    int asks; /* by Basic, first */
};

static int set_up(void **state)
{
    struct refusal_test *test = calloc(1, sizeof(*test));

    if (!test)
        return -1;
    test_endpoint_new(&test->endpoint);
    client_identity_new(&test->identity);
    test->fields = "";
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    struct refusal_test *test = *state;

    test_endpoint_clear(&test->endpoint);
    client_identity_clear(&test->identity);
    free(test);
    return 0;
}

static void answer(void *user, struct https_answer *answer, const struct https_seen *request,
                   size_t number)
{
    const struct refusal_test *test = user;

    (void)number;
    if (test->asks && !strstr(request->head, "\r\nAuthorization: Basic "))
        https_answer_whole(answer, "401 Unauthorized",
                           "WWW-Authenticate: Basic realm=\"RA, Digest\"\r\n", "", 0);
    else
        https_answer_whole(answer, test->status_line, test->fields, test->body, test->body_length);
}

static void start(struct refusal_test *test)
{
    test_endpoint_start(&test->endpoint, answer, test);
}

static certenroll_error *refused(struct refusal_test *test)
{
    const struct ce_buffer request = { (unsigned char *)(uintptr_t) "a request", 9 };
    certenroll_error *error = NULL;
    struct ca_answer none;

    assert_true(ca_protocol_est.enroll(&none, &test->endpoint.endpoint, &request, &error) < 0);
    assert_non_null(error);
    return error;
}

/* --- who asks --- */

#define NO_ACCOUNT 0
#define WITH_ACCOUNT 1
#define ASKED_BY_BASIC 3 /* and so it was sent */

enum certificate { NONE, NONE_BUT_ASKED, NOT_ASKED, SENT, OF_ANOTHER_KIND };

struct refusal {
    const char *status_line, *fields;
    int account;
    enum certificate certificate;
    const char *what, *why, *advice;
};

#define DIGEST "WWW-Authenticate: Digest realm=\"a, Basic\", nonce=\"b\"\r\n"
#define BEARER "WWW-Authenticate: Bearer\r\n"
#define BASIC "WWW-Authenticate: Basic realm=\"RA\"\r\n"
#define NOT_KNOWN "the RA wants to be told who asks in a way that is not known here"
#define NOT_SAID "the RA wants to be told who asks, and does not say how"
#define NOTHING "it offers nothing (no WWW-Authenticate)"

static const struct refusal refusals[] = {
    { "401 Unauthorized", BASIC, ASKED_BY_BASIC, NONE, "the RA refuses the account \"tanaka\"",
      "HTTP 401: it offers Basic; the account's password was sent; there is no certificate to send",
      "Check the account and password" },
    { "403 Forbidden", "", ASKED_BY_BASIC, NONE, "the RA forbids this to the account \"tanaka\"",
      "HTTP 403: the account's password was sent; there is no certificate to send",
      "what this account may do" },
    { "401 Unauthorized", DIGEST, WITH_ACCOUNT, NONE, NOT_KNOWN,
      "HTTP 401: it offers Digest; no password was sent; there is no certificate to send",
      "by HTTP Basic (RFC 7617), or for the certificate" },
    { "401 Unauthorized", BEARER DIGEST, WITH_ACCOUNT, NOT_ASKED, NOT_KNOWN,
      "HTTP 401: it offers Bearer, Digest; no password was sent; it asked for no certificate, so "
      "none was sent",
      "by HTTP Basic (RFC 7617), or for the certificate" },
    { "401 Unauthorized", "", WITH_ACCOUNT, NONE, NOT_SAID,
      "HTTP 401: " NOTHING "; no password was sent; there is no certificate to send",
      "by HTTP Basic (RFC 7617), or for the certificate" },
    { "403 Forbidden", "", WITH_ACCOUNT, NONE, "the RA forbids the request",
      "HTTP 403: no password was sent; there is no certificate to send",
      "by HTTP Basic (RFC 7617), or for the certificate" },
    { "403 Forbidden", "", NO_ACCOUNT, NOT_ASKED, "the RA forbids the request",
      "HTTP 403: no account was given; it asked for no certificate, so none was sent",
      "by HTTP Basic (RFC 7617), or for the certificate" },
    { "401 Unauthorized", "", NO_ACCOUNT, SENT, "the RA refuses our certificate",
      "HTTP 401: " NOTHING "; no account was given; our certificate was sent",
      "about this certificate" },
    { "401 Unauthorized", BASIC, NO_ACCOUNT, SENT, "the RA refuses our certificate",
      "HTTP 401: it offers Basic; no account was given; our certificate was sent", "(--user)" },
    { "403 Forbidden", "", NO_ACCOUNT, SENT, "the RA refuses our certificate",
      "HTTP 403: no account was given; our certificate was sent", "about this certificate" },
    { "403 Forbidden", "", WITH_ACCOUNT, OF_ANOTHER_KIND, "the RA forbids the request",
      "HTTP 403: no password was sent; our certificate is none of those that it asked for",
      "by HTTP Basic (RFC 7617), or for the certificate" },
    { "401 Unauthorized", BASIC, NO_ACCOUNT, NONE, "the RA wants an account and password",
      "HTTP 401: it offers Basic; no account was given; there is no certificate to send",
      "(--user)" },
    { "401 Unauthorized", DIGEST, NO_ACCOUNT, NONE_BUT_ASKED, NOT_KNOWN,
      "HTTP 401: it offers Digest; no account was given; it asked for a certificate, and there is "
      "none",
      "for an account by HTTP Basic" },
    { "403 Forbidden", "", NO_ACCOUNT, NONE, "the RA forbids the request",
      "HTTP 403: no account was given; there is no certificate to send",
      "for an account by HTTP Basic" },
};

static void begin(struct refusal_test *test, const struct refusal *refusal)
{
    const int has_certificate = refusal->certificate >= NOT_ASKED;
    const int is_asked = refusal->certificate != NONE && refusal->certificate != NOT_ASKED;

    https_server_stop(test->endpoint.server);
    test->status_line = refusal->status_line;
    test->fields = refusal->fields;
    test->asks = refusal->account == ASKED_BY_BASIC;
    test->endpoint.endpoint.username = refusal->account ? "tanaka" : NULL;
    client_identity_use(&test->identity, &test->endpoint);
    if (!has_certificate) {
        test->endpoint.endpoint.client_key = NULL;
        test->endpoint.endpoint.client_certificate = NULL;
    }
    test->endpoint.options.client_ca = is_asked ? test->identity.root.certificate : NULL;
    test->endpoint.options.client_algorithms =
        refusal->certificate == OF_ANOTHER_KIND ? "RSA-PSS+SHA256:RSA+SHA256" : NULL;
    test->endpoint.asked = 0;
    start(test);
}

static void refusals_say_what_happened(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    struct refusal_test *test = *state;

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]) * 2; i++) {
        const struct refusal *refusal = &refusals[i / 2];
        certenroll_error *error;

        test->endpoint.options.max_version = versions[i % 2];
        begin(test, refusal);
        error = refused(test);
        if (certenroll_error_status(error) != CERTENROLL_E_AUTHENTICATION)
            fail_msg("row %zu: %s", i / 2, certenroll_error_message(error));
        assert_string_equal(certenroll_error_what(error), refusal->what);
        assert_string_equal(certenroll_error_why(error), refusal->why);
        if (!strstr(certenroll_error_advice(error), refusal->advice))
            fail_msg("%s", certenroll_error_message(error));
        assert_int_equal(test->endpoint.asked, test->asks);
        certenroll_error_free(error);
    }
}

/* What asks for CA certificates sends no password, even where it is asked for one. */
static void cacerts_behind_a_password_are_the_operators_fault(void **state)
{
    struct refusal_test *test = *state;
    certenroll_error *error = NULL;
    struct ca_answer answer;

    test->endpoint.endpoint.username = "tanaka";
    test->asks = 1;
    start(test);
    assert_int_equal(ca_protocol_est.cacerts(&answer, &test->endpoint.endpoint, &error),
                     CERTENROLL_E_AUTHENTICATION);
    assert_string_equal(certenroll_error_what(error), "the RA wants an account and password");
    assert_non_null(strstr(certenroll_error_advice(error), "without a password"));
    assert_int_equal(test->endpoint.asked, 0);
    certenroll_error_free(error);
}

static void schemes_are_told_from_their_parameters(void **state)
{
    static const struct {
        const char *field, *schemes;
    } rows[] = {
        { "Basic", "Basic" },
        { "Basic realm=\"x\", Digest realm=\"y\", nonce=\"z\"", "Basic, Digest" },
        { "Digest realm = \"a\\\", Basic\" , qop=auth,NTLM", "Digest, NTLM" },
        { "Negotiate YWJj==, , basic", "Negotiate, basic" },
        { "Basic, BASIC, basic", "Basic" },
        { "", "" },
        { ", ,,", "" },
        { "\"Basic\", realm=Basic", "" },
        { "\"Basic", "" },
        { "\x80\x81 Basic", "" },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, Basic", "Basic" },
    };
    char schemes[16] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char list[64] = "";

        challenge_read(list, sizeof(list), rows[i].field);
        assert_string_equal(list, rows[i].schemes);
    }
    challenge_read(schemes, sizeof(schemes), "Bearer, Negotiate, Digest");
    assert_string_equal(schemes, "Bearer, Digest");
    assert_true(challenge_offers(schemes, "digest"));
    assert_false(challenge_offers(schemes, "Dig"));
    assert_false(challenge_offers("", "Basic"));
}

/* --- the RA's words --- */

#define WEAK "鍵が弱い"
#define PROBLEM "application/problem+json"
#define BYTES(text) text, sizeof(text) - 1

static const struct words {
    const char *type; /* NULL: none */
    const char *body;
    size_t length;
    const char *words;
} reasons[] = {
    { "text/plain", BYTES("key too weak.\n"), "key too weak." },
    { NULL, BYTES("key too weak"), "key too weak" }, /* RFC 7030 §4.2.3 */
    { "text/plain", BYTES("\xef\xbb\xbf" WEAK), WEAK },
    { "Text/Plain;charset=UTF-8", BYTES(WEAK), WEAK },
    { "text/plain", BYTES(" \r\n"), "" },
    { "text/html", BYTES("<html>key too weak"), "" },
    { "TEXT/HTML; charset=Shift_JIS", BYTES("<html>key too weak"), "" },
    { "application/octet-stream", BYTES("key too weak"), "" },
    { "image/jpeg", BYTES("key too weak"), "" },
    { "text/plain",
      BYTES("a\x1b[2Jb\r\nforged: line\x07 \xe2\x80\xae"
            "evil \xff end\0more"),
      "a?[2Jb forged: line? ?evil ? end?more" },

    { "text/plain; charset=Shift_JIS", BYTES("\x8c\xae\x82\xaa\x8e\xe3\x82\xa2\x87\x40"),
      WEAK "①" },
    { "text/plain; format=flowed; charset=\"windows-31j\"",
      BYTES("\x8c\xae\x82\xaa\x8e\xe3\x82\xa2"), WEAK },
    { "text/plain; charset=EUC-JP", BYTES("\xb8\xb0\xa4\xac\xbc\xe5\xa4\xa4"), WEAK },
    { "text/plain; charset=ISO-2022-JP",
      BYTES("\x1b\x24\x42\x38\x30\x24\x2c\x3c\x65\x24\x24\x1b\x28\x42"), WEAK },
    { "text/plain; charset=iso-8859-1", BYTES("Schl\xfcssel zu schwach \x96 2048"),
      "Schlüssel zu schwach – 2048" },
    /* what is broken, or says what it is not */
    { "text/plain; charset=Shift_JIS", BYTES("\x8c\xae\x82"), "鍵?" },
    { "text/plain; charset=Shift_JIS", BYTES("\xff\xfe key"), "?? key" },
    { "text/plain; charset=ISO-2022-JP", BYTES("\x1b\x24\x42\x38"), "?" },
    { "text/plain; charset=EUC-JP", BYTES("\x8f\xff\xff weak"), "??? weak" },
    { "text/plain; charset=utf-16", BYTES("w\0e\0a\0k\0"), "w?e?a?k?" },
    { "text/plain; charset=../../weak//IGNORE", BYTES("weak \xff"), "weak ?" },
    { "text/plain; charset=", BYTES("weak"), "weak" },
    { "text/plain; charset", BYTES("weak"), "weak" },
    { "text/plain; charset=\"", BYTES("weak"), "weak" },

    { PROBLEM,
      BYTES("{\"type\":\"https://ra.example/weak\",\"title\":\"Key too weak.\","
            "\"status\":400,\"detail\":\"RSA 1024 is not taken\",\"instance\":\"/1\"}"),
      "Key too weak. RSA 1024 is not taken" },
    { PROBLEM "; charset=utf-8", BYTES("{\"title\":\"" WEAK "\",\"detail\":\"" WEAK "\"}"), WEAK },
    { PROBLEM, /* RFC 9457 §3, its example */
      BYTES(
          "{\"title\":\"Your request is not valid.\",\"errors\":[{\"detail\":\"must be a positive "
          "integer\",\"pointer\":\"#/age\"},{\"detail\":\"must be 'green', 'red' or 'blue'\"}]}"),
      "Your request is not valid. must be a positive integer; must be 'green', 'red' or 'blue'" },
    { "application/json", BYTES("{\"error_code\":400,\"error_message\":\"weak\"}"), "weak" },
    { "application/json", BYTES("{\"errors\":[\"weak\",\"short\"]}"), "weak; short" },
    { "application/json",
      BYTES("{\"success\":false,\"errors\":[{\"code\":1000,\"message\":\"weak\"}]}"), "weak" },
    { "application/json", BYTES("{\"error\":{\"code\":\"X\",\"message\":\"weak\"}}"), "weak" },
    { "application/json", BYTES("{\"error\":\"invalid_request\",\"error_description\":\"weak\"}"),
      "weak; invalid_request" },
    { "text/json; charset=Shift_JIS", BYTES("{\"message\":\"\x8c\xae\x82\xaa\x8e\xe3\x82\xa2\"}"),
      WEAK },
    { "application/json", BYTES("\xef\xbb\xbf{\"message\":\"weak\"}"), "weak" },
    { "application/json", BYTES("{\"message\":\"\\u001b[2J\\u202eweak\\n\"}"), "?[2J?weak" },
    /* what is not understood is shown as it came */
    { "application/json", BYTES("{\"grund\":\"weak\"}"), "{\"grund\":\"weak\"}" },
    { "application/json", BYTES("{\"message\":\"weak"), "{\"message\":\"weak" },
    { "application/json", BYTES("weak"), "weak" },
    { "application/json", BYTES("{\"errors\":[[[[[[\"weak\"]]]]]]}"),
      "{\"errors\":[[[[[[\"weak\"]]]]]]}" },
    { "application/json", BYTES(""), "" },
};

static void words_are_read_and_kept_apart(void **state)
{
    struct refusal_test *test = *state;
    char fields[128], message[1024];

    test->status_line = "400 Bad Request";
    start(test);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        const struct words *row = &reasons[i];
        certenroll_error *error;

        snprintf(fields, sizeof(fields), "Content-Type: %s\r\n", row->type ? row->type : "");
        test->fields = row->type ? fields : "";
        test->body = row->body;
        test->body_length = row->length;
        error = refused(test);
        assert_string_equal(certenroll_error_ra_words(error), row->words);
        assert_string_equal(certenroll_error_why(error), "HTTP 400");
        snprintf(message, sizeof(message), "the RA refuses the request: HTTP 400. %s%s%s%s",
                 certenroll_error_advice(error), row->words[0] ? " The RA says: \"" : "",
                 row->words, row->words[0] ? "\"" : "");
        assert_string_equal(certenroll_error_message(error), message);
        assert_int_equal(!!strstr(certenroll_error_advice(error), "gives no reason"),
                         row->words[0] == '\0');
        certenroll_error_free(error);
    }
}

static void long_words_are_cut(void **state)
{
    static const char *const types[] = { "text/plain", "text/plain; charset=Shift_JIS",
                                         "application/json" };
    struct refusal_test *test = *state;
    const size_t length = (size_t)1024 * 1024;
    char *flood = malloc(length);
    char fields[128];

    assert_non_null(flood);
    memset(flood, '\xb1', length);
    test->status_line = "500 Oh";
    test->body = flood;
    test->body_length = length;
    start(test);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        certenroll_error *error;

        snprintf(fields, sizeof(fields), "Content-Type: %s\r\n", types[i]);
        test->fields = fields;
        error = refused(test);
        assert_int_equal(certenroll_error_status(error), CERTENROLL_E_SERVER);
        assert_in_range(strlen(certenroll_error_ra_words(error)), 600, 720);
        certenroll_error_free(error);
    }
    memset(flood, '[', length);
    certenroll_error_free(refused(test)); /* a JSON of brackets alone */
    free(flood);
}

/* --- without jansson --- */

static int no_jansson;

/* In the place of the loader's, for the library's calls. */
void *dlopen(const char *file, int mode)
{
    void *(*real)(const char *, int) = NULL;
    void *symbol = dlsym(RTLD_NEXT, "dlopen");

    if (no_jansson && file && strstr(file, "jansson"))
        return NULL;
    memcpy(&real, &symbol, sizeof(real));
    return real(file, mode);
}

/* In a process of its own: what is loaded stays. */
static void without_jansson_json_is_shown_as_it_came(void **state)
{
    static const char body[] = "{\"title\":\"weak\"}";
    struct refusal_test *test = *state;
    certenroll_error *error;
    pid_t child;
    int ended;

    test->status_line = "400 Bad Request";
    test->fields = "Content-Type: " PROBLEM "\r\n";
    test->body = body;
    test->body_length = strlen(body);
    start(test);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        no_jansson = 1;
        error = refused(test);
        ended = strcmp(certenroll_error_ra_words(error), body);
        certenroll_error_free(error);
        _exit(ended != 0);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    error = refused(test);
    assert_string_equal(certenroll_error_ra_words(error), "weak");
    certenroll_error_free(error);
}

/* --- the person's language --- */

static const char *language_sent(struct refusal_test *test)
{
    size_t number = https_server_count(test->endpoint.server);
    static char line[128];
    const char *field;

    certenroll_error_free(refused(test));
    field = strstr(https_server_seen(test->endpoint.server, number)->head, "\r\nAccept-Language: ");
    snprintf(line, sizeof(line), "%.*s", field ? (int)strcspn(field + 19, "\r") : 0,
             field ? field + 19 : "");
    return line;
}

static void language_is_asked_for(void **state)
{
    struct refusal_test *test = *state;

    test->status_line = "400 Bad Request";
    start(test);
    assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
    unsetenv("LANGUAGE");
    assert_string_equal(language_sent(test), "");
    assert_int_equal(setenv("LANGUAGE", "ja_JP.UTF-8:de:sr@latin:en_GB", 1), 0);
    assert_string_equal(language_sent(test),
                        "ja-JP, ja;q=0.9, de;q=0.8, sr;q=0.7, en-GB;q=0.6, en;q=0.5");
    assert_int_equal(setenv("LANGUAGE",
                            "x\r\nCookie: a:"
                            "ja:C:toolong:/usr:j\xff",
                            1),
                     0);
    assert_string_equal(language_sent(test), "ja");
    assert_int_equal(setenv("LANGUAGE", "aa:bb:cc:dd:ee:ff:gg:hh:ii:jj:kk:ll:mm:nn:oo", 1), 0);
    assert_true(strlen(language_sent(test)) < 96);
    assert_non_null(setlocale(LC_ALL, "C"));
    assert_string_equal(language_sent(test), "");
    unsetenv("LANGUAGE");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* Before jansson is loaded; and it forks, best before there are many threads. */
        TEST(without_jansson_json_is_shown_as_it_came),
        TEST(refusals_say_what_happened),
        TEST(cacerts_behind_a_password_are_the_operators_fault),
        cmocka_unit_test(schemes_are_told_from_their_parameters),
        TEST(words_are_read_and_kept_apart),
        TEST(long_words_are_cut),
        TEST(language_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
