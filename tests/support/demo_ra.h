/* SPDX-License-Identifier: Apache-2.0 */
/* The real demo-ra as a server for a test: with a CA key in a SoftHSM token of its own, and one
 * account.
 *
 *     struct demo_ra *ra = demo_ra_new();
 *     struct softhsm *hsm = softhsm_new((const char *[]){ "customer", NULL });
 *     ... enrol at demo_ra_url(ra) ...
 *     softhsm_free(hsm);
 *     demo_ra_free(ra);
 *
 * It is started before the test's own tokens are made, for both need SOFTHSM2_CONF. */
#ifndef TEST_DEMO_RA_H
#define TEST_DEMO_RA_H

#define DEMO_RA_ACCOUNT "0258366660019"
#define DEMO_RA_SUBJECT "CN=" DEMO_RA_ACCOUNT
#define DEMO_RA_PASSWORD "secret of the account"

struct demo_ra;

struct demo_ra *demo_ra_new(void);
/* Ends the server and removes its files. NULL is allowed. */
void demo_ra_free(struct demo_ra *ra);

/* The EST server, "https://HOST:PORT". */
const char *demo_ra_url(const struct demo_ra *ra);
/* Files: the CA's certificate, and the account's password. */
const char *demo_ra_anchor(const struct demo_ra *ra);
const char *demo_ra_password_source(const struct demo_ra *ra);

/* How many certificates are in its books, and how many of them are revoked. */
long demo_ra_issued(const struct demo_ra *ra);
long demo_ra_revoked(const struct demo_ra *ra);

#endif
