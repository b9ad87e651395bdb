/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that a person reads: looked up in the library's own catalogue (lib/locale). */
#ifndef CE_BASE_MESSAGE_H
#define CE_BASE_MESSAGE_H

#include "base/platform.h"

#define CE_TEXT_DOMAIN "certenroll"
#define _(text) ce_message(CE_TEXT_DOMAIN, text)
/* Marks a text for the catalogue that is translated where it is used (tables). */
#define N_(text) text

#endif
