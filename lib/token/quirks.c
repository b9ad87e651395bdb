/* SPDX-License-Identifier: Apache-2.0 */
#include "token/quirks.h"

#include <string.h>

/* PIV slots as ykcs11 numbers them: 1 is 9a (authentication), 2 is 9c (signature: the PIN each
 * time), 3 is 9d (key management), 4 is 9e (card authentication), 5 to 24 are the retired ones 82
 * to 95, 25 is f9 (attestation). A key in 4 works without PIN, and 25 holds the maker's: neither
 * is chosen for anybody. */
static const unsigned char piv_slots[] = { 1,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                                           17, 18, 19, 20, 21, 22, 23, 24, 3,  2,  4,  25 };

static const struct ce_quirks known[] = {
    { .manufacturer = "Yubico",
      .model = "YubiKey",
      .slots = piv_slots,
      .slot_count = sizeof(piv_slots),
      .choice_count = sizeof(piv_slots) - 2,
      .first_slot = 1,
      .last_slot = 25,
      .keeps_private_keys = 1,
      .certificate_max = 3052,
      .blames_so_pin = 1 },
};

static const struct ce_quirks none = { 0 };

static int begins(const unsigned char *field, size_t size, const char *text)
{
    size_t length = strlen(text);

    return length <= size && memcmp(field, text, length) == 0;
}

const struct ce_quirks *ce_quirks_of(const CK_TOKEN_INFO *info)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (begins(info->manufacturerID, sizeof(info->manufacturerID), known[i].manufacturer) &&
            begins(info->model, sizeof(info->model), known[i].model))
            return &known[i];
    return &none;
}
