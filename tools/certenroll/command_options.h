/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, read into one struct. */
#ifndef CERTENROLL_TOOL_COMMAND_OPTIONS_H
#define CERTENROLL_TOOL_COMMAND_OPTIONS_H

#include "common/option_rows.h"

#include <stdio.h>

/* What was given; NULL and 0 for what was not. Texts are borrowed from argv. */
struct options {
    int json, help, version;
    const char *log;
    const char *token, *module, *pin_source, *so_pin_source;
    int allow_final_try;
    const char *wait_token;
    const char *new_pin_source, *new_so_pin_source;
    int erase, unblock;
    const char *id, *label;
    const char *key_type;
    const char *subject, *key_usage, *eku;
    struct option_list alt_names; /* cleared by options_clear */
    const char *trust_anchor;
    const char *url, *tls_anchor, *user, *password_source;
    int ca_names;
    int offline;
    const char *out;
    int der, pem;
    const char *journal, *name, *certificate;
    int no_wait;
    const char *retire;
    const char *old_token, *old_module, *old_certificate;
    int another, anew, revoke;
    const char *reason;
    const char *days;
    int yes;
    const char *forget;
    const char *report;
    const char *operand; /* the one argument that is no option */
};

/* Groups of options; a command takes a set of them. */
enum {
    OPTIONS_GENERAL = 1 << 0, /* before the command and after it */
    OPTIONS_TOKEN = 1 << 1,
    OPTIONS_SELECT = 1 << 2, /* --id, --label */
    OPTIONS_KEY = 1 << 3,
    OPTIONS_REQUEST = 1 << 4,
    OPTIONS_ANCHOR = 1 << 5,
    OPTIONS_RA = 1 << 6,
    OPTIONS_CA_NAMES = 1 << 7,
    OPTIONS_OUT = 1 << 8,
    OPTIONS_PEM = 1 << 9,
    OPTIONS_OPERAND = 1 << 10,
    OPTIONS_OFFLINE = 1 << 11,
    OPTIONS_JOURNAL = 1 << 12,
    OPTIONS_WAIT = 1 << 13,
    OPTIONS_RETIRE = 1 << 14,
    OPTIONS_RESUME = 1 << 15,
    OPTIONS_REPLACE = 1 << 16,
    OPTIONS_REVOKE = 1 << 17,
    OPTIONS_DAYS = 1 << 18,
    OPTIONS_YES = 1 << 19,
    OPTIONS_PASSWORD = 1 << 20, /* --password-source alone; it is part of OPTIONS_RA as well */
    OPTIONS_USAGE = 1 << 21,    /* --key-usage, --eku; part of OPTIONS_REQUEST as well */
    OPTIONS_BATCH = 1 << 22,
    OPTIONS_FORGET = 1 << 23,
    OPTIONS_INSERT = 1 << 24, /* --wait-token */
    OPTIONS_INIT = 1 << 25,   /* of "token init", also --token and what else it has of that group */
    OPTIONS_PIN = 1 << 26,    /* of "token pin" */
    OPTIONS_ID = 1 << 27,     /* --id alone; it is part of OPTIONS_SELECT as well */
    OPTIONS_ANOTHER = 1 << 28,
};

/* Reads options up to the first argument that is none. */
int options_read_general(struct options *options, struct argument_line *line,
                         certenroll_error **error);
/* Reads the rest, options and operand in any order. */
int options_read_command(struct options *options, int groups, struct argument_line *line,
                         certenroll_error **error);
void options_clear(struct options *options);

/* The options of these groups, one a line. */
void options_describe(int groups, FILE *stream);

#endif
