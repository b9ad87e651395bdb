/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of the benchmark: a P-256 enrolment by PKCS#11 calls alone, the fewest that do it, with
 * no check made and nothing looked up twice. */
#ifndef BENCH_RAW_TOKEN_H
#define BENCH_RAW_TOKEN_H

#include <openssl/x509.h>
#include <p11-kit/pkcs11.h>

#include <stddef.h>

struct raw_token {
    void *library; /* of dlopen */
    CK_FUNCTION_LIST *calls;
    CK_SESSION_HANDLE session; /* logged in, read/write */
    CK_SLOT_ID slot;
};

/* Each ends the program with a message when a call fails: a benchmark of failures is none. */
void raw_open(struct raw_token *token, const char *module, const char *label, const char *pin);
void raw_close(struct raw_token *token);

struct raw_key {
    CK_OBJECT_HANDLE private_key;
    unsigned char id[20];
    unsigned char point[65]; /* 0x04|X|Y */
};

void raw_generate(struct raw_key *key, const struct raw_token *token, const char *label);

/* C_SignInit + C_Sign over a 32-byte hash, in `session`; `signature` is r|s, 64 bytes. */
void raw_sign(const struct raw_token *token, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
              const unsigned char *hash, unsigned char *signature);

/* A certification request for `common_name`, signed by the token's key; freed by the caller. */
X509_REQ *raw_request(const struct raw_token *token, const struct raw_key *key,
                      const char *common_name);

void raw_write_certificate(const struct raw_token *token, const struct raw_key *key,
                           const char *label, const unsigned char *der, size_t length);

#endif
