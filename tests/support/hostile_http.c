/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "hostile.h"

#include <stdlib.h>

#define MAKE(name)                                                                                 \
    static void name(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key)
#define PKCS7_TYPE "Content-Type: application/pkcs7-mime\r\n"
#define TEXT_TYPE "Content-Type: text/plain\r\n"
#define TEN_MEGABYTES ((size_t)10 * 1024 * 1024)

/* These make no use of the request. */
static void send_text(struct https_answer *answer, const char *text, enum https_ending ending)
{
    https_answer_append(answer, text, strlen(text));
    answer->ending = ending;
}

/* `head`, and then `unit` again and again. */
static void send_flood(struct https_answer *answer, const char *head, const char *unit)
{
    size_t length = strlen(unit);
    size_t count = TEN_MEGABYTES / length;
    char *flood = malloc(count * length + 1);

    check(flood != NULL, "out of memory");
    for (size_t i = 0; i < count; i++)
        memcpy(flood + i * length, unit, length);
    https_answer_append(answer, head, strlen(head));
    https_answer_append(answer, flood, count * length);
    free(flood);
}

#define TEXT_ROW(name, text, ending)                                                               \
    MAKE(name)                                                                                     \
    {                                                                                              \
        (void)ra;                                                                                  \
        (void)key;                                                                                 \
        send_text(answer, text, ending);                                                           \
    }
#define FLOOD_ROW(name, head, unit)                                                                \
    MAKE(name)                                                                                     \
    {                                                                                              \
        (void)ra;                                                                                  \
        (void)key;                                                                                 \
        send_flood(answer, head, unit);                                                            \
    }

/* --- too much --- */

FLOOD_ROW(ten_megabytes, "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n", "A")
FLOOD_ROW(ten_megabytes_in_chunks, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
          "8\r\nAAAAAAAA\r\n")
FLOOD_ROW(a_body_without_end, "HTTP/1.1 200 OK\r\n\r\n", "A")
FLOOD_ROW(a_head_without_end, "HTTP/1.1 200 OK\r\n", "X-Field: y\r\n")
FLOOD_ROW(a_field_without_end, "HTTP/1.1 200 OK\r\nX-Field: ", "y")
FLOOD_ROW(interim_answers_without_end, "", "HTTP/1.1 100 Continue\r\n\r\n")

/* --- too little --- */

TEXT_ROW(nothing, "", HTTPS_CLOSE)
TEXT_ROW(nothing_and_no_alert, "", HTTPS_BREAK)
TEXT_ROW(half_a_status_line, "HTTP/1.1 20", HTTPS_CLOSE)
TEXT_ROW(half_a_head, "HTTP/1.1 200 OK\r\n" PKCS7_TYPE, HTTPS_CLOSE)
TEXT_ROW(half_a_body, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nMIIC", HTTPS_CLOSE)
TEXT_ROW(half_a_body_and_no_alert, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nMIIC",
         HTTPS_BREAK)
TEXT_ROW(half_a_chunk, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nMIIC",
         HTTPS_CLOSE)
TEXT_ROW(no_last_chunk, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nMIIC\r\n",
         HTTPS_CLOSE)
TEXT_ROW(only_an_interim_answer, "HTTP/1.1 100 Continue\r\n\r\n", HTTPS_CLOSE)

/* The right answer, told to be longer or shorter than it is. */
static void send_misstated(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key,
                           int by)
{
    struct test_certificate details = hostile_fitting(key);
    X509 *leaf = test_ca_issue(&ra->issuing, &details);
    size_t length;
    unsigned char *pkcs7 = test_pkcs7(&length, &leaf, 1);
    char *base64 = malloc(2 * length + 4);

    check(base64 != NULL, "out of memory");
    EVP_EncodeBlock((unsigned char *)base64, pkcs7, (int)length);
    https_answer_printf(answer, "HTTP/1.1 200 OK\r\n" PKCS7_TYPE "Content-Length: %d\r\n\r\n%s",
                        (int)strlen(base64) + by, base64);
    answer->ending = HTTPS_CLOSE;
    free(base64);
    free(pkcs7);
    X509_free(leaf);
}

MAKE(told_to_be_longer)
{
    send_misstated(answer, ra, key, 100);
}

MAKE(told_to_be_shorter)
{
    send_misstated(answer, ra, key, -102);
}

/* --- not HTTP --- */

TEXT_ROW(http_0_9, "MIICgarbage without a head", HTTPS_CLOSE)
TEXT_ROW(another_protocol, "220 mail.example ESMTP\r\n", HTTPS_CLOSE)
TEXT_ROW(a_status_beyond_numbers, "HTTP/1.1 99999999999 OK\r\n\r\n", HTTPS_CLOSE)
TEXT_ROW(a_version_of_the_future, "HTTP/7.3 200 OK\r\nContent-Length: 0\r\n\r\n", HTTPS_CLOSE)
TEXT_ROW(a_chunk_size_of_letters,
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nMIIC\r\n0\r\n\r\n",
         HTTPS_CLOSE)
TEXT_ROW(a_chunk_size_beyond_numbers,
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\nMIIC\r\n",
         HTTPS_CLOSE)
TEXT_ROW(a_negative_length, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nMIIC", HTTPS_CLOSE)

/* --- round and round --- */

MAKE(a_circle)
{
    (void)key;
    https_answer_printf(answer,
                        "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n"
                        "Location: %s/.well-known/est/simpleenroll\r\n\r\n",
                        ra->endpoint.url);
}

MAKE(a_redirect_that_drops_the_request)
{
    (void)key;
    https_answer_printf(answer,
                        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s/elsewhere\r\n\r\n",
                        ra->endpoint.url);
}

#define MADE(name, status, says, make)                                                             \
    {                                                                                              \
        name, CERTENROLL_E_##status, says, make, NULL, NULL, NULL                                  \
    }
#define SAID(name, status, says, line, fields, body)                                               \
    {                                                                                              \
        name, CERTENROLL_E_##status, says, NULL, line, fields, body                                \
    }
/* It "ended before the answer did"; without an alert newer versions of libcurl call it broken. */
#define NO_END "the connection "

const struct hostile_row hostile_http[] = {
    MADE("a body of 10 MB", SERVER, "the answer is too long", ten_megabytes),
    MADE("10 MB in chunks", SERVER, "the answer is too long", ten_megabytes_in_chunks),
    MADE("a body without end", SERVER, "the answer is too long", a_body_without_end),
    MADE("a head without end", SERVER, "the head of the answer is too long", a_head_without_end),
    MADE("a field without end", SERVER, "the head of the answer is too long", a_field_without_end),
    MADE("interim answers without end", SERVER, "the head of the answer is too long",
         interim_answers_without_end),
    MADE("no answer", NETWORK, NO_END, nothing),
    MADE("no answer and no alert", NETWORK, NO_END, nothing_and_no_alert),
    MADE("half a status line", NETWORK, NO_END, half_a_status_line),
    MADE("half a head", NETWORK, NO_END, half_a_head),
    MADE("half a body", NETWORK, NO_END, half_a_body),
    MADE("half a body and no alert", NETWORK, NO_END, half_a_body_and_no_alert),
    MADE("half a chunk", NETWORK, NO_END, half_a_chunk),
    MADE("no last chunk", NETWORK, NO_END, no_last_chunk),
    MADE("only an interim answer", NETWORK, NO_END, only_an_interim_answer),
    MADE("a body told to be longer", NETWORK, NO_END, told_to_be_longer),
    MADE("a body told to be shorter", CERT_MALFORMED, "not base64", told_to_be_shorter),
    MADE("HTTP/0.9", SERVER, "the answer is not HTTP", http_0_9),
    MADE("another protocol", SERVER, "the answer is not HTTP", another_protocol),
    /* libcurl 7.88 takes it for no HTTP, 8.14 for HTTP 999 */
    MADE("a status beyond numbers", SERVER, "HTTP", a_status_beyond_numbers),
    MADE("HTTP/7.3", SERVER, "the answer is not HTTP", a_version_of_the_future),
    MADE("a chunk size of letters", NETWORK, "chunk", a_chunk_size_of_letters),
    MADE("a chunk size beyond numbers", NETWORK, "chunk", a_chunk_size_beyond_numbers),
    MADE("a negative length", SERVER, "", a_negative_length),
    MADE("a circle of redirects", SERVER, "there were too many", a_circle),
    MADE("a redirect that drops the request", SERVER, "the request would be lost",
         a_redirect_that_drops_the_request),
    SAID("a redirect to another origin", SERVER, "it is another server", "301 Moved Permanently",
         "Location: https://elsewhere.localhost:1/\r\n", ""),
    SAID("a redirect to nowhere", SERVER, "it names no place", "302 Found", "", ""),
    SAID("200 without a body", SERVER, "the RA's answer is empty", "200 OK", PKCS7_TYPE, ""),
    SAID("204", SERVER, "HTTP 204", "204 No Content", "", ""),
    SAID("206", SERVER, "HTTP 206", "206 Partial Content", PKCS7_TYPE, "MIIC"),
    SAID("400", REJECTED, "HTTP 400: weak key", "400 Bad Request", TEXT_TYPE, "weak key"),
    SAID("400 with words that would fool a reader", REJECTED, "HTTP 400: a?[2Jb forged: ok? ?evil",
         "400 Bad Request", TEXT_TYPE,
         "a\x1b[2Jb\r\nforged: ok\x07 \xe2\x80\xae"
         "evil"),
    SAID("401 without a scheme", AUTHENTICATION, "HTTP 401", "401 Unauthorized", "", ""),
    SAID("401 again and again", AUTHENTICATION, "HTTP 401", "401 Unauthorized",
         "WWW-Authenticate: Basic realm=\"est\"\r\n", ""),
    SAID("403", AUTHENTICATION, ": locked", "403 Forbidden", TEXT_TYPE, "locked"),
    SAID("404", REJECTED, "HTTP 404", "404 Not Found", TEXT_TYPE, ""),
    SAID("429", REJECTED, "HTTP 429", "429 Too Many Requests", "", ""),
    SAID("500", SERVER, "HTTP 500", "500 Internal Server Error", TEXT_TYPE, ""),
    SAID("503", SERVER, "HTTP 503", "503 Service Unavailable", "", ""),
    SAID("599", SERVER, "HTTP 599", "599 Whatever", "", ""),
    { 0 },
};
