/* SPDX-License-Identifier: Apache-2.0 */
#include "common/report.h"

#include "base/text.h"
#include "base/time.h"
#include "common/shown_text.h"
#include "common/tool_message.h"

#include <stdio.h>
#include <stdlib.h>

/* The RA's words in a line of their own: a command at the end of the advice can be copied. */
void report_print(const certenroll_error *error, const char *program)
{
    char *clean = ce_text_shown(certenroll_error_own_message(error));
    const char *words = certenroll_error_ra_words(error);

    fprintf(stderr, "%s: %s\n", program, clean ? clean : _("out of memory"));
    free(clean);
    clean = ce_text_shown(words);
    if (words[0] && clean)
        fprintf(stderr, _("%s: The RA says: \"%s\"\n"), program, clean);
    free(clean);
}

json_t *report_json(const certenroll_error *error)
{
    int status = certenroll_error_status(error);
    char when[CE_TIME_SIZE];

    json_t *report = json_pack(
        "{s:{s:s, s:i, s:o, s:o, s:o, s:o, s:I, s:I}}", "error", "status",
        certenroll_status_name(status), "class", (int)certenroll_status_class(status), "what",
        text_json(certenroll_error_what(error)), "why", text_json(certenroll_error_why(error)),
        "advice", text_json(certenroll_error_advice(error)), "ra_words",
        text_json(certenroll_error_ra_words(error)), "ck_rv",
        (json_int_t)certenroll_error_ck_rv(error), "http_status",
        (json_int_t)certenroll_error_http_status(error));

    ce_time_format(when, certenroll_error_retry_at(error));
    if (when[0])
        json_object_set_new(json_object_get(report, "error"), "retry_at", json_string(when));
    return report;
}
