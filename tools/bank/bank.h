/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll-corporate and certenroll-user: the bank's flows without a browser (docs/ra.md). Both
 * are a table of commands; what they share is here. */
#ifndef BANK_BANK_H
#define BANK_BANK_H

#include "common/failure.h"
#include "common/ra_call.h"
#include "common/ra_collect.h"
#include "common/secrets.h"
#include "options.h"

#include <certenroll/certenroll.h>

#define ID_SIZE 32 /* 31 characters; docs/ra.md */
#define NAME_SIZE (2 * ID_SIZE)

/* The RA's codes that make a difference here. */
#define CODE_NO_ORDER "R-103"
#define CODE_ORDER_LATER "R-104"

/* What the PC is for; a set. */
enum purpose { PURPOSE_UNKNOWN = 0, PURPOSE_CORPORATE = 1, PURPOSE_USER = 2, PURPOSE_BOTH = 3 };

struct bank;

struct command {
    const char *name;
    int (*run)(struct bank *bank);
    int groups; /* of options */
    const char *help;
};

struct program {
    const char *name;
    int is_user; /* the user's; else the corporation's */
    const char *about;
    const struct command *commands; /* ends with a row without a name */
};

/* One run of a program. */
struct bank {
    const struct program *program;
    struct options options;
    struct secrets secrets;
    struct failure failure;
    char code[RA_CODE_SIZE]; /* the RA's, of that failure; "" when there is none */
    certenroll_context *context;
    struct ra_config config;
    const struct ra_place *place;
    certenroll_token *token;
    enum purpose purpose;
    char corporate_id[ID_SIZE], user_id[ID_SIZE];
    char name[NAME_SIZE]; /* of the certificate that this is about */
    /* The result that was shown tells what went wrong: only the exit status is left to say it. */
    int is_told;
    int is_list_missed; /* told once: the bank's revocation list cannot be had */
};

/* Both programs' main(). */
int program_main(const struct program *program, int argc, char **argv);

/* --- the commands: 0, CERTENROLL_PENDING, or negative with bank->failure set --- */

int command_steps(struct bank *bank);
int command_get(struct bank *bank);
int command_logon(struct bank *bank);
int command_renew(struct bank *bank);
int command_status(struct bank *bank);
int command_users(struct bank *bank);
int command_register(struct bank *bank);
int command_reissue(struct bank *bank);
int command_reset(struct bank *bank);

/* --- start.c: what every command begins with --- */

/* Configuration, bank, IDs, token: whose certificate this is about. No PIN is asked for. */
int bank_start(struct bank *bank);

/* One found by the library, with the reason why no PIN was there, if that is what it comes from.
 * Takes `error` over. Returns its status. */
int bank_take(struct bank *bank, certenroll_error *error);

/* What a "get" that was interrupted has left on the token. */
int bank_find_leftover(struct bank *bank, enum ra_leftover *out);

/* --days, or 30. */
int bank_days(struct bank *bank, int *days);

#endif
