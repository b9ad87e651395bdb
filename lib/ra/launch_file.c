/* SPDX-License-Identifier: Apache-2.0 */
#include "ra/launch_file.h"

#include "base/message.h"
#include "base/text.h"
#include "base/time.h"
#include "base/whole_file.h"
#include "json/strict_json.h"
#include "ra/configuration.h"

#include <stdlib.h>
#include <string.h>

#define LAUNCH_MAX ((size_t)4096)
#define LAUNCH_DEPTH 1

static int refuse(certenroll_error **error, const char *member)
{
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                _("the launch file's \"%s\" is not what it should be"), member);
}

static int check_version(const json_t *root, certenroll_error **error)
{
    const json_t *version = json_object_get(root, "version");

    if (!json_is_integer(version))
        return refuse(error, "version");
    if (json_integer_value(version) == 1)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the launch file is of another version"));
    certenroll_error_advise(error, _("Install the newest version of this program."));
    return CERTENROLL_E_ARGUMENT;
}

static int take_digits(char out[LAUNCH_DIGITS + 1], const json_t *root, const char *member,
                       certenroll_error **error)
{
    const char *text = json_string_value(json_object_get(root, member));

    if (!text || strlen(text) != LAUNCH_DIGITS || strspn(text, "0123456789abcdef") != LAUNCH_DIGITS)
        return refuse(error, member);
    memcpy(out, text, LAUNCH_DIGITS + 1);
    return CERTENROLL_OK;
}

static int take_expiry(int64_t *out, const json_t *root, certenroll_error **error)
{
    const char *text = json_string_value(json_object_get(root, "expires"));

    if (!text || ce_time_parse(out, text) < 0)
        return refuse(error, "expires");
    if (ce_now() < *out)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the launch file has expired"));
    certenroll_error_advise(
        error, _("Get a new one from the page and open it within ten minutes. If it was new, "
                 "set this computer's clock."));
    return CERTENROLL_E_ARGUMENT;
}

static int find_ra(const certenroll_ra **out, const char *origin,
                   const certenroll_ra_config *config, certenroll_error **error)
{
    char *shown;

    *out = configuration_find(config, origin);
    if (*out)
        return CERTENROLL_OK;
    shown = ce_text_shown(origin);
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                         _("the launch file is for %s, which is not in the configuration"),
                         shown ? shown : "?");
    certenroll_error_advise(
        error, _("Do not trust the page that it came from, unless your system's administrator "
                 "adds that bank."));
    free(shown);
    return CERTENROLL_E_ARGUMENT;
}

static int take_members(struct launch_file *out, const json_t *root,
                        const certenroll_ra_config *config, certenroll_error **error)
{
    static const char *const members[] = { "version", "origin", "job", "code", "expires", NULL };
    const char *origin = json_string_value(json_object_get(root, "origin"));
    int status = check_version(root, error);

    if (status == CERTENROLL_OK)
        status = strict_json_members(root, members, NULL, _("the launch file"),
                                     CERTENROLL_E_ARGUMENT, error);
    if (status == CERTENROLL_OK && !origin)
        status = refuse(error, "origin");
    if (status == CERTENROLL_OK)
        status = take_digits(out->job, root, "job", error);
    if (status == CERTENROLL_OK)
        status = take_digits(out->code, root, "code", error);
    if (status == CERTENROLL_OK)
        status = take_expiry(&out->expires, root, error);
    return status == CERTENROLL_OK ? find_ra(&out->ra, origin, config, error) : status;
}

int launch_file_read(struct launch_file *out, const char *path, const certenroll_ra_config *config,
                     certenroll_error **error)
{
    struct ce_buffer text = { NULL, 0 };
    json_t *root = NULL;
    int status = ce_file_read(&text, path, CE_TRUST_OWN, LAUNCH_MAX, error);

    if (status == CERTENROLL_OK)
        status = strict_json_read(&root, (const char *)text.data, text.length, LAUNCH_DEPTH,
                                  _("the launch file"), CERTENROLL_E_ARGUMENT, error);
    if (status == CERTENROLL_OK)
        status = take_members(out, root, config, error);
    ce_buffer_clear(&text);
    strict_json_free(root);
    if (status < 0 && error && !certenroll_error_is_advised(*error))
        certenroll_error_advise(error, _("Get the file from your bank's page and open that one."));
    return status;
}
