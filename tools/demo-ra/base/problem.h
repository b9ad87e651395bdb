/* SPDX-License-Identifier: Apache-2.0 */
/* What can go wrong for a person, with the code that pages and programs show (docs/ra.md). */
#ifndef DEMO_RA_PROBLEM_H
#define DEMO_RA_PROBLEM_H

enum problem {
    PROBLEM_NONE = 0,
    PROBLEM_WRONG_PASSWORD = 101, /* or ID: one text for both */
    PROBLEM_LOCKED = 102,
    PROBLEM_NO_ORDER = 103,
    PROBLEM_ORDER_LATER = 104,
    PROBLEM_WRONG_CONFIRMATION = 105,
    PROBLEM_SESSION_OVER = 106,
    PROBLEM_FOREIGN_REQUEST = 107,
    PROBLEM_JOB_OVER = 108,
    PROBLEM_FIELD = 109,
    PROBLEM_USER_EXISTS = 110,
    PROBLEM_CERTIFICATE_NONE = 201,
    PROBLEM_CERTIFICATE_FOREIGN = 202,
    PROBLEM_CERTIFICATE_EXPIRED = 203,
    PROBLEM_CERTIFICATE_NOT_YET_VALID = 204,
    PROBLEM_CERTIFICATE_UNKNOWN = 205,
    PROBLEM_CERTIFICATE_REVOKED = 206,
    PROBLEM_CERTIFICATE_OTHER = 207, /* another account's than this page is for */
    PROBLEM_NOT_FOUND = 301,
    PROBLEM_METHOD = 302,
    PROBLEM_TOO_LARGE = 303,
    PROBLEM_FAILED = 500, /* ours; the operator's line has been written */
};

/* What is said of it: the HTTP status, what happened, and what to do and whom to ask; plain text,
 * by enum language (text.h knows the languages). */
struct problem_text {
    enum problem problem;
    unsigned http_status;
    const char *title[2];
    const char *advice[2];
};
/* Never NULL: what is unknown is PROBLEM_FAILED. */
const struct problem_text *problem_text(enum problem problem);

#endif
