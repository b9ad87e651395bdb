/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file journal.h
 * The journals of enrolments that are not finished: what was asked for and how far it came.
 *
 * One file an enrolment, NAME.journal, in the user's state directory or one that the application
 * gives. It holds no secret. docs/journal.md describes the format and what each state means.
 */
#ifndef CERTENROLL_JOURNAL_H
#define CERTENROLL_JOURNAL_H

#include <certenroll/context.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How far an enrolment has come. */
typedef enum certenroll_state {
    CERTENROLL_STATE_NEW = 0,        /**< nothing is done yet */
    CERTENROLL_STATE_KEY_READY = 1,  /**< the key pair is on the token and safe */
    CERTENROLL_STATE_CSR_SIGNED = 2, /**< the request is signed and verified */
    CERTENROLL_STATE_SUBMITTED = 3,  /**< the request is with the CA */
    CERTENROLL_STATE_PENDING = 4,    /**< the CA asked for patience */
    CERTENROLL_STATE_ISSUED = 5,     /**< a certificate came back and passed every check */
    CERTENROLL_STATE_INSTALLED = 6,  /**< written to the token and read back */
    CERTENROLL_STATE_CONFIRMED = 7,  /**< key and certificate proven to belong together */
    CERTENROLL_STATE_REJECTED = 8,   /**< the CA said no */
    CERTENROLL_STATE_ABANDONED = 9,  /**< what it did is being taken back */
    CERTENROLL_STATE_RETIRED = 10,   /**< confirmed, and what it replaces is gone from the token */
    CERTENROLL_STATE_RECEIVED = 11,  /**< a certificate came back, is kept, and not taken yet */
} certenroll_state;

/** The state's name without prefix, "NEW", "KEY_READY" and so on. Never NULL; static storage. */
const char *certenroll_state_name(certenroll_state state);

/** What an enrolment does. */
typedef enum certenroll_operation {
    CERTENROLL_ENROLL = 0, /**< a new key and its first certificate */
    CERTENROLL_RENEW = 1,  /**< a new certificate for the same key */
    CERTENROLL_REKEY = 2,  /**< a new key and certificate in the place of another pair */
} certenroll_operation;

/** The operation's name, "enroll", "renew" or "rekey". Never NULL; static storage. */
const char *certenroll_operation_name(certenroll_operation operation);

/** What becomes of what a renewal or re-key replaces. */
typedef enum certenroll_retirement {
    CERTENROLL_RETIRE_DELETE = 0,    /**< removed once the new one is proven */
    CERTENROLL_RETIRE_AT_EXPIRY = 1, /**< removed by the first run after its certificate's end */
    CERTENROLL_RETIRE_KEEP = 2,      /**< left alone */
} certenroll_retirement;

/** The journals of one directory at the time it was read. Immutable; may be shared by threads. */
typedef struct certenroll_journal_list certenroll_journal_list;
/** One of them. Borrowed from its list. */
typedef struct certenroll_journal certenroll_journal;

/** Reads the journals in `directory`; NULL: $XDG_STATE_HOME/certenroll, or
 *  ~/.local/state/certenroll (XDG Base Directory Specification). A directory that is not there has
 *  none. A journal that cannot be read is listed with its problem, and hinders no other. `*out` is
 *  owned by the caller.
 *
 *  Errors: CERTENROLL_E_SYSTEM (no directory is known, or it cannot be read, or others may write to
 *  it), CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_journal_list_new(certenroll_journal_list **out,
                                                    certenroll_context *context,
                                                    const char *directory,
                                                    certenroll_error **error);
/** The number of journals. */
size_t certenroll_journal_list_count(const certenroll_journal_list *list);
/** The journal at `index`, from 0, in the order of their beginning. Borrowed from `list`; NULL when
 *  `index` is out of range. */
const certenroll_journal *certenroll_journal_list_at(const certenroll_journal_list *list,
                                                     size_t index);
/** Frees the list with its journals. NULL is allowed. */
void certenroll_journal_list_free(certenroll_journal_list *list);

/** What certenroll_enrolment_resume() takes. Borrowed from the journal, never NULL. */
const char *certenroll_journal_name(const certenroll_journal *journal);
/** Why it cannot be used: torn, altered, of a newer version, not readable. NULL: it can; otherwise
 *  nothing but its name is known. Borrowed from the journal. */
const certenroll_error *certenroll_journal_problem(const certenroll_journal *journal);
/** What the enrolment does, and how far it has come. */
certenroll_operation certenroll_journal_operation(const certenroll_journal *journal);
certenroll_state certenroll_journal_state(const certenroll_journal *journal);
/** Non-zero when nothing is left to do: it was kept, or the process ended just before it would have
 *  been removed. */
int certenroll_journal_is_finished(const certenroll_journal *journal);
/** Non-zero when the application keeps it (`keep_journal`): not for others to remove. */
int certenroll_journal_is_kept(const certenroll_journal *journal);
/** The subject by RFC 4514; of a renewal or re-key "" until the present certificate was found.
 *  Borrowed from the journal, never NULL. */
const char *certenroll_journal_subject(const certenroll_journal *journal);
/** The token: its RFC 7512 URI, label, serial number, and the module file that it was opened
 *  through ("" when that came from the URI or from p11-kit's configuration). Borrowed from the
 *  journal, never NULL. */
const char *certenroll_journal_token_uri(const certenroll_journal *journal);
const char *certenroll_journal_token_label(const certenroll_journal *journal);
const char *certenroll_journal_token_serial(const certenroll_journal *journal);
const char *certenroll_journal_module(const certenroll_journal *journal);
/** The EST server; "" offline. Borrowed from the journal, never NULL. */
const char *certenroll_journal_url(const certenroll_journal *journal);
/** The account at the RA; "" when there is none. Borrowed from the journal, never NULL. */
const char *certenroll_journal_username(const certenroll_journal *journal);
/** CKA_ID of the enrolment's key, `*length` bytes. Borrowed from the journal. */
const unsigned char *certenroll_journal_id(const certenroll_journal *journal, size_t *length);
/** When it began, when it was last written, when to ask the CA again, and when what it replaces is
 *  to be retired: seconds since 1970-01-01T00:00:00Z; 0 when that is not the case. */
int64_t certenroll_journal_begun_at(const certenroll_journal *journal);
int64_t certenroll_journal_updated_at(const certenroll_journal *journal);
int64_t certenroll_journal_retry_at(const certenroll_journal *journal);
int64_t certenroll_journal_retire_at(const certenroll_journal *journal);

/** The certification request, and the certificate that was issued for it, in DER, `*length` bytes;
 *  in CERTENROLL_STATE_RECEIVED it is not taken yet, or refused. Borrowed from the journal; NULL:
 *  there is none yet. */
const unsigned char *certenroll_journal_request(const certenroll_journal *journal, size_t *length);
const unsigned char *certenroll_journal_certificate(const certenroll_journal *journal,
                                                    size_t *length);

/** Why what was received is not taken: the CERTENROLL_E_CERT_ status, 0 where nothing was refused;
 *  and the reason in words, in the language of the run that refused it. Borrowed from the journal,
 *  never NULL. */
int certenroll_journal_refused(const certenroll_journal *journal);
const char *certenroll_journal_refused_why(const certenroll_journal *journal);

/** The certificates that are still to be revoked, in DER, `*length` bytes: what was promised once
 *  the new one is proven, and of one that is abandoned what was issued for it. By index from 0;
 * NULL behind the last. Borrowed from the journal. */
const unsigned char *certenroll_journal_revoke_at(const certenroll_journal *journal, size_t index,
                                                  size_t *length);
size_t certenroll_journal_revoke_count(const certenroll_journal *journal);
/** The EST servers that may have issued a certificate for the request that was never received. ""
 *  is a CA that is asked by hand. By index from 0; NULL behind the last. Borrowed from the
 *  journal. */
const char *certenroll_journal_unanswered_at(const certenroll_journal *journal, size_t index);

/** Removes the file of an enrolment that is finished, or whose journal cannot be read. The token is
 *  not touched. `directory` as in certenroll_journal_list_new().
 *  `even_unfinished` non-zero: also one that is not finished. What it left on its token stays
 * there, and nothing knows of it any more: for a token that is lost, or was initialised.
 *
 *  Errors: CERTENROLL_E_STATE (it is not finished: resume or abandon it), CERTENROLL_E_BUSY,
 *  CERTENROLL_E_OBJECT_NOT_FOUND, CERTENROLL_E_SYSTEM. */
CERTENROLL_MUST_USE int certenroll_journal_remove(certenroll_context *context,
                                                  const char *directory, const char *name,
                                                  int even_unfinished, certenroll_error **error);

#ifdef __cplusplus
}
#endif
#endif
