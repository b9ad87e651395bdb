/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, whether the library or the tool itself found it, and how it is told. */
#ifndef TOOLS_COMMON_FAILURE_H
#define TOOLS_COMMON_FAILURE_H

#include <certenroll/error.h>

#include <jansson.h>

#define FAILURE_PRINTF(string, first) __attribute__((format(printf, string, first)))

struct failure {
    int status; /* negative certenroll_status; 0: nothing went wrong */
    unsigned long ck_rv;
    long http_status;
    char what[1024];
    char why[1024];
    char advice[1024];
};

/* One found by the tool. The first one wins: what follows from it is not told. Returns `status`. */
int failure_set(struct failure *failure, int status, const char *what, ...) FAILURE_PRINTF(3, 4);
/* The same for a failed system call, with errno as the reason. Returns CERTENROLL_E_SYSTEM. */
int failure_errno(struct failure *failure, const char *what, ...) FAILURE_PRINTF(2, 3);
int failure_memory(struct failure *failure);

/* One found by the library; takes `error` over. Returns its status. */
int failure_take(struct failure *failure, certenroll_error *error);

/* Replace the reason, or the remedy, of the failure that is there. */
void failure_because(struct failure *failure, const char *why, ...) FAILURE_PRINTF(2, 3);
void failure_advise(struct failure *failure, const char *advice, ...) FAILURE_PRINTF(2, 3);

/* What happened, why, and what to do next, in one line for a person. */
#define FAILURE_LINE_SIZE (3 * 1024 + 16)
void failure_line(char line[FAILURE_LINE_SIZE], const struct failure *failure);
/* The same on stderr: "program: what: why. advice" */
void failure_print(const struct failure *failure, const char *program);
/* {"error": {"status": "PIN_LOCKED", "class": 5, ...}}; NULL: no memory. */
json_t *failure_json(const struct failure *failure);

#endif
