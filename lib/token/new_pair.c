/* SPDX-License-Identifier: Apache-2.0 */
/* What is new was seen to be new. A module may answer C_GenerateKeyPair with the handles of a pair
 * that was there: whoever certifies that as new, and then removes the old one, is left with
 * nothing. So nothing is taken for new, or removed as such, before it was told by its value. */
#include "base/message.h"
#include "base/text.h"
#include "token/key_kind.h"
#include "token/key_pair.h"

#include <stdlib.h>
#include <string.h>

/* A public key object, with the attributes as the token gave them. */
struct public_object {
    struct ce_attributes attributes;
    struct ce_public_value value; /* type 0: none that is well formed */
};

static void clear_public(struct public_object *object)
{
    ce_public_value_clear(&object->value);
    ce_attributes_free(&object->attributes);
}

static int read_public(struct public_object *out, struct ce_session *session,
                       CK_OBJECT_HANDLE handle, certenroll_error **error)
{
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_CLASS,           CKA_ID,        CKA_KEY_TYPE, CKA_MODULUS,
        CKA_PUBLIC_EXPONENT, CKA_EC_PARAMS, CKA_EC_POINT,
    };
    int status = ce_attributes_read(&out->attributes, session, handle, types,
                                    sizeof(types) / sizeof(types[0]), error);

    memset(&out->value, 0, sizeof(out->value));
    if (status == CERTENROLL_OK)
        status = ce_public_value_read(&out->value, &out->attributes, error);
    if (status == 0)
        ce_public_value_clear(&out->value);
    return status < 0 ? status : CERTENROLL_OK;
}

/* --- on the token under that ID alone --- */

/* The public objects with the pair's value, as searches find them. */
struct bearers {
    const struct ce_new_pair *pair;
    const struct ce_public_value *value;
    const CK_ATTRIBUTE *raw; /* what it was read from: all that tells a malformed one */
    size_t count;
    size_t strangers; /* of them, those under another ID */
};

/* The attribute that tells keys apart; NULL: there is nothing in it. */
static const CK_ATTRIBUTE *raw_value(const struct ce_attributes *attributes)
{
    const CK_ATTRIBUTE *value = ce_attribute(attributes, CKA_MODULUS);

    if (!value || value->ulValueLen == 0)
        value = ce_attribute(attributes, CKA_EC_POINT);
    return value && value->ulValueLen > 0 ? value : NULL;
}

static int has_value(const struct public_object *object, const struct bearers *bearers)
{
    const struct ce_buffer raw = { bearers->raw->pValue, bearers->raw->ulValueLen };

    if (object->value.type && bearers->value->type)
        return ce_public_value_equal(&object->value, bearers->value);
    return ce_attribute_equals(&object->attributes, bearers->raw->type, &raw);
}

static int look_at(struct bearers *bearers, struct ce_session *session, CK_OBJECT_HANDLE handle,
                   certenroll_error **error)
{
    struct public_object object;
    int status = read_public(&object, session, handle, error);

    /* Read back: some modules pass over the parts of a search template that they do not know. */
    if (status == CERTENROLL_OK &&
        ce_attribute_number(&object.attributes, CKA_CLASS) == CKO_PUBLIC_KEY &&
        has_value(&object, bearers)) {
        bearers->count++;
        bearers->strangers += !ce_attribute_equals(&object.attributes, CKA_ID, bearers->pair->id);
    }
    clear_public(&object);
    return status;
}

/* Among the objects that match the template. The pair's own was read just now: where its handle is
 * found by the value, that is enough. */
static int count_bearers(struct bearers *bearers, struct ce_session *session,
                         struct ce_template *template, int is_by_value, certenroll_error **error)
{
    CK_OBJECT_HANDLE *handles;
    size_t count;
    int status = ce_objects_find(&handles, &count, session, template->list, template->count, error);

    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++) {
        if (is_by_value && handles[i] == bearers->pair->public)
            bearers->count++;
        else
            status = look_at(bearers, session, handles[i], error);
    }
    free(handles);
    return status;
}

/* By the value as the token gave it; a token that cannot search by that, or does not give it twice
 * alike, has its public keys read one by one. */
static int find_bearers(struct bearers *bearers, struct ce_session *session,
                        certenroll_error **error)
{
    static const CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    const CK_ATTRIBUTE *raw = bearers->raw;
    struct ce_template template = { .count = 0 };
    int status;

    ce_template_add(&template, CKA_CLASS, &class, sizeof(class));
    ce_template_add(&template, raw->type, raw->pValue, raw->ulValueLen);
    status = count_bearers(bearers, session, &template, 1, error);
    if (status < 0 || bearers->count > 0)
        return status;
    template.count = 1;
    return count_bearers(bearers, session, &template, 0, error);
}

/* --- the judgement --- */

/* What two objects and their attributes say by themselves; NULL: nothing against it. */
static const char *flaw_of(const struct ce_new_pair *pair, const struct public_object *public)
{
    const certenroll_key *key = pair->key;

    if (pair->public == pair->private)
        return _("it gave one object for both halves of it");
    if (!key->is_private || ce_attribute_number(&public->attributes, CKA_CLASS) != CKO_PUBLIC_KEY)
        return _("its two objects are not a private and a public key");
    if (!ce_buffer_equal(&key->id, pair->id) ||
        !ce_attribute_equals(&public->attributes, CKA_ID, pair->id))
        return _("it bears another CKA_ID than the one that was asked for");
    if (!raw_value(&public->attributes))
        return _("its public half states no value");
    if (key->public.type && !ce_public_value_equal(&key->public, &public->value))
        return _("its two halves have different public values");
    if (pair->not_this && ce_public_value_equal(pair->not_this, &public->value))
        return _("it is the present pair, in whose place the new one was to be");
    return NULL;
}

static int refuse(const struct ce_session *session, const struct ce_new_pair *pair,
                  const char *flaw, certenroll_error **error)
{
    char id[2 * CERTENROLL_ID_MAX + 1];

    ce_hex(id, sizeof(id), pair->id->data, pair->id->length);
    certenroll_error_set(error, CERTENROLL_E_TOKEN,
                         _("what the token \"%s\" gave for a new key pair was not seen to be new"),
                         session->token->info->label);
    certenroll_error_because(error, "%s", flaw);
    certenroll_error_advise(
        error,
        _("Nothing was removed. Have the token and its PKCS#11 module looked at, or use another "
          "token; a pair may be left on this one under the CKA_ID %s."),
        id);
    return 0;
}

int ce_new_pair_check(struct ce_public_value *value, struct ce_session *session,
                      const struct ce_new_pair *pair, certenroll_error **error)
{
    struct public_object public;
    struct bearers bearers = { pair, &public.value, NULL, 0, 0 };
    const char *flaw = NULL;
    int status = read_public(&public, session, pair->public, error);

    memset(value, 0, sizeof(*value));
    if (status == CERTENROLL_OK)
        flaw = flaw_of(pair, &public);
    bearers.raw = raw_value(&public.attributes);
    if (status == CERTENROLL_OK && !flaw)
        status = find_bearers(&bearers, session, error);
    if (status == CERTENROLL_OK && !flaw && bearers.count != 1)
        flaw = bearers.count == 0 ? _("no search finds its public key")
                                  : _("its public key is on the token more than once");
    else if (status == CERTENROLL_OK && !flaw && bearers.strangers > 0)
        flaw = _("its public key is on the token under another CKA_ID");
    if (status == CERTENROLL_OK && flaw) {
        status = refuse(session, pair, flaw, error);
    } else if (status == CERTENROLL_OK) {
        *value = public.value;
        memset(&public.value, 0, sizeof(public.value));
        status = 1;
    }
    clear_public(&public);
    return status;
}
