/* SPDX-License-Identifier: Apache-2.0 */
/* GENERAL AUTHENTICATE, SP 800-73-4 part 2, section 3.2.4: what a private key does. */
#include "card.h"

#include <openssl/crypto.h>
#include <openssl/rsa.h>

/* Elements of the dynamic authentication template. */
enum { TAG_CHALLENGE = 0x81, TAG_RESPONSE = 0x82, TAG_EXPONENTIATION = 0x85 };

struct result {
    uint8_t data[512];
    size_t length;
};

/* The bare private operation: the host has padded, or will unpad. */
static bool rsa_raw(struct result *out, EVP_PKEY_CTX *context, struct bytes in)
{
    return in.length == 256 && EVP_PKEY_decrypt_init(context) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1 &&
           EVP_PKEY_decrypt(context, out->data, &out->length, in.data, in.length) == 1;
}

/* Over a hash no longer than the curve's order. */
static bool ecdsa(struct result *out, EVP_PKEY_CTX *context, struct bytes in, size_t field)
{
    return in.length > 0 && in.length <= field && EVP_PKEY_sign_init(context) == 1 &&
           EVP_PKEY_sign(context, out->data, &out->length, in.data, in.length) == 1;
}

static bool ecdh(struct result *out, EVP_PKEY_CTX *context, EVP_PKEY *pair, struct bytes point)
{
    EVP_PKEY *peer = EVP_PKEY_new();
    bool done = peer && EVP_PKEY_copy_parameters(peer, pair) == 1 &&
                EVP_PKEY_set1_encoded_public_key(peer, point.data, point.length) == 1 &&
                EVP_PKEY_derive_init(context) == 1 &&
                EVP_PKEY_derive_set_peer(context, peer) == 1 &&
                EVP_PKEY_derive(context, out->data, &out->length) == 1;
    EVP_PKEY_free(peer);
    return done;
}

static bool use_key(struct result *out, const struct key *key, uint32_t tag, struct bytes in)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pair, NULL);
    size_t field = key->algorithm == ALGORITHM_P384 ? 48 : 32;
    bool done = false;
    out->length = sizeof out->data;
    if (!context)
        return false;
    if (key->algorithm == ALGORITHM_RSA_2048)
        done = tag == TAG_CHALLENGE && rsa_raw(out, context, in);
    else if (tag == TAG_CHALLENGE)
        done = ecdsa(out, context, in, field);
    else
        done = in.length == 1 + 2 * field && ecdh(out, context, key->pair, in);
    EVP_PKEY_CTX_free(context);
    return done;
}

/* "PIN always" holds for one use. */
static bool pin_satisfies(struct card *card, uint8_t policy)
{
    bool fresh = card->pin_fresh;
    card->pin_fresh = false;
    return policy == PIN_NEVER || (policy == PIN_ONCE && card->pin_verified) ||
           (policy == PIN_ALWAYS && fresh);
}

static enum status_word private_operation(struct card *card, const struct apdu *apdu,
                                          struct bytes request)
{
    const struct key *key = state_key(&card->state, apdu->p2);
    struct bytes in;
    struct result result;
    struct answer inner = { .length = 0 };
    if (!key || !key->pair)
        return SW_NO_KEY;
    if (apdu->p1 != key->algorithm)
        return SW_WRONG_P1P2;
    if (!pin_satisfies(card, key->pin_policy))
        return SW_SECURITY_STATUS;
    uint32_t tag = tlv_find(&in, request, TAG_CHALLENGE)        ? TAG_CHALLENGE
                   : tlv_find(&in, request, TAG_EXPONENTIATION) ? TAG_EXPONENTIATION
                                                                : 0;
    if (tag == 0 || !use_key(&result, key, tag, in))
        return SW_WRONG_DATA;
    answer_tlv(&inner, TAG_RESPONSE, result.data, result.length);
    answer_tlv(&card->answer, 0x7c, inner.data, inner.length);
    OPENSSL_cleanse(&result, sizeof result);
    OPENSSL_cleanse(&inner, sizeof inner);
    return SW_OK;
}

enum status_word authenticate(struct card *card, const struct apdu *apdu)
{
    struct bytes request;
    if (!tlv_find(&request, apdu->data, 0x7c))
        return SW_WRONG_DATA;
    if (apdu->p2 == MANAGEMENT_KEY)
        return management_authenticate(card, apdu->p1, request);
    return private_operation(card, apdu, request);
}
