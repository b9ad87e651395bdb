/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file leftovers.h
 * What dead programs have left: key pairs that a token may have made, or may yet make, for a call
 * whose answer was lost, half objects on tokens, and files.
 *
 * Enrolments look after them by themselves, as they come by. This is for whoever wants to know, or
 * tidies up without enrolling anything: "certenroll status", "certenroll clean".
 */
#ifndef CERTENROLL_LEFTOVERS_H
#define CERTENROLL_LEFTOVERS_H

#include <certenroll/token.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The tokens on which a key pair may still come to be, at the time they were read. Immutable; may
 * be shared by threads. */
typedef struct certenroll_unsettled certenroll_unsettled;

/** Reads them from the user's state directory. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_SYSTEM, CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_unsettled_new(certenroll_unsettled **out,
                                                 certenroll_error **error);
/** The number of tokens. */
size_t certenroll_unsettled_count(const certenroll_unsettled *unsettled);
/** Of the token at `index`, from 0: its label, serial number, and RFC 7512 URI, and the module file
 *  that it was reached through ("" when that came from the URI or from p11-kit's configuration).
 *  Borrowed from `unsettled`; never NULL below certenroll_unsettled_count(). */
const char *certenroll_unsettled_token_label(const certenroll_unsettled *unsettled, size_t index);
const char *certenroll_unsettled_token_serial(const certenroll_unsettled *unsettled, size_t index);
const char *certenroll_unsettled_token_uri(const certenroll_unsettled *unsettled, size_t index);
const char *certenroll_unsettled_module(const certenroll_unsettled *unsettled, size_t index);
/** The CKA_ID, `*length` bytes, that a pair may come to bear, `which` from 0, and in `sent_at` (may
 * be NULL) when it was sent, in seconds since 1970-01-01T00:00:00Z. Borrowed from `unsettled`; NULL
 *  behind the last. */
const unsigned char *certenroll_unsettled_id(const certenroll_unsettled *unsettled, size_t index,
                                             size_t which, size_t *length, int64_t *sent_at);
/** Frees it. NULL is allowed. */
void certenroll_unsettled_free(certenroll_unsettled *unsettled);

/** Looks on the token for the pairs that may have come to be and removes them, and removes half
 *  objects: without CKA_ID, label and value, as a token leaves that died within a write. `removed`
 *  (may be NULL) becomes how many were seen to go. `directory`: as in
 * certenroll_journal_list_new(). An ID that nothing has come to bear a day after it was sent is
 * forgotten.
 *
 *  Errors: CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*, CERTENROLL_E_CANCELLED. */
CERTENROLL_MUST_USE int certenroll_token_settle(certenroll_token *token, const char *directory,
                                                size_t *removed, certenroll_error **error);

/** Removes the files that dead processes have left in the journals' directory and beside the holds:
 *  locks, half written journals, holds of enrolments that are finished or gone. `removed` (may be
 *  NULL) becomes how many. What cannot be removed stays. `directory`: as in
 *  certenroll_journal_list_new().
 *
 *  Errors: CERTENROLL_E_SYSTEM, CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_files_settle(const char *directory, size_t *removed,
                                                certenroll_error **error);

#ifdef __cplusplus
}
#endif
#endif
