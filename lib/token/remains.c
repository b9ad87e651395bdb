/* SPDX-License-Identifier: Apache-2.0 */
#include "token/remains.h"

#include "token/key_pair.h"
#include "token/template.h"

#include <stdlib.h>

static const struct ce_buffer no_id = { NULL, 0 };

static int is_husk(struct ce_session *session, CK_OBJECT_HANDLE object, CK_OBJECT_CLASS class,
                   CK_KEY_TYPE key_type)
{
    const CK_ATTRIBUTE_TYPE material = key_type == CKK_RSA ? CKA_MODULUS : CKA_EC_PARAMS;
    const CK_ATTRIBUTE_TYPE types[] = { CKA_CLASS, CKA_ID, CKA_LABEL, CKA_LOCAL, material };
    struct ce_attributes attributes;
    int husk = ce_attributes_read(&attributes, session, object, types, 5, NULL) == CERTENROLL_OK &&
               ce_attribute_flag(&attributes, CKA_LOCAL) != 1 && /* a sound one has it */
               ce_attributes_bear(&attributes, class, &no_id) &&
               ce_attribute_is_empty(&attributes, CKA_LABEL) &&
               ce_attribute_is_empty(&attributes, material);

    ce_attributes_free(&attributes);
    return husk;
}

static void remove_husks(struct ce_session *session, CK_OBJECT_CLASS class, CK_KEY_TYPE key_type)
{
    struct ce_template template = { .count = 0 };
    CK_OBJECT_HANDLE *handles;
    size_t count;

    ce_template_add(&template, CKA_CLASS, &class, sizeof(class));
    ce_template_add(&template, CKA_ID, no_id.data, no_id.length);
    ce_template_add(&template, CKA_KEY_TYPE, &key_type, sizeof(key_type));
    if (ce_objects_find(&handles, &count, session, template.list, template.count, NULL) < 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (is_husk(session, handles[i], class, key_type))
            (void)ce_object_destroy(session, handles[i]);
    free(handles);
}

int ce_remains_remove(struct ce_session *session, const struct ce_buffer *id, CK_KEY_TYPE key_type,
                      certenroll_error **error)
{
    int status = ce_key_objects_destroy(session, id, error);

    if (status == CERTENROLL_OK) {
        remove_husks(session, CKO_PUBLIC_KEY, key_type);
        remove_husks(session, CKO_PRIVATE_KEY, key_type);
    }
    return status;
}
