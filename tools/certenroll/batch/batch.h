/* SPDX-License-Identifier: Apache-2.0 */
/* One run of `certenroll batch`. */
#ifndef CERTENROLL_TOOL_BATCH_H
#define CERTENROLL_TOOL_BATCH_H

#include "batch/batch_tokens.h"
#include "batch/progress_bar.h"
#include "batch/row_journals.h"
#include "batch/row_list.h"

enum batch_outcome {
    BATCH_OPEN, /* not worked on yet */
    BATCH_ENROLLED,
    BATCH_ALREADY_ENROLLED,
    BATCH_PENDING,
    BATCH_FAILED,
    BATCH_NOT_TRIED, /* for what failed before would only fail again */
    BATCH_OUTCOMES,
};

struct batch_result {
    enum batch_outcome outcome;
    int status;
    int is_told;
    int64_t retry_at;
    certenroll_error *error; /* why not; NULL where nothing failed */
    json_t *details;         /* of describe_enrolment; NULL where they are not wanted */
    char name[CERTENROLL_TOOL_NAME_SIZE];
};

struct batch {
    struct tool *tool;
    struct setup setup;
    struct batch_list list;
    struct batch_tokens tokens;
    struct batch_journals journals;
    struct batch_progress progress;
    struct batch_result *results; /* one for each row */
    json_t *names;                /* journal names of this run -> line */

    json_t *refused_accounts;     /* account and source of its password -> true */
    int64_t busy_until;           /* the RA has no time for anybody until then; 0: it has */
    int network_failures;         /* one after the other */
    certenroll_error *no_network; /* the RA is not asked any more; NULL: it is */
};

/* --- enrol_row.c --- */

/* Enrols one row, or goes on with it, and puts down the result. */
void batch_row_run(struct batch *batch, size_t index);

/* --- row_results.c --- */

/* One line for a person, as shown() keeps it. */
const char *batch_result_text(const struct batch *batch, size_t index);
/* What every row came to. With --json on standard output, and to --report. Returns the exit's
 * status: 0, CERTENROLL_PENDING, or that of the first failure. */
int batch_results_show(struct batch *batch, certenroll_error **error);

#endif
