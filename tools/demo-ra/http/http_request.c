/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    enum host host;
} hosts[] = {
    { "entry.localhost", HOST_ENTRY },
    { "login.localhost", HOST_LOGIN },
    { "est.localhost", HOST_EST },
};

enum host host_from_name(const char *name, size_t length)
{
    const char *colon = memchr(name, ':', length);
    size_t bare = colon ? (size_t)(colon - name) : length;

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        if (strlen(hosts[i].name) == bare && strncasecmp(hosts[i].name, name, bare) == 0)
            return hosts[i].host;
    return HOST_UNKNOWN;
}

const char *host_name(enum host host)
{
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        if (hosts[i].host == host)
            return hosts[i].name;
    return "";
}

void host_origin(char out[HOST_ORIGIN_SIZE], enum host host, uint16_t port)
{
    snprintf(out, HOST_ORIGIN_SIZE, "https://%s:%u", host_name(host), (unsigned)port);
}

enum host host_from_session(gnutls_session_t session)
{
    char name[256];
    size_t size = sizeof(name);
    unsigned type;

    if (gnutls_server_name_get(session, name, &size, &type, 0) != GNUTLS_E_SUCCESS ||
        type != GNUTLS_NAME_DNS)
        return HOST_UNKNOWN;
    return host_from_name(name, strnlen(name, sizeof(name)));
}

int request_is_foreign(const struct request *request)
{
    char own[HOST_ORIGIN_SIZE];

    host_origin(own, request->host, request->port);
    if (request->port == 443) /* browsers leave it out (RFC 6454 §6.2) */
        *strrchr(own, ':') = '\0';
    return (request->origin && strcmp(request->origin, own) != 0) ||
           (request->fetch_site && strcmp(request->fetch_site, "same-origin") != 0);
}

int request_has_type(const struct request *request, const char *type)
{
    size_t length = strlen(type);

    return request->content_type && strncasecmp(request->content_type, type, length) == 0 &&
           strchr("; ", request->content_type[length]);
}
