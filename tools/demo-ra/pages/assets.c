/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/assets.h"

#include <string.h>

/* Written by embed.cmake. */
extern const unsigned char asset_style[], asset_script[], asset_icon[];
extern const size_t asset_style_length, asset_script_length, asset_icon_length;

static const struct asset {
    const char *path;
    const char *content_type;
    const unsigned char *bytes;
    const size_t *length;
} assets[] = {
    { "/style.css", "text/css; charset=utf-8", asset_style, &asset_style_length },
    { "/script.js", "text/javascript; charset=utf-8", asset_script, &asset_script_length },
    { "/icon.svg", "image/svg+xml", asset_icon, &asset_icon_length },
};

int assets_answer(struct reply *reply, const struct request *request)
{
    if (strcmp(request->method, "GET") != 0)
        return 0;
    for (size_t i = 0; i < sizeof(assets) / sizeof(assets[0]); i++) {
        if (strcmp(assets[i].path, request->path) != 0)
            continue;
        reply->status = 200;
        reply->content_type = assets[i].content_type;
        text_add_bytes(&reply->body, assets[i].bytes, *assets[i].length);
        return 1;
    }
    return 0;
}
