/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to reach a CA. One `struct ca_protocol` each; the transaction knows no other difference. */
#ifndef CE_PROTOCOL_PROTOCOL_H
#define CE_PROTOCOL_PROTOCOL_H

#include "base/buffer.h"
#include "base/secret.h"
#include "context/context.h"
#include "x509/anchors.h"

#include <certenroll/revocation.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

/* Where the CA is and who we are. Everything is borrowed and outlives the calls. */
struct ca_endpoint {
    certenroll_context *context;
    const char *url;                       /* EST; NULL offline */
    const certenroll_anchors *tls_anchors; /* the server's certificate must chain to one */
    const char *username;                  /* HTTP Basic; NULL: none */
    struct ce_secret_source secret;        /* for the password, once the server is authorised */
    EVP_PKEY *client_key;                  /* TLS client authentication; NULL: none */
    X509 *client_certificate;
    STACK_OF(X509) *client_chain; /* may be NULL */
};

/* What a CA answered. */
struct ca_answer {
    STACK_OF(X509) *certs; /* with CERTENROLL_OK: the leaf at any place, CA certificates around */
    int64_t retry_at;      /* with CERTENROLL_PENDING: UTC seconds since 1970; 0 unknown */
    int is_busy;  /* with CERTENROLL_PENDING: it is the server that has no time, for any request */
    int64_t skew; /* the server's clock less ours, in seconds; 0: none, or not known */
};
void ca_answer_clear(struct ca_answer *answer);

/* Every call returns CERTENROLL_OK, CERTENROLL_PENDING or an error, and never sleeps or retries. */
struct ca_protocol {
    const char *name;
    /* Whether `url` is one that this protocol can use at all; asks nobody. CERTENROLL_E_ARGUMENT.
     */
    int (*check)(const char *url, certenroll_error **error);
    /* The CA's own certificates (EST /cacerts), for information: they are not trusted by this. */
    int (*cacerts)(struct ca_answer *answer, const struct ca_endpoint *endpoint,
                   certenroll_error **error);
    /* Sends a request (DER PKCS#10), or asks again after CERTENROLL_PENDING with the same one. */
    int (*enroll)(struct ca_answer *answer, const struct ca_endpoint *endpoint,
                  const struct ce_buffer *request, certenroll_error **error);
    /* The same for a certificate that is being renewed. */
    int (*reenroll)(struct ca_answer *answer, const struct ca_endpoint *endpoint,
                    const struct ce_buffer *request, certenroll_error **error);
    /* NULL where a protocol cannot: a TLS handshake with the CA's server, on a connection of its
     * own, in which the endpoint's client certificate is to be used. Returns 1 when the client key
     * signed that handshake and the server answered, 0 when it answered without (it asked for no
     * certificate, or not for one of this kind): nothing is proven then.
     * CERTENROLL_E_AUTHENTICATION when it refuses the certificate. */
    int (*prove)(const struct ca_endpoint *endpoint, certenroll_error **error);
    /* NULL where a protocol cannot: has `certificate` (DER) revoked, whether it was already or not.
     * Who asks is said by the endpoint's client certificate, or where it has none by the account.
     * CERTENROLL_E_UNSUPPORTED when the RA has no such call. */
    int (*revoke)(const struct ca_endpoint *endpoint, const struct ce_buffer *certificate,
                  certenroll_revocation_reason reason, certenroll_error **error);
};

/* RFC 7030 over HTTPS. */
extern const struct ca_protocol ca_protocol_est;
/* The request leaves and the certificate comes by hand: always CERTENROLL_PENDING. */
extern const struct ca_protocol ca_protocol_offline;

#endif
