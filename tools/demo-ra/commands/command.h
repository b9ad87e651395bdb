/* SPDX-License-Identifier: Apache-2.0 */
/* The sub-commands. Each gets its own name as arguments[0] and returns the exit status. */
#ifndef DEMO_RA_COMMAND_H
#define DEMO_RA_COMMAND_H

int command_init(int count, char **arguments);
int command_serve(int count, char **arguments);
int command_account(int count, char **arguments);
int command_certificate(int count, char **arguments);
int command_branch(int count, char **arguments);
int command_holiday(int count, char **arguments);
int command_clock(int count, char **arguments);
int command_audit(int count, char **arguments);

/* Reads a decimal number within bounds; 0, or -1. */
int command_number(long *out, const char *text, long least, long most);

/* The row of getopt_long's table for a secret that somebody tries to give as an argument: without
 * it, "--pin 1234" would be completed to --pin-source and the PIN taken for a file name. */
#define COMMAND_SECRET 1000
#define COMMAND_SECRET_OPTION(name)                                                                \
    {                                                                                              \
        name, optional_argument, NULL, COMMAND_SECRET                                              \
    }

/* Tells what getopt_long returned ':', '?' or COMMAND_SECRET for; the exit status. `arguments` as
 * it got them. */
int command_refuse(char **arguments, int option);

#endif
