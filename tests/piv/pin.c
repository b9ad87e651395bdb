/* SPDX-License-Identifier: Apache-2.0 */
/* The PIN and the PUK. A try is spent before it is looked at, and on the disk before it is
 * answered: pulling the card in between gains nothing. */
#include "card.h"

#include <openssl/crypto.h>

#include <string.h>

static enum status_word tries_left(const struct reference *reference)
{
    return reference->tries == 0 ? SW_BLOCKED : SW_TRIES_LEFT | reference->tries;
}

/* Six to eight bytes, the rest 0xff. */
static bool well_formed(const uint8_t *value)
{
    size_t length = 0;
    while (length < PIN_LENGTH && value[length] != 0xff)
        length++;
    for (size_t i = length; i < PIN_LENGTH; i++)
        if (value[i] != 0xff)
            return false;
    return length >= 6;
}

static enum status_word check(struct card *card, struct reference *reference, const uint8_t *value)
{
    if (reference->tries == 0)
        return SW_BLOCKED;
    card->changed = true;
    reference->tries--;
    if (CRYPTO_memcmp(reference->value, value, PIN_LENGTH) != 0)
        return SW_TRIES_LEFT | reference->tries; /* also the last one: 63C0 */
    reference->tries = reference->most_tries;
    return SW_OK;
}

static void replace(struct reference *reference, const uint8_t *value)
{
    memcpy(reference->value, value, PIN_LENGTH);
    reference->tries = reference->most_tries;
}

/* SP 800-73-4 part 2, section 3.2.1. Without data: is it needed, and how many tries are left? */
enum status_word pin_verify(struct card *card, const struct apdu *apdu)
{
    if (apdu->p2 != REFERENCE_PIN)
        return SW_NO_KEY;
    if (apdu->p1 == 0xff && apdu->data.length == 0) {
        card->pin_verified = card->pin_fresh = false;
        return SW_OK;
    }
    if (apdu->p1 != 0)
        return SW_WRONG_P1P2;
    if (apdu->data.length == 0)
        return card->pin_verified ? SW_OK : tries_left(&card->state.pin);
    if (apdu->data.length != PIN_LENGTH || !well_formed(apdu->data.data))
        return SW_WRONG_DATA;
    enum status_word status = check(card, &card->state.pin, apdu->data.data);
    card->pin_verified = card->pin_fresh = status == SW_OK;
    return status;
}

/* CHANGE REFERENCE DATA, section 3.2.2: the old one and the new one. */
enum status_word pin_change(struct card *card, const struct apdu *apdu)
{
    if (apdu->p1 != 0)
        return SW_WRONG_P1P2;
    if (apdu->p2 != REFERENCE_PIN && apdu->p2 != REFERENCE_PUK)
        return SW_NO_KEY;
    if (apdu->data.length != 2 * PIN_LENGTH || !well_formed(apdu->data.data + PIN_LENGTH))
        return SW_WRONG_DATA;
    bool is_pin = apdu->p2 == REFERENCE_PIN;
    struct reference *reference = is_pin ? &card->state.pin : &card->state.puk;
    enum status_word status = check(card, reference, apdu->data.data);
    if (status == SW_OK)
        replace(reference, apdu->data.data + PIN_LENGTH);
    else if (is_pin)
        card->pin_verified = false;
    return status;
}

/* RESET RETRY COUNTER, section 3.2.3: the PUK and a new PIN. */
enum status_word pin_unblock(struct card *card, const struct apdu *apdu)
{
    if (apdu->p1 != 0)
        return SW_WRONG_P1P2;
    if (apdu->p2 != REFERENCE_PIN)
        return SW_NO_KEY;
    if (apdu->data.length != 2 * PIN_LENGTH || !well_formed(apdu->data.data + PIN_LENGTH))
        return SW_WRONG_DATA;
    enum status_word status = check(card, &card->state.puk, apdu->data.data);
    if (status == SW_OK)
        replace(&card->state.pin, apdu->data.data + PIN_LENGTH);
    card->pin_verified = false;
    return status;
}

/* Yubico: how many tries the PIN (P1) and the PUK (P2) have; both get the factory's values. */
enum status_word pin_set_tries(struct card *card, const struct apdu *apdu)
{
    if (!card->management_authenticated || !card->pin_verified)
        return SW_SECURITY_STATUS;
    if (apdu->p1 == 0 || apdu->p1 > 15 || apdu->p2 == 0 || apdu->p2 > 15)
        return SW_WRONG_P1P2; /* what 63Cx can tell */
    reference_set(&card->state.pin, FACTORY_PIN, apdu->p1);
    reference_set(&card->state.puk, FACTORY_PUK, apdu->p2);
    card->pin_verified = false;
    card->changed = true;
    return SW_OK;
}

enum status_word reference_metadata(struct card *card, unsigned name)
{
    const struct reference *reference = name == REFERENCE_PIN ? &card->state.pin : &card->state.puk;
    struct reference factory;
    reference_set(&factory, name == REFERENCE_PIN ? FACTORY_PIN : FACTORY_PUK, 1);
    uint8_t tries[] = { (uint8_t)reference->most_tries, (uint8_t)reference->tries };
    uint8_t is_factory = CRYPTO_memcmp(factory.value, reference->value, PIN_LENGTH) == 0;
    answer_tlv(&card->answer, 0x01, "\xff", 1);
    answer_tlv(&card->answer, 0x05, &is_factory, 1);
    answer_tlv(&card->answer, 0x06, tries, sizeof tries);
    return SW_OK;
}
