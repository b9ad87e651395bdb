/* SPDX-License-Identifier: Apache-2.0 */
#include "honest_ra.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PKCS7_TYPE "Content-Type: application/pkcs7-mime; smime-type=certs-only\r\n"

/* --- what comes and what goes --- */

EVP_PKEY *honest_ra_requested_key(const struct https_seen *seen)
{
    X509_REQ *request = https_seen_request(seen);
    EVP_PKEY *key = X509_REQ_get_pubkey(request);

    check(key != NULL && X509_REQ_verify(request, key) == 1, "the request's signature is wrong");
    X509_REQ_free(request);
    return key;
}

void honest_ra_answer_with(struct https_answer *answer, X509 *const *certificates, size_t count)
{
    size_t length;
    unsigned char *pkcs7 = test_pkcs7(&length, certificates, count);
    unsigned char *base64 = malloc(2 * length + 4);

    check(base64 != NULL, "out of memory");
    https_answer_whole(answer, "200 OK", PKCS7_TYPE, base64,
                       (size_t)EVP_EncodeBlock(base64, pkcs7, (int)length));
    free(base64);
    free(pkcs7);
}

/* --- the ledger --- */

static int same_certificate(const X509 *one, const X509 *other)
{
    return one == other || (one != NULL && other != NULL && X509_cmp(one, other) == 0);
}

static X509 *issue(const struct honest_ra *ra, EVP_PKEY *key)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.key = key;
    details.subject = HONEST_RA_SUBJECT;
    details.alt_names = HONEST_RA_ALT_NAMES;
    details.not_after = ra->not_after;
    return test_ca_issue(&ra->issuing, &details);
}

/* The entry for this key under this certificate: found, or made. Takes over `key`. */
static const struct honest_ra_entry *entry_for(struct honest_ra *ra, EVP_PKEY *key, X509 *under)
{
    struct honest_ra_entry *entry = ra->issued;

    while (entry != NULL && (entry->is_revoked || EVP_PKEY_eq(entry->key, key) != 1 ||
                             !same_certificate(entry->under, under)))
        entry = entry->next;
    if (entry != NULL) {
        EVP_PKEY_free(key);
        return entry;
    }
    entry = calloc(1, sizeof(*entry));
    check(entry != NULL && (under == NULL || X509_up_ref(under) == 1), "out of memory");
    *entry = (struct honest_ra_entry){ key, under, issue(ra, key), 0, ra->issued };
    ra->issued = entry;
    ra->issued_count++;
    return entry;
}

void honest_ra_forget(struct honest_ra *ra)
{
    pthread_mutex_lock(&ra->mutex);
    while (ra->issued != NULL) {
        struct honest_ra_entry *entry = ra->issued;

        ra->issued = entry->next;
        EVP_PKEY_free(entry->key);
        X509_free(entry->under);
        X509_free(entry->certificate);
        free(entry);
    }
    ra->issued_count = 0;
    pthread_mutex_unlock(&ra->mutex);
}

size_t honest_ra_issued(struct honest_ra *ra)
{
    size_t count;

    pthread_mutex_lock(&ra->mutex);
    count = ra->issued_count;
    pthread_mutex_unlock(&ra->mutex);
    return count;
}

size_t honest_ra_in_force(struct honest_ra *ra)
{
    size_t count = 0;

    pthread_mutex_lock(&ra->mutex);
    for (const struct honest_ra_entry *entry = ra->issued; entry != NULL; entry = entry->next)
        count += !entry->is_revoked;
    pthread_mutex_unlock(&ra->mutex);
    return count;
}

static struct honest_ra_entry *entry_of(const struct honest_ra *ra, const X509 *certificate)
{
    struct honest_ra_entry *entry = ra->issued;

    while (entry != NULL && !same_certificate(entry->certificate, certificate))
        entry = entry->next;
    return entry;
}

int honest_ra_has_in_force(struct honest_ra *ra, const unsigned char *der, size_t length)
{
    X509 *certificate = d2i_X509(NULL, &der, (long)length);
    const struct honest_ra_entry *entry;
    int has;

    pthread_mutex_lock(&ra->mutex);
    entry = entry_of(ra, certificate);
    has = entry != NULL && !entry->is_revoked;
    pthread_mutex_unlock(&ra->mutex);
    X509_free(certificate);
    return has;
}

int honest_ra_knows(struct honest_ra *ra, const unsigned char *der, size_t length)
{
    X509 *certificate = d2i_X509(NULL, &der, (long)length);
    EVP_PKEY *key = certificate != NULL ? X509_get0_pubkey(certificate) : NULL;
    const struct honest_ra_entry *entry;
    int known;

    check(key != NULL, "a certificate on the token cannot be read");
    pthread_mutex_lock(&ra->mutex);
    entry = ra->issued;
    while (entry != NULL && EVP_PKEY_eq(entry->key, key) != 1)
        entry = entry->next;
    known = entry != NULL && same_certificate(entry->certificate, certificate);
    pthread_mutex_unlock(&ra->mutex);
    X509_free(certificate);
    return known;
}

/* --- the server --- */

static void answer_cacerts(const struct honest_ra *ra, struct https_answer *answer)
{
    X509 *certificates[] = { ra->issuing.certificate, ra->endpoint.ca.certificate };

    honest_ra_answer_with(answer, certificates, 2);
}

static void answer_request(struct honest_ra *ra, struct https_answer *answer,
                           const struct https_seen *seen)
{
    EVP_PKEY *key = honest_ra_requested_key(seen);
    X509 *certificates[2];

    certificates[0] = entry_for(ra, key, seen->peer)->certificate;
    certificates[1] = ra->issuing.certificate;
    honest_ra_answer_with(answer, certificates, 2);
}

/* certificate=BASE64URL&reason=NAME */
static X509 *posted_certificate(const struct https_seen *seen, char *reason, size_t size)
{
    static const char begin[] = "certificate=", middle[] = "&reason=";
    char *text = calloc(1, seen->body_length + 5), *end;
    const unsigned char *next;
    unsigned char *der;
    X509 *certificate;
    size_t length;

    check(text != NULL, "out of memory");
    memcpy(text, seen->body, seen->body_length);
    end = strstr(text, middle);
    check(strncmp(text, begin, sizeof(begin) - 1) == 0 && end != NULL, "no form for a revocation");
    snprintf(reason, size, "%s", end + sizeof(middle) - 1);
    memmove(text, text + sizeof(begin) - 1, (size_t)(end - text) - (sizeof(begin) - 1));
    length = (size_t)(end - text) - (sizeof(begin) - 1);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
    while (length % 4 != 0)
        text[length++] = '=';
    der = malloc(length);
    check(der != NULL && EVP_DecodeBlock(der, (unsigned char *)text, (int)length) > 0, "no base64");
    next = der;
    certificate = d2i_X509(NULL, &next, (long)length);
    check(certificate != NULL, "no certificate to revoke");
    free(der);
    free(text);
    return certificate;
}

static void answer_revocation(struct honest_ra *ra, struct https_answer *answer,
                              const struct https_seen *seen)
{
    X509 *certificate = posted_certificate(seen, ra->revoke_reason, sizeof(ra->revoke_reason));
    struct honest_ra_entry *entry = entry_of(ra, certificate);

    X509_free(certificate);
    snprintf(ra->revoked_by, sizeof(ra->revoked_by), "%s", seen->peer != NULL ? "pair" : "account");
    if (entry != NULL)
        entry->is_revoked = 1;
    https_answer_whole(answer, entry != NULL ? "200 OK" : "403 Forbidden", "", "", 0);
}

static void answer_honestly(struct honest_ra *ra, struct https_answer *answer,
                            const struct https_seen *seen)
{
    if (strstr(seen->head, "/cacerts ") != NULL)
        answer_cacerts(ra, answer);
    else if (ra->wants_password && seen->peer == NULL &&
             strstr(seen->head, "\r\nAuthorization: Basic ") == NULL)
        https_answer_whole(answer, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"RA\"\r\n",
                           "", 0);
    else if (strstr(seen->head, "/simplereenroll ") != NULL && seen->peer == NULL)
        /* RFC 7030 §3.3.2: by the certificate that is renewed; demo-ra has it so, too. */
        https_answer_whole(answer, "403 Forbidden", "", "", 0);
    else if (strstr(seen->head, "/certenroll/revoke ") != NULL)
        answer_revocation(ra, answer, seen);
    else if (strstr(seen->head, "enroll ") != NULL)
        answer_request(ra, answer, seen);
    else
        https_answer_whole(answer, "404 Not Found", "", "", 0);
}

static void answer(void *user, struct https_answer *out, const struct https_seen *seen,
                   size_t number)
{
    struct honest_ra *ra = user;

    (void)number;
    pthread_mutex_lock(&ra->mutex);
    if (ra->instead == NULL || !ra->instead(ra->user, out, seen))
        answer_honestly(ra, out, seen);
    if (ra->loses_answers && strstr(seen->head, "/cacerts ") == NULL) {
        out->length = 0;
        out->ending = HTTPS_BREAK;
    }
    pthread_mutex_unlock(&ra->mutex);
}

void honest_ra_start(struct honest_ra *ra)
{
    *ra = (struct honest_ra){ .not_after = 86400, .mutex = PTHREAD_MUTEX_INITIALIZER };
    test_endpoint_new(&ra->endpoint);
    test_ca_new(&ra->issuing, "CN=Issuing,O=Test", &ra->endpoint.ca);
    ra->endpoint.options.client_ca = ra->endpoint.ca.certificate;
    test_endpoint_start(&ra->endpoint, answer, ra);
}

void honest_ra_stop(struct honest_ra *ra)
{
    https_server_stop(ra->endpoint.server);
    ra->endpoint.server = NULL;
    honest_ra_forget(ra);
    test_ca_clear(&ra->issuing);
    test_endpoint_clear(&ra->endpoint);
}
