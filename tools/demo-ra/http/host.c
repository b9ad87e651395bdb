/* SPDX-License-Identifier: Apache-2.0 */
#include "http/host.h"

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
