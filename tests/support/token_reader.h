/* SPDX-License-Identifier: Apache-2.0 */
/* A second reader of tokens: everything that is on one, by PKCS#11 calls of its own and without
 * libcertenroll. A private key is known by what it signs.
 *
 *     struct token_contents contents;
 *     token_read(&contents, "customer");
 *     assert_int_equal(token_pairs(&contents), 1);
 *     token_contents_clear(&contents);
 *
 * Reads what SOFTHSM2_CONF names at that time; the module is loaded by dlopen, and is started and
 * ended by each call. Not for a process that has it open otherwise. */
#ifndef TEST_TOKEN_READER_H
#define TEST_TOKEN_READER_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stddef.h>

enum token_object_kind {
    TOKEN_PRIVATE_KEY,
    TOKEN_PUBLIC_KEY,
    TOKEN_CERTIFICATE,    /* an end entity's */
    TOKEN_CA_CERTIFICATE, /* basicConstraints cA */
    TOKEN_OTHER_OBJECT
};

struct token_object {
    enum token_object_kind kind;
    unsigned char id[64];
    size_t id_length;
    EVP_PKEY *public_key;         /* of a public key */
    X509 *certificate;            /* of a certificate */
    unsigned char signature[512]; /* of a private key: PKCS#1 or r|s, over token_reader.c's hash */
    size_t signature_length;      /* 0: it does not sign */
};

struct token_contents {
    struct token_object objects[64];
    size_t count;
};

/* The token with this label; the test ends when it cannot be read. */
void token_read(struct token_contents *out, const char *label);
void token_contents_clear(struct token_contents *contents);

size_t token_count(const struct token_contents *contents, enum token_object_kind kind);
/* The first of a kind; NULL: there is none. */
const struct token_object *token_first(const struct token_contents *contents,
                                       enum token_object_kind kind);

int token_same_id(const struct token_object *one, const struct token_object *other);
/* Non-zero when the private key's signature verifies under the public key. */
int token_key_is(const struct token_object *private_key, EVP_PKEY *public_key);

/* The number of pairs that work now: a private key, and an end entity's certificate under the same
 * CKA_ID which is valid and verifies what the key signs. */
size_t token_pairs(const struct token_contents *contents);

/* What is wrong with a token that is to hold exactly one pair and the certificates above it; NULL:
 * nothing. Static storage. */
const char *token_flaw(const struct token_contents *contents);

#endif
