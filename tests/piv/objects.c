/* SPDX-License-Identifier: Apache-2.0 */
/* GET DATA and PUT DATA, SP 800-73-4 part 2, sections 3.1.2 and 3.3.2. */
#include "card.h"

#define DISCOVERY 0x7e

/* The application's name, and that its own PIN is the one to ask for (SP 800-73-4 part 1, 3.3.2).
 */
static const uint8_t discovery[] = { 0x4f, 0x0b, 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00,
                                     0x10, 0x00, 0x01, 0x00, 0x5f, 0x2f, 0x02, 0x40, 0x00 };

/* Fingerprints, printed information, facial image, iris image: only after the PIN. */
static bool wants_pin(uint32_t tag)
{
    return tag == 0x5fc103 || tag == 0x5fc109 || tag == 0x5fc108 || tag == 0x5fc121;
}

/* The one object a command is about. */
static bool object_tag(uint32_t *tag, const struct apdu *apdu)
{
    struct bytes list;
    if (!tlv_find(&list, apdu->data, 0x5c) || list.length < 1 || list.length > 3)
        return false;
    *tag = 0;
    for (size_t i = 0; i < list.length; i++)
        *tag = *tag << 8 | list.data[i];
    return true;
}

enum status_word object_get(struct card *card, const struct apdu *apdu)
{
    uint32_t tag;
    if (apdu->p1 != 0x3f || apdu->p2 != 0xff)
        return SW_WRONG_P1P2;
    if (!object_tag(&tag, apdu))
        return SW_WRONG_DATA;
    if (tag == DISCOVERY) {
        answer_tlv(&card->answer, DISCOVERY, discovery, sizeof discovery);
        return SW_OK;
    }
    const struct object *object = state_object(&card->state, tag);
    if (!object)
        return SW_NOT_FOUND;
    if (wants_pin(tag) && !card->pin_verified)
        return SW_SECURITY_STATUS;
    answer_tlv(&card->answer, 0x53, object->data, object->length);
    return SW_OK;
}

enum status_word object_put(struct card *card, const struct apdu *apdu)
{
    uint32_t tag;
    struct bytes data;
    if (apdu->p1 != 0x3f || apdu->p2 != 0xff)
        return SW_WRONG_P1P2;
    if (!card->management_authenticated)
        return SW_SECURITY_STATUS;
    if (!object_tag(&tag, apdu) || tag == DISCOVERY || !tlv_find(&data, apdu->data, 0x53))
        return SW_WRONG_DATA;
    enum status_word status = state_put(&card->state, tag, data);
    card->changed = status == SW_OK;
    return status;
}
