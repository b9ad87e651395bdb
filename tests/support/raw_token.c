/* SPDX-License-Identifier: Apache-2.0 */
#include "raw_token.h"

#include "check.h"
#include "token/session.h"

#include <p11-kit/p11-kit.h>

struct raw_token raw_open(void)
{
    struct raw_token raw = { p11_kit_module_load(softhsm_module(), 0), 0 };
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;

    assert_non_null(raw.module);
    assert_int_equal(p11_kit_module_initialize(raw.module), CKR_OK);
    assert_int_equal(raw.module->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(raw.module->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
                                               NULL, &raw.session),
                     CKR_OK);
    return raw;
}

void raw_close(struct raw_token *raw)
{
    p11_kit_module_finalize(raw->module);
    p11_kit_module_release(raw->module);
}

CK_ULONG raw_objects(CK_OBJECT_HANDLE *objects, const struct raw_token *raw)
{
    CK_ULONG count = 0;

    assert_int_equal(raw->module->C_FindObjectsInit(raw->session, NULL, 0), CKR_OK);
    assert_int_equal(raw->module->C_FindObjects(raw->session, objects, RAW_OBJECTS_MAX, &count),
                     CKR_OK);
    raw->module->C_FindObjectsFinal(raw->session);
    return count;
}

int raw_flag(const struct raw_token *raw, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    CK_BBOOL value = 2;
    CK_ATTRIBUTE attribute = { type, &value, sizeof(value) };

    assert_int_equal(raw->module->C_GetAttributeValue(raw->session, object, &attribute, 1), CKR_OK);
    return value;
}

CK_OBJECT_CLASS raw_class(const struct raw_token *raw, CK_OBJECT_HANDLE object)
{
    CK_OBJECT_CLASS class = 0;
    CK_ATTRIBUTE attribute = { CKA_CLASS, &class, sizeof(class) };

    assert_int_equal(raw->module->C_GetAttributeValue(raw->session, object, &attribute, 1), CKR_OK);
    return class;
}

/* --- key pairs --- */

static CK_RV generate(const struct raw_token *raw, CK_MECHANISM_TYPE type, CK_ATTRIBUTE *public,
                      CK_ULONG public_count, const unsigned char *id, CK_ULONG id_length)
{
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE private[] = {
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_PRIVATE, &yes, sizeof(yes) },
        { CKA_SIGN, &yes, sizeof(yes) },
        { CKA_ID, (void *)(uintptr_t)id, id_length },
    };
    CK_MECHANISM mechanism = { type, NULL, 0 };
    CK_OBJECT_HANDLE one, other;

    return raw->module->C_GenerateKeyPair(raw->session, &mechanism, public, public_count, private,
                                          4, &one, &other);
}

CK_RV raw_generate(const struct raw_token *raw, const unsigned char *id, CK_ULONG id_length,
                   CK_ATTRIBUTE_TYPE more)
{
    CK_BBOOL yes = CK_TRUE;
    unsigned char curve[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
    CK_ATTRIBUTE public[] = {
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_ID, (void *)(uintptr_t)id, id_length },
        { CKA_EC_PARAMS, curve, sizeof(curve) },
        { more, &yes, sizeof(yes) },
    };

    return generate(raw, CKM_EC_KEY_PAIR_GEN, public, 4, id, id_length);
}

CK_RV raw_generate_rsa(const struct raw_token *raw, const unsigned char *id, CK_ULONG id_length)
{
    CK_BBOOL yes = CK_TRUE;
    CK_ULONG bits = 2048;
    CK_ATTRIBUTE public[] = {
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_ID, (void *)(uintptr_t)id, id_length },
        { CKA_MODULUS_BITS, &bits, sizeof(bits) },
    };

    return generate(raw, CKM_RSA_PKCS_KEY_PAIR_GEN, public, 3, id, id_length);
}

/* --- in a session of their own --- */

size_t objects_on_token(void)
{
    CK_OBJECT_HANDLE objects[RAW_OBJECTS_MAX];
    struct raw_token raw = raw_open();
    size_t count = raw_objects(objects, &raw);

    raw_close(&raw);
    return count;
}

/* Counts those of a class, and removes the first one if so wanted. */
static size_t count_class(CK_OBJECT_CLASS class, int remove_one)
{
    CK_OBJECT_HANDLE objects[RAW_OBJECTS_MAX];
    struct raw_token raw = raw_open();
    CK_ULONG count = raw_objects(objects, &raw);
    size_t found = 0;

    for (CK_ULONG i = 0; i < count; i++) {
        if (raw_class(&raw, objects[i]) != class)
            continue;
        if (found++ == 0 && remove_one)
            assert_int_equal(raw.module->C_DestroyObject(raw.session, objects[i]), CKR_OK);
    }
    raw_close(&raw);
    return found;
}

size_t objects_of_class(CK_OBJECT_CLASS class)
{
    return count_class(class, 0);
}

void remove_one_of_class(CK_OBJECT_CLASS class)
{
    assert_true(count_class(class, 1) > 0);
}

/* --- functions replaced --- */

CK_FUNCTION_LIST *module_replaced;
static CK_FUNCTION_LIST replacing;

CK_FUNCTION_LIST *module_replace(struct shimmed_token *shimmed)
{
    module_replaced = shimmed->token->module.functions;
    replacing = *module_replaced;
    shimmed->token->module.functions = &replacing;
    return &replacing;
}

void module_restore(struct shimmed_token *shimmed)
{
    shimmed->token->module.functions = module_replaced;
}
