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
    /* a certification request, and who sends it by EST (RFC 7030) */
    PROBLEM_REQUEST_TYPE = 401,
    PROBLEM_REQUEST_BASE64 = 402,
    PROBLEM_REQUEST_FORM = 403,
    PROBLEM_KEY_WEAK = 404,
    PROBLEM_KEY_COMPRESSED = 405,
    PROBLEM_SIGNATURE_WRONG = 406,
    PROBLEM_SIGNATURE_WEAK = 407,
    PROBLEM_EXTENSIONS = 408,
    PROBLEM_ASKS_FOR_CA = 409,
    PROBLEM_SUBJECT_CHANGED = 410, /* of a renewal */
    PROBLEM_SUBJECT_OTHER = 411,   /* than the job's */
    PROBLEM_KEY_FOREIGN = 412,
    PROBLEM_KEY_REVOKED = 413,
    PROBLEM_UNCONFIRMED = 414, /* the certificate that is to be renewed */
    PROBLEM_ACCOUNT_REMOVED = 415,
    PROBLEM_CREDENTIALS_NONE = 416,
    /* a revocation by the owner */
    PROBLEM_REVOCATION_TYPE = 421,
    PROBLEM_REVOCATION_FORM = 422,
    PROBLEM_REVOCATION_REASON = 423,
    PROBLEM_REVOCATION_FOREIGN = 424, /* one text for all that is not the caller's */
    PROBLEM_FAILED = 500,             /* ours; the operator's line has been written */
};

/* What is said of it: the HTTP status, what happened, and what to do and whom to ask; plain text,
 * by enum language (page_text.h knows the languages). */
struct problem_text {
    enum problem problem;
    unsigned http_status;
    const char *title[2];
    const char *advice[2];
};
/* Never NULL: what is unknown is PROBLEM_FAILED. */
const struct problem_text *problem_text(enum problem problem);
/* The title, for the log: in the operator's language. */
const char *problem_told(enum problem problem);

#endif
