/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file token.h
 * Finding and opening exactly one PKCS#11 token.
 *
 * Tokens are named by RFC 7512 URIs, e.g. "pkcs11:token=Bank%20card". The module comes from the
 * option `module_path`, the URI's module-path or module-name, or else from p11-kit's
 * configuration. Modules are loaded through p11-kit (managed), so that a host application that
 * uses the same module keeps its sessions and its login.
 */
#ifndef CERTENROLL_TOKEN_H
#define CERTENROLL_TOKEN_H

#include <certenroll/context.h>
#include <certenroll/secret.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a token stands; a set of bits, taken from CK_TOKEN_INFO.flags (PKCS#11 v2.40 §3.2). */
typedef enum certenroll_token_flags {
    CERTENROLL_TOKEN_INITIALIZED = 1 << 0,
    CERTENROLL_TOKEN_USER_PIN_SET = 1 << 1,
    CERTENROLL_TOKEN_LOGIN_REQUIRED = 1 << 2,
    CERTENROLL_TOKEN_WRITE_PROTECTED = 1 << 3,
    CERTENROLL_TOKEN_PIN_COUNT_LOW = 1 << 4,
    CERTENROLL_TOKEN_PIN_FINAL_TRY = 1 << 5,
    CERTENROLL_TOKEN_PIN_LOCKED = 1 << 6,
    CERTENROLL_TOKEN_PIN_TO_BE_CHANGED = 1 << 7,
    CERTENROLL_TOKEN_PIN_ON_READER = 1 << 8, /**< CKF_PROTECTED_AUTHENTICATION_PATH */
    CERTENROLL_TOKEN_SO_PIN_COUNT_LOW = 1 << 9,
    CERTENROLL_TOKEN_SO_PIN_FINAL_TRY = 1 << 10,
    CERTENROLL_TOKEN_SO_PIN_LOCKED = 1 << 11,
    CERTENROLL_TOKEN_SO_PIN_TO_BE_CHANGED = 1 << 12,
} certenroll_token_flags;

/** What a token says of itself, at the time it was asked. Strings are UTF-8 without padding and
 *  without control characters, borrowed from the info. */
typedef struct certenroll_token_info certenroll_token_info;
/** The token's label, serial number, manufacturer and model. Never NULL. */
const char *certenroll_token_info_label(const certenroll_token_info *info);
const char *certenroll_token_info_serial(const certenroll_token_info *info);
const char *certenroll_token_info_manufacturer(const certenroll_token_info *info);
const char *certenroll_token_info_model(const certenroll_token_info *info);
/** An RFC 7512 URI that names this token and no other that was seen with it. Never NULL. */
const char *certenroll_token_info_uri(const certenroll_token_info *info);
/** File name of the module. Never NULL. */
const char *certenroll_token_info_module(const certenroll_token_info *info);
/** A set of certenroll_token_flags. */
uint32_t certenroll_token_info_flags(const certenroll_token_info *info);

/** The tokens that were present when it was made. Immutable; may be shared by threads. */
typedef struct certenroll_token_list certenroll_token_list;

/** Lists the tokens that match `uri` (NULL: "pkcs11:", all). No login. `module_path` (may be NULL):
 *  look in this module alone. A configured module that fails is logged and passed over; a module
 *  that was named fails the call. An empty list is no error. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_ARGUMENT (the URI), CERTENROLL_E_MODULE, CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_token_list_new(certenroll_token_list **out,
                                                  certenroll_context *context, const char *uri,
                                                  const char *module_path,
                                                  certenroll_error **error);
/** The number of tokens. */
size_t certenroll_token_list_count(const certenroll_token_list *list);
/** The token at `index`, from 0. Borrowed from `list`; NULL when `index` is out of range. */
const certenroll_token_info *certenroll_token_list_at(const certenroll_token_list *list,
                                                      size_t index);
/** Frees the list with its infos. NULL is allowed. */
void certenroll_token_list_free(certenroll_token_list *list);

/** How to open a token. Start from CERTENROLL_TOKEN_OPTIONS_INIT. Strings are copied. */
typedef struct certenroll_token_options {
    size_t size;             /**< sizeof(certenroll_token_options) */
    const char *module_path; /**< file of the PKCS#11 module; NULL: by URI or configuration */
    certenroll_secret_callback secret; /**< asked for PINs; NULL: the URI's pin-source or none */
    void *secret_user;
    int allow_final_try; /**< non-zero: the person agreed that the last PIN try may be spent */
} certenroll_token_options;
#define CERTENROLL_TOKEN_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(certenroll_token_options), NULL, NULL, NULL, 0                                      \
    }

/** One open token. May be used from many threads at once; see each call. Counted: keys and
 *  OpenSSL handles made from it keep it open. After fork() the child may use it too, and is asked
 *  for the PIN again, unless its copy of the module is still logged in (ykcs11 and tpm2-pkcs11 are:
 *  then no PIN is needed, and none is asked for). Other threads of the parent may be using the
 * token at that moment as far as the library goes; but what a PKCS#11 module itself holds locked in
 * the middle of a call stays so in the child. */
typedef struct certenroll_token certenroll_token;

/** Opens the one token that matches `uri`. Logs in only when an operation first needs it.
 *
 *  The URI's pin-source (a file name or file: URI; RFC 7512 §2.4) is used where `options->secret`
 *  is NULL. A pin-value in the URI is refused: URIs are logged and shown.
 *  `options` may be NULL. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_MODULE, CERTENROLL_E_TOKEN_NOT_FOUND,
 *  CERTENROLL_E_TOKEN_AMBIGUOUS (before any login; the error names the candidates). */
CERTENROLL_MUST_USE int certenroll_token_open(certenroll_token **out, certenroll_context *context,
                                              const char *uri,
                                              const certenroll_token_options *options,
                                              certenroll_error **error);

/** What the token said when it was opened. Borrowed from `token`. */
const certenroll_token_info *certenroll_token_get_info(const certenroll_token *token);

/** Logs in now, if nobody in this process has yet. Asks for the PIN at most once, looks at the
 *  token and its PIN flags first and again before the PIN is sent (another program may have spent
 *  tries while it was typed, or another card been put in), and never sends a PIN twice. The login
 *  stays, for somebody else in the process may rely on it; only where the SO has to log in, as for
 *  certenroll_token_reset_pin() and for writing on a token that lets nobody else do that, one that
 *  `token` made is ended.
 *
 *  Errors: CERTENROLL_E_PIN_*, CERTENROLL_E_CANCELLED, CERTENROLL_E_TOKEN_REMOVED. */
CERTENROLL_MUST_USE int certenroll_token_login(certenroll_token *token, certenroll_error **error);

/** Changes the user PIN (C_SetPIN, PKCS#11 v2.40 §5.5), also one that the token wants changed
 *  before it lets anybody log in. Asks for the present PIN (CERTENROLL_SECRET_USER_PIN) and the new
 *  one (CERTENROLL_SECRET_NEW_PIN), with a reader's own PIN pad only to tell the person. Nothing is
 *  sent where the flags forbid a try, as for certenroll_token_login(), or where the new PIN has not
 *  the length that the token tells. While nobody is logged in, a login proves the present PIN
 * first, for some drivers hide from C_SetPIN that it is wrong: a wrong one is sent once, and costs
 * one try. Who is logged in stays so, and nobody else is afterwards.
 *
 *  Errors: CERTENROLL_E_PIN_* (CERTENROLL_E_PIN_INVALID: the token does not take the new one),
 *  CERTENROLL_E_CANCELLED, CERTENROLL_E_TOKEN_READ_ONLY, CERTENROLL_E_TOKEN_REMOVED,
 *  CERTENROLL_E_UNSUPPORTED, CERTENROLL_E_STATE (the SO is logged in in this process). */
CERTENROLL_MUST_USE int certenroll_token_change_pin(certenroll_token *token,
                                                    certenroll_error **error);

/** Gives the token a user PIN as its security officer (C_Login as CKU_SO and C_InitPIN, PKCS#11
 *  v2.40 §5.5 and §5.6): the first PIN of a token that has none, and the way out of a locked one.
 *  Asks for the SO PIN (CERTENROLL_SECRET_SO_PIN) and the new PIN (CERTENROLL_SECRET_NEW_PIN), with
 *  the same care for the SO PIN's tries as for the user's. The SO is logged out again.
 *
 *  One of user and SO can be logged in to a token in a process. A login that this `token` made for
 *  the user is ended, and made again, with the PIN asked for, when it is next needed; so are then
 *  the handles of private objects that others in the process have. Somebody else's is not ended.
 *  What threads are doing as the user through `token` is waited for, two minutes at most.
 *
 *  Errors: CERTENROLL_E_STATE (another part of the process has the user logged in),
 *  CERTENROLL_E_PIN_* (of the SO PIN; CERTENROLL_E_PIN_INVALID also of the new PIN),
 *  CERTENROLL_E_CANCELLED, CERTENROLL_E_TOKEN_READ_ONLY, CERTENROLL_E_TOKEN_REMOVED,
 *  CERTENROLL_E_TOKEN_FULL (they were not done by then),
 *  CERTENROLL_E_UNSUPPORTED (tokens that have another way, as a PIV card's PUK). */
CERTENROLL_MUST_USE int certenroll_token_reset_pin(certenroll_token *token,
                                                   certenroll_error **error);

/** Drops the caller's reference; the last one closes the token's sessions. NULL is allowed. */
void certenroll_token_free(certenroll_token *token);

/** How to initialise a token. Start from CERTENROLL_INITIALIZE_OPTIONS_INIT. Nothing is kept after
 *  the call. */
typedef struct certenroll_initialize_options {
    size_t size;                       /**< sizeof(certenroll_initialize_options) */
    const char *label;                 /**< 1 to 32 bytes, UTF-8; required */
    const char *module_path;           /**< as in certenroll_token_options */
    certenroll_secret_callback secret; /**< asked for the PINs; required but with a PIN pad */
    void *secret_user;
    int erase;           /**< non-zero: also an initialised token; all that is on it is lost */
    int allow_final_try; /**< non-zero: the last try of the SO PIN may be spent */
} certenroll_initialize_options;
#define CERTENROLL_INITIALIZE_OPTIONS_INIT                                                         \
    {                                                                                              \
        sizeof(certenroll_initialize_options), NULL, NULL, NULL, NULL, 0, 0                        \
    }

/** Initialises the token that `uri` names, and gives it its first user PIN (C_InitToken, C_InitPIN;
 *  PKCS#11 v2.40 §5.5). A token that is not initialised has no label and often no serial number: a
 *  `uri` that leaves these open means the only empty one; the URIs of certenroll_token_list_new()
 *  name each by its slot. Asks for all PINs before anything is changed: for an empty token
 *  CERTENROLL_SECRET_NEW_SO_PIN, for one that is erased CERTENROLL_SECRET_SO_PIN, for one with an
 * SO PIN of its maker (CKF_SO_PIN_TO_BE_CHANGED) first that and then the new one; and last
 *  CERTENROLL_SECRET_NEW_PIN. Nobody is logged in afterwards.
 *
 *  Errors: CERTENROLL_E_ARGUMENT (label, URI), CERTENROLL_E_MODULE, CERTENROLL_E_TOKEN_NOT_FOUND,
 *  CERTENROLL_E_TOKEN_AMBIGUOUS, CERTENROLL_E_STATE (it is initialised, and `erase` is not set: the
 *  error tells what would be lost; or this process has sessions with it),
 *  CERTENROLL_E_PIN_* (of the SO PIN, or PINs that the token does not take),
 *  CERTENROLL_E_CANCELLED, CERTENROLL_E_TOKEN_READ_ONLY, CERTENROLL_E_UNSUPPORTED,
 *  CERTENROLL_E_TOKEN. Where the token was initialised and only the user PIN could not be set, the
 *  error says so: certenroll_token_reset_pin() sets it. */
CERTENROLL_MUST_USE int certenroll_token_initialize(certenroll_context *context, const char *uri,
                                                    const certenroll_initialize_options *options,
                                                    certenroll_error **error);

/** Whether to go on waiting: 0, or a negative status (CERTENROLL_E_CANCELLED) that ends it. Called
 *  on the thread that waits. */
typedef int (*certenroll_wait_callback)(void *user);

/** How long to wait. Start from CERTENROLL_WAIT_OPTIONS_INIT. */
typedef struct certenroll_wait_options {
    size_t size;                       /**< sizeof(certenroll_wait_options) */
    int timeout_seconds;               /**< 0: look once */
    certenroll_wait_callback callback; /**< about twice a second; NULL: none */
    void *user;
} certenroll_wait_options;
#define CERTENROLL_WAIT_OPTIONS_INIT                                                               \
    {                                                                                              \
        sizeof(certenroll_wait_options), 60, NULL, NULL                                            \
    }

/** Waits until a token that matches `uri` is there, and opens it as certenroll_token_open() does
 *  with `options` (may be NULL). This is the one call of the library that sleeps (but for five
 *  seconds at most after a card's device error, until its reader knows whether it was pulled): it
 *  looks about twice a second, for the slot events of PKCS#11 are not reliable. `wait_options`
 * NULL: a minute. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_TOKEN_NOT_FOUND (the time is over), the callback's status,
 *  CERTENROLL_E_CANCELLED (by the context's cancel), and those of
 *  certenroll_token_open() at once, CERTENROLL_E_TOKEN_AMBIGUOUS among them. */
CERTENROLL_MUST_USE int certenroll_token_wait(certenroll_token **out, certenroll_context *context,
                                              const char *uri,
                                              const certenroll_token_options *options,
                                              const certenroll_wait_options *wait_options,
                                              certenroll_error **error);

#ifdef __cplusplus
}
#endif
#endif
