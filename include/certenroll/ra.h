/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ra.h
 * Certificates collected from an RA that speaks the protocol of docs/ra.md.
 *
 * A component beside libcertenroll (libcertenroll-ra; pkg-config: certenroll-ra; CMake:
 * certenroll::ra). A person has asked for a certificate on the RA's page and holds the launch file
 * that the page gave out: certenroll_ra_launch() does all the rest. Or a program has got a job by a
 * call of its own: certenroll_ra_collect() does what comes after.
 *
 * Nothing here prints, prompts, sleeps or touches a signal. What the person sees, is asked for and
 * waits for goes through one struct of callbacks, certenroll_ra_view: a terminal, a window, a test.
 * All are called on the thread that made the call.
 *
 * A job's token is nowhere but in memory. Whatever ends the process before the RA has confirmed the
 * certificate, the next collection of that name finds what is left by its journal and takes it
 * back.
 */
#ifndef CERTENROLL_RA_H
#define CERTENROLL_RA_H

#include <certenroll/certenroll.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- whom to talk to --- */

/** Which RAs a person's programs may talk to, and which token they use (docs/ra.md, "The clients'
 *  configuration"). Immutable; may be shared by threads. */
typedef struct certenroll_ra_config certenroll_ra_config;
/** One RA. Borrowed from its configuration. */
typedef struct certenroll_ra certenroll_ra;

/** Reads a configuration; `path` NULL: the system's, certenroll/ra.json in sysconfdir. `*out` is
 * owned by the caller. A file that somebody else could have written, is too large, has unknown or
 * doubled members, or names a place that is no https origin is refused; so are its trust anchors.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_SYSTEM, CERTENROLL_E_CERT_MALFORMED,
 *  CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_ra_config_load(certenroll_ra_config **out, const char *path,
                                                  certenroll_error **error);
/** Frees it with its RAs. NULL is allowed. */
void certenroll_ra_config_free(certenroll_ra_config *config);
/** The number of RAs, at least 1. */
size_t certenroll_ra_config_count(const certenroll_ra_config *config);
/** The RA at `index`, from 0. Borrowed from `config`; NULL when `index` is out of range. */
const certenroll_ra *certenroll_ra_config_at(const certenroll_ra_config *config, size_t index);
/** The token's PKCS#11 URI, "pkcs11:" when none is named; the file of the PKCS#11 module, NULL when
 * none is; the absolute path of the program that asks for PINs, NULL when none is. Borrowed from
 *  `config`. */
const char *certenroll_ra_config_token(const certenroll_ra_config *config);
const char *certenroll_ra_config_module(const certenroll_ra_config *config);
const char *certenroll_ra_config_pinentry(const certenroll_ra_config *config);
/** The type of new keys. */
certenroll_key_type certenroll_ra_config_key_type(const certenroll_ra_config *config);

/** The RA's name for a person. Borrowed, never NULL; so are the three origins,
 *  "https://HOST[:PORT]" in lower case without a slash at the end. */
const char *certenroll_ra_name(const certenroll_ra *ra);
const char *certenroll_ra_entry(const certenroll_ra *ra);
const char *certenroll_ra_login(const certenroll_ra *ra);
const char *certenroll_ra_est(const certenroll_ra *ra);
/** The only certificates that are trusted there. Borrowed from `ra`. */
const certenroll_anchors *certenroll_ra_anchors(const certenroll_ra *ra);

/* --- what a person sees --- */

/** What is to be done, for whoever is asked about it. Everything may be shown as it is. Valid
 * during the callback. */
typedef struct certenroll_ra_plan {
    size_t size; /**< sizeof(certenroll_ra_plan) of the component */
    const certenroll_ra *ra;
    const char *name; /**< the certificate's */
    const certenroll_token_info *token;
    int64_t not_after;         /**< `keep`: the end of the certificate that is there */
    int is_revocation_unknown; /**< `keep`: whether it has been revoked could not be found out */
} certenroll_ra_plan;

/** What came of it. Valid during the callback. */
typedef struct certenroll_ra_result {
    size_t size;       /**< sizeof(certenroll_ra_result) of the component */
    const char *name;  /**< the certificate's, "" when it was not known yet */
    int is_kept;       /**< the person keeps the one that is there: no new one was made */
    int64_t not_after; /**< the end of the certificate that is now to be used; 0 after a failure */
} certenroll_ra_result;

/** One view of a collection. Start from CERTENROLL_RA_VIEW_INIT. A member that is NULL shows
 * nothing; of what is asked, the answer is then as is said there. Who refuses returns a negative
 * status (CERTENROLL_E_CANCELLED) and may say why in *error, which the call then ends with. */
typedef struct certenroll_ra_view {
    size_t size; /**< sizeof(certenroll_ra_view) */
    void *user;  /**< given to each */
    /** One sentence about what happens, in the person's language, UTF-8. */
    void (*log)(void *user, const char *line);
    /** The number that the RA's page shows as well: the person compares, and presses Execute there.
     */
    void (*number)(void *user, const char *number);
    /** 0: the person agrees to the plan. NULL: CERTENROLL_E_CANCELLED. */
    int (*consent)(void *user, const certenroll_ra_plan *plan, certenroll_error **error);
    /** The PIN, as certenroll_secret_callback; `was_wrong`: the one that was given last. NULL:
     *  CERTENROLL_E_CANCELLED. */
    int (*pin)(void *user, const certenroll_secret_request *request, int was_wrong, char *buffer,
               size_t capacity, size_t *length, certenroll_error **error);
    /** Several tokens match: *index is that of the one to use. NULL:
     *  CERTENROLL_E_TOKEN_AMBIGUOUS. */
    int (*choose_token)(void *user, size_t *index, const certenroll_token_list *tokens,
                        certenroll_error **error);
    /** The token holds a certificate of the name that is valid: *keep is set where the person keeps
     * it. NULL: kept. */
    int (*keep)(void *user, int *keep, const certenroll_ra_plan *plan, certenroll_error **error);
    /** Waits so many seconds: 0, or a negative status to end. NULL: CERTENROLL_E_CANCELLED. */
    int (*wait)(void *user, int seconds);
    /** A state that the enrolment has reached. */
    void (*progress)(void *user, certenroll_state state);
    /** The end: `error` is NULL after a success. */
    void (*result)(void *user, const certenroll_ra_result *result, const certenroll_error *error);
    /** Non-zero once the person wants to end it; asked for between steps. */
    int (*is_cancelled)(void *user);
} certenroll_ra_view;
#define CERTENROLL_RA_VIEW_INIT                                                                    \
    {                                                                                              \
        sizeof(certenroll_ra_view), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,    \
            NULL                                                                                   \
    }

/* --- by launch file --- */

/** Does what one launch file (docs/ra.md) is for: redeems its code, shows the number, waits for
 * Execute, asks for consent and PIN, looks at what the token holds, enrols, has it confirmed, and
 * tells the RA when nothing comes of it. The file must be the person's own, for an RA of `config`,
 * and not expired; it works once. `journal_directory` NULL: the user's. view->result has been
 * called when this returns.
 *
 *  Errors: CERTENROLL_E_ARGUMENT (the file, its RA), CERTENROLL_E_CANCELLED (by the person or the
 * page), and those of certenroll_token_open(), certenroll_enrolment_run() and
 *  certenroll_https_exchange(). */
CERTENROLL_MUST_USE int certenroll_ra_launch(certenroll_context *context,
                                             const certenroll_ra_config *config, const char *file,
                                             const char *journal_directory,
                                             const certenroll_ra_view *view,
                                             certenroll_error **error);

/* --- by a job that a program has --- */

/** Whose certificate, on which token. Start from CERTENROLL_RA_COLLECTION_INIT. Borrowed for each
 *  call. */
typedef struct certenroll_ra_collection {
    size_t size; /**< sizeof(certenroll_ra_collection) */
    certenroll_context *context;
    const certenroll_ra *ra;
    certenroll_token *token;
    const char *name; /**< the account's: common name and label */
    certenroll_key_type key_type;
    const char *journal_directory;  /**< NULL: the user's */
    const certenroll_ra_view *view; /**< log, wait, progress, is_cancelled; NULL: none */
} certenroll_ra_collection;
#define CERTENROLL_RA_COLLECTION_INIT                                                              \
    {                                                                                              \
        sizeof(certenroll_ra_collection), NULL, NULL, NULL, NULL, CERTENROLL_KEY_P256, NULL, NULL  \
    }

/** The RA's permission to collect one certificate. */
typedef struct certenroll_ra_job {
    const char *id;
    const char *token;
    int64_t expires; /**< UTC seconds since 1970 */
} certenroll_ra_job;

/** The pair that was collected. */
typedef struct certenroll_ra_collected {
    size_t size; /**< sizeof(certenroll_ra_collected), set by the caller */
    unsigned char id[CERTENROLL_ID_MAX];
    size_t id_length;
    int64_t not_after; /**< UTC seconds since 1970 */
} certenroll_ra_collected;

/** What an earlier collection of the name has left on the token. */
typedef enum certenroll_ra_leftover {
    CERTENROLL_RA_LEFT_NOTHING = 0,
    CERTENROLL_RA_LEFT_UNFINISHED = 1, /**< a key, perhaps with a certificate, that nothing can come
                                            of any more */
    CERTENROLL_RA_LEFT_UNCONFIRMED =
        2, /**< a pair that the RA has confirmed or not: nobody heard */
} certenroll_ra_leftover;

/** Looks for it; no call to the token.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_SYSTEM, CERTENROLL_E_JOURNAL, CERTENROLL_E_MEMORY.
 */
CERTENROLL_MUST_USE int certenroll_ra_leftover_find(certenroll_ra_leftover *out,
                                                    const certenroll_ra_collection *what,
                                                    certenroll_error **error);
/** Takes it back: key, certificate and journal go.
 *
 *  Errors: those of certenroll_enrolment_resume() and certenroll_enrolment_abandon(). */
CERTENROLL_MUST_USE int certenroll_ra_leftover_take_back(const certenroll_ra_collection *what,
                                                         certenroll_error **error);
/** The RA has confirmed it: the journal alone goes.
 *
 *  Errors: those of certenroll_journal_remove(). */
CERTENROLL_MUST_USE int certenroll_ra_leftover_settle(const certenroll_ra_collection *what,
                                                      certenroll_error **error);

/** Collects the certificate of a job: enrolment by EST with the job's token, and confirmation. A
 * pair that is left unconfirmed is confirmed, if this is its job still; else it is taken back, and
 * the job gets a certificate of its own. One that is left unfinished is taken back. What fails is
 * told to the RA and taken back, unless that fails as well; then the journal stays. Logs in.
 *
 *  Errors: those of certenroll_enrolment_run() and certenroll_https_exchange(). */
CERTENROLL_MUST_USE int certenroll_ra_collect(certenroll_ra_collected *out,
                                              const certenroll_ra_collection *what,
                                              const certenroll_ra_job *job,
                                              certenroll_error **error);

/** The name of the journal of what is done for a name at an RA on a token, so that it is found
 * again and another token's is left alone: "PREFIX-" and a digest.
 *
 *  Errors: CERTENROLL_E_ARGUMENT (too long), CERTENROLL_E_MEMORY. */
#define CERTENROLL_RA_JOURNAL_NAME_SIZE 65
CERTENROLL_MUST_USE int certenroll_ra_journal_name(char out[CERTENROLL_RA_JOURNAL_NAME_SIZE],
                                                   const char *prefix,
                                                   const certenroll_ra_collection *what,
                                                   certenroll_error **error);

/** Non-zero for a status after which nothing comes of it any more: the RA's word, or that there is
 * no pair. Anything else leaves it open. */
int certenroll_ra_is_final(int status);

#ifdef __cplusplus
}
#endif
#endif
