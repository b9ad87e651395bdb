/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/jansson.h"

#include "base/platform.h"

#include <openssl/crypto.h>

#include <stddef.h>

#define EACH_FUNCTION(X)                                                                           \
    X(loadb)                                                                                       \
    X(delete)                                                                                      \
    X(object_get)                                                                                  \
    X(array_size)                                                                                  \
    X(array_get)                                                                                   \
    X(string_value)

/* Our declarations held against those of <jansson.h>; sizeof evaluates nothing, so that no
 * reference to jansson comes of it. */
#define COMPARE(name) .name = json_##name,
#define FIELD_SIZE(name) +sizeof(((struct jansson *)0)->name)
_Static_assert(sizeof((struct jansson){ EACH_FUNCTION(COMPARE) }) == 0 EACH_FUNCTION(FIELD_SIZE),
               "a function of struct jansson is not in EACH_FUNCTION");

#define ROW(name) { "json_" #name, offsetof(struct jansson, name) },
static const struct ce_symbol symbols[] = { EACH_FUNCTION(ROW) };

/* Written once, by load(). */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static struct jansson table;
static int usable;

static void load(void)
{
    char reason[256];

    usable = ce_library_load(&table, JANSSON_SONAME, symbols, sizeof(symbols) / sizeof(symbols[0]),
                             reason, sizeof(reason)) == 0;
}

const struct jansson *jansson_load(void)
{
    return CRYPTO_THREAD_run_once(&once, load) && usable ? &table : NULL;
}
