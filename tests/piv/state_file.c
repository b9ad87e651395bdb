/* SPDX-License-Identifier: Apache-2.0 */
/* The state as text: a word and its values a line, bytes in hexadecimal, "end" as the last line. */
#include "state.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE "certenroll-piv-card 1\n"
#define LINE_LIMIT (2 * APDU_LIMIT + 100)

/* --- writing --- */

static void write_hex(FILE *file, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fprintf(file, "%02x", data[i]);
    fputc('\n', file);
}

static void write_reference(FILE *file, const char *word, const struct reference *reference)
{
    fprintf(file, "%s %u %u ", word, reference->tries, reference->most_tries);
    write_hex(file, reference->value, sizeof reference->value);
}

static bool write_key(FILE *file, const struct key *key)
{
    uint8_t *der = NULL;
    int length = i2d_PrivateKey(key->pair, &der);
    if (length <= 0)
        return false;
    fprintf(file, "key %u %u %u %u ", key->slot, key->algorithm, key->pin_policy,
            key->touch_policy);
    write_hex(file, der, (size_t)length);
    OPENSSL_clear_free(der, (size_t)length);
    return true;
}

static bool write_state(FILE *file, const struct state *state)
{
    fprintf(file, FIRST_LINE "card %" PRIu32 " %zu\n", state->serial, state->memory);
    write_reference(file, "pin", &state->pin);
    write_reference(file, "puk", &state->puk);
    fprintf(file, "management %u ", state->management.algorithm);
    write_hex(file, state->management.value, state->management.length);
    for (size_t i = 0; i < SLOTS; i++)
        if (state->keys[i].pair && !write_key(file, &state->keys[i]))
            return false;
    for (size_t i = 0; i < state->object_count; i++) {
        fprintf(file, "object %" PRIu32 " ", state->objects[i].tag);
        write_hex(file, state->objects[i].data, state->objects[i].length);
    }
    fputs("end\n", file);
    return fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
}

static bool sync_directory(const char *path)
{
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    free(copy);
    return done;
}

bool state_save(const struct state *state, const char *path)
{
    size_t size = strlen(path) + sizeof ".new";
    char *temporary = malloc(size);
    if (!temporary)
        return false;
    snprintf(temporary, size, "%s.new", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");
    bool done = file && write_state(file, state);
    if (file)
        done = fclose(file) == 0 && done;
    done = done && rename(temporary, path) == 0 && sync_directory(path);
    if (!done)
        fprintf(stderr, "certenroll-piv-card: cannot write %s: %s\n", path, strerror(errno));
    free(temporary);
    return done;
}

/* --- reading --- */

/* A line's hexadecimal part; its length, or -1. */
static ssize_t read_hex(uint8_t *out, size_t size, const char *hex)
{
    size_t length = strlen(hex);
    if (length % 2 != 0 || length / 2 > size)
        return -1;
    for (size_t i = 0; i < length / 2; i++) {
        unsigned byte;
        char digits[3] = { hex[2 * i], hex[2 * i + 1], 0 };
        if (strspn(digits, "0123456789abcdef") != 2 || sscanf(digits, "%x", &byte) != 1)
            return -1;
        out[i] = (uint8_t)byte;
    }
    return (ssize_t)(length / 2);
}

static bool read_reference(struct reference *reference, const char *values)
{
    int at = 0;
    return sscanf(values, "%u %u %n", &reference->tries, &reference->most_tries, &at) == 2 &&
           at > 0 && reference->most_tries <= 15 && reference->tries <= reference->most_tries &&
           read_hex(reference->value, PIN_LENGTH, values + at) == PIN_LENGTH;
}

static bool read_management(struct management_key *key, const char *values)
{
    unsigned algorithm;
    int at = 0;
    if (sscanf(values, "%u %n", &algorithm, &at) != 1 || at == 0 || algorithm > 0xff)
        return false;
    ssize_t length = read_hex(key->value, sizeof key->value, values + at);
    key->algorithm = (uint8_t)algorithm;
    key->length = length < 0 ? 0 : (size_t)length;
    return length >= 16;
}

static bool read_key(struct state *state, const char *values)
{
    unsigned slot, algorithm, pin, touch;
    int at = 0;
    if (sscanf(values, "%u %u %u %u %n", &slot, &algorithm, &pin, &touch, &at) != 4 || at == 0)
        return false;
    struct key *key = state_key(state, slot);
    uint8_t der[APDU_LIMIT];
    ssize_t length = read_hex(der, sizeof der, values + at);
    if (!key || key->pair || length <= 0)
        return false;
    const uint8_t *p = der;
    key->pair = d2i_AutoPrivateKey(NULL, &p, length);
    OPENSSL_cleanse(der, sizeof der);
    key->algorithm = (uint8_t)algorithm;
    key->pin_policy = (uint8_t)pin;
    key->touch_policy = (uint8_t)touch;
    return key->pair != NULL;
}

static bool read_object(struct state *state, const char *values)
{
    uint32_t tag;
    int at = 0;
    uint8_t data[OBJECT_LIMIT];
    if (sscanf(values, "%" SCNu32 " %n", &tag, &at) != 1 || at == 0)
        return false;
    ssize_t length = read_hex(data, sizeof data, values + at);
    return length > 0 && state_put(state, tag, (struct bytes){ data, (size_t)length }) == SW_OK;
}

static bool read_line(struct state *state, const char *word, const char *values)
{
    if (strcmp(word, "card") == 0)
        return sscanf(values, "%" SCNu32 " %zu", &state->serial, &state->memory) == 2;
    if (strcmp(word, "pin") == 0)
        return read_reference(&state->pin, values);
    if (strcmp(word, "puk") == 0)
        return read_reference(&state->puk, values);
    if (strcmp(word, "management") == 0)
        return read_management(&state->management, values);
    if (strcmp(word, "key") == 0)
        return read_key(state, values);
    return strcmp(word, "object") == 0 && read_object(state, values);
}

/* Every line, up to "end". */
static bool read_state(struct state *state, FILE *file, char *line)
{
    if (!fgets(line, LINE_LIMIT, file) || strcmp(line, FIRST_LINE) != 0)
        return false;
    while (fgets(line, LINE_LIMIT, file)) {
        line[strcspn(line, "\n")] = 0;
        if (strcmp(line, "end") == 0)
            return true;
        char *values = strchr(line, ' ');
        if (!values)
            return false;
        *values++ = 0;
        if (!read_line(state, line, values))
            return false;
    }
    return false;
}

bool state_load(struct state *state, const char *path)
{
    state_reset(state);
    FILE *file = fopen(path, "rb");
    if (!file && errno == ENOENT)
        return state_save(state, path);
    char *line = malloc(LINE_LIMIT);
    bool done = file && line && read_state(state, file, line);
    if (!done)
        fprintf(stderr, "certenroll-piv-card: %s is not a card's state: %s\n", path,
                file ? "a line of it is wrong" : strerror(errno));
    if (line)
        OPENSSL_cleanse(line, LINE_LIMIT);
    free(line);
    if (file)
        fclose(file);
    return done;
}
