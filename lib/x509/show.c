/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/show.h"

#include "x509/name.h"

#include <stdio.h>
#include <stdlib.h>

struct shown show_name(const X509_NAME *name)
{
    struct shown shown = { "?" };
    char *text = NULL;

    if (ce_name_format(&text, name, NULL) == CERTENROLL_OK)
        snprintf(shown.text, sizeof(shown.text), "%s", text);
    free(text);
    return shown;
}

struct shown show_asn1_time(const ASN1_TIME *time)
{
    struct shown shown = { "?" };
    struct tm tm;

    if (time && ASN1_TIME_to_tm(time, &tm) == 1)
        snprintf(shown.text, sizeof(shown.text), "%04d-%02d-%02d %02d:%02d:%02d UTC",
                 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return shown;
}

struct shown show_time(int64_t time)
{
    ASN1_TIME *asn1 = ASN1_TIME_adj(NULL, 0, (int)(time / 86400), (long)(time % 86400));
    struct shown shown = show_asn1_time(asn1);

    ASN1_TIME_free(asn1);
    return shown;
}
