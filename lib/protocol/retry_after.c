/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/retry_after.h"

#include "protocol/curl.h"

#include <string.h>

#define LONGEST_WAIT (INT64_C(366) * 24 * 60 * 60)

/* libcurl's CURLINFO_RETRY_AFTER is no substitute: newer releases cut it to six hours, and an RA
 * whose officer approves by hand means days. */
static int64_t seconds(const char *digits)
{
    int64_t sum = 0;

    for (; *digits && sum < LONGEST_WAIT; digits++)
        sum = sum * 10 + (*digits - '0');
    return sum < LONGEST_WAIT ? sum : LONGEST_WAIT;
}

int64_t retry_after_moment(const char *field, int64_t now)
{
    const struct libcurl *curl;
    int64_t moment;

    if (field[0] == '\0')
        return 0;
    if (field[strspn(field, "0123456789")] == '\0')
        return now + seconds(field);
    curl = libcurl_load(NULL);
    moment = curl ? (int64_t)curl->getdate(field, NULL) : -1;
    if (moment < 0)
        return 0;
    if (moment < now)
        return now;
    return moment - now < LONGEST_WAIT ? moment : now + LONGEST_WAIT;
}
