/* SPDX-License-Identifier: Apache-2.0 */
/* Records as enrolments write them into journals. What is in the DER fields is not DER: the journal
 * carries bytes. */
#ifndef TEST_JOURNAL_RECORD_H
#define TEST_JOURNAL_RECORD_H

#include "journal/record.h"

/* A first enrolment in the state NEW, with no more than it must have. */
void journal_record_small(struct ce_record *record, const char *name);
/* Every field set, and texts that would break a careless format; a re-key, CONFIRMED. */
void journal_record_full(struct ce_record *record, const char *name);

/* Fails the test with the first field that differs. */
void journal_record_assert_same(const struct ce_record *one, const struct ce_record *other);

#endif
