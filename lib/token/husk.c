/* SPDX-License-Identifier: Apache-2.0 */
#include "token/husk.h"

#include "base/message.h"
#include "base/platform.h"
#include "token/attribute.h"

#include <stdlib.h>
#include <string.h>

#ifndef CKA_URL
#define CKA_URL 0x89UL
#endif

#define WRITING_MS 500 /* how long a token takes at most from the first attribute to the last */

static const struct ce_buffer nothing = { NULL, 0 };

struct husks {
    CK_OBJECT_HANDLE *list;
    size_t count;
    size_t removed;
};

/* --- which objects are husks --- */

static int is_without(const struct ce_attributes *attributes, const CK_ATTRIBUTE_TYPE *types,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!ce_attribute_is_empty(attributes, types[i]))
            return 0;
    return 1;
}

static int is_empty_key(const struct ce_attributes *attributes)
{
    const CK_ULONG type = ce_attribute_number(attributes, CKA_KEY_TYPE);

    /* Some token may leave out the material of keys that are sound; one that was generated to the
     * end has CKA_LOCAL. */
    if (ce_attribute_flag(attributes, CKA_LOCAL) == 1)
        return 0;
    return ce_attribute_is_empty(attributes, type == CKK_RSA ? CKA_MODULUS : CKA_EC_PARAMS);
}

/* A certificate may be elsewhere, and its URL in the object (PKCS#11 v2.40 §4.6.3). */
static int is_empty_certificate(const struct ce_attributes *attributes)
{
    const CK_ATTRIBUTE *url = ce_attribute(attributes, CKA_URL);

    return ce_attribute_is_empty(attributes, CKA_VALUE) && (!url || url->ulValueLen == 0);
}

static int is_husk(struct ce_session *session, CK_OBJECT_HANDLE object, CK_OBJECT_CLASS class)
{
    static const CK_ATTRIBUTE_TYPE named[] = { CKA_LABEL, CKA_SUBJECT };
    static const CK_ATTRIBUTE_TYPE key_types[] = {
        CKA_CLASS,    CKA_ID,    CKA_LABEL,   CKA_SUBJECT,
        CKA_KEY_TYPE, CKA_LOCAL, CKA_MODULUS, CKA_EC_PARAMS,
    };
    static const CK_ATTRIBUTE_TYPE certificate_types[] = {
        CKA_CLASS, CKA_ID, CKA_LABEL, CKA_SUBJECT, CKA_VALUE, CKA_URL,
    };
    const int is_certificate = class == CKO_CERTIFICATE;
    struct ce_attributes attributes;
    int husk = ce_attributes_read(&attributes, session, object,
                                  is_certificate ? certificate_types : key_types,
                                  is_certificate ? 6 : 8, NULL) == CERTENROLL_OK &&
               ce_attributes_bear(&attributes, class, &nothing) &&
               is_without(&attributes, named, 2) &&
               (is_certificate ? is_empty_certificate(&attributes) : is_empty_key(&attributes));

    ce_attributes_free(&attributes);
    return husk;
}

/* Not every token can search for what is empty; those that cannot are not known to leave husks. */
static int is_no_search(CK_RV rv)
{
    return rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_ATTRIBUTE_TYPE_INVALID ||
           rv == CKR_TEMPLATE_INCONSISTENT || rv == CKR_ARGUMENTS_BAD;
}

static int find_of_class(struct husks *husks, struct ce_session *session, CK_OBJECT_CLASS class,
                         certenroll_error **error)
{
    struct ce_template template = { .count = 0 };
    CK_OBJECT_HANDLE *handles, *grown;
    size_t count;
    int status;

    ce_template_add(&template, CKA_CLASS, &class, sizeof(class));
    ce_template_add(&template, CKA_ID, "", 0);
    status = ce_objects_find(&handles, &count, session, template.list, template.count, error);
    if (status < 0 && is_no_search(session->rv)) {
        certenroll_error_clear(error);
        session->rv = CKR_OK;
        return CERTENROLL_OK;
    }
    if (status < 0)
        return status;
    grown = realloc(husks->list, (husks->count + count + 1) * sizeof(*grown));
    if (grown)
        husks->list = grown;
    else
        status = certenroll_error_set_memory(error);
    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++)
        if (is_husk(session, handles[i], class))
            husks->list[husks->count++] = handles[i];
    free(handles);
    return status;
}

static void forget(struct husks *husks)
{
    free(husks->list);
    husks->list = NULL;
    husks->count = 0;
}

static int find_husks(struct ce_session *session, void *argument, certenroll_error **error)
{
    static const CK_OBJECT_CLASS classes[] = { CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_CERTIFICATE };
    struct husks *husks = argument;
    int status = CERTENROLL_OK;

    forget(husks); /* of a try before */
    for (size_t i = 0; status == CERTENROLL_OK && i < sizeof(classes) / sizeof(classes[0]); i++)
        status = find_of_class(husks, session, classes[i], error);
    return status;
}

/* --- removing --- */

static int is_among(const struct husks *husks, CK_OBJECT_HANDLE handle)
{
    for (size_t i = 0; i < husks->count; i++)
        if (husks->list[i] == handle)
            return 1;
    return 0;
}

/* Those of `again` that were in `husks` already; what is left of them is looked for. */
static int remove_seen_twice(struct husks *husks, const struct husks *again,
                             struct ce_session *session, certenroll_error **error)
{
    struct husks left = { NULL, 0, 0 };
    size_t destroyed = 0;
    int status;

    for (size_t i = 0; i < again->count; i++)
        if (is_among(husks, again->list[i]) && ce_object_destroy(session, again->list[i]) == CKR_OK)
            destroyed++;
    status = find_husks(session, &left, error);
    for (size_t i = 0; status == CERTENROLL_OK && i < again->count; i++)
        husks->removed += is_among(husks, again->list[i]) && !is_among(&left, again->list[i]);
    forget(&left);
    if (status == CERTENROLL_OK && husks->removed < destroyed)
        status = certenroll_error_set(
            error, CERTENROLL_E_TOKEN,
            _("the token \"%s\" says that it removed a half object and keeps it"),
            session->token->info->label);
    return status;
}

static int remove_husks(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct husks *husks = argument, again = { NULL, 0, 0 };
    int status = find_husks(session, husks, error);

    if (status < 0 || husks->count == 0)
        return status;
    ce_sleep_ms(WRITING_MS);
    status = find_husks(session, &again, error);
    if (status == CERTENROLL_OK)
        status = remove_seen_twice(husks, &again, session, error);
    forget(&again);
    return status;
}

void ce_husks_clear_up(struct ce_session *session)
{
    struct husks husks = { NULL, 0, 0 };

    if (find_husks(session, &husks, NULL) == CERTENROLL_OK)
        for (size_t i = 0; i < husks.count; i++)
            (void)ce_object_destroy(session, husks.list[i]);
    forget(&husks);
}

/* --- by token --- */

int ce_husks_count(size_t *out, certenroll_token *token, certenroll_error **error)
{
    struct husks husks = { NULL, 0, 0 };
    int status = ce_session_run(token, CE_ACCESS_LOGGED_IN, find_husks, &husks, error);

    *out = husks.count;
    forget(&husks);
    return status;
}

int ce_husks_remove(size_t *removed, certenroll_token *token, certenroll_error **error)
{
    struct husks husks = { NULL, 0, 0 };
    int status = ce_session_run(token, CE_ACCESS_WRITE, remove_husks, &husks, error);

    *removed = husks.removed;
    forget(&husks);
    return status;
}
