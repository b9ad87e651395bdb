/* SPDX-License-Identifier: Apache-2.0 */
/* jansson, loaded when an RA gives its first reason in JSON and not before: who enrols without such
 * an RA needs it nowhere, and where it is missing nothing fails. */
#ifndef CE_PROTOCOL_JANSSON_H
#define CE_PROTOCOL_JANSSON_H

#include <jansson.h>

/* Its functions, under their names without "json_". */
struct jansson {
    json_t *(*loadb)(const char *text, size_t length, size_t flags, json_error_t *error);
    void (*delete)(json_t *json); /* of what loadb gave */
    json_t *(*object_get)(const json_t *object, const char *name);
    size_t (*array_size)(const json_t *array);
    json_t *(*array_get)(const json_t *array, size_t index);
    const char *(*string_value)(const json_t *string);
};

/* Loads it the first time; it stays until the process ends. NULL where there is none. From any
 * thread. */
const struct jansson *jansson_load(void);

#endif
