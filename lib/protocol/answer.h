/* SPDX-License-Identifier: Apache-2.0 */
/* What an HTTP answer means that brings nothing of what was asked for. */
#ifndef CE_PROTOCOL_ANSWER_H
#define CE_PROTOCOL_ANSWER_H

#include "protocol/http.h"

/* Adds HTTP status and the server's own words (reason.h) to the error just made. */
void answer_quote(const struct http_response *response, certenroll_error **error);

/* Non-zero for a server that has no time for anybody, and says when it will: 429 or 503 with a
 * Retry-After. */
int answer_is_busy(const struct http_response *response);

/* CERTENROLL_E_AUTHENTICATION for 401 and 403, CERTENROLL_E_REJECTED for the other 4xx,
 * CERTENROLL_E_SERVER for all else. Of 401 and 403 it is said what was offered, what of the
 * endpoint's account and certificate was sent, and what is missing. The error has the
 * time of a Retry-After. */
int answer_refused(const struct http_response *response, const struct ca_endpoint *endpoint,
                   certenroll_error **error);

/* The moment that a Retry-After field names (RFC 9110 §10.2.3), never before `now` and never more
 * than a year after it; 0 when it makes no sense. All in UTC seconds since 1970 by our clock;
 * `skew` is what the server's is ahead of it, by which a date is meant. */
int64_t retry_after_moment(const char *field, int64_t now, int64_t skew);
/* A Date field (RFC 9110 §6.6.1) less `now`; 0 when it makes no sense. */
int64_t date_skew(const char *field, int64_t now);

#endif
