/* SPDX-License-Identifier: Apache-2.0 */
/* A module may return anything. Lines "lie WHICH" of the control file:
 *
 *     generate-existing      C_GenerateKeyPair makes nothing and gives the first pair on the token
 *     generate-claimed       the same, and from then on that pair bears the CKA_ID that was asked
 *                            for, in searches and when it is read: a liar who thinks of everything
 *     generate-private-twice the pair is made, and its private handle given for both halves
 *     generate-public-twice  the same with the public one
 *     generate-other-id      the pair is made under another CKA_ID
 *     values                 moduli and points are other ones at each read
 *     malformed              points are no points, and always the same
 *     find-nothing           searches give nothing
 *     find-by-id-alone       searches by a value give nothing, as of a token that cannot
 *     find-foreign           searches give the first private key on the token, whatever they are
 * for find-twice             each handle comes twice find-one               one handle at a time
 *     find-endless           the last handle comes again and again
 *     destroy-kept           C_DestroyObject says CKR_OK and keeps the object */
#ifndef SHIM_LIES_H
#define SHIM_LIES_H

#include <p11-kit/pkcs11.h>

struct lies_pair {
    CK_ATTRIBUTE *public;
    CK_ULONG public_count;
    CK_ATTRIBUTE *private;
    CK_ULONG private_count;
    CK_OBJECT_HANDLE *public_key, *private_key;
};

CK_RV lies_generate(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                    const struct lies_pair *pair);

/* What was read of an object, with this answer, made untrue. */
CK_RV lies_read(CK_RV rv, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count);

CK_RV lies_find_begin(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
                      CK_ULONG count);
CK_RV lies_find(CK_FUNCTION_LIST *real, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects,
                CK_ULONG limit, CK_ULONG *count);

#endif
