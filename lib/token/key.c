/* SPDX-License-Identifier: Apache-2.0 */
#include "token/key.h"

#include "base/message.h"
#include "base/text.h"
#include "token/key_pair.h"

#include <stdlib.h>
#include <string.h>

/* --- one key --- */

certenroll_key *ce_key_ref(certenroll_key *key)
{
    ce_refcount_up(&key->references);
    return key;
}

void certenroll_key_free(certenroll_key *key)
{
    if (!key || !ce_refcount_down(&key->references))
        return;
    ce_public_value_clear(&key->public);
    ce_buffer_clear(&key->id);
    free(key->label);
    certenroll_token_free(key->token);
    free(key);
}

void ce_keys_free(certenroll_key **keys, size_t count)
{
    for (size_t i = 0; keys && i < count; i++)
        certenroll_key_free(keys[i]);
    free(keys);
}

certenroll_token *ce_key_token(const certenroll_key *key)
{
    return key->token;
}

const struct ce_public_value *ce_key_public(const certenroll_key *key)
{
    return &key->public;
}

int ce_key_is_safe(const certenroll_key *key)
{
    return key->is_safe;
}

certenroll_key_type certenroll_key_get_type(const certenroll_key *key)
{
    return key->public.type ? key->public.type : CERTENROLL_KEY_OTHER;
}

const unsigned char *certenroll_key_get_id(const certenroll_key *key, size_t *length)
{
    *length = key->id.length;
    return key->id.data;
}

const char *certenroll_key_get_label(const certenroll_key *key)
{
    return key->label;
}

/* --- reading objects --- */

int ce_attributes_are_safe(const struct ce_attributes *attributes)
{
    return ce_attribute_flag(attributes, CKA_SENSITIVE) == 1 &&
           ce_attribute_flag(attributes, CKA_EXTRACTABLE) == 0;
}

/* What SoftHSM 2.6 keeps of a private key when its process is killed in C_GenerateKeyPair: all that
 * the template said, and no key. CKA_LOCAL, because some token may leave out the material of keys
 * that are sound; a key that was generated to the end has it. */
static int is_husk(const struct ce_attributes *attributes)
{
    return ce_attribute_flag(attributes, CKA_LOCAL) != 1 &&
           (ce_attribute_is_empty(attributes, CKA_MODULUS) ||
            ce_attribute_is_empty(attributes, CKA_EC_PARAMS));
}

static int fill_key(certenroll_key *key, const struct ce_attributes *attributes,
                    certenroll_error **error)
{
    const CK_ATTRIBUTE *label = ce_attribute(attributes, CKA_LABEL);
    const size_t label_length = label ? label->ulValueLen : 0;
    int status = ce_public_value_read(&key->public, attributes, error);

    if (status == 0)
        ce_public_value_clear(&key->public);
    if (status >= 0)
        status = ce_attribute_copy(&key->id, attributes, CKA_ID, error);
    if (status < 0)
        return status;
    key->label = calloc(1, label_length + 1);
    if (!key->label)
        return certenroll_error_set_memory(error);
    ce_text_clean(key->label, label_length + 1, label ? label->pValue : "", label_length);
    key->always_authenticate = ce_attribute_flag(attributes, CKA_ALWAYS_AUTHENTICATE) == 1;
    key->is_safe = ce_attributes_are_safe(attributes);
    key->is_husk = is_husk(attributes);
    key->is_private = ce_attribute_number(attributes, CKA_CLASS) == CKO_PRIVATE_KEY;
    return CERTENROLL_OK;
}

int ce_key_from_private(certenroll_key **out, struct ce_session *session, CK_OBJECT_HANDLE object,
                        certenroll_error **error)
{
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_KEY_TYPE,        CKA_ID,
        CKA_LABEL,           CKA_SENSITIVE,
        CKA_EXTRACTABLE,     CKA_ALWAYS_AUTHENTICATE,
        CKA_MODULUS,         CKA_PUBLIC_EXPONENT,
        CKA_EC_PARAMS,       CKA_EC_POINT,
        CKA_PUBLIC_KEY_INFO, CKA_LOCAL,
        CKA_CLASS,
    };
    struct ce_attributes attributes;
    certenroll_key *key = NULL;
    int status = ce_attributes_read(&attributes, session, object, types,
                                    sizeof(types) / sizeof(types[0]), error);

    if (status == CERTENROLL_OK) {
        key = calloc(1, sizeof(*key));
        if (!key)
            status = certenroll_error_set_memory(error);
    }
    if (status == CERTENROLL_OK) {
        ce_refcount_init(&key->references);
        key->token = ce_token_ref(session->token);
        status = fill_key(key, &attributes, error);
    }
    if (status == CERTENROLL_OK) {
        ce_key_remember(key, object, session);
    } else {
        certenroll_key_free(key);
        key = NULL;
    }
    *out = key;
    ce_attributes_free(&attributes);
    return status;
}

int ce_public_object_read(struct ce_public_value *out, struct ce_buffer *id,
                          struct ce_session *session, CK_OBJECT_HANDLE object,
                          certenroll_error **error)
{
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_KEY_TYPE, CKA_ID, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_EC_PARAMS, CKA_EC_POINT,
    };
    struct ce_attributes attributes;
    int status = ce_attributes_read(&attributes, session, object, types,
                                    sizeof(types) / sizeof(types[0]), error);

    memset(out, 0, sizeof(*out));
    if (status == CERTENROLL_OK)
        status = ce_public_value_read(out, &attributes, error);
    if (status == 1 && id && ce_attribute_copy(id, &attributes, CKA_ID, error) < 0)
        status = CERTENROLL_E_MEMORY;
    if (status != 1)
        ce_public_value_clear(out);
    ce_attributes_free(&attributes);
    return status;
}

/* --- the handle --- */

void ce_key_remember(certenroll_key *key, CK_OBJECT_HANDLE handle, const struct ce_session *session)
{
    ce_mutex_lock(key->token->mutex);
    key->handle = handle;
    key->handle_generation = session->generation;
    key->handle_login = session->login;
    ce_mutex_unlock(key->token->mutex);
}

void ce_key_forget_handle(certenroll_key *key)
{
    ce_mutex_lock(key->token->mutex);
    key->handle_generation = 0;
    ce_mutex_unlock(key->token->mutex);
}
