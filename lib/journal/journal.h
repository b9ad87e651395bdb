/* SPDX-License-Identifier: Apache-2.0 */
/* The journal of one enrolment on disk: NAME.journal, locked by NAME.lock while somebody works on
 * it. Its text is record.h's business; the list of journals is journal_list.c. */
#ifndef CE_JOURNAL_JOURNAL_H
#define CE_JOURNAL_JOURNAL_H

#include "journal/record.h"

/* No journal is longer. */
#define CE_JOURNAL_MAX_BYTES (8 * 1024 * 1024)

#define CE_JOURNAL_SUFFIX ".journal"

/* One journal, locked for this enrolment alone from opening to closing. */
struct ce_journal;

/* `directory` as the public API takes it, resolved: a copy, or the user's state directory. */
int ce_journal_directory(char **out, const char *directory, certenroll_error **error);

/* Refuses a directory that others may write to: CERTENROLL_E_SYSTEM. */
int ce_journal_check_directory(const char *directory, certenroll_error **error);

/* Makes the directory if need be and locks the name for a new journal; no journal is written yet.
 * Errors: CERTENROLL_E_BUSY, CERTENROLL_E_STATE (there is a journal of this name: resume it),
 * CERTENROLL_E_SYSTEM. */
int ce_journal_create(struct ce_journal **out, const char *directory, const char *name,
                      certenroll_error **error);

/* Locks an existing journal and reads it into `record`, which is empty before. Errors:
 * CERTENROLL_E_BUSY, CERTENROLL_E_OBJECT_NOT_FOUND, CERTENROLL_E_JOURNAL, CERTENROLL_E_SYSTEM. */
int ce_journal_open(struct ce_journal **out, struct ce_record *record, const char *directory,
                    const char *name, certenroll_error **error);

/* The parts of it: locking a name, whether or not there is a journal; and reading one without a
 * lock, as it is or was just before. */
int ce_journal_lock(struct ce_journal **out, const char *directory, const char *name,
                    certenroll_error **error);
int ce_journal_read(struct ce_record *record, const char *directory, const char *name,
                    certenroll_error **error);

/* Writes the record, with updated_at set: on disk as it is now, or as it was before. */
int ce_journal_write(struct ce_journal *journal, struct ce_record *record,
                     certenroll_error **error);

/* Removes the journal's file. */
int ce_journal_delete(struct ce_journal *journal, certenroll_error **error);

/* Unlocks; the journal stays, the lock file goes. NULL is allowed. */
void ce_journal_close(struct ce_journal *journal);

/* Removes the lock files, and the journals that were never written whole, of processes that have
 * died before there was a journal or after it had gone. Returns how many. */
size_t ce_journal_clear_leftovers(const char *directory);

/* Non-zero for 1 to CE_JOURNAL_NAME_MAX of a-z, 0-9 and "-". */
int ce_journal_name_is_valid(const char *name);

/* Where the list was read; borrowed from it. */
const char *ce_journal_list_directory(const certenroll_journal_list *list);

/* The record of a listed journal; NULL for one with a problem. */
const struct ce_record *ce_journal_record(const certenroll_journal *journal);

#endif
