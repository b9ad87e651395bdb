/* SPDX-License-Identifier: Apache-2.0 */
/* Templates for new objects, and what to do when a token does not take one. */
#ifndef CE_TOKEN_TEMPLATE_H
#define CE_TOKEN_TEMPLATE_H

#include <p11-kit/pkcs11.h>

#include <stddef.h>

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
