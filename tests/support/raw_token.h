/* SPDX-License-Identifier: Apache-2.0 */
/* The one SoftHSM token of a test, looked at and altered past the library; and the module as the
 * library has it, with functions of it replaced. */
#ifndef TEST_RAW_TOKEN_H
#define TEST_RAW_TOKEN_H

#include "shimmed_token.h"

#include <p11-kit/pkcs11.h>

/* A session of its own. What it sees of private objects hangs on the library's login. */
struct raw_token {
    CK_FUNCTION_LIST *module;
    CK_SESSION_HANDLE session;
};

struct raw_token raw_open(void);
void raw_close(struct raw_token *raw);

#define RAW_OBJECTS_MAX 64
CK_ULONG raw_objects(CK_OBJECT_HANDLE *objects, const struct raw_token *raw);
int raw_flag(const struct raw_token *raw, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
CK_OBJECT_CLASS raw_class(const struct raw_token *raw, CK_OBJECT_HANDLE object);

/* C_GenerateKeyPair of a P-256 (RSA-2048) pair with this CKA_ID; `more`: one more flag in the
 * public template, CKA_VERIFY where nothing is to be wrong. */
CK_RV raw_generate(const struct raw_token *raw, const unsigned char *id, CK_ULONG id_length,
                   CK_ATTRIBUTE_TYPE more);
CK_RV raw_generate_rsa(const struct raw_token *raw, const unsigned char *id, CK_ULONG id_length);

/* In a session of their own: the number of objects; of one class; and the end of the first one of a
 * class. */
size_t objects_on_token(void);
size_t objects_of_class(CK_OBJECT_CLASS class);
void remove_one_of_class(CK_OBJECT_CLASS class);

/* The library's function list, a copy of the shim's, for replacing functions in it until
 * module_restore(). */
CK_FUNCTION_LIST *module_replace(struct shimmed_token *shimmed);
void module_restore(struct shimmed_token *shimmed);
/* The functions as they were, for a replacement to pass calls on to. */
extern CK_FUNCTION_LIST *module_replaced;

#endif
