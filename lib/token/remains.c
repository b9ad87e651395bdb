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

/* Destroys the matching objects: all, or the husks of this key type among them. */
static void destroy(struct ce_session *session, struct ce_template *template,
                    const CK_KEY_TYPE *husks_of)
{
    CK_OBJECT_HANDLE *handles;
    certenroll_error *ignored = NULL;
    size_t count;

    if (ce_objects_find(&handles, &count, session, template->list, template->count, &ignored) ==
        CERTENROLL_OK)
        for (size_t i = 0; i < count; i++)
            if (!husks_of || is_husk(session, handles[i], *husks_of))
                (void)ce_object_destroy(session, handles[i]);
    free(handles);
    certenroll_error_free(ignored);
}

void ce_remains_remove(struct ce_session *session, const struct ce_buffer *id, CK_KEY_TYPE key_type)
{
    static const CK_OBJECT_CLASS classes[] = { CKO_PUBLIC_KEY, CKO_PRIVATE_KEY };
    struct ce_template named = { .count = 0 };

    ce_template_add(&named, CKA_ID, id->data, id->length);
    destroy(session, &named, NULL);
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        struct ce_template nameless = { .count = 0 };

        ce_template_add(&nameless, CKA_CLASS, &classes[i], sizeof(classes[i]));
        ce_template_add(&nameless, CKA_KEY_TYPE, &key_type, sizeof(key_type));
        ce_template_add(&nameless, CKA_ID, NULL, 0);
        destroy(session, &nameless, &key_type);
    }
}
