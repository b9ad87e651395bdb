/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file certenroll.h
 * Certificates onto PKCS#11 tokens: key, request, checks and write-back as one.
 *
 * This header includes all the others of the library but <certenroll/openssl.h>, which those
 * include who use OpenSSL themselves. The components beside it have headers of their own: ra.h,
 * libp11.h.
 *
 * There are two levels. The primitives do one thing each: open a token, generate a key pair, sign a
 * request, install a certificate, list what is on the token, hand a key to OpenSSL. The enrolment
 * is composed of them and goes from the empty token to the proven certificate in one transaction,
 * which may be run again after whatever stopped it.
 *
 * What holds for every call:
 *
 * - What a call makes comes first (`*out`), is owned by the caller, and is NULL after a failure.
 *   Other pointers that are returned are borrowed from the argument that the description names.
 *   Every function that frees takes NULL.
 * - A call that can fail returns an int and takes `error` last; see <certenroll/error.h>.
 * - Option structs begin with their own size and are started from the INIT macro of their name, so
 *   that a program keeps working with a newer library.
 * - Texts are UTF-8. Times are seconds since 1970-01-01T00:00:00Z.
 * - Contexts, tokens, keys, anchors, issuers and lists may be used by several threads at once,
 *   enrolments by one at a time.
 * - After fork(), a child may go on with tokens and keys: they are opened again when they are next
 *   used, and the PIN is asked for again.
 * - The library prints nothing and starts no thread. It sleeps in two places:
 *   certenroll_token_wait(), and for five seconds at most after a card's device error, until the
 * reader knows whether it was pulled. It leaves the process's signal handling as it is; a SIGPIPE
 * that a PKCS#11 module raises for want of its peer does not reach the process.
 */
#ifndef CERTENROLL_CERTENROLL_H
#define CERTENROLL_CERTENROLL_H

#include <certenroll/cancel.h>
#include <certenroll/certificate.h>
#include <certenroll/context.h>
#include <certenroll/enrolment.h>
#include <certenroll/error.h>
#include <certenroll/https.h>
#include <certenroll/journal.h>
#include <certenroll/key.h>
#include <certenroll/leftovers.h>
#include <certenroll/request.h>
#include <certenroll/revocation.h>
#include <certenroll/secret.h>
#include <certenroll/token.h>

#endif
