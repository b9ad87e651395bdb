/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that a person reads: looked up in the tools' own catalogue. */
#ifndef TOOLS_COMMON_TOOL_MESSAGE_H
#define TOOLS_COMMON_TOOL_MESSAGE_H

#include "base/platform.h"

#define TOOLS_TEXT_DOMAIN "certenroll-tools"
#define _(text) ce_message(TOOLS_TEXT_DOMAIN, text)
/* Marks a text for the catalogue that is translated where it is used (tables). */
#define N_(text) text

#endif
