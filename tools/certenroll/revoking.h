/* SPDX-License-Identifier: Apache-2.0 */
/* Having certificates revoked, for revoke and replace. */
#ifndef CERTENROLL_TOOL_REVOKING_H
#define CERTENROLL_TOOL_REVOKING_H

#include "output.h"

#include <openssl/x509.h>

/* Who asks for it: the account of --user, where that is given, else this pair. */
struct asker {
    certenroll_token *token;
    const unsigned char *id;
    size_t id_length;
};

/* Has the RA of --url revoke it. 0, or negative with the tool's failure. */
int revoke_certificate(struct tool *tool, const X509 *certificate,
                       certenroll_revocation_reason reason, const struct asker *asker);

/* --- former.c: certificates that another takes the place of --- */

struct former {
    X509 *certificate;
    char *command; /* what has it revoked */
    int is_revoked;
};
struct formers {
    struct former *list;
    size_t count;
};

/* Where a former certificate was seen. */
struct origin {
    const char *token_uri; /* NULL: in `file` */
    const char *module;
    const char *file;
    const struct asker *asker; /* of one in a file: who is to ask */
};

/* Adds the certificates of `subject` that are valid now, but `successor`, which takes their place
 * (may be NULL), and what is there already. */
int formers_add_token(struct tool *tool, struct formers *formers,
                      const certenroll_inventory *inventory, const X509_NAME *subject,
                      const X509 *successor, const struct origin *origin);
/* Adds the certificate in the file, whatever its subject, while it is valid. */
int formers_add_file(struct tool *tool, struct formers *formers, const struct origin *origin);
/* Has the RA revoke them all; goes on after a failure. The first failure is the tool's. */
int formers_revoke(struct tool *tool, struct formers *formers, const struct asker *asker);
void formers_clear(struct formers *formers);

/* An array of objects, each with subject, issuer, serial, dates, revoked and, unless it is, the
 * command. */
json_t *describe_formers(const struct formers *formers);

/* A certificate in PEM or DER; *out is freed by X509_free(). */
int read_certificate(struct tool *tool, X509 **out, const char *path);

#endif
