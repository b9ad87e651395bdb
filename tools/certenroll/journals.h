/* SPDX-License-Identifier: Apache-2.0 */
/* The journals of --journal and the tokens they are about. For resume, status and clean. */
#ifndef CERTENROLL_TOOL_JOURNALS_H
#define CERTENROLL_TOOL_JOURNALS_H

#include "output.h"

/* What is left to do of an enrolment, by its journal. */
enum left {
    LEFT_UNREADABLE, /* the journal has a problem */
    LEFT_NOTHING,    /* it is finished */
    LEFT_LATER,      /* confirmed; the time to retire the old one has not come */
    LEFT_RETIRE,     /* confirmed; the old one is to be retired now */
    LEFT_TAKE_BACK,  /* abandoned, but not to the end */
    LEFT_RUN,        /* all else */
};
enum left left_of(const certenroll_journal *journal);

/* Name, operation, state, subject, token and times; NULL: no memory. */
json_t *describe_journal(const certenroll_journal *journal);

/* The journals; CERTENROLL_E_SYSTEM when they cannot be read. */
int read_journals(struct tool *tool, certenroll_journal_list **out);

/* Removes the journal of a finished enrolment. That it could not be changes nothing. */
void forget_finished(struct tool *tool, const certenroll_journal *journal);

/* No journal has this name. Returns the status. */
int refuse_name(struct tool *tool, const char *name);

/* What is wrong with an unreadable journal. Returns its status. */
int take_problem(struct failure *failure, const certenroll_journal *journal);

/* The tokens that were opened on the way, each of them once. Zero-initialise. */
struct tokens {
    certenroll_token *only; /* of --token: the journals of others are none of our business */
    struct opened_token *list;
    size_t count;
};

/* Opens the token of --token, where that is given. */
int tokens_open(struct tool *tool, struct tokens *tokens);
/* Non-zero unless --token is given and the journal is for another one. Unreadable journals may be
 * for any. */
int tokens_match(const struct tokens *tokens, const certenroll_journal *journal);
/* The journal's token, borrowed from `tokens`. */
int tokens_get(struct tool *tool, struct tokens *tokens, certenroll_token **out,
               const certenroll_journal *journal, struct failure *failure);
void tokens_clear(struct tokens *tokens);

/* A PIN of --pin-source is for one token, and a password of --password-source for one account: one
 * that is tried on others costs them tries. Refuses where the journals that something is left to do
 * of name several. */
int check_secret_sources(struct tool *tool, const struct tokens *tokens,
                         const certenroll_journal_list *journals);

/* Takes the enrolment up again: certenroll_enrolment_resume() by the command line. */
int take_up(struct tool *tool, certenroll_enrolment **out, certenroll_token *token,
            const certenroll_journal *journal, struct failure *failure);

#endif
