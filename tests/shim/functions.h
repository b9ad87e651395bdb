/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of PKCS#11 v2.40 in the order of CK_FUNCTION_LIST, each with its parameters and
 * how to pass them on. C_GetFunctionList is not among them: a module answers it by itself.
 *
 * BEHIND: the slot that stands behind the one that was named, see removal.h.
 *
 * FUNCTION for those that are only passed on, ALTERED for those the shim has more to do with. */
#ifndef SHIM_FUNCTIONS_H
#define SHIM_FUNCTIONS_H

#include <p11-kit/pkcs11.h>

/* clang-format off */
#define S CK_SESSION_HANDLE session
#define BEHIND removal_behind(slot)
#define BYTES(name) unsigned char *name, unsigned long name##_length
#define ROOM(name) unsigned char *name, unsigned long *name##_length
#define TEMPLATE CK_ATTRIBUTE *attributes, unsigned long attribute_count

#define SHIM_FUNCTIONS(FUNCTION, ALTERED) \
FUNCTION(C_Initialize, (void *arguments), (arguments)) \
FUNCTION(C_Finalize, (void *reserved), (reserved)) \
FUNCTION(C_GetInfo, (CK_INFO *info), (info)) \
ALTERED(C_GetSlotList, (unsigned char present, CK_SLOT_ID *slots, unsigned long *count), \
         (present, slots, count)) \
ALTERED(C_GetSlotInfo, (CK_SLOT_ID slot, CK_SLOT_INFO *info), (slot, info)) \
ALTERED(C_GetTokenInfo, (CK_SLOT_ID slot, CK_TOKEN_INFO *info), (BEHIND, info)) \
FUNCTION(C_GetMechanismList, (CK_SLOT_ID slot, CK_MECHANISM_TYPE *mechanisms, \
         unsigned long *count), \
         (BEHIND, mechanisms, count)) \
FUNCTION(C_GetMechanismInfo, (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info), \
         (BEHIND, type, info)) \
ALTERED(C_InitToken, (CK_SLOT_ID slot, BYTES(pin), unsigned char *label), \
         (BEHIND, pin, pin_length, label)) \
ALTERED(C_InitPIN, (S, BYTES(pin)), (session, pin, pin_length)) \
ALTERED(C_SetPIN, (S, BYTES(old), BYTES(new)), (session, old, old_length, new, new_length)) \
FUNCTION(C_OpenSession, (CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify, \
         CK_SESSION_HANDLE *session), \
         (BEHIND, flags, application, notify, session)) \
FUNCTION(C_CloseSession, (S), (session)) \
FUNCTION(C_CloseAllSessions, (CK_SLOT_ID slot), (BEHIND)) \
FUNCTION(C_GetSessionInfo, (S, CK_SESSION_INFO *info), (session, info)) \
FUNCTION(C_GetOperationState, (S, ROOM(state)), (session, state, state_length)) \
FUNCTION(C_SetOperationState, (S, BYTES(state), CK_OBJECT_HANDLE encryption, \
         CK_OBJECT_HANDLE authentication), \
         (session, state, state_length, encryption, authentication)) \
ALTERED(C_Login, (S, CK_USER_TYPE user, BYTES(pin)), (session, user, pin, pin_length)) \
FUNCTION(C_Logout, (S), (session)) \
ALTERED(C_CreateObject, (S, TEMPLATE, CK_OBJECT_HANDLE *object), \
         (session, attributes, attribute_count, object)) \
FUNCTION(C_CopyObject, (S, CK_OBJECT_HANDLE object, TEMPLATE, CK_OBJECT_HANDLE *copy), \
         (session, object, attributes, attribute_count, copy)) \
ALTERED(C_DestroyObject, (S, CK_OBJECT_HANDLE object), (session, object)) \
FUNCTION(C_GetObjectSize, (S, CK_OBJECT_HANDLE object, unsigned long *size), \
         (session, object, size)) \
ALTERED(C_GetAttributeValue, (S, CK_OBJECT_HANDLE object, TEMPLATE), \
         (session, object, attributes, attribute_count)) \
FUNCTION(C_SetAttributeValue, (S, CK_OBJECT_HANDLE object, TEMPLATE), \
         (session, object, attributes, attribute_count)) \
ALTERED(C_FindObjectsInit, (S, TEMPLATE), (session, attributes, attribute_count)) \
ALTERED(C_FindObjects, (S, CK_OBJECT_HANDLE *objects, unsigned long limit, \
         unsigned long *count), \
         (session, objects, limit, count)) \
FUNCTION(C_FindObjectsFinal, (S), (session)) \
FUNCTION(C_EncryptInit, (S, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
         (session, mechanism, key)) \
FUNCTION(C_Encrypt, (S, BYTES(data), ROOM(out)), (session, data, data_length, out, out_length)) \
FUNCTION(C_EncryptUpdate, (S, BYTES(part), ROOM(out)), \
         (session, part, part_length, out, out_length)) \
FUNCTION(C_EncryptFinal, (S, ROOM(out)), (session, out, out_length)) \
FUNCTION(C_DecryptInit, (S, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
         (session, mechanism, key)) \
FUNCTION(C_Decrypt, (S, BYTES(data), ROOM(out)), (session, data, data_length, out, out_length)) \
FUNCTION(C_DecryptUpdate, (S, BYTES(part), ROOM(out)), \
         (session, part, part_length, out, out_length)) \
FUNCTION(C_DecryptFinal, (S, ROOM(out)), (session, out, out_length)) \
FUNCTION(C_DigestInit, (S, CK_MECHANISM *mechanism), (session, mechanism)) \
FUNCTION(C_Digest, (S, BYTES(data), ROOM(out)), (session, data, data_length, out, out_length)) \
FUNCTION(C_DigestUpdate, (S, BYTES(part)), (session, part, part_length)) \
FUNCTION(C_DigestKey, (S, CK_OBJECT_HANDLE key), (session, key)) \
FUNCTION(C_DigestFinal, (S, ROOM(out)), (session, out, out_length)) \
FUNCTION(C_SignInit, (S, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
         (session, mechanism, key)) \
FUNCTION(C_Sign, (S, BYTES(data), ROOM(out)), (session, data, data_length, out, out_length)) \
FUNCTION(C_SignUpdate, (S, BYTES(part)), (session, part, part_length)) \
FUNCTION(C_SignFinal, (S, ROOM(out)), (session, out, out_length)) \
FUNCTION(C_SignRecoverInit, (S, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
         (session, mechanism, key)) \
FUNCTION(C_SignRecover, (S, BYTES(data), ROOM(out)), \
         (session, data, data_length, out, out_length)) \
FUNCTION(C_VerifyInit, (S, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
         (session, mechanism, key)) \
FUNCTION(C_Verify, (S, BYTES(data), BYTES(signature)), \
         (session, data, data_length, signature, signature_length)) \
FUNCTION(C_VerifyUpdate, (S, BYTES(part)), (session, part, part_length)) \
FUNCTION(C_VerifyFinal, (S, BYTES(signature)), (session, signature, signature_length)) \
FUNCTION(C_VerifyRecoverInit, (S, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
         (session, mechanism, key)) \
FUNCTION(C_VerifyRecover, (S, BYTES(signature), ROOM(out)), \
         (session, signature, signature_length, out, out_length)) \
FUNCTION(C_DigestEncryptUpdate, (S, BYTES(part), ROOM(out)), \
         (session, part, part_length, out, out_length)) \
FUNCTION(C_DecryptDigestUpdate, (S, BYTES(part), ROOM(out)), \
         (session, part, part_length, out, out_length)) \
FUNCTION(C_SignEncryptUpdate, (S, BYTES(part), ROOM(out)), \
         (session, part, part_length, out, out_length)) \
FUNCTION(C_DecryptVerifyUpdate, (S, BYTES(part), ROOM(out)), \
         (session, part, part_length, out, out_length)) \
FUNCTION(C_GenerateKey, (S, CK_MECHANISM *mechanism, TEMPLATE, CK_OBJECT_HANDLE *key), \
         (session, mechanism, attributes, attribute_count, key)) \
ALTERED(C_GenerateKeyPair, (S, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public, \
         unsigned long public_count, CK_ATTRIBUTE *private, unsigned long private_count, \
         CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key), \
         (session, mechanism, public, public_count, private, private_count, public_key, \
         private_key)) \
FUNCTION(C_WrapKey, (S, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping, \
         CK_OBJECT_HANDLE key, ROOM(out)), \
         (session, mechanism, wrapping, key, out, out_length)) \
FUNCTION(C_UnwrapKey, (S, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE unwrapping, BYTES(wrapped), \
         TEMPLATE, CK_OBJECT_HANDLE *key), \
         (session, mechanism, unwrapping, wrapped, wrapped_length, attributes, attribute_count, \
         key)) \
FUNCTION(C_DeriveKey, (S, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base, TEMPLATE, \
         CK_OBJECT_HANDLE *key), \
         (session, mechanism, base, attributes, attribute_count, key)) \
FUNCTION(C_SeedRandom, (S, BYTES(seed)), (session, seed, seed_length)) \
FUNCTION(C_GenerateRandom, (S, BYTES(out)), (session, out, out_length)) \
FUNCTION(C_GetFunctionStatus, (S), (session)) \
FUNCTION(C_CancelFunction, (S), (session)) \
FUNCTION(C_WaitForSlotEvent, (CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved), \
         (flags, slot, reserved))
/* clang-format on */

#endif
