/* SPDX-License-Identifier: Apache-2.0 */
/* One certificate collected under a job of the RA (docs/ra.md, "The job"): the enrolment by EST
 * with the job's token, and the confirmation. The job's token is nowhere but in memory: whatever
 * ends the process before the RA has confirmed, the next collection of that name finds what is left
 * by the journal, whose name it knows, and takes it back. */
#ifndef TOOLS_COMMON_RA_COLLECT_H
#define TOOLS_COMMON_RA_COLLECT_H

#include "common/ra_config.h"

#include <certenroll/enrolment.h>

/* "PREFIX-" and what stands for this RA, account and token: the journal of what is done for the
 * name is found again, and another token's is left alone. */
#define RA_JOURNAL_NAME_SIZE 65
int ra_journal_name(char out[RA_JOURNAL_NAME_SIZE], const char *prefix,
                    const struct ra_place *place, const certenroll_token *token, const char *name,
                    struct failure *failure);

struct ra_collection {
    certenroll_context *context;
    const struct ra_place *place;
    certenroll_token *token;
    certenroll_key_type key_type;
    const char *name;              /* the account's: common name and label */
    const char *journal_directory; /* NULL: the user's */
    certenroll_progress_callback progress;
    void *progress_user;
};

struct ra_job {
    const char *id, *token;
    int64_t expires;
};

struct ra_collected {
    unsigned char id[CERTENROLL_ID_MAX]; /* of the pair */
    size_t id_length;
    int64_t not_after;
};

/* What an earlier collection of the name has left on this token. */
enum ra_leftover {
    RA_LEFT_NOTHING,
    RA_LEFT_UNFINISHED,  /* a key, perhaps with a certificate, that nothing can come of any more */
    RA_LEFT_UNCONFIRMED, /* a pair that the RA has confirmed or not: nobody heard */
};
int ra_collect_find(enum ra_leftover *out, const struct ra_collection *what,
                    struct failure *failure);
/* Non-zero for the RA's word, or where there is no pair: nothing comes of it. Anything else leaves
 * it open. */
int ra_is_final(int status);
/* It goes: key, certificate, journal. */
int ra_collect_take_back(const struct ra_collection *what, struct failure *failure);
/* The RA has confirmed it: the journal alone goes. */
int ra_collect_settle(const struct ra_collection *what, struct failure *failure);

/* One that is left unconfirmed is confirmed, if this is its job still; else it is taken back, and
 * the job gets a certificate of its own. One that is left unfinished is taken back. What fails is
 * told to the RA and taken back, unless that fails as well; then the journal stays. */
int ra_collect(struct ra_collected *out, const struct ra_collection *what, const struct ra_job *job,
               struct failure *failure);

#endif
