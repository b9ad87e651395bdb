/* SPDX-License-Identifier: Apache-2.0 */
/* What tokens say of themselves, and the search for those that a URI means. */
#ifndef CE_TOKEN_TOKEN_INFO_H
#define CE_TOKEN_TOKEN_INFO_H

#include "token/module.h"

#include <certenroll/token.h>

/* A token's fields made fit to be shown; the raw ones are what it is told apart by. */
struct certenroll_token_info {
    CK_TOKEN_INFO raw;
    CK_FUNCTION_LIST *functions; /* the module it was seen through; dead once that is closed */
    CK_SLOT_ID slot;
    char label[sizeof(((CK_TOKEN_INFO *)NULL)->label) + 1];
    char serial[sizeof(((CK_TOKEN_INFO *)NULL)->serialNumber) + 1];
    char manufacturer[sizeof(((CK_TOKEN_INFO *)NULL)->manufacturerID) + 1];
    char model[sizeof(((CK_TOKEN_INFO *)NULL)->model) + 1];
    char *uri;
    char *module;
};

struct certenroll_token_list {
    certenroll_token_info *infos;
    size_t count;
    CK_RV
    silent; /* what a slot said that did not tell which token it holds; CKR_OK: they all did */
};

/* Looks through `modules` for the tokens that match `uri`. Modules with none are closed, the others
 * stay as they are, initialized, in `modules`. */
int ce_token_list_look(certenroll_token_list **out, struct ce_modules *modules,
                       certenroll_context *context, P11KitUri *uri, certenroll_error **error);

/* Takes the info at `index` out of the list, as the caller's own. */
int ce_token_list_take(certenroll_token_info **out, certenroll_token_list *list, size_t index,
                       certenroll_error **error);
void ce_token_info_free(certenroll_token_info *info);

/* The same token: serial number and label, the two that a person and a personalisation set. */
int ce_token_info_same(const CK_TOKEN_INFO *one, const CK_TOKEN_INFO *other);

/* Whether an initialised token that matches is in the module, which is initialised. */
int ce_token_present(CK_FUNCTION_LIST *functions, P11KitUri *uri);
/* Whether anything is in a slot that people put something in, as far as the module tells. */
int ce_token_card_present(CK_FUNCTION_LIST *functions);

/* What a token says of itself, into the fields; `uri`, `module` and `functions` stay. */
void ce_token_info_fill(certenroll_token_info *info, CK_SLOT_ID slot, const CK_TOKEN_INFO *raw);

/* The one slot of the module whose token is the one: CKR_TOKEN_NOT_PRESENT when none or more than
 * one is. */
typedef int (*ce_token_test)(const CK_TOKEN_INFO *info, const CK_TOKEN_INFO *wanted);
CK_RV ce_token_slot_search(CK_SLOT_ID *out, CK_FUNCTION_LIST *functions, ce_token_test is_it,
                           const CK_TOKEN_INFO *wanted);
/* That, for this very token. */
CK_RV ce_token_slot_find(CK_SLOT_ID *out, CK_FUNCTION_LIST *functions, const CK_TOKEN_INFO *wanted);

/* A padded field of CK_TOKEN_INFO as text; `size` at least length + 1. */
void ce_token_info_text(char *out, size_t size, const unsigned char *field, size_t length);

#endif
