/* SPDX-License-Identifier: Apache-2.0 */
/* One run of `certenroll batch`. */
#ifndef CERTENROLL_TOOL_BATCH_H
#define CERTENROLL_TOOL_BATCH_H

#include "batch/batch_journal.h"
#include "batch/batch_list.h"
#include "batch/batch_progress.h"
#include "batch/batch_token.h"
#include "run.h"

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
    int64_t retry_at;
    char *message;   /* why not; NULL where nothing failed, or for want of memory */
    json_t *details; /* of describe_enrolment; NULL where they are not wanted */
    char name[CERTENROLL_TOOL_NAME_SIZE];
    const certenroll_journal *former; /* whose key this row takes over; NULL: none */
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

    json_t *refused_accounts;  /* account and source of its password -> message */
    int network_failures;      /* one after the other */
    struct failure no_network; /* the RA is not asked any more; status 0: it is */
};

/* --- batch_row.c --- */

/* Enrols one row, or goes on with it, and puts down the result. */
void batch_row_run(struct batch *batch, size_t index);

/* --- batch_result.c --- */

void batch_result_clear(struct batch_result *result);
/* One line for a person; freed by free(). NULL: no memory. */
char *batch_result_text(const struct batch *batch, size_t index);
/* What every row came to. With --json on standard output, and to --report. Returns the exit's
 * status: 0, CERTENROLL_PENDING, or that of the first failure. */
int batch_results_show(struct batch *batch);

#endif
