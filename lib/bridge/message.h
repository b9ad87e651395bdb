/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that a person reads: of libcertenroll's catalogue, which certenroll_context_new() binds. */
#ifndef CE_BRIDGE_MESSAGE_H
#define CE_BRIDGE_MESSAGE_H

#include <libintl.h>

#define _(text) dgettext("certenroll", text)

#endif
