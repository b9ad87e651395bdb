/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll-corporate and certenroll-user: the bank's flows without a browser (docs/ra.md). Both
 * are a table of commands; what they share is here. */
#ifndef BANK_BANK_H
#define BANK_BANK_H

#include "common/option_rows.h"
#include "common/secrets.h"

#include <certenroll/certenroll.h>
#include <certenroll/ra_json.h>

#define ID_SIZE 32 /* 31 characters; docs/ra.md */
#define NAME_SIZE (2 * ID_SIZE)

/* The RA's codes that make a difference here. */
#define CODE_NO_ORDER "R-103"
#define CODE_ORDER_LATER "R-104"

/* What the PC is for; a set. */
enum purpose { PURPOSE_UNKNOWN = 0, PURPOSE_CORPORATE = 1, PURPOSE_USER = 2, PURPOSE_BOTH = 3 };

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

/* The command line of both programs. */
extern const struct option_rows bank_options;

struct bank;

struct command {
    const char *name;
    int (*run)(struct bank *bank, certenroll_error **error);
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
    char code[CERTENROLL_RA_CODE_SIZE]; /* the RA's, of what it refused; "" when there is none */
    certenroll_context *context;
    certenroll_ra_config *config;
    const certenroll_ra *ra;
    certenroll_token *token;
    enum purpose purpose;
    char corporate_id[ID_SIZE], user_id[ID_SIZE];
    char name[NAME_SIZE]; /* of the certificate that this is about */
    /* What holding.c has found out; CA certificates and list are asked for once a run. */
    certenroll_inventory *inventory; /* the token, as it was looked at last */
    certenroll_issuers *issuers, *issuers_offline;
    certenroll_crl *crl;
    int is_list_missed; /* told once: the bank's revocation list cannot be had */
    /* The result that was shown tells what went wrong: only the exit status is left to say it. */
    int is_told;
};

/* Both programs' main(). */
int program_main(const struct program *program, int argc, char **argv);

/* --- the commands: 0, CERTENROLL_PENDING, or negative --- */

int command_steps(struct bank *bank, certenroll_error **error);
int command_get(struct bank *bank, certenroll_error **error);
int command_logon(struct bank *bank, certenroll_error **error);
int command_renew(struct bank *bank, certenroll_error **error);
int command_status(struct bank *bank, certenroll_error **error);
int command_users(struct bank *bank, certenroll_error **error);
int command_register(struct bank *bank, certenroll_error **error);
int command_reissue(struct bank *bank, certenroll_error **error);
int command_reset(struct bank *bank, certenroll_error **error);

/* --- start.c: what every command begins with --- */

/* Configuration, bank, IDs, token: whose certificate this is about. No PIN is asked for. */
int bank_start(struct bank *bank, certenroll_error **error);

/* This certificate at this bank on this token, with a key as configured. */
certenroll_ra_collection bank_collection(const struct bank *bank);

/* Sets *type to --key-type where that was given. */
int bank_key_type(const struct bank *bank, certenroll_key_type *type, certenroll_error **error);

/* --days, or 30. */
int bank_days(const struct bank *bank, int *days, certenroll_error **error);

/* A certenroll_progress_callback: a line on stderr for each state that is reached. */
void bank_progress(void *user, certenroll_state state);

#endif
