/* SPDX-License-Identifier: Apache-2.0 */
#include "lies.h"

#include "control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_MAX 64

/* A CKA_ID. */
struct id {
    unsigned char bytes[ID_MAX];
    CK_ULONG length;
};

/* The pair that is given for a new one, and what it is to bear (generate-claimed). */
static struct {
    CK_OBJECT_HANDLE public, private;
    struct id own, claimed;
} pair;

static CK_ULONG reads;
static CK_OBJECT_HANDLE last;
static int has_given; /* in the present search */

/* --- what is on the token, in a session of its own --- */

static CK_OBJECT_HANDLE first_of_class(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE beside,
                                       CK_OBJECT_CLASS class, const struct id *id)
{
    CK_ATTRIBUTE template[] = {
        { CKA_CLASS, &class, sizeof(class) },
        { CKA_ID, id != NULL ? (void *)(size_t)id->bytes : NULL, id != NULL ? id->length : 0 },
    };
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    CK_SESSION_HANDLE session;
    CK_SESSION_INFO info;
    CK_ULONG count = 0;

    if (real->C_GetSessionInfo(beside, &info) != CKR_OK ||
        real->C_OpenSession(info.slotID, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
        return CK_INVALID_HANDLE;
    if (real->C_FindObjectsInit(session, template, id != NULL ? 2 : 1) == CKR_OK &&
        real->C_FindObjects(session, &handle, 1, &count) == CKR_OK)
        real->C_FindObjectsFinal(session);
    real->C_CloseSession(session);
    return count > 0 ? handle : CK_INVALID_HANDLE;
}

/* --- key pairs --- */

static CK_ATTRIBUTE *find_attribute(CK_ATTRIBUTE *attributes, CK_ULONG count,
                                    CK_ATTRIBUTE_TYPE type)
{
    for (CK_ULONG i = 0; i < count; i++) {
        if (attributes[i].type == type)
            return &attributes[i];
    }
    return NULL;
}

static CK_RV give_existing(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE session,
                           const struct lies_pair *wanted)
{
    const CK_ATTRIBUTE *id = find_attribute(wanted->private, wanted->private_count, CKA_ID);
    CK_ATTRIBUTE own = { CKA_ID, pair.own.bytes, ID_MAX };

    pair.private = first_of_class(real, session, CKO_PRIVATE_KEY, NULL);
    if (pair.private == CK_INVALID_HANDLE ||
        real->C_GetAttributeValue(session, pair.private, &own, 1) != CKR_OK)
        return CKR_GENERAL_ERROR;
    pair.own.length = own.ulValueLen;
    pair.public = first_of_class(real, session, CKO_PUBLIC_KEY, &pair.own);
    pair.claimed.length = 0;
    if (control_lies("generate-claimed") && id != NULL && id->ulValueLen <= ID_MAX) {
        memcpy(pair.claimed.bytes, id->pValue, id->ulValueLen);
        pair.claimed.length = id->ulValueLen;
    }
    *wanted->public_key = pair.public;
    *wanted->private_key = pair.private;
    return CKR_OK;
}

/* The pair is made; `shift` changes the first byte of its CKA_ID. */
static CK_RV make(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                  const struct lies_pair *wanted, unsigned char shift)
{
    CK_ATTRIBUTE *ids[] = {
        find_attribute(wanted->public, wanted->public_count, CKA_ID),
        find_attribute(wanted->private, wanted->private_count, CKA_ID),
    };
    unsigned char bytes[ID_MAX];

    for (size_t i = 0; shift != 0 && i < 2; i++) {
        memcpy(bytes, ids[i]->pValue, ids[i]->ulValueLen);
        bytes[0] ^= shift;
        ids[i]->pValue = bytes;
    }
    return real->C_GenerateKeyPair(session, mechanism, wanted->public, wanted->public_count,
                                   wanted->private, wanted->private_count, wanted->public_key,
                                   wanted->private_key);
}

CK_RV lies_generate(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                    const struct lies_pair *wanted)
{
    CK_RV rv;

    if (control_lies("generate-existing") || control_lies("generate-claimed"))
        return give_existing(real, session, wanted);
    rv = make(real, session, mechanism, wanted, control_lies("generate-other-id") ? 0x55 : 0);
    if (rv == CKR_OK && control_lies("generate-private-twice"))
        *wanted->public_key = *wanted->private_key;
    if (rv == CKR_OK && control_lies("generate-public-twice"))
        *wanted->private_key = *wanted->public_key;
    return rv;
}

/* --- reading --- */

static void claim_id(CK_ATTRIBUTE *id, CK_OBJECT_HANDLE object)
{
    if (id == NULL || pair.claimed.length == 0 || !control_lies("generate-claimed") ||
        (object != pair.public && object != pair.private))
        return;
    if (id->pValue != NULL)
        memcpy(id->pValue, pair.claimed.bytes, pair.claimed.length);
    id->ulValueLen = pair.claimed.length;
}

static void falsify(const CK_ATTRIBUTE *value)
{
    if (value != NULL && value->pValue != NULL && value->ulValueLen > 8 &&
        value->ulValueLen != CK_UNAVAILABLE_INFORMATION && control_lies("values"))
        ((unsigned char *)value->pValue)[value->ulValueLen - 1] ^= (unsigned char)++reads;
}

static void malform(const CK_ATTRIBUTE *point)
{
    if (point != NULL && point->pValue != NULL && point->ulValueLen > 8 &&
        point->ulValueLen != CK_UNAVAILABLE_INFORMATION && control_lies("malformed"))
        ((unsigned char *)point->pValue)[0] ^= 1;
}

CK_RV lies_read(CK_RV rv, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    claim_id(find_attribute(attributes, count, CKA_ID), object);
    falsify(find_attribute(attributes, count, CKA_MODULUS));
    falsify(find_attribute(attributes, count, CKA_EC_POINT));
    malform(find_attribute(attributes, count, CKA_EC_POINT));
    return rv;
}

/* --- searching --- */

CK_RV lies_find_begin(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
                      CK_ULONG count)
{
    CK_ATTRIBUTE template[16];
    CK_ATTRIBUTE *id;

    has_given = 0;
    last = CK_INVALID_HANDLE;
    if (count > 16)
        abort();
    if (count > 0)
        memcpy(template, attributes, count * sizeof(*template));
    if (control_lies("find-by-id-alone") &&
        (find_attribute(template, count, CKA_MODULUS) != NULL ||
         find_attribute(template, count, CKA_EC_POINT) != NULL ||
         find_attribute(template, count, CKA_VALUE) != NULL))
        has_given = 1;
    id = find_attribute(template, count, CKA_ID);
    if (id != NULL && pair.claimed.length > 0 && id->ulValueLen == pair.claimed.length &&
        control_lies("generate-claimed") &&
        memcmp(id->pValue, pair.claimed.bytes, id->ulValueLen) == 0) {
        id->pValue = pair.own.bytes;
        id->ulValueLen = pair.own.length;
    }
    return real->C_FindObjectsInit(session, count > 0 ? template : attributes, count);
}

/* One handle, once in a search. */
static CK_RV give_foreign(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE session,
                          CK_OBJECT_HANDLE *objects, CK_ULONG *count)
{
    objects[0] = first_of_class(real, session, CKO_PRIVATE_KEY, NULL);
    *count = !has_given && objects[0] != CK_INVALID_HANDLE;
    has_given = 1;
    return CKR_OK;
}

CK_RV lies_find(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects,
                CK_ULONG limit, CK_ULONG *count)
{
    CK_RV rv;

    if (control_lies("find-nothing") || (control_lies("find-by-id-alone") && has_given)) {
        *count = 0;
        return CKR_OK;
    }
    if (control_lies("find-foreign"))
        return give_foreign(real, session, objects, count);
    if (control_lies("find-one") || control_lies("find-endless"))
        limit = 1;
    if (control_lies("find-twice"))
        limit /= 2;
    rv = real->C_FindObjects(session, objects, limit, count);
    if (rv != CKR_OK)
        return rv;
    if (control_lies("find-twice")) {
        memcpy(objects + *count, objects, *count * sizeof(*objects));
        *count *= 2;
    }
    if (*count > 0)
        last = objects[0];
    if (*count == 0 && control_lies("find-endless") && last != CK_INVALID_HANDLE) {
        objects[0] = last;
        *count = 1;
    }
    return CKR_OK;
}
