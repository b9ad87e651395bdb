/* SPDX-License-Identifier: Apache-2.0 */
/* What an enrolment leaves in force at the CA, as JSON, and what a person is told of it. */
#ifndef CERTENROLL_TOOL_OUTSTANDING_H
#define CERTENROLL_TOOL_OUTSTANDING_H

#include "output/output.h"

/* What is still to be revoked for it, as describe_certificate() has it without the PEM. NULL:
 * nothing. */
json_t *describe_promised(const certenroll_journal *journal);

/* What was issued for it and nobody revoked: as describe_certificate() has it; and of what may have
 * been issued unseen the url, subject and key_sha256 of the request. Of an enrolment that was taken
 * back, and by the journal alone. NULL: nothing. */
json_t *describe_left_in_force(const certenroll_enrolment *enrolment);
json_t *describe_left_by_journal(const certenroll_journal *journal);

/* The same of what RAs at other addresses than `url` (NULL: none) may have issued unseen. */
json_t *describe_issued_elsewhere(const certenroll_enrolment *enrolment, const char *url);

/* Adds it, unless it is NULL; takes it over. */
void add_found(json_t *object, const char *member, json_t *array);

/* A line for each, with `caption` before it, and what to do about them. */
void show_promised(struct tool *tool, const json_t *array, const char *caption);
void show_left_in_force(struct tool *tool, const json_t *array);
/* A line on stderr for each of describe_issued_elsewhere(). */
void tell_issued_elsewhere(struct tool *tool, const json_t *array);

#endif
