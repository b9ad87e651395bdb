/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_PROTOCOL_RETRY_AFTER_H
#define CE_PROTOCOL_RETRY_AFTER_H

#include <stdint.h>

/* The moment that a Retry-After field names (RFC 9110 §10.2.3), never before `now` and never more
 * than a year after it; 0 when it makes no sense. All in UTC seconds since 1970. */
int64_t retry_after_moment(const char *field, int64_t now);

#endif
