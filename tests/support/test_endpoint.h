/* SPDX-License-Identifier: Apache-2.0 */
/* An https_server as https://est.localhost:PORT (libcurl itself resolves *.localhost to the
 * loopback), with a CA that vouches for it, and the library's view of it. */
#ifndef CE_TESTS_TEST_ENDPOINT_H
#define CE_TESTS_TEST_ENDPOINT_H

#include "https_server.h"
#include "protocol/protocol.h"
#include "test_ca.h"

struct test_endpoint {
    struct test_ca ca;
    EVP_PKEY *server_key;
    X509 *server_certificate;
    struct https_server_options options; /* a test may change them before the start */
    struct https_server *server;
    char url[64];

    certenroll_context *context;
    certenroll_anchors *anchors;
    struct ca_endpoint endpoint;

    const char *password; /* what the person types; NULL: cancels */
    int asked;            /* how often, and what for */
    certenroll_secret_kind asked_kind;
    char asked_name[64];
    char asked_place[64];
    char log[16384]; /* every line, at the highest level */
};

void test_endpoint_new(struct test_endpoint *test);
/* Replaces the server's certificate by one that the CA issues with these details; the key is
 * filled in. */
void test_endpoint_reissue(struct test_endpoint *test, struct test_certificate details);
/* Starts the server; `user` goes to `answer`. */
void test_endpoint_start(struct test_endpoint *test, https_answer_callback answer, void *user);
void test_endpoint_clear(struct test_endpoint *test);

/* An https_answer_callback: "hello", as plain text. */
void answer_hello(void *user, struct https_answer *answer, const struct https_seen *request,
                  size_t number);

#endif
