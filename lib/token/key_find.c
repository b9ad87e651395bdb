/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys searched on the token, each with the public value that it has or that is beside it.
 */
#include "base/message.h"
#include "base/text.h"
#include "token/key.h"
#include "token/key_pair.h"
#include "token/login.h"

#include <stdlib.h>
#include <string.h>

/* --- key and public key --- */

/* A public key object. */
struct public_object {
    struct ce_buffer id;
    struct ce_public_value value;
};

/* Those that private keys may need, read when the first does, in the order of their IDs. */
struct publics {
    struct public_object *objects;
    size_t count;
    size_t next; /* those before it have the IDs of keys that were completed */
    int is_read;
};

/* A search template for a class of objects, all or those with this CKA_ID. */
static int find_class(CK_OBJECT_HANDLE **out, size_t *count, struct ce_session *session,
                      CK_OBJECT_CLASS class, const struct ce_buffer *id, certenroll_error **error)
{
    CK_ATTRIBUTE template[] = {
        { CKA_CLASS, &class, sizeof(class) },
        { CKA_ID, id ? id->data : NULL, id ? (CK_ULONG)id->length : 0 },
    };

    return ce_objects_find(out, count, session, template, id ? 2 : 1, error);
}

static int order_of_publics(const void *one, const void *other)
{
    return ce_buffer_compare(&((const struct public_object *)one)->id,
                             &((const struct public_object *)other)->id);
}

static int read_publics(struct publics *publics, struct ce_session *session,
                        const struct ce_buffer *id, certenroll_error **error)
{
    CK_OBJECT_HANDLE *handles;
    size_t count;
    int status;

    if (publics->is_read)
        return CERTENROLL_OK;
    publics->is_read = 1;
    status = find_class(&handles, &count, session, CKO_PUBLIC_KEY, id, error);
    if (status < 0)
        return status;
    publics->objects = calloc(count + 1, sizeof(*publics->objects));
    if (!publics->objects)
        status = certenroll_error_set_memory(error);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        struct public_object *object = &publics->objects[publics->count];

        status = ce_public_object_read(&object->value, &object->id, session, handles[i], error);
        if (status == 1)
            publics->count++;
    }
    free(handles);
    if (status < 0)
        return status;
    qsort(publics->objects, publics->count, sizeof(*publics->objects), order_of_publics);
    return CERTENROLL_OK;
}

static void publics_clear(struct publics *publics)
{
    for (size_t i = 0; i < publics->count; i++) {
        ce_public_value_clear(&publics->objects[i].value);
        ce_buffer_clear(&publics->objects[i].id);
    }
    free(publics->objects);
}

/* Gives the key the public value of the one public object with its CKA_ID. Two different ones under
 * one CKA_ID tell nothing: whose is whose? The keys come in the order of their IDs, each ID once.
 */
static void adopt_public(certenroll_key *key, struct publics *publics)
{
    struct public_object *found = NULL;
    int are_same = 1;

    for (; publics->next < publics->count; publics->next++) {
        struct public_object *object = &publics->objects[publics->next];
        int order = ce_buffer_compare(&object->id, &key->id);

        if (order > 0)
            break;
        if (order < 0)
            continue;
        are_same = are_same && (!found || ce_public_value_equal(&found->value, &object->value));
        found = object;
    }
    if (!found || !are_same)
        return;
    key->public = found->value;
    memset(&found->value, 0, sizeof(found->value));
}

static void log_key(const certenroll_key *key)
{
    char id[2 * CERTENROLL_ID_MAX + 1];

    ce_hex(id, sizeof(id), key->id.data, key->id.length);
    if (key->public.type)
        ce_log(key->token->context, CERTENROLL_LOG_TRACE, "%s key, CKA_ID %s, label \"%s\"",
               certenroll_key_type_name(key->public.type), id, key->label);
    else
        ce_log(key->token->context, CERTENROLL_LOG_INFO,
               "a private key whose public value is not to be learnt, CKA_ID %s, label \"%s\"", id,
               key->label);
}

/* --- searching --- */

/* What a search for private keys gives. */
struct key_search {
    const struct ce_buffer *id; /* NULL: all */
    int takes_unknown;          /* also those without a public value that are finished */
    certenroll_key **keys;      /* those with a public value */
    size_t count;
    size_t seen;  /* private objects, with and without */
    size_t husks; /* of those without */
};

static int order_of_keys(const void *one, const void *other)
{
    return ce_buffer_compare(&(*(certenroll_key *const *)one)->id,
                             &(*(certenroll_key *const *)other)->id);
}

static int is_under_one_id(const certenroll_key *one, const certenroll_key *other)
{
    return ce_buffer_equal(&one->id, &other->id);
}

/* Without an ID nothing is to be found, and of two private keys under one CKA_ID a public object
 * with it may be either's. `keys` are in the order of their IDs. */
static int lacks_public(certenroll_key *const *keys, size_t count, size_t i)
{
    return !keys[i]->public.type && !keys[i]->is_husk && keys[i]->id.length > 0 &&
           !(i > 0 && is_under_one_id(keys[i - 1], keys[i])) &&
           !(i + 1 < count && is_under_one_id(keys[i], keys[i + 1]));
}

static int complete_keys(struct key_search *search, struct ce_session *session,
                         certenroll_error **error)
{
    certenroll_key **by_id = calloc(search->count + 1, sizeof(certenroll_key *));
    struct publics publics = { 0 };
    int status = CERTENROLL_OK;

    if (!by_id)
        return certenroll_error_set_memory(error);
    memcpy(by_id, search->keys, search->count * sizeof(certenroll_key *));
    qsort(by_id, search->count, sizeof(certenroll_key *), order_of_keys);
    for (size_t i = 0; status == CERTENROLL_OK && i < search->count; i++) {
        if (!lacks_public(by_id, search->count, i))
            continue;
        status = read_publics(&publics, session, search->id, error);
        if (status == CERTENROLL_OK)
            adopt_public(by_id[i], &publics);
    }
    publics_clear(&publics);
    free(by_id);
    return status;
}

static void leave_out_unknown(struct key_search *search)
{
    size_t kept = 0;

    for (size_t i = 0; i < search->count; i++) {
        certenroll_key *key = search->keys[i];

        log_key(key);
        if (key->public.type || (search->takes_unknown && !key->is_husk)) {
            search->keys[kept++] = key;
        } else {
            search->husks += (size_t)key->is_husk;
            certenroll_key_free(key);
        }
    }
    search->count = kept;
}

static void forget_search(struct key_search *search)
{
    ce_keys_free(search->keys, search->count);
    search->keys = NULL;
    search->count = 0;
}

/* Some modules pass over the parts of a search template that they do not know: what says that it
 * bears another ID was not looked for. */
static int is_wanted(const certenroll_key *key, const struct ce_buffer *id)
{
    return !id || key->id.length == 0 || ce_buffer_equal(&key->id, id);
}

static int search_keys(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct key_search *search = argument;
    CK_OBJECT_HANDLE *handles;
    size_t count;
    int status = find_class(&handles, &count, session, CKO_PRIVATE_KEY, search->id, error);

    if (status < 0)
        return status;
    search->count = 0;
    search->keys = calloc(count + 1, sizeof(certenroll_key *));
    if (!search->keys)
        status = certenroll_error_set_memory(error);
    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++) {
        certenroll_key *key = NULL;

        status = ce_key_from_private(&key, session, handles[i], error);
        /* Read back: some modules pass over the parts of a search template that they do not know.
         */
        if (key && key->is_private && is_wanted(key, search->id))
            search->keys[search->count++] = key;
        else
            certenroll_key_free(key);
    }
    search->seen = search->count;
    free(handles);
    if (status == CERTENROLL_OK)
        status = complete_keys(search, session, error);
    if (status == CERTENROLL_OK)
        status = ce_login_confirm(session, error);
    if (status < 0)
        forget_search(search);
    leave_out_unknown(search);
    return status;
}

int ce_keys_read(certenroll_key ***out, size_t *count, certenroll_token *token,
                 const struct ce_buffer *id, certenroll_error **error)
{
    struct key_search search = { .id = id, .takes_unknown = 1 };
    int status = ce_session_run(token, CE_ACCESS_LOGGED_IN, search_keys, &search, error);

    *out = search.keys;
    *count = search.count;
    return status;
}

/* The one key of a search by CKA_ID. */
static int take_only(certenroll_key **out, struct key_search *search, const char *label,
                     certenroll_error **error)
{
    char id[2 * CERTENROLL_ID_MAX + 1];

    ce_hex(id, sizeof(id), search->id->data, search->id->length);
    if (search->seen == 0)
        return certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                    _("no private key on the token \"%s\" has the CKA_ID %s"),
                                    label, id);
    if (search->seen > 1)
        return certenroll_error_set(error, CERTENROLL_E_ID_IN_USE,
                                    _("%zu private keys on the token \"%s\" have the CKA_ID %s"),
                                    search->seen, label, id);
    if (search->husks > 0)
        return certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                    _("the key pair %s on the token \"%s\" was never finished"), id,
                                    label);
    if (search->count == 0)
        return certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                    _("the public half of the key %s is not on the token \"%s\""),
                                    id, label);
    *out = ce_key_ref(search->keys[0]);
    return CERTENROLL_OK;
}

int certenroll_key_find(certenroll_key **out, certenroll_token *token, const unsigned char *id,
                        size_t id_length, certenroll_error **error)
{
    struct ce_buffer wanted = { 0 };
    struct key_search search = { .id = &wanted };
    int status = ce_id_check(id, id_length, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = ce_buffer_set(&wanted, id, id_length, error);
    if (status == CERTENROLL_OK)
        status = ce_session_run(token, CE_ACCESS_LOGGED_IN, search_keys, &search, error);
    if (status == CERTENROLL_OK)
        status = take_only(out, &search, token->info->label, error);
    forget_search(&search);
    ce_buffer_clear(&wanted);
    return status;
}

/* --- the handle --- */

int ce_key_resolve(CK_OBJECT_HANDLE *out, struct ce_session *session, certenroll_key *key,
                   certenroll_error **error)
{
    struct key_search search = { .id = key->id.length > 0 ? &key->id : NULL };
    int status, is_known;

    ce_mutex_lock(key->token->mutex);
    is_known = key->handle_generation == session->generation && key->handle_login == session->login;
    *out = key->handle;
    ce_mutex_unlock(key->token->mutex);
    if (is_known)
        return CERTENROLL_OK;
    /* The object with the key's CKA_ID and public value: the CKA_ID alone may be another key's by
     * now. */
    status = search_keys(session, &search, error);
    if (status < 0)
        return status;
    status = CERTENROLL_E_OBJECT_NOT_FOUND;
    for (size_t i = 0; status < 0 && i < search.count; i++) {
        if (!ce_public_value_equal(&search.keys[i]->public, &key->public))
            continue;
        *out = search.keys[i]->handle;
        status = CERTENROLL_OK;
    }
    forget_search(&search);
    if (status == CERTENROLL_OK)
        ce_key_remember(key, *out, session);
    else
        certenroll_error_set(error, status, _("the key \"%s\" is no longer on the token \"%s\""),
                             key->label, key->token->info->label);
    return status;
}
