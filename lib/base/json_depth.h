/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_BASE_JSON_DEPTH_H
#define CE_BASE_JSON_DEPTH_H

#include <stddef.h>

/* How deep the brackets of a JSON text go, by its characters alone: jansson would follow them, one
 * call each. */
int json_depth(const char *text, size_t length);

#endif
