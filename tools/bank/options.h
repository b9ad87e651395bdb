/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of both programs, read into one struct. */
#ifndef BANK_OPTIONS_H
#define BANK_OPTIONS_H

#include "common/failure.h"

#include <stdio.h>

/* What was given; NULL and 0 for what was not. Texts are borrowed from argv. */
struct options {
    int json, help, version;
    const char *log;
    const char *config, *ra;
    const char *token, *module, *pin_source, *journal;
    int allow_final_try;
    const char *purpose; /* --for */
    const char *corporate_id, *user_id;
    const char *password_source, *confirmation_password_source;
    const char *new_password_source, *new_confirmation_password_source;
    const char *key_type, *days;
    int again;
    const char *operand; /* the one argument that is no option */
};

/* Groups of options; a command takes a set of them. */
enum {
    OPTIONS_GENERAL = 1 << 0, /* before the command and after it */
    OPTIONS_TOKEN = 1 << 1,   /* bank, token and corporation: of every command */
    OPTIONS_USER = 1 << 2,    /* --user-id */
    OPTIONS_FOR = 1 << 3,
    OPTIONS_PASSWORD = 1 << 4,
    OPTIONS_CONFIRMATION = 1 << 5,
    OPTIONS_NEW_PASSWORDS = 1 << 6,
    OPTIONS_KEY = 1 << 7,
    OPTIONS_AGAIN = 1 << 8,
    OPTIONS_DAYS = 1 << 9,
    OPTIONS_OPERAND = 1 << 10, /* USER */
};

/* Reads options up to the first argument that is none, and puts its index in *next. */
int options_read_general(struct options *options, int groups, int argc, char **argv, int *next,
                         struct failure *failure);
/* Reads the rest, options and operand in any order; argv[0] is the command's name. */
int options_read_command(struct options *options, int groups, int argc, char **argv,
                         struct failure *failure);

/* The options of these groups, one a line. */
void options_describe(int groups, FILE *stream);

#endif
