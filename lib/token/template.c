/* SPDX-License-Identifier: Apache-2.0 */
#include "token/template.h"

/* Modules take templates without const, and only read them. */
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

void ce_template_add(struct ce_template *template, CK_ATTRIBUTE_TYPE type, const void *value,
                     size_t length)
{
    CK_ATTRIBUTE *attribute = &template->list[template->count++];

    attribute->type = type;
    attribute->pValue = (void *)value;
    attribute->ulValueLen = (CK_ULONG)length;
}

void ce_template_add_flags(struct ce_template *template, const struct ce_template_flag *flags,
                           size_t count, int rung)
{
    for (size_t i = 0; i < count; i++)
        if (rung <= flags[i].last_rung)
            ce_template_add(template, flags[i].type, flags[i].value ? &yes : &no, sizeof(yes));
}

int ce_template_is_refused(CK_RV rv)
{
    switch (rv) {
    case CKR_ATTRIBUTE_TYPE_INVALID:
    case CKR_ATTRIBUTE_VALUE_INVALID:
    case CKR_ATTRIBUTE_READ_ONLY:
    case CKR_TEMPLATE_INCONSISTENT:
    case CKR_TEMPLATE_INCOMPLETE:
    case CKR_ARGUMENTS_BAD:
    case CKR_FUNCTION_FAILED:
    case CKR_GENERAL_ERROR: /* tpm2-pkcs11 at DECRYPT=0 */
    case CKR_DEVICE_ERROR:  /* NSS at flags that do not fit the key type */
        return 1;
    default:
        return 0;
    }
}
