/* SPDX-License-Identifier: Apache-2.0 */
/* The journals of --journal and the tokens they are about. For resume, status, clean and batch. */
#ifndef CERTENROLL_TOOL_UNFINISHED_H
#define CERTENROLL_TOOL_UNFINISHED_H

#include "output/output.h"

/* What is left to do of an enrolment, by its journal. */
enum left {
    LEFT_UNREADABLE, /* the journal has a problem */
    LEFT_NOTHING,    /* it is finished */
    LEFT_REVOKE,     /* confirmed; something is to be revoked */
    LEFT_LATER,      /* confirmed; the time to retire the old one has not come */
    LEFT_RETIRE,     /* confirmed; the old one is to be retired now */
    LEFT_TAKE_BACK,  /* abandoned, but not to the end */
    LEFT_RUN,        /* all else */
};
enum left left_of(const certenroll_journal *journal);

/* Name, operation, state, subject, token and times; NULL: no memory. */
json_t *describe_journal(const certenroll_journal *journal);

/* Removes the journal of a finished enrolment, unless it is to be kept. That it could not be
 * changes nothing. */
void forget_finished(struct tool *tool, const certenroll_journal *journal);
/* The same for any. */
void forget_journal(struct tool *tool, const certenroll_journal *journal, int even_unfinished);

/* No journal has this name. Returns the status. */
int refuse_name(const struct tool *tool, const char *name, certenroll_error **error);

/* Non-zero when the journal is for this token. */
int is_for_token(const certenroll_journal *journal, const certenroll_token_info *info);

/* The tokens that were opened on the way, each of them once. Zero-initialise. */
struct tokens {
    certenroll_token *only; /* of --token: the journals of others are none of our business */
    struct opened_token *list;
    size_t count;
};

/* Opens the token of --token, where that is given. What secret sources there are must be for one
 * token and one account: a PIN of --pin-source, or a password of --password-source, that is tried
 * on others costs them tries. Refuses where the journals that something is left to do of name
 * several. */
int tokens_open(struct tool *tool, struct tokens *tokens, const certenroll_journal_list *journals,
                certenroll_error **error);
/* Non-zero unless --token is given and the journal is for another one. Unreadable journals may be
 * for any. */
int tokens_match(const struct tokens *tokens, const certenroll_journal *journal);
/* The journal's token, borrowed from `tokens`. */
int tokens_get(struct tool *tool, struct tokens *tokens, certenroll_token **out,
               const certenroll_journal *journal, certenroll_error **error);
void tokens_clear(struct tokens *tokens);

/* What dead programs have left on tokens, beside the journals: on those that were opened, and on
 * those of which it is written down, or the one of --token. A line for each, and for programs an
 * array of token, token_serial, and removed or error; empty: there was nothing. NULL: no memory.
 * After a `status` that says that a PIN was wrong or not given, nobody is asked for it again. */
json_t *tokens_settle(struct tool *tool, struct tokens *tokens, int status);

/* Takes the enrolment of this name up again: certenroll_enrolment_resume() by the command line.
 * `corrections`: what is said anew; NULL: nothing. */
int take_up(struct tool *tool, certenroll_enrolment **out, certenroll_token *token,
            const char *name, const certenroll_resume_options *corrections,
            certenroll_error **error);

#endif
