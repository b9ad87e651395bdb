/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* localtime_r */

#include "date.h"

#include "common/message.h"

#include <time.h>

void date_text(char out[DATE_SIZE], int64_t when)
{
    time_t seconds = (time_t)when;
    struct tm local;

    out[0] = '\0';
    if (localtime_r(&seconds, &local))
        /* TRANSLATORS: strftime(3)'s, a date with the hour. */
        (void)!strftime(out, DATE_SIZE, _("%d %B %Y %H:%M %Z"), &local);
}
