/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/transfer.h"

#include "base/message.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/version.h"
#include "context/stop.h"
#include "protocol/answer.h"
#include "protocol/challenge.h"
#include "protocol/tls.h"
#include "x509/certs.h"

#include <openssl/err.h>

#include <stdio.h>
#include <string.h>

/* The certificates travel in base64, which adds a third and line ends. */
#define BODY_MAX ((size_t)CE_CERTS_MAX_BYTES * 2)
#define HEAD_MAX ((size_t)64 * 1024)

/* In seconds. A handshake may wait for a person who types a PIN for the client key. */
#define CONNECT_TIME 60
#define STALLED_TIME 60
#define WHOLE_TIME 300 /* unless the call has set a limit of its own (stop.h) */

/* --- what libcurl calls --- */

static int refuse_length(struct transfer *transfer, const char *what)
{
    transfer->status = certenroll_error_set(transfer->error, CERTENROLL_E_SERVER, "%s", what);
    return 0;
}

/* A return value other than the length ends the transfer. */
static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    size_t length = size * count;

    if (ce_buffer_append_piece(&transfer->response->body, &transfer->body_room, data, length,
                               transfer->body_max) == 0)
        return length;
    if (transfer->response->body.length + length > transfer->body_max)
        return (size_t)refuse_length(transfer, _("the answer is too long"));
    transfer->status = certenroll_error_set_memory(transfer->error);
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

static CURLcode set_up_tls(CURL *handle, void *context, void *user)
{
    (void)handle;
    return tls_set_up(context, user) == CERTENROLL_OK ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

/* --- setting up --- */

/* libcurl reads a long where it has a number, and a pointer to char where it has text. */
static int set_number(const struct transfer *transfer, CURLoption option, long value)
{
    return transfer->curl->easy_setopt(transfer->handle, option, value) == CURLE_OK;
}

static int set_text(const struct transfer *transfer, CURLoption option, const char *value)
{
    return transfer->curl->easy_setopt(transfer->handle, option, value) == CURLE_OK;
}

/* QUICK_EXIT: who ends a transfer does not wait for the name server that its thread waits for. */
static int set_limits(const struct transfer *transfer)
{
    const unsigned limit_ms = ce_stop_exchange_limit_ms();

    return set_text(transfer, CURLOPT_PROTOCOLS_STR, "https") &&
           set_number(transfer, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
           set_number(transfer, CURLOPT_NOSIGNAL, 1) &&
           set_number(transfer, CURLOPT_FOLLOWLOCATION, 0) &&
           set_number(transfer, CURLOPT_CONNECTTIMEOUT, CONNECT_TIME) &&
           set_number(transfer, CURLOPT_LOW_SPEED_LIMIT, 1) &&
           set_number(transfer, CURLOPT_LOW_SPEED_TIME, STALLED_TIME) &&
           set_number(transfer, CURLOPT_QUICK_EXIT, 1) &&
           set_number(transfer, CURLOPT_TIMEOUT_MS, limit_ms ? (long)limit_ms : WHOLE_TIME * 1000L);
}

/* A proxy from the environment only tunnels (CONNECT): what we send goes through it encrypted, and
 * our header fields are not shown to it. One that is spoken to by TLS itself is held to the same
 * anchors, and never sees the client certificate (tls.h). */
static int set_proxy(const struct transfer *transfer)
{
    return set_number(transfer, CURLOPT_PROXY_SSLVERSION, TLS_PROXY_VERSIONS) &&
           set_number(transfer, CURLOPT_PROXY_SSL_VERIFYPEER, 1) &&
           set_number(transfer, CURLOPT_PROXY_SSL_VERIFYHOST, 2) &&
           set_text(transfer, CURLOPT_PROXY_CAINFO, NULL) &&
           set_text(transfer, CURLOPT_PROXY_CAPATH, NULL) &&
           set_number(transfer, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1) &&
           set_number(transfer, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE);
}

static int set_trust(struct transfer *transfer)
{
    const struct libcurl *curl = transfer->curl;
    CURL *handle = transfer->handle;

    return set_number(transfer, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) &&
           set_number(transfer, CURLOPT_SSL_VERIFYPEER, 1) &&
           set_number(transfer, CURLOPT_SSL_VERIFYHOST, 2) &&
           set_number(transfer, CURLOPT_SSL_OPTIONS, 0) &&
           set_number(transfer, CURLOPT_SSL_SESSIONID_CACHE, 0) &&
           set_text(transfer, CURLOPT_CAINFO, NULL) && set_text(transfer, CURLOPT_CAPATH, NULL) &&
           curl->easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, set_up_tls) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_SSL_CTX_DATA, transfer) == CURLE_OK;
}

static int set_callbacks(struct transfer *transfer)
{
    const struct libcurl *curl = transfer->curl;
    CURL *handle = transfer->handle;

    return curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer->reason) == CURLE_OK;
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
    longer = transfer->curl->slist_append(transfer->fields, field);
    if (!longer)
        return -1;
    transfer->fields = longer;
    return 0;
}

static int set_request(struct transfer *transfer, const struct http_request *request)
{
    const struct ce_buffer *body = &request->body;
    const curl_off_t length = (curl_off_t)body->length;
    char languages[96];

    ce_languages(languages, sizeof(languages));
    if (!set_text(transfer, CURLOPT_USERAGENT, "libcertenroll/" CE_VERSION) ||
        add_field(transfer, "Accept", request->accept) < 0 ||
        add_field(transfer, "Accept-Language", languages[0] ? languages : NULL) < 0 ||
        add_field(transfer, "Content-Type", request->content_type) < 0 ||
        add_field(transfer, "Content-Transfer-Encoding", request->transfer_encoding) < 0)
        return 0;
    if (!request->content_type)
        return set_number(transfer, CURLOPT_HTTPGET, 1);
    return set_number(transfer, CURLOPT_POST, 1) &&
           transfer->curl->easy_setopt(transfer->handle, CURLOPT_POSTFIELDSIZE_LARGE, length) ==
               CURLE_OK &&
           set_text(transfer, CURLOPT_POSTFIELDS, body->data ? (const char *)body->data : "");
}

int transfer_open(struct transfer *transfer, const struct ca_endpoint *endpoint,
                  const struct http_request *request, certenroll_error **error)
{
    *transfer = (struct transfer){ .endpoint = endpoint,
                                   .alert = -1,
                                   .body_max = request->body_max ? request->body_max : BODY_MAX };
    transfer->curl = libcurl_load(error);
    if (!transfer->curl)
        return CERTENROLL_E_SYSTEM;
    transfer->handle = transfer->curl->easy_init();
    transfer->multi = transfer->curl->multi_init();
    if (!transfer->handle || !transfer->multi)
        return certenroll_error_set_memory(error);
    if (!set_limits(transfer) || !set_trust(transfer) || !set_proxy(transfer) ||
        !set_callbacks(transfer) || !set_request(transfer, request))
        return certenroll_error_set(error, CERTENROLL_E_INTERNAL,
                                    _("libcurl lacks an option that we need"));
    if (request->bearer)
        return authorization_bearer(&transfer->auth, request->bearer, error);
    return CERTENROLL_OK;
}

void transfer_close(struct transfer *transfer)
{
    if (transfer->curl) {
        transfer->curl->easy_cleanup(transfer->handle);
        transfer->curl->multi_cleanup(transfer->multi);
        transfer->curl->slist_free_all(transfer->fields);
    }
    authorization_free(transfer->auth);
}

/* --- one request --- */

static void read_challenges(struct transfer *transfer)
{
    struct http_response *response = transfer->response;
    struct curl_header *field;

    for (size_t i = 0; transfer->curl->easy_header(transfer->handle, "WWW-Authenticate", i,
                                                   CURLH_HEADER, -1, &field) == CURLHE_OK;
         i++)
        challenge_read(response->schemes, sizeof(response->schemes), field->value);
}

static void read_head(struct transfer *transfer)
{
    struct http_response *response = transfer->response;
    const struct libcurl *curl = transfer->curl;
    char *content_type = NULL;
    struct curl_header *field;
    int64_t now = ce_now();

    curl->easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &response->status);
    curl->easy_getinfo(transfer->handle, CURLINFO_CONTENT_TYPE, &content_type);
    if (content_type)
        ce_text_clean(response->content_type, sizeof(response->content_type), content_type,
                      strlen(content_type));
    if (curl->easy_header(transfer->handle, "Date", 0, CURLH_HEADER, -1, &field) == CURLHE_OK)
        response->skew = date_skew(field->value, now);
    if (curl->easy_header(transfer->handle, "Retry-After", 0, CURLH_HEADER, -1, &field) ==
        CURLHE_OK)
        response->retry_at = retry_after_moment(field->value, now, response->skew);
    read_challenges(transfer);
    response->account_sent = transfer->auth != NULL;
    response->certificate_asked = transfer->certificate_asked;
    response->client_proven = transfer->client_proven;
}

/* As curl_easy_perform would, but looks up every now and then. libcurl looks names up in a thread
 * of its own meanwhile. */
static CURLcode perform(struct transfer *transfer)
{
    const struct libcurl *curl = transfer->curl;
    CURLMcode failed = curl->multi_add_handle(transfer->multi, transfer->handle);
    CURLcode code = CURLE_FAILED_INIT; /* also of one that is left in the middle */
    const CURLMsg *message;
    int running = 1, left, stopped = CERTENROLL_OK;

    while (failed == CURLM_OK && running && stopped == CERTENROLL_OK) {
        failed = curl->multi_perform(transfer->multi, &running);
        if (failed == CURLM_OK && running)
            failed = curl->multi_poll(transfer->multi, NULL, 0,
                                      (int)ce_stop_patience_ms(CE_STOP_LOOK_MS), NULL);
        if (running && transfer->status == CERTENROLL_OK)
            transfer->status = stopped = ce_stop_check(transfer->error);
    }
    while ((message = curl->multi_info_read(transfer->multi, &left)))
        code = message->data.result;
    curl->multi_remove_handle(transfer->multi, transfer->handle);
    return failed == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : code;
}

static CURLcode send_request(struct transfer *transfer, const char *url)
{
    struct curl_slist *fields =
        transfer->auth ? authorization_fields(transfer->auth, transfer->fields) : transfer->fields;
    const struct libcurl *curl = transfer->curl;
    CURLcode code = curl->easy_setopt(transfer->handle, CURLOPT_URL, url);

    if (code == CURLE_OK)
        code = curl->easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, fields);
    if (code == CURLE_OK)
        code = perform(transfer);
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
    transfer->is_silent = 0;
    transfer->head_complete = 0;
    transfer->head_bytes = 0;
    transfer->body_room = 0;
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
