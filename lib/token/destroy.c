/* SPDX-License-Identifier: Apache-2.0 */
/* Removing a key pair. A private key that does not repeat its public value can be told by its
 * public object alone, so the private one goes first: whoever was ended in between finds the rest.
 */
#include "base/message.h"
#include "base/text.h"
#include "token/ck_rv.h"
#include "token/husk.h"
#include "token/key.h"
#include "token/key_pair.h"
#include "token/quirks.h"

#include <stdlib.h>
#include <string.h>

/* One key object that bears the ID. */
struct key_object {
    CK_OBJECT_HANDLE handle;
    CK_KEY_TYPE type;
    struct ce_public_value value; /* type 0: it states none */
};

/* Those of one class. */
struct key_objects {
    struct key_object *list;
    size_t count;
};

struct destruction {
    const struct ce_buffer *id;
    const struct ce_public_value *value; /* NULL: all that bears the ID */
};

/* --- what is there --- */

static void clear_objects(struct key_objects *objects)
{
    for (size_t i = 0; i < objects->count; i++)
        ce_public_value_clear(&objects->list[i].value);
    free(objects->list);
    memset(objects, 0, sizeof(*objects));
}

/* Takes the object in if it is what the search was for. */
static int read_object(struct key_objects *out, struct ce_session *session,
                       const struct destruction *destruction, CK_OBJECT_CLASS class,
                       CK_OBJECT_HANDLE handle, certenroll_error **error)
{
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_CLASS,           CKA_ID,        CKA_KEY_TYPE, CKA_MODULUS,
        CKA_PUBLIC_EXPONENT, CKA_EC_PARAMS, CKA_EC_POINT, CKA_PUBLIC_KEY_INFO,
    };
    struct key_object *object = &out->list[out->count];
    struct ce_attributes attributes;
    int status = ce_attributes_read(&attributes, session, handle, types,
                                    sizeof(types) / sizeof(types[0]), error);

    if (status == CERTENROLL_OK && ce_attributes_bear(&attributes, class, destruction->id)) {
        out->count++;
        object->handle = handle;
        object->type = ce_attribute_number(&attributes, CKA_KEY_TYPE);
        status = ce_public_value_read(&object->value, &attributes, error);
        if (status == 0)
            ce_public_value_clear(&object->value);
    }
    ce_attributes_free(&attributes);
    return status < 0 ? status : CERTENROLL_OK;
}

static int read_objects(struct key_objects *out, struct ce_session *session,
                        const struct destruction *destruction, CK_OBJECT_CLASS class,
                        certenroll_error **error)
{
    struct ce_template template = { .count = 0 };
    CK_OBJECT_HANDLE *handles;
    size_t count;
    int status;

    memset(out, 0, sizeof(*out));
    ce_template_add(&template, CKA_CLASS, &class, sizeof(class));
    ce_template_add(&template, CKA_ID, destruction->id->data, destruction->id->length);
    status = ce_objects_find(&handles, &count, session, template.list, template.count, error);
    if (status < 0)
        return status;
    out->list = calloc(count + 1, sizeof(*out->list));
    if (!out->list)
        status = certenroll_error_set_memory(error);
    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++)
        status = read_object(out, session, destruction, class, handles[i], error);
    free(handles);
    return status;
}

/* --- which of it is meant --- */

static int states(const struct key_object *object, const struct ce_public_value *value)
{
    return object->value.type && ce_public_value_equal(&object->value, value);
}

/* A private key that states no value, and no other kind of key than the one that is meant. */
static int may_be(const struct key_object *object, const struct ce_public_value *value)
{
    if (object->value.type)
        return 0;
    return object->type == CK_UNAVAILABLE_INFORMATION ||
           (object->type == CKK_RSA) == (value->modulus.length > 0);
}

static int cannot_tell(const struct ce_session *session, const struct destruction *destruction,
                       certenroll_error **error)
{
    char id[2 * CERTENROLL_ID_MAX + 1];

    ce_hex(id, sizeof(id), destruction->id->data, destruction->id->length);
    certenroll_error_set(
        error, CERTENROLL_E_ID_IN_USE,
        _("a private key on the token \"%s\" with the CKA_ID %s may be another one"),
        session->token->info->label, id);
    certenroll_error_because(error, _("its public value is not to be learnt; the key stays"));
    return CERTENROLL_E_ID_IN_USE;
}

/* Whether the public objects tell that the one private key is (1), is not (0) or may be (negative)
 * the one with the value. */
static int judge_by_publics(struct ce_session *session, const struct destruction *destruction,
                            certenroll_error **error)
{
    struct key_objects publics;
    size_t same = 0, other = 0;
    int status = read_objects(&publics, session, destruction, CKO_PUBLIC_KEY, error);

    for (size_t i = 0; i < publics.count; i++) {
        same += (size_t)states(&publics.list[i], destruction->value);
        other += (size_t)!states(&publics.list[i], destruction->value);
    }
    clear_objects(&publics);
    if (status < 0)
        return status;
    if (same > 0 && other == 0)
        return 1;
    return same == 0 && other > 0 ? 0 : cannot_tell(session, destruction, error);
}

/* Leaves those that state the value. */
static void keep_stating(struct key_objects *objects, const struct ce_public_value *value)
{
    size_t kept = 0;

    for (size_t i = 0; i < objects->count; i++) {
        if (states(&objects->list[i], value))
            objects->list[kept++] = objects->list[i];
        else
            ce_public_value_clear(&objects->list[i].value);
    }
    objects->count = kept;
}

/* Those that are to be destroyed. */
static int find_meant(struct key_objects *out, struct ce_session *session,
                      const struct destruction *destruction, CK_OBJECT_CLASS class,
                      certenroll_error **error)
{
    const struct ce_public_value *value = destruction->value;
    size_t doubtful = 0;
    int status = read_objects(out, session, destruction, class, error);

    if (status < 0 || !value)
        return status;
    for (size_t i = 0; class == CKO_PRIVATE_KEY && i < out->count; i++)
        doubtful += (size_t)may_be(&out->list[i], value);
    if (doubtful == 0) {
        keep_stating(out, value);
        return CERTENROLL_OK;
    }
    if (out->count > 1)
        return cannot_tell(session, destruction, error);
    status = judge_by_publics(session, destruction, error);
    if (status == 0)
        clear_objects(out);
    return status < 0 ? status : CERTENROLL_OK;
}

/* --- removing --- */

/* 1 when there was nothing to destroy. */
static int destroy_class(struct ce_session *session, const struct destruction *destruction,
                         CK_OBJECT_CLASS class, certenroll_error **error)
{
    struct key_objects objects;
    int status = find_meant(&objects, session, destruction, class, error);

    /* Some tokens remove one half with the other. A handle that is dead by its turn has everything
     * looked at once more (ce_session_run), and then the object is no longer there. */
    for (size_t i = 0; status == CERTENROLL_OK && i < objects.count; i++) {
        CK_RV rv = ce_object_destroy(session, objects.list[i].handle);

        if (rv != CKR_OK)
            status =
                ce_session_fail(session, error, rv, _("cannot remove a key from the token \"%s\""),
                                session->token->info->label);
    }
    if (status == CERTENROLL_OK && objects.count == 0)
        status = 1;
    clear_objects(&objects);
    return status;
}

/* What was to go is looked for once more. */
static int check_gone(struct ce_session *session, const struct destruction *destruction,
                      CK_OBJECT_CLASS class, certenroll_error **error)
{
    struct key_objects left;
    int status = find_meant(&left, session, destruction, class, error);

    if (status == CERTENROLL_OK && left.count > 0)
        status = certenroll_error_set(error, CERTENROLL_E_TOKEN,
                                      _("the token \"%s\" says that it removed a key and keeps it"),
                                      session->token->info->label);
    clear_objects(&left);
    return status;
}

static int destroy_pair(struct ce_session *session, const struct destruction *destruction,
                        certenroll_error **error)
{
    const int private = destroy_class(session, destruction, CKO_PRIVATE_KEY, error);
    int status = private;

    /* While the public half is there to tell it by. */
    if (status == CERTENROLL_OK)
        status = check_gone(session, destruction, CKO_PRIVATE_KEY, error);
    if (status >= 0)
        status = destroy_class(session, destruction, CKO_PUBLIC_KEY, error);
    if (status == CERTENROLL_OK)
        status = check_gone(session, destruction, CKO_PUBLIC_KEY, error);
    return status < 0 ? status : private;
}

int ce_pair_destroy(struct ce_session *session, const struct ce_buffer *id,
                    const struct ce_public_value *value, certenroll_error **error)
{
    const struct destruction destruction = { id, value };

    return destroy_pair(session, &destruction, error);
}

static int destroy_meant(struct ce_session *session, void *argument, certenroll_error **error)
{
    const int status = destroy_pair(session, argument, error);

    return status < 0 ? status : CERTENROLL_OK;
}

static int look_for_meant(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct key_objects meant;
    int status = find_meant(&meant, session, argument, CKO_PRIVATE_KEY, error);

    clear_objects(&meant);
    return status;
}

int ce_key_check_told(certenroll_token *token, const struct ce_buffer *id,
                      const struct ce_public_value *value, certenroll_error **error)
{
    struct destruction destruction = { id, value };

    return ce_session_run(token, CE_ACCESS_LOGGED_IN, look_for_meant, &destruction, error);
}

int certenroll_token_keeps_private_keys(const certenroll_token *token)
{
    return ce_quirks_of(&token->info->raw)->keeps_private_keys;
}

int ce_key_destroy(certenroll_token *token, const struct ce_buffer *id,
                   const struct ce_public_value *value, certenroll_error **error)
{
    struct destruction destruction = { id, value };
    int status = ce_id_check(id->data, id->length, error);

    if (status == CERTENROLL_OK)
        status = ce_session_run(token, CE_ACCESS_WRITE, destroy_meant, &destruction, error);
    if (status == CERTENROLL_OK && certenroll_token_keeps_private_keys(token))
        ce_log(token->context, CERTENROLL_LOG_WARNING,
               "tokens of this kind cannot remove private keys: it may still be in its slot");
    return status;
}

/* --- after a generation that the token refused half way --- */

int ce_remains_remove(struct ce_session *session, const struct ce_buffer *id,
                      certenroll_error **error)
{
    struct destruction destruction = { id, NULL };
    int status = destroy_meant(session, &destruction, error);

    if (status == CERTENROLL_OK)
        ce_husks_clear_up(session);
    return status;
}
