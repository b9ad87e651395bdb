/* SPDX-License-Identifier: Apache-2.0 */
/* An open token, as the layers above see it. */
#ifndef CE_TOKEN_TOKEN_H
#define CE_TOKEN_TOKEN_H

#include "base/context.h"

#include <certenroll/token.h>

/* Another reference to the same token. */
certenroll_token *ce_token_ref(certenroll_token *token);

/* Borrowed from the token. */
certenroll_context *ce_token_context(const certenroll_token *token);

#endif
