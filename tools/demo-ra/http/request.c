/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include <string.h>
#include <strings.h>

int request_has_type(const struct request *request, const char *type)
{
    size_t length = strlen(type);

    return request->content_type && strncasecmp(request->content_type, type, length) == 0 &&
           strchr("; ", request->content_type[length]);
}
