/* SPDX-License-Identifier: Apache-2.0 */
/* The sub-commands, and what they have in common. Each returns a status. */
#ifndef DEMO_RA_COMMAND_H
#define DEMO_RA_COMMAND_H

#include "rules/ra.h"

#include <jansson.h>

/* Which options a command takes. */
enum command_group {
    COMMAND_INIT = 1,
    COMMAND_SERVE = 2,
    COMMAND_ACCOUNT = 4,
    COMMAND_CERTIFICATE = 8,
    COMMAND_BRANCH = 16,
    COMMAND_HOLIDAY = 32,
    COMMAND_CLOCK = 64,
    COMMAND_AUDIT = 128,
};

/* A command line, read; NULL or 0 for what was not given. */
struct command_line {
    const char *usage; /* for the catalogue */
    const char *directory, *ca_token, *module, *pin_source;
    const char *port, *ready_file, *validity_days, *clock_offset, *hold, *retry_after;
    const char *password_source, *confirmation_source, *title, *reason;
    const char *set, *offset;
    int json, show, reset;
    int count; /* arguments that are no options */
    char **words;
};
/* Reads the options of the group into `line`; without --dir it is the usage that is told. */
int command_read(struct command_line *line, enum command_group group, int count, char **arguments,
                 certenroll_error **error);
int command_usage(const struct command_line *line, certenroll_error **error);

int command_init(const struct command_line *line, certenroll_error **error);
int command_serve(const struct command_line *line, certenroll_error **error);
int command_account(const struct command_line *line, certenroll_error **error);
int command_certificate(const struct command_line *line, certenroll_error **error);
int command_branch(const struct command_line *line, certenroll_error **error);
int command_holiday(const struct command_line *line, certenroll_error **error);
int command_clock(const struct command_line *line, certenroll_error **error);
int command_audit(const struct command_line *line, certenroll_error **error);

/* What the first word of a command's line can be. */
struct command_action {
    const char *name;
    int words_min, words_max; /* that follow it */
    enum store_use use;
    /* With an RA that has its store alone; the line begins with those words. */
    int (*run)(struct ra *ra, const struct command_line *line, certenroll_error **error);
};
/* Opens the store and does what the line says. */
int command_act(const struct command_line *line, const struct command_action *actions, size_t count,
                certenroll_error **error);

/* The status that a result about an account of this name is. */
int command_result(struct ra *ra, enum store_result result, const char *name,
                   certenroll_error **error);
/* The account that the words name: CORPORATE_ID [USER_ID]. */
int command_find_account(struct account *out, struct ra *ra, const struct command_line *line,
                         certenroll_error **error);
/* Whether these are IDs. */
int command_check_ids(const struct command_line *line, certenroll_error **error);
/* Clears all counts of wrong passwords; `by` is for the audit log and may be NULL. */
int command_unlock(struct ra *ra, const struct command_line *line, const char *by,
                   certenroll_error **error);
/* A number of seconds, which may be negative; 0, or -1. */
int command_offset(int64_t *out, const char *text);
/* Prints the object on a line and frees it. CERTENROLL_E_MEMORY: nothing was printed. */
int command_print_json(json_t *object);
/* What is being listed, and how. */
struct command_listing {
    int json;
    int64_t now;
    int status; /* of command_print_json() */
};

#endif
