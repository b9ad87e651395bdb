/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON call to an RA (docs/ra.md): the request as an object, the answer as an object, the RA's
 * errors as a person reads them. */
#ifndef TOOLS_COMMON_RA_CALL_H
#define TOOLS_COMMON_RA_CALL_H

#include "common/ra_config.h"

#include <certenroll/https.h>

struct ra_call {
    certenroll_context *context;
    const struct ra_place *place;
    const char *origin; /* place->entry, ->login or ->est */
    const char *path;   /* "/api/logon" */
    const char *bearer; /* NULL: none */
    json_t *body;       /* taken over, and wiped: it may hold passwords */
    /* the pair that the connection is authenticated with; token NULL: none */
    certenroll_token *token;
    const unsigned char *id;
    size_t id_length;
};

/* The RA's own text is shown in the person's language, made safe for a terminal and cut to a line.
 * `*answer` is the caller's, who drops it by strict_json_free(). `code` (may be NULL) receives
 * "R-101" and so on, "" when the RA gave none. */
#define RA_CODE_SIZE 16
int ra_call(json_t **answer, const struct ra_call *call, char code[RA_CODE_SIZE],
            struct failure *failure);

/* The string of `name` in `answer`, or NULL when it is none or has a control character. Borrowed.
 */
const char *ra_answer_text(const json_t *answer, const char *name);

#endif
