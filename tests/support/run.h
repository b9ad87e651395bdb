/* SPDX-License-Identifier: Apache-2.0 */
/* Programs as children of a test. */
#ifndef TEST_RUN_H
#define TEST_RUN_H

#include <sys/types.h>

/* How a program ended and what it wrote; freed by run_clear(). */
struct run {
    int status; /* exit status, or 128 + the signal that ended it */
    char *out;
    char *err;
};

/* Runs a program to its end with empty standard input; argv ends with NULL, argv[0] is looked up in
 * PATH. The output files are made in `dir` and removed. */
struct run run_program(const char *dir, const char *const *argv);
void run_clear(struct run *run);

/* Starts a program that stays; its output goes to DIR/NAME.log. It ends with the calling thread,
 * whatever ends that. */
pid_t run_start(const char *dir, const char *name, const char *const *argv);
/* Waits until it has ended by itself, and returns its status as above. */
int run_wait(pid_t pid);
/* Ends it by SIGTERM and returns its status as above. */
int run_stop(pid_t pid);

/* A program of the build: "tools/certenroll/certenroll". Freed by the caller. */
char *run_built(const char *path);

#endif
