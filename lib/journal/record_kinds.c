/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of value that a journal has. */
#include "base/base64.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "journal/record_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 16384
#define ENCODED_TEXT_MAX ((size_t)3 * TEXT_MAX)
#define NUMBER_MAX INT64_C(0xffffffff) /* a set of 32 flags */
#define NUMBER_DIGITS 10

static int put(struct ce_buffer *out, const void *data, size_t length)
{
    return ce_buffer_append(out, data, length, SIZE_MAX) == 0 ? CERTENROLL_OK : CERTENROLL_E_MEMORY;
}

int ce_field_put_word(struct ce_buffer *out, const char *word)
{
    return word ? put(out, word, strlen(word)) : CERTENROLL_E_ARGUMENT;
}

int ce_field_is_word(const struct ce_buffer *text, const char *word)
{
    return text->length == strlen(word) && memcmp(text->data, word, text->length) == 0;
}

/* --- texts: what would break the line, or act on a display, as %XX --- */

static int write_text(struct ce_buffer *out, const void *value, size_t index)
{
    const char *text = *(char *const *)value;
    size_t length = strlen(text), at = 0, used = 0;
    char *encoded = length <= TEXT_MAX ? malloc(3 * length + 1) : NULL;
    int status;

    (void)index;
    if (!encoded)
        return length <= TEXT_MAX ? CERTENROLL_E_MEMORY : CERTENROLL_E_ARGUMENT;
    while (at < length) {
        int is_end = at == 0 || at + 1 == length;
        /* How many bytes stand for themselves. */
        size_t plain = text[at] == '%' || (text[at] == ' ' && is_end)
                           ? 0
                           : ce_text_plain(text + at, length - at);

        if (plain > 0) {
            memcpy(encoded + used, text + at, plain);
            used += plain;
            at += plain;
        } else {
            encoded[used] = '%';
            ce_hex(encoded + used + 1, 3, (const unsigned char *)text + at, 1);
            used += 3;
            at++;
        }
    }
    status = put(out, encoded, used);
    free(encoded);
    return status;
}

/* What is not the way that write_text writes it is found by writing it again (record_text.c). */
static int read_text(void *value, const struct ce_buffer *text)
{
    size_t used = 0;
    char *decoded = text->length <= ENCODED_TEXT_MAX ? malloc(text->length + 1) : NULL;

    if (!decoded)
        return text->length <= ENCODED_TEXT_MAX ? CERTENROLL_E_MEMORY : CERTENROLL_E_JOURNAL;
    for (size_t at = 0; at < text->length; at++) {
        int byte = text->data[at];

        if (byte == '%') {
            byte = at + 2 < text->length ? ce_hex_octet((const char *)text->data + at + 1) : -1;
            at += 2;
        }
        if (byte <= 0) {
            free(decoded);
            return CERTENROLL_E_JOURNAL;
        }
        decoded[used++] = (char)byte;
    }
    decoded[used] = '\0';
    *(char **)value = decoded;
    return CERTENROLL_OK;
}

static size_t count_text(const void *value)
{
    return *(char *const *)value ? 1 : 0;
}

const struct ce_field_kind ce_kind_text = { count_text, write_text, read_text };

static size_t count_texts(const void *value)
{
    return ((const struct ce_texts *)value)->count;
}

static int write_texts(struct ce_buffer *out, const void *value, size_t index)
{
    return write_text(out, &((const struct ce_texts *)value)->list[index], 0);
}

static int read_texts(void *value, const struct ce_buffer *text)
{
    char *decoded = NULL;
    int status = read_text(&decoded, text);

    if (status == CERTENROLL_OK)
        status = ce_texts_add(value, decoded, NULL);
    free(decoded);
    return status;
}

const struct ce_field_kind ce_kind_texts = { count_texts, write_texts, read_texts };

/* --- bytes: a CKA_ID in hexadecimal, DER in base64 --- */

static size_t count_bytes(const void *value)
{
    return ((const struct ce_buffer *)value)->length > 0 ? 1 : 0;
}

static int write_id(struct ce_buffer *out, const void *value, size_t index)
{
    const struct ce_buffer *id = value;
    char hex[2 * CERTENROLL_ID_MAX + 1];

    (void)index;
    if (id->length > CERTENROLL_ID_MAX)
        return CERTENROLL_E_ARGUMENT;
    ce_hex(hex, sizeof(hex), id->data, id->length);
    return ce_field_put_word(out, hex);
}

static int read_id(void *value, const struct ce_buffer *text)
{
    unsigned char id[CERTENROLL_ID_MAX];

    if (text->length % 2 != 0 || text->length / 2 > sizeof(id))
        return CERTENROLL_E_JOURNAL;
    for (size_t i = 0; i < text->length / 2; i++) {
        int byte = ce_hex_octet((const char *)text->data + 2 * i);

        if (byte < 0)
            return CERTENROLL_E_JOURNAL;
        id[i] = (unsigned char)byte;
    }
    return ce_buffer_set(value, id, text->length / 2, NULL);
}

const struct ce_field_kind ce_kind_id = { count_bytes, write_id, read_id };

static size_t count_blobs(const void *value)
{
    return ((const struct ce_blobs *)value)->count;
}

static int write_ids(struct ce_buffer *out, const void *value, size_t index)
{
    return write_id(out, &((const struct ce_blobs *)value)->list[index], 0);
}

static int read_ids(void *value, const struct ce_buffer *text)
{
    struct ce_buffer id = { 0 };
    int status = read_id(&id, text);

    if (status == CERTENROLL_OK)
        status =
            id.length > 0 ? ce_blobs_add(value, id.data, id.length, NULL) : CERTENROLL_E_JOURNAL;
    ce_buffer_clear(&id);
    return status;
}

const struct ce_field_kind ce_kind_ids = { count_blobs, write_ids, read_ids };

/* Base64 without the line ends. */
static int write_der(struct ce_buffer *out, const void *value, size_t index)
{
    const struct ce_buffer *der = value;
    struct ce_buffer wrapped = { 0 };
    size_t used = 0;
    int status;

    (void)index;
    if (der->length > CE_CERTS_MAX_BYTES)
        return CERTENROLL_E_ARGUMENT;
    status = ce_base64_encode(&wrapped, der, NULL);
    for (size_t i = 0; i < wrapped.length; i++)
        if (wrapped.data[i] != '\n')
            wrapped.data[used++] = wrapped.data[i];
    if (status == CERTENROLL_OK)
        status = put(out, wrapped.data, used);
    ce_buffer_clear(&wrapped);
    return status;
}

static int read_der(void *value, const struct ce_buffer *text)
{
    int status = ce_base64_decode(value, text);

    return status == CERTENROLL_E_CERT_MALFORMED ? CERTENROLL_E_JOURNAL : status;
}

const struct ce_field_kind ce_kind_der = { count_bytes, write_der, read_der };

static int write_ders(struct ce_buffer *out, const void *value, size_t index)
{
    return write_der(out, &((const struct ce_blobs *)value)->list[index], 0);
}

static int read_ders(void *value, const struct ce_buffer *text)
{
    struct ce_buffer der = { 0 };
    int status = read_der(&der, text);

    if (status == CERTENROLL_OK)
        status = ce_blobs_add(value, der.data, der.length, NULL);
    ce_buffer_clear(&der);
    return status;
}

const struct ce_field_kind ce_kind_ders = { count_blobs, write_ders, read_ders };

/* --- numbers, moments and flags --- */

size_t ce_field_count_one(const void *value)
{
    (void)value;
    return 1;
}

size_t ce_field_count_number(const void *value)
{
    return *(const int64_t *)value != 0 ? 1 : 0;
}

static int write_number(struct ce_buffer *out, const void *value, size_t index)
{
    int64_t number = *(const int64_t *)value;
    char digits[NUMBER_DIGITS + 1];

    (void)index;
    if (number < 0 || number > NUMBER_MAX)
        return CERTENROLL_E_ARGUMENT;
    snprintf(digits, sizeof(digits), "%lu", (unsigned long)number);
    return ce_field_put_word(out, digits);
}

static int read_number(void *value, const struct ce_buffer *text)
{
    int64_t number = 0;

    if (text->length > NUMBER_DIGITS)
        return CERTENROLL_E_JOURNAL;
    for (size_t i = 0; i < text->length; i++) {
        if (text->data[i] < '0' || text->data[i] > '9')
            return CERTENROLL_E_JOURNAL;
        number = number * 10 + (text->data[i] - '0');
    }
    *(int64_t *)value = number;
    return number <= NUMBER_MAX ? CERTENROLL_OK : CERTENROLL_E_JOURNAL;
}

const struct ce_field_kind ce_kind_number = { ce_field_count_number, write_number, read_number };

static int write_time(struct ce_buffer *out, const void *value, size_t index)
{
    char text[CE_TIME_SIZE];

    (void)index;
    ce_time_format(text, *(const int64_t *)value);
    return text[0] ? ce_field_put_word(out, text) : CERTENROLL_E_ARGUMENT;
}

static int read_time(void *value, const struct ce_buffer *text)
{
    return ce_time_parse(value, (const char *)text->data) == 0 ? CERTENROLL_OK
                                                               : CERTENROLL_E_JOURNAL;
}

const struct ce_field_kind ce_kind_time = { ce_field_count_number, write_time, read_time };

static int write_flag(struct ce_buffer *out, const void *value, size_t index)
{
    (void)index;
    return ce_field_put_word(out, *(const int *)value ? "yes" : "no");
}

static int read_flag(void *value, const struct ce_buffer *text)
{
    *(int *)value = ce_field_is_word(text, "yes");
    return *(int *)value || ce_field_is_word(text, "no") ? CERTENROLL_OK : CERTENROLL_E_JOURNAL;
}

const struct ce_field_kind ce_kind_flag = { ce_field_count_one, write_flag, read_flag };

static size_t count_yes(const void *value)
{
    return *(const int *)value ? 1 : 0;
}

const struct ce_field_kind ce_kind_yes = { count_yes, write_flag, read_flag };
