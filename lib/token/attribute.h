/* SPDX-License-Identifier: Apache-2.0 */
/* Finding objects and reading their attributes, in as few calls as PKCS#11 allows; and templates
 * for new ones. */
#ifndef CE_TOKEN_ATTRIBUTE_H
#define CE_TOKEN_ATTRIBUTE_H

#include "base/buffer.h"
#include "token/session.h"

#define CE_ATTRIBUTES_MAX 16

/* The attributes of one object, as one C_GetAttributeValue gave them. */
struct ce_attributes {
    CK_ATTRIBUTE list[CE_ATTRIBUTES_MAX];
    CK_ULONG count;
    unsigned char *memory;
};

/* Reads `count` attributes; those that the object does not have or does not show are absent, which
 * is no failure. Freed by ce_attributes_free, also after failure. */
int ce_attributes_read(struct ce_attributes *out, struct ce_session *session,
                       CK_OBJECT_HANDLE object, const CK_ATTRIBUTE_TYPE *types, size_t count,
                       certenroll_error **error);
void ce_attributes_free(struct ce_attributes *attributes);

/* NULL when absent. */
const CK_ATTRIBUTE *ce_attribute(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type);
/* 1 or 0; -1 when absent. */
int ce_attribute_flag(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type);
/* CK_UNAVAILABLE_INFORMATION when absent. */
CK_ULONG ce_attribute_number(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type);
/* A copy; empty when absent. */
int ce_attribute_copy(struct ce_buffer *out, const struct ce_attributes *attributes,
                      CK_ATTRIBUTE_TYPE type, certenroll_error **error);
/* Non-zero when it is there, with nothing in it. */
int ce_attribute_is_empty(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type);
/* Exactly these bytes. */
int ce_attribute_equals(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type,
                        const struct ce_buffer *value);

/* Non-zero for an object of this class with this CKA_ID: attributes CKA_CLASS and CKA_ID. What is
 * to be destroyed is read back first, for some modules pass over the parts of a search template
 * that they do not know. */
int ce_attributes_bear(const struct ce_attributes *attributes, CK_OBJECT_CLASS class,
                       const struct ce_buffer *id);

/* The objects that match a template, each once. *out is freed by free(). CERTENROLL_E_TOKEN where
 * there is no end of them. */
int ce_objects_find(CK_OBJECT_HANDLE **out, size_t *count, struct ce_session *session,
                    CK_ATTRIBUTE *template, CK_ULONG template_count, certenroll_error **error);

/* Removes an object; a failure is logged and returned as the CK_RV. */
CK_RV ce_object_destroy(struct ce_session *session, CK_OBJECT_HANDLE object);

/* --- templates for new objects, and what to do when a token does not take one --- */

#define CE_TEMPLATE_MAX 16

struct ce_template {
    CK_ATTRIBUTE list[CE_TEMPLATE_MAX];
    CK_ULONG count;
};

/* A flag of a template, and the last rung of the ladder that still has it: on each rung the
 * template asks for less, until what is left is what every token takes. */
struct ce_template_flag {
    CK_ATTRIBUTE_TYPE type;
    int value;
    int last_rung;
};

/* The value is borrowed. The caller stays within CE_TEMPLATE_MAX. */
void ce_template_add(struct ce_template *template, CK_ATTRIBUTE_TYPE type, const void *value,
                     size_t length);
void ce_template_add_flags(struct ce_template *template, const struct ce_template_flag *flags,
                           size_t count, int rung);

/* Whether a shorter template may be what the token wants. */
int ce_template_is_refused(CK_RV rv);

#endif
