/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ra_json.h
 * One JSON call to an RA (docs/ra.md), for programs that have jansson: this header alone names its
 * types.
 */
#ifndef CERTENROLL_RA_JSON_H
#define CERTENROLL_RA_JSON_H

#include <certenroll/ra.h>

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to ask. Start from CERTENROLL_RA_CALL_INIT. Everything but `body` is borrowed for the call.
 */
typedef struct certenroll_ra_call {
    size_t size; /**< sizeof(certenroll_ra_call) */
    const certenroll_ra *ra;
    const char *origin; /**< certenroll_ra_entry(ra), _login or _est */
    const char *path;   /**< "/api/logon" */
    const char *bearer; /**< NULL: none */
    json_t *body;       /**< taken over, and wiped: it may hold passwords */
    /** The pair that the connection is authenticated with; `token` NULL: none. */
    certenroll_token *token;
    const unsigned char *id;
    size_t id_length;
} certenroll_ra_call;
#define CERTENROLL_RA_CALL_INIT                                                                    \
    {                                                                                              \
        sizeof(certenroll_ra_call), NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0                    \
    }

/** The RA's own code for what it refused, "R-101" and so on. */
#define CERTENROLL_RA_CODE_SIZE 16

/** Asks. `*answer` is a JSON object, owned by the caller, who ends it by certenroll_ra_json_free().
 *  `code` (may be NULL) receives the RA's code, "" when there is none. The RA's own text becomes
 * the error's reason: in the person's language, safe for a terminal, cut to a line.
 *
 *  Errors: CERTENROLL_E_AUTHENTICATION, CERTENROLL_E_REJECTED, CERTENROLL_E_SERVER,
 *  CERTENROLL_E_ARGUMENT (too long), and those of certenroll_https_exchange(). */
CERTENROLL_MUST_USE int certenroll_ra_call_json(json_t **answer, certenroll_context *context,
                                                const certenroll_ra_call *call,
                                                char code[CERTENROLL_RA_CODE_SIZE],
                                                certenroll_error **error);
/** The string of `name` in `answer`; NULL when it is none or has a character that acts on a
 * display. Borrowed. */
const char *certenroll_ra_json_text(const json_t *answer, const char *name);
/** Wipes every text in it and drops it. NULL is allowed. */
void certenroll_ra_json_free(json_t *json);

#ifdef __cplusplus
}
#endif
#endif
