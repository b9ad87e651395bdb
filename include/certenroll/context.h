/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file context.h
 * The library context: everything else is opened from one. It carries the log callback.
 */
#ifndef CERTENROLL_CONTEXT_H
#define CERTENROLL_CONTEXT_H

#include <certenroll/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How much is logged; each level includes those before it. */
typedef enum certenroll_log_level {
    CERTENROLL_LOG_ERROR = 1,   /**< what made a call fail */
    CERTENROLL_LOG_WARNING = 2, /**< what a person should know though the call goes on */
    CERTENROLL_LOG_INFO = 3,    /**< what changed on a token or at the CA */
    CERTENROLL_LOG_DEBUG = 4,   /**< every step */
    CERTENROLL_LOG_TRACE =
        5, /**< every object and every HTTP exchange; never a secret, at no level */
} certenroll_log_level;

/** Receives one log line: UTF-8, no newline at the end, valid during the call only. It may be
 *  called from any thread that uses the context, several at once. */
typedef void (*certenroll_log_callback)(void *user, certenroll_log_level level,
                                        const char *message);

/** Shared by all threads. Counted: tokens, keys and enrolments keep it alive. */
typedef struct certenroll_context certenroll_context;

/** Makes a context. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_context_new(certenroll_context **out, certenroll_error **error);

/** Sends log lines up to `level` to `callback` (NULL: nowhere, the default). Set it before other
 *  threads use the context. */
void certenroll_context_set_log(certenroll_context *context, certenroll_log_level level,
                                certenroll_log_callback callback, void *user);

/** Drops the caller's reference. NULL is allowed. */
void certenroll_context_free(certenroll_context *context);

/** Closes this process's memory: to debuggers and other processes of the same user (it is not
 *  dumpable, prctl(2)), and to core files, for good. The library wipes what it holds of a secret;
 *  what others hold it cannot: libcurl leaves copies of an RA account's password, and of a bearer
 *  token, in memory that it has freed. Offered to programs, and not done for them: a debugger, a
 *  profiler and a crash reporter are kept out as well. Call it early; it is inherited through
 * fork(2), and lost by execve(2) but for the core files.
 *
 *  Errors: CERTENROLL_E_SYSTEM. */
CERTENROLL_MUST_USE int certenroll_process_protect(certenroll_error **error);

/** The version of the library linked in, e.g. "0.1.0". Static storage. */
const char *certenroll_version(void);

/** Frees a buffer that this library returned through an `unsigned char **`. NULL is allowed. */
void certenroll_buffer_free(void *buffer);

#ifdef __cplusplus
}
#endif
#endif
