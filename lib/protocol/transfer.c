/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/transfer.h"

#include "base/message.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/version.h"
#include "protocol/retry_after.h"
#include "protocol/tls.h"
#include "protocol/transfer_error.h"
#include "x509/certs.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <stdio.h>
#include <string.h>

/* The certificates travel in base64, which adds a third and line ends. */
#define BODY_MAX ((size_t)CE_CERTS_MAX_BYTES * 2)
#define HEAD_MAX ((size_t)64 * 1024)

/* In seconds. A handshake may wait for a person who types a PIN for the client key. */
#define CONNECT_TIME 60L
#define STALLED_TIME 60L
#define WHOLE_TIME 300L

/* --- what libcurl calls --- */

static int refuse_length(struct transfer *transfer, const char *what)
{
    transfer->status = ce_fail(transfer->error, CERTENROLL_E_SERVER, "%s", what);
    return 0;
}

/* A return value other than the length ends the transfer. */
static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    size_t length = size * count;

    if (ce_buffer_append(&transfer->response->body, data, length, BODY_MAX) == 0)
        return length;
    if (transfer->response->body.length + length > BODY_MAX)
        return (size_t)refuse_length(transfer, _("the answer is too long"));
    transfer->status = ce_fail_memory(transfer->error);
    return 0;
}

static size_t take_head(char *line, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    size_t length = size * count;

    if (length > HEAD_MAX - transfer->head_bytes)
        return (size_t)refuse_length(transfer, _("the head of the answer is too long"));
    transfer->head_bytes += length;
    /* An interim answer (1xx) has a head of its own; the fields after a chunked body have none. */
    if (length > 5 && memcmp(line, "HTTP/", 5) == 0)
        transfer->head_complete = 0;
    else if (length <= 2 && (line[0] == '\r' || line[0] == '\n'))
        transfer->head_complete = 1;
    return length;
}

static CURLcode set_up_tls(CURL *curl, void *context, void *user)
{
    struct transfer *transfer = user;

    (void)curl;
    transfer->status = tls_set_up(context, transfer->endpoint, &transfer->alert, transfer->error);
    return transfer->status == CERTENROLL_OK ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

/* --- setting up --- */

static CRYPTO_ONCE libcurl_once = CRYPTO_ONCE_STATIC_INIT;
static CURLcode libcurl_started;

static void start_libcurl(void)
{
    libcurl_started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int set_limits(CURL *curl)
{
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIME) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, STALLED_TIME) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT, WHOLE_TIME) == CURLE_OK;
}

/* A proxy from the environment only tunnels (CONNECT): what we send goes through it encrypted, and
 * our header fields are not shown to it. One that is spoken to by TLS itself is held to the same
 * anchors. */
static int set_trust(struct transfer *transfer)
{
    CURL *curl = transfer->curl;
    const long version = CURL_SSLVERSION_TLSv1_2;

    return curl_easy_setopt(curl, CURLOPT_SSLVERSION, version) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_OPTIONS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CAINFO, NULL) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, set_up_tls) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, transfer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE) == CURLE_OK;
}

static int set_callbacks(struct transfer *transfer)
{
    CURL *curl = transfer->curl;

    return curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->reason) == CURLE_OK;
}

/* Returns 0 or -1. `value` NULL: no such field. */
static int add_field(struct transfer *transfer, const char *name, const char *value)
{
    char field[256];
    struct curl_slist *longer;

    if (!value)
        return 0;
    if (snprintf(field, sizeof(field), "%s: %s", name, value) >= (int)sizeof(field))
        return -1;
    longer = curl_slist_append(transfer->fields, field);
    if (!longer)
        return -1;
    transfer->fields = longer;
    return 0;
}

static int set_request(struct transfer *transfer, const struct http_request *request)
{
    CURL *curl = transfer->curl;
    const curl_off_t length = (curl_off_t)request->body.length;

    if (curl_easy_setopt(curl, CURLOPT_USERAGENT, "libcertenroll/" CE_VERSION) != CURLE_OK ||
        add_field(transfer, "Accept", request->accept) < 0 ||
        add_field(transfer, "Content-Type", request->content_type) < 0 ||
        add_field(transfer, "Content-Transfer-Encoding", request->transfer_encoding) < 0)
        return 0;
    if (!request->content_type)
        return curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, length) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                            request->body.data ? (const char *)request->body.data : "") == CURLE_OK;
}

int transfer_open(struct transfer *transfer, const struct ca_endpoint *endpoint,
                  const struct http_request *request, certenroll_error **error)
{
    *transfer = (struct transfer){ .endpoint = endpoint, .alert = -1 };
    if (!CRYPTO_THREAD_run_once(&libcurl_once, start_libcurl) || libcurl_started != CURLE_OK)
        return ce_fail(error, CERTENROLL_E_INTERNAL, _("libcurl cannot be started"));
    transfer->curl = curl_easy_init();
    if (!transfer->curl)
        return ce_fail_memory(error);
    if (!set_limits(transfer->curl) || !set_trust(transfer) || !set_callbacks(transfer) ||
        !set_request(transfer, request))
        return ce_fail(error, CERTENROLL_E_INTERNAL, _("libcurl lacks an option that we need"));
    return CERTENROLL_OK;
}

void transfer_close(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->curl);
    curl_slist_free_all(transfer->fields);
    basic_auth_free(transfer->auth);
}

/* --- one request --- */

static void read_head(struct transfer *transfer)
{
    struct http_response *response = transfer->response;
    const char *content_type = NULL;
    struct curl_header *retry_after;

    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &response->status);
    curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_TYPE, &content_type);
    if (content_type)
        ce_text_clean(response->content_type, sizeof(response->content_type), content_type,
                      strlen(content_type));
    if (curl_easy_header(transfer->curl, "Retry-After", 0, CURLH_HEADER, -1, &retry_after) ==
        CURLHE_OK)
        response->retry_at = retry_after_moment(retry_after->value, ce_now());
}

static CURLcode send_request(struct transfer *transfer, const char *url)
{
    struct curl_slist *fields =
        transfer->auth ? basic_auth_fields(transfer->auth, transfer->fields) : transfer->fields;
    CURLcode code = curl_easy_setopt(transfer->curl, CURLOPT_URL, url);

    if (code == CURLE_OK)
        code = curl_easy_setopt(transfer->curl, CURLOPT_HTTPHEADER, fields);
    if (code == CURLE_OK)
        code = curl_easy_perform(transfer->curl);
    ERR_clear_error(); /* libcurl leaves its OpenSSL errors behind */
    return code;
}

int transfer_perform(struct transfer *transfer, const char *url, struct http_response *response,
                     certenroll_error **error)
{
    CURLcode code;

    http_response_clear(response);
    transfer->response = response;
    transfer->error = error;
    transfer->status = CERTENROLL_OK;
    transfer->alert = -1;
    transfer->head_complete = 0;
    transfer->head_bytes = 0;
    transfer->reason[0] = '\0';
    code = send_request(transfer, url);
    /* libcurl takes a head that breaks off between two fields for a whole one. */
    if (code == CURLE_OK && !transfer->head_complete)
        code = CURLE_GOT_NOTHING;
    if (code != CURLE_OK)
        return transfer_fail(transfer, code, url, error);
    read_head(transfer);
    return CERTENROLL_OK;
}
