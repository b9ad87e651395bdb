/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords of accounts: checked one at a time, counted, and locked after WRONG_TRIES_MAX wrong
 * ones in a row. Each try is in the audit log. Three counts of their own: of those without a
 * certificate, which anybody can run up; of logons with one, which only its owner can; and of the
 * confirmation password. So strangers can keep nobody from logging on. */
#ifndef DEMO_RA_LOGON_H
#define DEMO_RA_LOGON_H

#include "ground/problem.h"
#include "rules/peer.h"
#include "rules/ra.h"

/* By name and password, for people without a certificate ("entry") and EST. PROBLEM_WRONG_PASSWORD
 * (also for an unknown name, after the same work), PROBLEM_LOCKED, PROBLEM_FAILED. */
enum problem logon_check(struct account *out, struct ra *ra, const char *name,
                         const char *password);

/* On "login": the certificate first (PROBLEM_CERTIFICATE_...; no password is looked at then, and
 * none is counted), then the password of its account, as above. */
enum problem logon_with_certificate(struct account *out, struct ra *ra, const struct peer *peer,
                                    const char *password);
/* What is wrong with who is at the other end; PROBLEM_NONE: nothing. */
enum problem logon_certificate_problem(const struct peer *peer);

/* The account's confirmation password. PROBLEM_WRONG_CONFIRMATION, PROBLEM_LOCKED, PROBLEM_FAILED.
 */
enum problem logon_confirm(struct ra *ra, const struct account *account,
                           const char *confirmation_password);

#endif
