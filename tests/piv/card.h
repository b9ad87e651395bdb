/* SPDX-License-Identifier: Apache-2.0 */
/* A card with the PIV application of NIST SP 800-73-4 and Yubico's additions to it, as far as an
 * enrolment through ykcs11 or OpenSC needs them. It says that it is a YubiKey 5 of firmware 5.4.3.
 */
#ifndef PIV_CARD_H
#define PIV_CARD_H

#include "apdu.h"
#include "state.h"

#define FIRMWARE_VERSION 5, 4, 3

enum reference_name { REFERENCE_PIN = 0x80, REFERENCE_PUK = 0x81, MANAGEMENT_KEY = 0x9b };

/* What the card awaits of the management key's owner, once. */
struct challenge {
    enum { NO_CHALLENGE, CHALLENGE_WITNESS, CHALLENGE_PLAIN } kind;
    uint8_t value[16];
};

struct card {
    const char *state_path;
    struct state state;
    bool changed; /* the state is to be written before the answer leaves */

    /* What a loss of power ends. */
    bool powered, selected;
    bool pin_verified;
    bool pin_fresh; /* by the command just before this one: for slots that want it each time */
    bool management_authenticated;
    struct challenge challenge;
    struct apdu chained; /* the header of a command of which more is to come */
    uint8_t command[APDU_LIMIT];
    size_t command_length; /* 0: none */
    struct answer answer;
    size_t sent; /* bytes of it */
};

void card_power(struct card *card, bool on);

/* One command frame in, one answer with its status word out; at most `size` bytes, enough for 64
 * KiB and 2. Returns the answer's length. */
size_t card_transmit(struct card *card, struct bytes frame, uint8_t *out, size_t size);

/* --- the commands; each in the file of its subject --- */
typedef enum status_word card_command(struct card *card, const struct apdu *apdu);

card_command pin_verify, pin_change, pin_unblock, pin_set_tries; /* pin.c */
card_command object_get, object_put;                             /* objects.c */
card_command key_generate, key_metadata;                         /* keys.c */
card_command authenticate;                                       /* authenticate.c */
card_command management_set_key, management_reset;               /* management.c */

/* GENERAL AUTHENTICATE with the management key; the template's contents. */
enum status_word management_authenticate(struct card *card, uint8_t algorithm,
                                         struct bytes request);

/* GET METADATA of what is no key pair. */
enum status_word reference_metadata(struct card *card, unsigned name);
enum status_word management_metadata(struct card *card);

#endif
