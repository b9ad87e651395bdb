/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include <openssl/crypto.h>

#include <stdlib.h>
#include <string.h>

/* Of a YubiKey 5 before firmware 5.7. */
static const uint8_t factory_key[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
                                         5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8 };

void reference_set(struct reference *reference, const char *value, unsigned tries)
{
    memset(reference->value, 0xff, sizeof reference->value);
    memcpy(reference->value, value, strlen(value));
    reference->tries = reference->most_tries = tries;
}

static uint8_t slot_number(size_t index)
{
    static const uint8_t first[] = { 0x9a, 0x9c, 0x9d, 0x9e };
    return index < sizeof first ? first[index] : (uint8_t)(0x82 + index - sizeof first);
}

void state_clear(struct state *state)
{
    for (size_t i = 0; i < SLOTS; i++)
        EVP_PKEY_free(state->keys[i].pair);
    for (size_t i = 0; i < state->object_count; i++)
        free(state->objects[i].data);
    OPENSSL_cleanse(state, sizeof *state);
}

void state_reset(struct state *state)
{
    uint32_t serial = state->serial;
    size_t memory = state->memory;
    state_clear(state);
    state->serial = serial;
    state->memory = memory;
    reference_set(&state->pin, FACTORY_PIN, 3);
    reference_set(&state->puk, FACTORY_PUK, 3);
    state->management.algorithm = ALGORITHM_3DES;
    state->management.length = sizeof factory_key;
    memcpy(state->management.value, factory_key, sizeof factory_key);
    for (size_t i = 0; i < SLOTS; i++)
        state->keys[i].slot = slot_number(i);
}

struct key *state_key(struct state *state, unsigned slot)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (state->keys[i].slot == slot)
            return &state->keys[i];
    return NULL;
}

struct object *state_object(struct state *state, uint32_t tag)
{
    for (size_t i = 0; i < state->object_count; i++)
        if (state->objects[i].tag == tag)
            return &state->objects[i];
    return NULL;
}

static void remove_object(struct state *state, struct object *object)
{
    if (!object)
        return;
    free(object->data);
    *object = state->objects[--state->object_count];
}

static size_t memory_used(const struct state *state)
{
    size_t used = 0;
    for (size_t i = 0; i < state->object_count; i++)
        used += state->objects[i].length;
    return used;
}

enum status_word state_put(struct state *state, uint32_t tag, struct bytes data)
{
    struct object *old = state_object(state, tag);
    size_t used = memory_used(state) - (old ? old->length : 0);
    if (data.length > OBJECT_LIMIT || used + data.length > state->memory ||
        (!old && state->object_count == OBJECTS_LIMIT))
        return SW_NO_SPACE;
    if (data.length == 0) {
        remove_object(state, old);
        return SW_OK;
    }
    uint8_t *copy = malloc(data.length);
    if (!copy)
        return SW_MEMORY_FAILURE;
    memcpy(copy, data.data, data.length);
    remove_object(state, old);
    state->objects[state->object_count++] = (struct object){ tag, copy, data.length };
    return SW_OK;
}
