/* SPDX-License-Identifier: Apache-2.0 */
/* An open token, as the layers above see it. */
#ifndef CE_TOKEN_TOKEN_H
#define CE_TOKEN_TOKEN_H

#include "context/context.h"

#include <certenroll/token.h>

/* Another reference to the same token. */
certenroll_token *ce_token_ref(certenroll_token *token);

/* Borrowed from the token. */
certenroll_context *ce_token_context(const certenroll_token *token);

/* The module's file where the caller named the module, by certenroll_token_options.module_path or
 * in the URI: with it as module_path the URI of the token's info finds the token again in another
 * process. "" where it was found through p11-kit's configuration. Borrowed from the token. */
const char *ce_token_module_path(const certenroll_token *token);

/* Non-zero on a token whose CKA_IDs are key slots: it has room for one certificate beside each key,
 * which a new one replaces, and for no others. */
int ce_token_has_slots(const certenroll_token *token);

/* Non-zero when the token has this label and this serial number, both as its info shows them. */
int ce_token_is(const certenroll_token *token, const char *label, const char *serial);

#endif
