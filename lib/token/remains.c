/* SPDX-License-Identifier: Apache-2.0 */
#include "token/remains.h"

#include "token/template.h"

#include <stdlib.h>

static int is_empty(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type)
{
    const CK_ATTRIBUTE *attribute = ce_attribute(attributes, type);

    return attribute && attribute->ulValueLen == 0;
}

static int is_husk(struct ce_session *session, CK_OBJECT_HANDLE object, CK_KEY_TYPE key_type)
{
    const CK_ATTRIBUTE_TYPE types[] = {
        CKA_ID,
        CKA_LABEL,
        key_type == CKK_RSA ? CKA_MODULUS : CKA_EC_PARAMS,
    };
    struct ce_attributes attributes;
    certenroll_error *ignored = NULL;
    int husk =
        ce_attributes_read(&attributes, session, object, types, 3, &ignored) == CERTENROLL_OK &&
        is_empty(&attributes, types[0]) && is_empty(&attributes, types[1]) &&
        is_empty(&attributes, types[2]);

    ce_attributes_free(&attributes);
    certenroll_error_free(ignored);
    return husk;
}

/* Read back, for nothing is destroyed on the word of a search alone: some modules pass over the
 * parts of a template that they do not know. */
static int bears(struct ce_session *session, CK_OBJECT_HANDLE object, CK_OBJECT_CLASS class,
                 const struct ce_buffer *id)
{
    static const CK_ATTRIBUTE_TYPE types[] = { CKA_CLASS, CKA_ID };
    struct ce_attributes attributes;
    certenroll_error *ignored = NULL;
    int it_does =
        ce_attributes_read(&attributes, session, object, types, 2, &ignored) == CERTENROLL_OK &&
        ce_attribute_number(&attributes, CKA_CLASS) == class &&
        ce_attribute_equals(&attributes, CKA_ID, id);

    ce_attributes_free(&attributes);
    certenroll_error_free(ignored);
    return it_does;
}

/* Destroys the key objects of this class that bear `id`; of those without one the husks alone. */
static void destroy(struct ce_session *session, CK_OBJECT_CLASS class, CK_KEY_TYPE key_type,
                    const struct ce_buffer *id)
{
    struct ce_template template = { .count = 0 };
    CK_OBJECT_HANDLE *handles;
    certenroll_error *ignored = NULL;
    size_t count;

    ce_template_add(&template, CKA_CLASS, &class, sizeof(class));
    ce_template_add(&template, CKA_ID, id->data, id->length);
    if (id->length == 0)
        ce_template_add(&template, CKA_KEY_TYPE, &key_type, sizeof(key_type));
    if (ce_objects_find(&handles, &count, session, template.list, template.count, &ignored) ==
        CERTENROLL_OK)
        for (size_t i = 0; i < count; i++)
            if (bears(session, handles[i], class, id) &&
                (id->length > 0 || is_husk(session, handles[i], key_type)))
                (void)ce_object_destroy(session, handles[i]);
    free(handles);
    certenroll_error_free(ignored);
}

void ce_remains_remove(struct ce_session *session, const struct ce_buffer *id, CK_KEY_TYPE key_type)
{
    static const CK_OBJECT_CLASS classes[] = { CKO_PUBLIC_KEY, CKO_PRIVATE_KEY };
    static const struct ce_buffer none = { NULL, 0 };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        destroy(session, classes[i], key_type, id);
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        destroy(session, classes[i], key_type, &none);
}
