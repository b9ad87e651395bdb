/* SPDX-License-Identifier: Apache-2.0 */
/* GENERATE ASYMMETRIC KEY PAIR, SP 800-73-4 part 2, section 3.3.1, with Yubico's policies; and
 * Yubico's GET METADATA. */
#include "card.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

static EVP_PKEY *generate(uint8_t algorithm)
{
    switch (algorithm) {
    case ALGORITHM_RSA_2048:
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    case ALGORITHM_P256:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    case ALGORITHM_P384:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    default:
        return NULL;
    }
}

static bool known_algorithm(uint8_t algorithm)
{
    return algorithm == ALGORITHM_RSA_2048 || algorithm == ALGORITHM_P256 ||
           algorithm == ALGORITHM_P384;
}

static bool answer_number(struct answer *answer, uint32_t tag, EVP_PKEY *pair, const char *name)
{
    BIGNUM *number = NULL;
    uint8_t bytes[512];
    int length = 0;
    if (EVP_PKEY_get_bn_param(pair, name, &number) == 1 && BN_num_bytes(number) <= 512)
        length = BN_bn2bin(number, bytes);
    BN_free(number);
    answer_tlv(answer, tag, bytes, (size_t)length);
    return length > 0;
}

static bool answer_public_key(struct answer *answer, const struct key *key)
{
    if (key->algorithm == ALGORITHM_RSA_2048)
        return answer_number(answer, 0x81, key->pair, OSSL_PKEY_PARAM_RSA_N) &&
               answer_number(answer, 0x82, key->pair, OSSL_PKEY_PARAM_RSA_E);
    uint8_t point[1 + 2 * 48];
    size_t length = 0;
    bool done = EVP_PKEY_get_octet_string_param(key->pair, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                sizeof point, &length) == 1;
    answer_tlv(answer, 0x86, point, done ? length : 0);
    return done;
}

/* SP 800-73-4 part 1, table 4b: a signature takes the PIN each time, card authentication never. */
static uint8_t slot_pin_policy(uint8_t slot)
{
    return slot == 0x9c ? PIN_ALWAYS : slot == 0x9e ? PIN_NEVER : PIN_ONCE;
}

enum status_word key_generate(struct card *card, const struct apdu *apdu)
{
    struct key made = { .slot = apdu->p2 };
    struct key *key = state_key(&card->state, apdu->p2);
    struct bytes control;
    struct answer value = { .length = 0 };
    if (!card->management_authenticated)
        return SW_SECURITY_STATUS;
    if (apdu->p1 != 0 || !key)
        return SW_WRONG_P1P2;
    if (!tlv_find(&control, apdu->data, 0xac) || !tlv_byte(&made.algorithm, control, 0x80, 0) ||
        !tlv_byte(&made.pin_policy, control, 0xaa, PIN_POLICY_DEFAULT) ||
        !tlv_byte(&made.touch_policy, control, 0xab, 1) || !known_algorithm(made.algorithm) ||
        made.pin_policy > PIN_ALWAYS || made.touch_policy > 1 /* there is nobody to touch it */)
        return SW_WRONG_DATA;
    if (made.pin_policy == PIN_POLICY_DEFAULT)
        made.pin_policy = slot_pin_policy(apdu->p2);
    made.pair = generate(made.algorithm);
    if (!made.pair || !answer_public_key(&value, &made)) {
        EVP_PKEY_free(made.pair);
        return SW_MEMORY_FAILURE;
    }
    EVP_PKEY_free(key->pair);
    *key = made;
    card->changed = true;
    answer_tlv(&card->answer, 0x7f49, value.data, value.length);
    return SW_OK;
}

enum status_word key_metadata(struct card *card, const struct apdu *apdu)
{
    if (apdu->p1 != 0)
        return SW_WRONG_P1P2;
    if (apdu->p2 == MANAGEMENT_KEY)
        return management_metadata(card);
    if (apdu->p2 == REFERENCE_PIN || apdu->p2 == REFERENCE_PUK)
        return reference_metadata(card, apdu->p2);
    const struct key *key = state_key(&card->state, apdu->p2);
    struct answer value = { .length = 0 };
    if (!key || !key->pair)
        return SW_NO_KEY;
    if (!answer_public_key(&value, key))
        return SW_MEMORY_FAILURE;
    uint8_t policies[] = { key->pin_policy, 1 };
    answer_tlv(&card->answer, 0x01, &key->algorithm, 1);
    answer_tlv(&card->answer, 0x02, policies, sizeof policies);
    answer_tlv(&card->answer, 0x03, "\x01", 1); /* generated here */
    answer_tlv(&card->answer, 0x04, value.data, value.length);
    return SW_OK;
}
