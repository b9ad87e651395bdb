/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file libp11.h
 * Enrolling in a program that is built on libp11: its token in, its key and certificate out.
 *
 * A library of its own, libcertenroll-libp11 (pkg-config: certenroll-libp11; CMake:
 * `find_package(certenroll COMPONENTS libp11)`, certenroll::libp11), so that nobody else links
 * libp11. Works with libp11 0.4.12 and later.
 *
 *     certenroll_libp11_token_open(&token, context, slot->token, NULL, &error);
 *     // enrol on `token` (enrolment.h), or look what is there (certificate.h), then
 *     certenroll_libp11_find(&key, &certificate, slot->token, token, id, id_length, &error);
 *     pkey = PKCS11_get_private_key(key);
 *
 * The program loads p11-kit-proxy.so into libp11 (PKCS11_CTX_load), not the token's own module. Its
 * login is then ours and ours is its, in either order, and each closes its own sessions only. With
 * the token's own module the login is shared as well, but PKCS11_release_all_slots(),
 * PKCS11_open_session() and PKCS11_CTX_unload() close everybody's sessions: then free what this
 * library made first.
 *
 * These calls never log in or out through libp11. PKCS11_is_logged_in() knows of libp11's own
 * logins alone; PKCS11_login() succeeds when this library has logged in before, without a look at
 * the PIN. PKCS11_logout() is the whole process's: open the token anew after it.
 *
 * What libp11 itself cannot do:
 *
 * - 0.4.12 does not list the keys of a token that holds one of a kind it does not know, such as
 *   Ed25519, whichever is looked for. certenroll_libp11_find() then says so. The key is usable all
 *   the same by certenroll_key_evp_pkey().
 * - 0.4.12 waits for ever when it can open no session, as on a token that was pulled.
 *   certenroll_libp11_find() makes sure that the token is there right before it calls libp11.
 * - 0.4.12 crashes in PKCS11_update_slots() where there is more than one slot. These calls never
 *   use it; call PKCS11_enumerate_slots() after a change of tokens.
 */
#ifndef CERTENROLL_LIBP11_H
#define CERTENROLL_LIBP11_H

#include <certenroll/token.h>

#include <libp11.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Opens the token that `libp11_token` (PKCS11_SLOT.token) stands for, as certenroll_token_open()
 *  does: by its label, serial number, manufacturer and model, in the module that
 *  `options->module_path` names or else in those of p11-kit's configuration. No login. `options`
 *  may be NULL; `options->secret` is asked for the PIN only where nobody in the process has logged
 *  in when it is needed.
 *
 *  Nothing of libp11 is kept: `libp11_token` may go away before `*out`, and the other way round.
 *  `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_ARGUMENT (no token is in the slot), and those of certenroll_token_open():
 *  CERTENROLL_E_TOKEN_NOT_FOUND also where the token has changed since libp11 looked at it,
 *  CERTENROLL_E_TOKEN_AMBIGUOUS also where two modules show the same token. */
CERTENROLL_MUST_USE int certenroll_libp11_token_open(certenroll_token **out,
                                                     certenroll_context *context,
                                                     const PKCS11_TOKEN *libp11_token,
                                                     const certenroll_token_options *options,
                                                     certenroll_error **error);

/** Finds the key pair with this CKA_ID and its certificate (where several fit, the one that is
 *  valid longest) in libp11's own handles. `token` is the same token in this library. What is there
 *  is read through `token` first, which logs in if nobody has; then libp11 lists its certificates
 *  and keys anew, and what it lists must be that certificate, byte for byte, and a private key
 *  with this CKA_ID and the certificate's public key.
 *
 *  `*key` and `*certificate` are borrowed from libp11's lists of `libp11_token`: until the next
 *  PKCS11_enumerate_keys() or PKCS11_enumerate_certs(), this call, PKCS11_logout() or
 *  PKCS11_release_all_slots(). Pointers that the program had from those lists before this call are
 *  void after it, also when it fails. An EVP_PKEY of PKCS11_get_private_key() stays valid. As with
 *  libp11's own lists, no other thread may use this token's at the same time. Both are NULL after a
 *  failure.
 *
 *  Errors: CERTENROLL_E_OBJECT_NOT_FOUND (there is no such pair, or libp11 does not show it),
 *  CERTENROLL_E_ID_IN_USE (two keys bear the CKA_ID, which libp11 cannot tell apart),
 *  CERTENROLL_E_UNSUPPORTED (libp11 cannot list the keys of this token), CERTENROLL_E_TOKEN_*,
 *  CERTENROLL_E_PIN_*. */
CERTENROLL_MUST_USE int certenroll_libp11_find(PKCS11_KEY **key, PKCS11_CERT **certificate,
                                               PKCS11_TOKEN *libp11_token, certenroll_token *token,
                                               const unsigned char *id, size_t id_length,
                                               certenroll_error **error);

#ifdef __cplusplus
}
#endif
#endif
