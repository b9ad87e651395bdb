/* SPDX-License-Identifier: Apache-2.0 */
/* The journals of a batch: each row has the one that its contents name, so that another run of the
 * same list finds what the first one did. */
#ifndef CERTENROLL_TOOL_ROW_JOURNALS_H
#define CERTENROLL_TOOL_ROW_JOURNALS_H

#include "batch/row_list.h"
#include "enrolment/enrolment_setup.h"

/* A row's name is ROW-SETTINGS: 32 hexadecimal digits for who is enrolled where, by which a row is
 * known again, and 16 for how the RA is asked. A journal remembers the latter, so one with other
 * settings (a wrong account or trust anchor that was corrected) is not resumed but begun anew. */
enum { BATCH_ROW_DIGITS = 32, BATCH_SETTINGS_DIGITS = 16 };

struct batch_journals {
    certenroll_journal_list *list;
    const certenroll_journal **by_name; /* sorted */
    size_t count;
    char settings[64 + 1]; /* digest of what is the same for all rows */
};

/* Reads the journals in --journal. Cleared in any case. */
int batch_journals_start(struct batch_journals *journals, struct tool *tool,
                         const struct setup *setup, certenroll_error **error);
void batch_journals_clear(struct batch_journals *journals);

/* The name of this row's journal, on the token of this identity. */
int batch_journal_name(char out[CERTENROLL_TOOL_NAME_SIZE], const struct batch_journals *journals,
                       const struct batch_row *row, const char *token_identity,
                       certenroll_error **error);

/* The journal that an earlier run has left of the row: a finished one, or else one with the same
 * settings, or else any; NULL: there is none. */
const certenroll_journal *batch_journal_find(const struct batch_journals *journals,
                                             const char *name);

#endif
