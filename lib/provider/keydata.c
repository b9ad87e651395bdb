/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/keydata.h"

#include "provider/raise.h"

#include <stdlib.h>

struct ce_keydata *ce_keydata_new(const struct ce_algorithm *algorithm)
{
    struct ce_keydata *key = calloc(1, sizeof(*key));

    if (!key) {
        ce_provider_refuse_memory();
        return NULL;
    }
    ce_refcount_init(&key->references);
    key->algorithm = algorithm;
    return key;
}

struct ce_keydata *ce_keydata_ref(struct ce_keydata *key)
{
    ce_refcount_up(&key->references);
    return key;
}

void ce_keydata_free(struct ce_keydata *key)
{
    if (!key || !ce_refcount_down(&key->references))
        return;
    certenroll_key_free(key->key);
    EVP_PKEY_free(key->public_key);
    free(key);
}
