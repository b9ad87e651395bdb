/* SPDX-License-Identifier: Apache-2.0 */
/* Which command it is; chained commands; answers too long for one frame. */
#include "card.h"

#include <openssl/crypto.h>

#include <string.h>

static const uint8_t piv_aid[] = {
    0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00
};
#define AID_ROOT 5 /* bytes of the registered provider */

/* SELECT, SP 800-73-4 part 2, section 3.1.1: by the whole name or its beginning. */
static enum status_word select_application(struct card *card, const struct apdu *apdu)
{
    if (apdu->p1 != 0x04)
        return SW_WRONG_P1P2;
    if (apdu->data.length < AID_ROOT || apdu->data.length > sizeof piv_aid ||
        memcmp(apdu->data.data, piv_aid, apdu->data.length) != 0)
        return SW_NOT_FOUND;
    card->selected = true; /* who is logged in stays logged in */
    struct answer inner = { .length = 0 }, authority = { .length = 0 };
    answer_tlv(&authority, 0x4f, piv_aid, AID_ROOT);
    answer_tlv(&inner, 0x4f, piv_aid + AID_ROOT, sizeof piv_aid - AID_ROOT);
    answer_tlv(&inner, 0x79, authority.data, authority.length);
    answer_tlv(&card->answer, 0x61, inner.data, inner.length);
    return SW_OK;
}

static enum status_word yubico_version(struct card *card, const struct apdu *apdu)
{
    static const uint8_t version[] = { FIRMWARE_VERSION };
    (void)apdu;
    answer_bytes(&card->answer, version, sizeof version);
    return SW_OK;
}

static enum status_word yubico_serial(struct card *card, const struct apdu *apdu)
{
    uint32_t serial = card->state.serial;
    uint8_t bytes[] = { (uint8_t)(serial >> 24), (uint8_t)(serial >> 16), (uint8_t)(serial >> 8),
                        (uint8_t)serial };
    (void)apdu;
    answer_bytes(&card->answer, bytes, sizeof bytes);
    return SW_OK;
}

enum instruction { INS_VERIFY = 0x20, INS_AUTHENTICATE = 0x87, INS_SELECT = 0xa4, INS_MORE = 0xc0 };

static const struct {
    uint8_t ins;
    card_command *command;
} commands[] = {
    { INS_VERIFY, pin_verify },
    { 0x24, pin_change },
    { 0x2c, pin_unblock },
    { 0x47, key_generate },
    { INS_AUTHENTICATE, authenticate },
    { INS_SELECT, select_application },
    { 0xcb, object_get },
    { 0xdb, object_put },
    { 0xf7, key_metadata },
    { 0xf8, yubico_serial },
    { 0xfa, pin_set_tries },
    { 0xfb, management_reset },
    { 0xfd, yubico_version },
    { 0xff, management_set_key },
};

static card_command *find_command(const struct card *card, uint8_t ins)
{
    if (!card->selected && ins != INS_SELECT)
        return NULL;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (commands[i].ins == ins)
            return commands[i].command;
    return NULL;
}

/* Carries out a whole command. What it changed is on the disk before anybody hears of it. */
static enum status_word run_command(struct card *card, const struct apdu *apdu)
{
    card_command *command = find_command(card, apdu->ins);
    if (!command)
        return SW_UNKNOWN_INS;
    /* "PIN always": nothing may come between the PIN and the key's use. */
    if (apdu->ins != INS_VERIFY && apdu->ins != INS_AUTHENTICATE)
        card->pin_fresh = false;
    enum status_word status = command(card, apdu);
    if (card->changed && !state_save(&card->state, card->state_path))
        status = SW_MEMORY_FAILURE;
    card->changed = false;
    if (card->answer.overflown)
        status = SW_MEMORY_FAILURE;
    if (status != SW_OK)
        card->answer.length = 0;
    return status;
}

static void forget_command(struct card *card)
{
    OPENSSL_cleanse(card->command, sizeof card->command);
    card->command_length = 0;
}

static bool same_header(const struct apdu *a, const struct apdu *b)
{
    return a->ins == b->ins && a->p1 == b->p1 && a->p2 == b->p2;
}

/* Collects the parts of a chained command, ISO 7816-4 section 5.3.3, and runs it with the last. */
static enum status_word take_part(struct card *card, struct apdu *apdu)
{
    if (card->command_length > 0 && !same_header(apdu, &card->chained))
        forget_command(card);
    if (apdu->data.length > sizeof card->command - card->command_length) {
        forget_command(card);
        return SW_WRONG_LENGTH;
    }
    if (apdu->data.length > 0)
        memcpy(card->command + card->command_length, apdu->data.data, apdu->data.length);
    card->command_length += apdu->data.length;
    card->chained = *apdu;
    if (apdu->cla & 0x10)
        return SW_OK;
    apdu->data = (struct bytes){ card->command, card->command_length };
    enum status_word status = run_command(card, apdu);
    forget_command(card);
    return status;
}

/* As much of the answer as fits, and how much more there is, ISO 7816-4 section 5.3.4. */
static size_t send_part(struct card *card, size_t expected, enum status_word status, uint8_t *out,
                        size_t size)
{
    size_t rest = card->answer.length - card->sent;
    size_t part = rest < expected ? rest : expected;
    if (part > size - 2)
        part = size - 2;
    memcpy(out, card->answer.data + card->sent, part);
    card->sent += part;
    rest -= part;
    unsigned word = status;
    if (rest > 0)
        word = 0x6100 | (rest > 0xff ? 0 : (unsigned)rest);
    out[part] = (uint8_t)(word >> 8);
    out[part + 1] = (uint8_t)word;
    return part + 2;
}

static void new_answer(struct card *card)
{
    OPENSSL_cleanse(&card->answer, sizeof card->answer);
    card->sent = 0;
}

size_t card_transmit(struct card *card, struct bytes frame, uint8_t *out, size_t size)
{
    struct apdu apdu;
    enum status_word status;
    if (!apdu_parse(&apdu, frame)) {
        new_answer(card);
        return send_part(card, 0, SW_WRONG_LENGTH, out, size);
    }
    if (apdu.ins == INS_MORE && card->sent < card->answer.length)
        return send_part(card, apdu.expected, SW_OK, out, size);
    new_answer(card);
    status = apdu.cla & ~0x10 ? SW_UNKNOWN_CLA : take_part(card, &apdu);
    return send_part(card, apdu.expected, status, out, size);
}

void card_power(struct card *card, bool on)
{
    card->powered = on;
    card->selected = false;
    card->pin_verified = card->pin_fresh = card->management_authenticated = false;
    card->challenge.kind = NO_CHALLENGE;
    forget_command(card);
    new_answer(card);
}
