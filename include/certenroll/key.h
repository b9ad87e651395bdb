/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file key.h
 * Key pairs on a token.
 */
#ifndef CERTENROLL_KEY_H
#define CERTENROLL_KEY_H

#include <certenroll/token.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Algorithm and size of a key pair. */
typedef enum certenroll_key_type {
    CERTENROLL_KEY_RSA_2048 = 1, /**< RFC 8017; signs by PKCS#1 v1.5 and by PSS */
    CERTENROLL_KEY_RSA_3072 = 2,
    CERTENROLL_KEY_RSA_4096 = 3,
    CERTENROLL_KEY_P256 = 4,    /**< NIST P-256, secp256r1 */
    CERTENROLL_KEY_P384 = 5,    /**< NIST P-384, secp384r1 */
    CERTENROLL_KEY_P521 = 6,    /**< NIST P-521, secp521r1 */
    CERTENROLL_KEY_ED25519 = 7, /**< RFC 8032 */
    CERTENROLL_KEY_OTHER = 100, /**< found on a token, usable, but not one we generate */
} certenroll_key_type;

/** The key type's name, "RSA-2048", "P-256", "Ed25519" and so on; "other" for the rest. Never NULL;
 *  static storage. */
const char *certenroll_key_type_name(certenroll_key_type type);

/** The key type with this name, in any case ("rsa-2048", "p-256", "ed25519"); 0 when there is none.
 */
int certenroll_key_type_from_name(const char *name);

/** Longest CKA_ID this library makes or takes, in bytes. */
#define CERTENROLL_ID_MAX 64

/** A key pair on a token. May be used from many threads at once. Keeps its token open. */
typedef struct certenroll_key certenroll_key;

/** What to generate. Start from CERTENROLL_KEY_OPTIONS_INIT. Nothing is kept after the call. */
typedef struct certenroll_key_options {
    size_t size; /**< sizeof(certenroll_key_options) */
    certenroll_key_type type;
    const char *label;       /**< CKA_LABEL, UTF-8; NULL: none */
    const unsigned char *id; /**< CKA_ID; NULL: 20 random bytes, or the first free slot of a card */
    size_t id_length;        /**< in bytes, 1 .. CERTENROLL_ID_MAX; 0 with id NULL */
} certenroll_key_options;
#define CERTENROLL_KEY_OPTIONS_INIT                                                                \
    {                                                                                              \
        sizeof(certenroll_key_options), CERTENROLL_KEY_P256, NULL, NULL, 0                         \
    }

/** Generates a key pair inside the token (C_GenerateKeyPair), reads it back and makes sure that
 *  the private key is sensitive and not extractable; a key that fails this is destroyed.
 *  Logs in if need be, and as the SO (CERTENROLL_SECRET_SO_PIN) on a token that lets nobody else
 *  generate keys, such as a PIV card. There a CKA_ID is the number of a slot: one byte.
 *  `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_ID_IN_USE (nothing was generated),
 *  CERTENROLL_E_TOKEN_FULL (every slot is in use, too),
 *  CERTENROLL_E_UNSUPPORTED, CERTENROLL_E_KEY_UNSAFE, CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*. */
CERTENROLL_MUST_USE int certenroll_key_generate(certenroll_key **out, certenroll_token *token,
                                                const certenroll_key_options *options,
                                                certenroll_error **error);

/** Finds the key pair with this CKA_ID. Logs in if need be. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_OBJECT_NOT_FOUND, CERTENROLL_E_ID_IN_USE (several private keys bear the
 *  ID), CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*. */
CERTENROLL_MUST_USE int certenroll_key_find(certenroll_key **out, certenroll_token *token,
                                            const unsigned char *id, size_t id_length,
                                            certenroll_error **error);

/** The key's type. */
certenroll_key_type certenroll_key_get_type(const certenroll_key *key);
/** CKA_ID, `*length` bytes. Borrowed from `key`. */
const unsigned char *certenroll_key_get_id(const certenroll_key *key, size_t *length);
/** CKA_LABEL, "" where there is none. Borrowed from `key`. */
const char *certenroll_key_get_label(const certenroll_key *key);

/** Non-zero when no program can remove a private key from a token of this kind by PKCS#11 (a PIV
 *  card): its slot stays in use until the maker's own tool deletes the key. */
int certenroll_token_keeps_private_keys(const certenroll_token *token);

/** Drops the caller's reference; the key stays on the token. NULL is allowed. */
void certenroll_key_free(certenroll_key *key);

#ifdef __cplusplus
}
#endif
#endif
