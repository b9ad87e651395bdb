/* SPDX-License-Identifier: Apache-2.0 */
/* Running an enrolment, whichever command began it: its options from the command line, progress,
 * waiting for the RA, the result, and how to go on when it stops. For enroll, renew, rekey,
 * replace, resume and batch. */
#ifndef CERTENROLL_TOOL_RUN_H
#define CERTENROLL_TOOL_RUN_H

#include "output.h"

/* --- setup.c: what the command line says of an enrolment --- */

/* The options point into the rest; so it stays where it is. Zero-initialise. */
struct setup {
    certenroll_enrolment_options options;
    certenroll_request_options request;
    certenroll_key_options key;
    unsigned char id[CERTENROLL_ID_MAX];
    certenroll_anchors *anchors, *tls_anchors;
};

/* RA, trust anchors, journal, progress. Every command begins with this one. */
int setup_ra(struct tool *tool, struct setup *setup);
/* That, and what is asked for, and the key to generate: a first enrolment. */
int setup_first(struct tool *tool, struct setup *setup);
void setup_clear(struct setup *setup);

/* --- run.c --- */

/* The certenroll_progress_callback: a line on stderr for each step; `user` is the struct tool. */
void show_progress(void *user, certenroll_state state);

/* Runs the enrolment as far as it goes now: 0, CERTENROLL_PENDING, or negative with the failure,
 * which tells how to go on. */
int run_once(struct tool *tool, certenroll_enrolment *enrolment, struct failure *failure);

/* The same and, unless --no-wait is given, again each time the RA has named, until it
 * is decided. */
int run_enrolment(struct tool *tool, certenroll_enrolment *enrolment, struct failure *failure);

/* Non-zero when the RA has named a time to come back at, and the person wants to wait for it. */
int can_wait(const struct tool *tool, const certenroll_enrolment *enrolment);

/* Waits on the wall clock until then, telling of it on stderr. */
void wait_until(const struct tool *tool, int64_t when);

/* When the enrolment has a journal, tells in the failure's advice how to go on, and sets
 * tool->enrolment where the failure is the tool's own. */
void advise_resume(struct tool *tool, const certenroll_enrolment *enrolment,
                   struct failure *failure);

/* "certenroll resume --name NAME", with --journal where that was given. Freed by free(). */
char *resume_command(const struct tool *tool, const char *name, int is_offline);

/* State, name, key, certificate, and times to come; NULL: no memory. */
json_t *describe_enrolment(const certenroll_enrolment *enrolment);

/* What is shown of it. */
extern const struct field enrolment_fields[];

/* A new enrolment by these options on this token, run to its end; offline, the request goes out and
 * the certificate comes in. The status is run_enrolment()'s, the failure the tool's. *out is the
 * caller's also when it is negative; NULL when it did not begin. */
int enrol(struct tool *tool, certenroll_enrolment **out, certenroll_token *token,
          const struct setup *setup);

/* Shows a confirmed enrolment under the heading `done`, or a pending one (`status` of enrol()). */
int show_enrolment(struct tool *tool, const certenroll_enrolment *enrolment, int status,
                   const char *done);

/* Both. */
int enrol_and_show(struct tool *tool, certenroll_token *token, const struct setup *setup,
                   const char *done);

#endif
