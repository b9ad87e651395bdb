/* SPDX-License-Identifier: Apache-2.0 */
/* Having certificates revoked, for revoke and replace. */
#ifndef CERTENROLL_TOOL_ASK_FOR_REVOCATION_H
#define CERTENROLL_TOOL_ASK_FOR_REVOCATION_H

#include "output/output.h"

#include <openssl/x509.h>

/* Who asks for it: the account of --user, where that is given, else this pair. */
struct asker {
    certenroll_token *token;
    const unsigned char *id;
    size_t id_length;
};

/* Non-negative when --url and --tls-anchor (or --trust-anchor) are there. */
int check_ra_options(const struct options *options, certenroll_error **error);

/* Has the RA of --url revoke it. 0, or negative with the error. */
int revoke_certificate(struct tool *tool, X509 *certificate, certenroll_revocation_reason reason,
                       const struct asker *asker, certenroll_error **error);

/* A certificate in PEM or DER; *out is freed by X509_free(). */
int read_certificate(X509 **out, const char *path, certenroll_error **error);

/* Of a token's entry; NULL: it has none that can be read. Freed by X509_free(). */
X509 *certificate_of(const certenroll_entry *entry);

/* As describe_certificate() without the PEM. */
json_t *describe_x509(X509 *certificate);

/* --- former_certificates.c: certificates that another takes the place of --- */

/* Where a former certificate was seen. */
struct origin {
    const char *token_uri; /* NULL: in `file` */
    const char *module;
    const char *file;
};
struct former {
    X509 *certificate;
    unsigned char *der;
    size_t length;
    struct origin origin;
    unsigned char id[CERTENROLL_ID_MAX]; /* of one on a token */
    size_t id_length;
    int is_revoked;
};
struct formers {
    const X509_NAME *subject; /* whose they are */
    const X509 *successor;    /* what takes their place; NULL: it is not there yet */
    struct former *list;
    certenroll_der *promised; /* for the library */
    size_t count;
};

/* Adds the certificates of the subject that are valid now, but the successor and what is there
 * already. */
int formers_add_token(struct formers *formers, const certenroll_inventory *inventory,
                      const struct origin *origin, certenroll_error **error);
/* Adds the certificate in the file, whatever its subject, while it is valid. */
int formers_add_file(struct formers *formers, const struct origin *origin,
                     certenroll_error **error);
/* Has the enrolment revoke them all, as superseded, once the new certificate is proven. The options
 * borrow from them. */
int formers_promise(struct formers *formers, certenroll_enrolment_options *options,
                    certenroll_error **error);
/* Takes over what became of that. */
void formers_settle(struct formers *formers, const certenroll_enrolment *enrolment);
/* Has the RA revoke them all now, for a pair that is there already; goes on after a failure. The
 * first failure is told. */
int formers_revoke(struct tool *tool, struct formers *formers, const struct asker *asker,
                   certenroll_error **error);
void formers_clear(struct formers *formers);

/* An array of objects, each with subject, issuer, serial, dates, revoked and, unless it is, the
 * command that has it revoked: by the asker, of one in a file. */
json_t *describe_formers(const struct formers *formers, const struct options *options,
                         const struct asker *asker);

#endif
