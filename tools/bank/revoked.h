/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of the name that the bank has revoked: of no use, and still in every program's picker. */
#ifndef BANK_REVOKED_H
#define BANK_REVOKED_H

#include "holding.h"

/* Offers on the terminal to remove each; where nobody is there to ask, and where the answer is no,
 * it stays and the command that removes it is told. Returns how many were removed. What fails is
 * told, and no failure of what was done before. */
size_t revoked_offer(struct bank *bank, const struct holding *holding);

/* For programs, which are not asked: an object for each with its "id" and the "command"; NULL: no
 * memory. */
json_t *revoked_json(const struct bank *bank, const struct holding *holding);

#endif
