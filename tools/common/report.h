/* SPDX-License-Identifier: Apache-2.0 */
/* How a failure is told: a line for a person, an object for a program. */
#ifndef TOOLS_COMMON_REPORT_H
#define TOOLS_COMMON_REPORT_H

#include <certenroll/error.h>

#include <jansson.h>

/* "program: what: why. advice" on stderr. */
void report_print(const certenroll_error *error, const char *program);
/* {"error": {"status": "PIN_LOCKED", "class": 5, ...}}; NULL: no memory. */
json_t *report_json(const certenroll_error *error);

#endif
