/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* explicit_bzero, timegm, strptime */

#include "launch.h"

#include "common/message.h"
#include "common/safe_file.h"
#include "common/strict_json.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LAUNCH_MAX ((size_t)4096)
#define LAUNCH_DEPTH 1

static int refuse(struct failure *failure, const char *member)
{
    return failure_set(failure, CERTENROLL_E_ARGUMENT,
                       _("the launch file's \"%s\" is not what it should be"), member);
}

static int check_version(const json_t *root, struct failure *failure)
{
    const json_t *version = json_object_get(root, "version");

    if (!json_is_integer(version))
        return refuse(failure, "version");
    if (json_integer_value(version) == 1)
        return CERTENROLL_OK;
    failure_set(failure, CERTENROLL_E_ARGUMENT, "%s", _("the launch file is of another version"));
    failure_advise(failure, "%s", _("Install the newest version of this program."));
    return failure->status;
}

static int take_digits(char out[LAUNCH_DIGITS + 1], const json_t *root, const char *member,
                       struct failure *failure)
{
    const char *text = json_string_value(json_object_get(root, member));

    if (!text || strlen(text) != LAUNCH_DIGITS || strspn(text, "0123456789abcdef") != LAUNCH_DIGITS)
        return refuse(failure, member);
    memcpy(out, text, LAUNCH_DIGITS + 1);
    return CERTENROLL_OK;
}

/* "2026-11-22T12:34:56Z" and nothing else; strptime alone would take more. */
static int take_expiry(struct launch *launch, const json_t *root, struct failure *failure)
{
    static const char format[] = "%Y-%m-%dT%H:%M:%SZ";
    const char *text = json_string_value(json_object_get(root, "expires"));
    struct tm when = { 0 };
    char again[32] = "";
    time_t seconds;

    if (!text || !strptime(text, format, &when))
        return refuse(failure, "expires");
    seconds = timegm(&when);
    strftime(again, sizeof(again), format, &when);
    if (strcmp(again, text) != 0)
        return refuse(failure, "expires");
    launch->expires = (int64_t)seconds;
    return CERTENROLL_OK;
}

static int take_origin(struct launch *launch, const json_t *root, struct failure *failure)
{
    const char *text = json_string_value(json_object_get(root, "origin"));

    if (!text)
        return refuse(failure, "origin");
    launch->origin = strdup(text);
    return launch->origin ? CERTENROLL_OK : failure_memory(failure);
}

static int check_time(const struct launch *launch, struct failure *failure)
{
    if (time(NULL) < (time_t)launch->expires)
        return CERTENROLL_OK;
    failure_set(failure, CERTENROLL_E_ARGUMENT, "%s", _("the launch file has expired"));
    failure_advise(failure, "%s",
                   _("Get a new one from the page and open it within ten minutes. If it was new, "
                     "set this computer's clock."));
    return failure->status;
}

static int take_members(struct launch *launch, const json_t *root, struct failure *failure)
{
    static const char *const members[] = { "version", "origin", "job", "code", "expires", NULL };
    int status = check_version(root, failure);

    if (status == CERTENROLL_OK)
        status = strict_json_members(root, members, NULL, _("the launch file"),
                                     CERTENROLL_E_ARGUMENT, failure);
    if (status == CERTENROLL_OK)
        status = take_origin(launch, root, failure);
    if (status == CERTENROLL_OK)
        status = take_digits(launch->job, root, "job", failure);
    if (status == CERTENROLL_OK)
        status = take_digits(launch->code, root, "code", failure);
    if (status == CERTENROLL_OK)
        status = take_expiry(launch, root, failure);
    return status == CERTENROLL_OK ? check_time(launch, failure) : status;
}

int launch_read(struct launch *out, const char *path, struct failure *failure)
{
    json_t *root = NULL;
    size_t length = 0;
    char *text = NULL;
    int status = safe_file_read(&text, &length, path, SAFE_FILE_OWN, LAUNCH_MAX, failure);

    memset(out, 0, sizeof(*out));
    if (status == CERTENROLL_OK)
        status = strict_json_read(&root, text, length, LAUNCH_DEPTH, _("the launch file"),
                                  CERTENROLL_E_ARGUMENT, failure);
    if (status == CERTENROLL_OK)
        status = take_members(out, root, failure);
    if (text)
        explicit_bzero(text, length);
    free(text);
    strict_json_free(root);
    if (status == CERTENROLL_OK)
        return CERTENROLL_OK;
    if (!failure->advice[0])
        failure_advise(failure, "%s", _("Get the file from your bank's page and open that one."));
    launch_clear(out);
    return status;
}

void launch_clear(struct launch *launch)
{
    free(launch->origin);
    explicit_bzero(launch, sizeof(*launch));
}
