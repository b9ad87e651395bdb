/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line says of an enrolment. */
#ifndef CERTENROLL_TOOL_ENROLMENT_SETUP_H
#define CERTENROLL_TOOL_ENROLMENT_SETUP_H

#include "tool.h"

/* The options point into the rest; so it stays where it is. Zero-initialise. */
struct setup {
    certenroll_enrolment_options options;
    certenroll_request_options request;
    certenroll_key_options key;
    unsigned char id[CERTENROLL_ID_MAX];
    certenroll_anchors *anchors, *tls_anchors;
};

/* RA, trust anchors, journal, progress. Every command begins with this one. */
int setup_ra(struct tool *tool, struct setup *setup, certenroll_error **error);
/* That, and what is asked for, and the key to generate: a first enrolment. */
int setup_first(struct tool *tool, struct setup *setup, certenroll_error **error);
void setup_clear(struct setup *setup);

/* --retire; CERTENROLL_RETIRE_DELETE without it. */
int read_retirement(const struct options *options, certenroll_retirement *out,
                    certenroll_error **error);

#endif
