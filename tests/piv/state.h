/* SPDX-License-Identifier: Apache-2.0 */
/* What the chip keeps without power: PINs and their counters, the management key, key pairs, data
 * objects. One file, replaced as a whole before the answer to the command that changed it leaves.
 */
#ifndef PIV_STATE_H
#define PIV_STATE_H

#include "apdu.h"

#include <openssl/evp.h>

#include <stdio.h>

#define PIN_LENGTH 8 /* padded with 0xff, SP 800-73-4 part 2, section 2.4.3 */

/* The tags of data objects, and what a YubiKey 5 takes of each and of all together. */
#define OBJECT_LIMIT 3063
#define OBJECTS_LIMIT 64

enum algorithm {
    ALGORITHM_3DES = 0x03,
    ALGORITHM_RSA_2048 = 0x07,
    ALGORITHM_AES_128 = 0x08,
    ALGORITHM_AES_192 = 0x0a,
    ALGORITHM_AES_256 = 0x0c,
    ALGORITHM_P256 = 0x11,
    ALGORITHM_P384 = 0x14,
};

enum pin_policy { PIN_POLICY_DEFAULT = 0, PIN_NEVER = 1, PIN_ONCE = 2, PIN_ALWAYS = 3 };

struct reference { /* a PIN or PUK */
    uint8_t value[PIN_LENGTH];
    unsigned tries, most_tries;
};

struct management_key {
    uint8_t algorithm;
    uint8_t value[32];
    size_t length;
};

struct object {
    uint32_t tag;
    uint8_t *data;
    size_t length;
};

/* 9a, 9c, 9d, 9e and the retired 82..95. */
#define SLOTS 24
struct key {
    uint8_t slot, algorithm, pin_policy, touch_policy;
    EVP_PKEY *pair; /* NULL: none generated */
};

struct state {
    uint32_t serial;
    size_t memory; /* bytes for the data objects */
    struct reference pin, puk;
    struct management_key management;
    struct key keys[SLOTS];
    struct object objects[OBJECTS_LIMIT];
    size_t object_count;
};

/* As it leaves the factory. */
void state_reset(struct state *state);

/* From the file; a new card when there is none. False, with a message, when it cannot be read. */
bool state_load(struct state *state, const char *path);
bool state_save(const struct state *state, const char *path);
void state_clear(struct state *state);

struct key *state_key(struct state *state, unsigned slot); /* NULL: no such slot */

struct object *state_object(struct state *state, uint32_t tag); /* NULL: not there */

/* Puts an object in the place of one with its tag; nothing of length 0 is kept. */
enum status_word state_put(struct state *state, uint32_t tag, struct bytes data);

/* The factory's values, also after SET PIN RETRIES. */
void reference_set(struct reference *reference, const char *value, unsigned tries);
#define FACTORY_PIN "123456"
#define FACTORY_PUK "12345678"

#endif
