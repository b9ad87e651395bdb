/* SPDX-License-Identifier: Apache-2.0 */
/* The management key: who knows it may generate keys and write objects. SP 800-73-4 part 2,
 * appendix A.1, and Yubico's commands to change it and to start afresh. */
#include "card.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <string.h>

enum { TAG_WITNESS = 0x80, TAG_CHALLENGE = 0x81, TAG_RESPONSE = 0x82 };

struct management_cipher {
    uint8_t algorithm;
    size_t key_length, block;
    const EVP_CIPHER *(*cipher)(void);
};

static const struct management_cipher ciphers[] = {
    { ALGORITHM_3DES, 24, 8, EVP_des_ede3_ecb },
    { ALGORITHM_AES_128, 16, 16, EVP_aes_128_ecb },
    { ALGORITHM_AES_192, 24, 16, EVP_aes_192_ecb },
    { ALGORITHM_AES_256, 32, 16, EVP_aes_256_ecb },
};

static const struct management_cipher *find_cipher(uint8_t algorithm)
{
    for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++)
        if (ciphers[i].algorithm == algorithm)
            return &ciphers[i];
    return NULL;
}

/* One block under the management key. */
static bool encrypt(const struct card *card, const struct management_cipher *cipher, uint8_t *out,
                    const uint8_t *in)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length = 0;
    bool done = context &&
                EVP_EncryptInit_ex2(context, cipher->cipher(), card->state.management.value, NULL,
                                    NULL) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_EncryptUpdate(context, out, &length, in, (int)cipher->block) == 1 &&
                length == (int)cipher->block;
    EVP_CIPHER_CTX_free(context);
    return done;
}

static enum status_word answer_template(struct card *card, uint32_t tag, const uint8_t *data,
                                        size_t length)
{
    struct answer inner = { .length = 0 };
    answer_tlv(&inner, tag, data, length);
    answer_tlv(&card->answer, 0x7c, inner.data, inner.length);
    return SW_OK;
}

/* A new random block: encrypted as the witness, plain as the challenge. */
static enum status_word ask(struct card *card, const struct management_cipher *cipher, bool witness)
{
    uint8_t shown[16];
    struct challenge *challenge = &card->challenge;
    if (RAND_bytes(challenge->value, (int)cipher->block) != 1)
        return SW_MEMORY_FAILURE;
    if (!witness)
        memcpy(shown, challenge->value, cipher->block);
    else if (!encrypt(card, cipher, shown, challenge->value))
        return SW_MEMORY_FAILURE;
    challenge->kind = witness ? CHALLENGE_WITNESS : CHALLENGE_PLAIN;
    return answer_template(card, witness ? TAG_WITNESS : TAG_CHALLENGE, shown, cipher->block);
}

/* The witness came back decrypted: now the host wants to know us. */
static enum status_word prove(struct card *card, const struct management_cipher *cipher,
                              struct bytes witness, struct bytes challenge)
{
    uint8_t response[16];
    if (witness.length != cipher->block || challenge.length != cipher->block)
        return SW_WRONG_DATA;
    if (CRYPTO_memcmp(witness.data, card->challenge.value, cipher->block) != 0)
        return SW_SECURITY_STATUS;
    if (!encrypt(card, cipher, response, challenge.data))
        return SW_MEMORY_FAILURE;
    card->management_authenticated = true;
    return answer_template(card, TAG_RESPONSE, response, cipher->block);
}

/* The challenge came back encrypted. */
static enum status_word accept(struct card *card, const struct management_cipher *cipher,
                               struct bytes response)
{
    uint8_t wanted[16];
    if (response.length != cipher->block)
        return SW_WRONG_DATA;
    if (!encrypt(card, cipher, wanted, card->challenge.value))
        return SW_MEMORY_FAILURE;
    if (CRYPTO_memcmp(response.data, wanted, cipher->block) != 0)
        return SW_SECURITY_STATUS;
    card->management_authenticated = true;
    return SW_OK;
}

enum status_word management_authenticate(struct card *card, uint8_t algorithm, struct bytes request)
{
    const struct management_cipher *cipher =
        find_cipher(algorithm == 0 ? ALGORITHM_3DES : algorithm);
    struct bytes witness, challenge, response;
    bool has_witness = tlv_find(&witness, request, TAG_WITNESS);
    bool has_challenge = tlv_find(&challenge, request, TAG_CHALLENGE);
    bool has_response = tlv_find(&response, request, TAG_RESPONSE);
    int awaited = (int)card->challenge.kind;

    card->challenge.kind = NO_CHALLENGE; /* each is good for one answer */
    if (!cipher || cipher->algorithm != card->state.management.algorithm)
        return SW_WRONG_P1P2;
    if (has_witness && witness.length == 0)
        return ask(card, cipher, true);
    if (has_challenge && challenge.length == 0)
        return ask(card, cipher, false);
    card->management_authenticated = false;
    if (has_witness && has_challenge && awaited == CHALLENGE_WITNESS)
        return prove(card, cipher, witness, challenge);
    if (has_response && awaited == CHALLENGE_PLAIN)
        return accept(card, cipher, response);
    return SW_CONDITIONS;
}

/* SET MANAGEMENT KEY: algorithm, the key's name, length, value. Never with touch. */
enum status_word management_set_key(struct card *card, const struct apdu *apdu)
{
    struct bytes data = apdu->data;
    if (!card->management_authenticated)
        return SW_SECURITY_STATUS;
    if (apdu->p1 != 0xff || apdu->p2 != 0xff)
        return SW_WRONG_P1P2;
    if (data.length < 3 || data.data[1] != MANAGEMENT_KEY || data.data[2] != data.length - 3)
        return SW_WRONG_DATA;
    const struct management_cipher *cipher = find_cipher(data.data[0]);
    if (!cipher || cipher->key_length != data.length - 3)
        return SW_WRONG_DATA;
    struct management_key *key = &card->state.management;
    key->algorithm = cipher->algorithm;
    key->length = cipher->key_length;
    memcpy(key->value, data.data + 3, key->length);
    card->changed = true;
    return SW_OK;
}

enum status_word management_metadata(struct card *card)
{
    const struct management_key *key = &card->state.management;
    struct state fresh = { .serial = 0 };
    state_reset(&fresh);
    uint8_t is_factory = key->algorithm == fresh.management.algorithm &&
                         CRYPTO_memcmp(key->value, fresh.management.value, key->length) == 0;
    uint8_t policies[] = { 0, 1 };
    answer_tlv(&card->answer, 0x01, &key->algorithm, 1);
    answer_tlv(&card->answer, 0x02, policies, sizeof policies);
    answer_tlv(&card->answer, 0x05, &is_factory, 1);
    return SW_OK;
}

/* Yubico's RESET: only when neither the PIN nor the PUK can be used any more. */
enum status_word management_reset(struct card *card, const struct apdu *apdu)
{
    (void)apdu;
    if (card->state.pin.tries != 0 || card->state.puk.tries != 0)
        return SW_CONDITIONS;
    state_reset(&card->state);
    card->pin_verified = card->management_authenticated = false;
    card->changed = true;
    return SW_OK;
}
