/* SPDX-License-Identifier: Apache-2.0 */
/* Running an enrolment, whichever command began it: progress, waiting for the RA, the result, and
 * how to go on when it stops. For enroll, renew, rekey, replace, resume and batch. */
#ifndef CERTENROLL_TOOL_RUN_ENROLMENT_H
#define CERTENROLL_TOOL_RUN_ENROLMENT_H

#include "common/named_file.h"
#include "enrolment/enrolment_setup.h"
#include "output/output.h"

/* The certenroll_progress_callback: a line on stderr for each step; `user` is the struct tool. */
void show_progress(void *user, certenroll_state state);

/* Runs the enrolment as far as it goes now: 0, CERTENROLL_PENDING, or negative with the error,
 * which tells how to go on. */
int run_once(struct tool *tool, certenroll_enrolment *enrolment, certenroll_error **error);

/* Non-zero when the RA has named a time to come back at, and the person wants to wait for it. */
int can_wait(const struct tool *tool, const certenroll_enrolment *enrolment);

/* "certenroll resume --name NAME", with --journal where that was given. Freed by free(). */
char *resume_command(const struct tool *tool, const char *name, int is_offline);

/* State, name, key, certificate, and times to come; NULL: no memory. */
json_t *describe_enrolment(const certenroll_enrolment *enrolment);

/* The same of the command's own enrolment: and whether that was begun before, and what may have
 * been issued for it where it was asked for then. */
json_t *describe_own(const struct tool *tool, const certenroll_enrolment *enrolment);

/* An enrolment by these options on this token, or the unfinished one that is about the same, which
 * is told on stderr, run to its end; offline, the request goes out and
 * the certificate comes in. Returns as run_once() does. *out is the caller's also when it is
 * negative; NULL when it did not begin. */
int enrol(struct tool *tool, certenroll_enrolment **out, certenroll_token *token,
          const struct setup *setup, certenroll_error **error);

/* Shows a confirmed enrolment under the heading `done`, or a pending one (`status` of enrol()). */
int show_enrolment(struct tool *tool, const certenroll_enrolment *enrolment, int status,
                   const char *done, certenroll_error **error);

/* Non-zero when the new pair is in use, whatever failed after that: revoking and retiring what it
 * replaces are left. `enrolment` may be NULL. */
int is_confirmed(const certenroll_enrolment *enrolment);

/* Both; a confirmed one is shown also when something is left of it. */
int enrol_and_show(struct tool *tool, certenroll_token *token, const struct setup *setup,
                   const char *done, certenroll_error **error);

/* --- wait_for_ra.c: on the wall clock --- */

/* Waits until then, telling of it on stderr. */
void wait_until(const struct tool *tool, int64_t when);
/* The same until the enrolment is to be run again; what for is said. */
void wait_for(const struct tool *tool, const certenroll_enrolment *enrolment);

/* Until time() has come to that moment, also when the computer is asleep meanwhile. */
void sleep_until(int64_t when);

/* The time of day here, with the date when that is another than today's or `with_date` is set. */
void local_time(char *out, size_t size, int64_t when, int with_date);

/* --- offline_exchange.c: the request out and the certificate in, where no RA is on line --- */

/* The request in PEM, to standard output or --out. */
int write_request(const struct options *options, const certenroll_enrolment *enrolment,
                  certenroll_error **error);

/* Hands in the certificate in a file; "-" is standard input. CERTENROLL_PENDING when it is empty.
 */
int supply_answer(certenroll_enrolment *enrolment, const char *path, certenroll_error **error);

/* A certificate as it came from a CA; "-" is standard input. */
int read_answer(struct ce_buffer *out, const char *path, certenroll_error **error);

#endif
