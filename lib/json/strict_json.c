/* SPDX-License-Identifier: Apache-2.0 */
#include "json/strict_json.h"

#include "base/json_depth.h"
#include "base/message.h"

#include <stdint.h>
#include <string.h>

/* --- reading --- */

int strict_json_read(json_t **out, const char *text, size_t length, int depth, const char *what,
                     int status, certenroll_error **error)
{
    json_error_t place;

    *out = NULL;
    if (json_depth(text, length) > depth)
        return certenroll_error_set(error, status, _("%s is nested too deeply"), what);
    *out = json_loadb(text, length, JSON_REJECT_DUPLICATES, &place);
    if (json_is_object(*out))
        return CERTENROLL_OK;
    certenroll_error_set(error, status, _("%s is not readable"), what);
    if (*out)
        certenroll_error_because(error, _("it is no JSON object"));
    else
        certenroll_error_because(error, _("line %d: %s"), place.line, place.text);
    strict_json_free(*out);
    *out = NULL;
    return status;
}

/* --- members --- */

static int is_listed(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return 1;
    return 0;
}

int strict_json_members(const json_t *object, const char *const *required,
                        const char *const *optional, const char *what, int status,
                        certenroll_error **error)
{
    /* jansson's iterators take no const, and change nothing. */
    json_t *readable = (json_t *)(uintptr_t)object;

    if (!json_is_object(object))
        return certenroll_error_set(error, status, _("%s is no JSON object"), what);
    for (size_t i = 0; required[i]; i++)
        if (!json_object_get(object, required[i]))
            return certenroll_error_set(error, status, _("%s lacks the member \"%s\""), what,
                                        required[i]);
    for (void *at = json_object_iter(readable); at; at = json_object_iter_next(readable, at)) {
        const char *name = json_object_iter_key(at);

        if (!is_listed(required, name) && !is_listed(optional, name))
            return certenroll_error_set(error, status, _("%s has an unknown member, \"%.40s\""),
                                        what, name);
    }
    return CERTENROLL_OK;
}

/* --- wiping --- */

static void wipe(json_t *json)
{
    /* jansson hands its own buffer out; only the type says that it is not ours to change. */
    char *text = (char *)(uintptr_t)json_string_value(json);

    if (text)
        ce_wipe(text, json_string_length(json));
    for (size_t i = 0; i < json_array_size(json); i++)
        wipe(json_array_get(json, i));
    for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at))
        wipe(json_object_iter_value(at));
}

void strict_json_free(json_t *json)
{
    if (json)
        wipe(json);
    json_decref(json);
}
