/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a certenroll_key, for the files that make and use it. */
#ifndef CE_TOKEN_KEY_PAIR_H
#define CE_TOKEN_KEY_PAIR_H

#include "token/attribute.h"
#include "token/key.h"
#include "token/key_kind.h"

struct certenroll_key {
    ce_refcount references;
    certenroll_token *token;
    struct ce_public_value public;
    struct ce_buffer id;
    char *label;
    int always_authenticate; /* CKA_ALWAYS_AUTHENTICATE */
    int is_safe;             /* CKA_SENSITIVE and not CKA_EXTRACTABLE */
    int is_husk;             /* there is no key in it */
    int is_private;          /* CKA_CLASS says so: the search or the call that gave it may not */
    /* The private key object, under the token's mutex; worth something in that generation and with
     * that login only: after another one its number may be another object's. */
    CK_OBJECT_HANDLE handle;
    uint64_t handle_generation;
    uint64_t handle_login;
};

/* Non-zero when CKA_SENSITIVE and CKA_EXTRACTABLE say that the key cannot leave the token. */
int ce_attributes_are_safe(const struct ce_attributes *attributes);

/* A key from the attributes of its private object, read from `object`. Its public value is what
 * that object repeats, or still empty (type 0). */
int ce_key_from_private(certenroll_key **out, struct ce_session *session, CK_OBJECT_HANDLE object,
                        certenroll_error **error);

/* A pair as C_GenerateKeyPair gave it. */
struct ce_new_pair {
    const struct ce_buffer *id; /* that was asked for */
    CK_OBJECT_HANDLE public, private;
    const certenroll_key *key;              /* as it was read from the private one */
    const struct ce_public_value *not_this; /* NULL: any new value will do */
};

/* Whether it was made just now: two objects under the ID that was asked for, with a public value
 * that is not `not_this` and that one search finds under that ID alone (new_pair.c). 1, and `value`
 * is that of the pair, of type 0 where it is malformed; 0 and an error of CERTENROLL_E_TOKEN, and
 * then nothing that it may be is to be removed; negative on failure. */
int ce_new_pair_check(struct ce_public_value *value, struct ce_session *session,
                      const struct ce_new_pair *pair, certenroll_error **error);

/* The public value of a public key object: 1, 0 when it has none that is well formed, negative on
 * failure. `id` (may be NULL) receives its CKA_ID. */
int ce_public_object_read(struct ce_public_value *out, struct ce_buffer *id,
                          struct ce_session *session, CK_OBJECT_HANDLE object,
                          certenroll_error **error);

/* 1 when an object that is seen in the session bears the ID, 0 when none does, negative on failure.
 */
int ce_id_is_borne(struct ce_session *session, const struct ce_buffer *id,
                   certenroll_error **error);

/* A caller's ID, if it is one that the token can have. */
int ce_id_take(struct ce_buffer *out, const certenroll_token *token, const unsigned char *id,
               size_t length, certenroll_error **error);

/* ce_key_destroy() in a session; 1 where no private key was there to be removed. */
int ce_pair_destroy(struct ce_session *session, const struct ce_buffer *id,
                    const struct ce_public_value *value, certenroll_error **error);

/* Clears up after a key generation that the token refused half way: removes the key objects that
 * bear `id`, which nothing bore before, and husks. None of those is missed when it stays: only what
 * may be left under the ID is a failure. */
int ce_remains_remove(struct ce_session *session, const struct ce_buffer *id,
                      certenroll_error **error);

/* The private object in this session: remembered, or searched by CKA_ID and public value. */
int ce_key_resolve(CK_OBJECT_HANDLE *out, struct ce_session *session, certenroll_key *key,
                   certenroll_error **error);
void ce_key_remember(certenroll_key *key, CK_OBJECT_HANDLE handle,
                     const struct ce_session *session);
void ce_key_forget_handle(certenroll_key *key);

#endif
