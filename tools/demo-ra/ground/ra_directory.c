/* SPDX-License-Identifier: Apache-2.0 */
#include "ground/ra_directory.h"

#include "base/platform.h"
#include "base/text.h"
#include "base/whole_file.h"
#include "common/tool_message.h"
#include "json/strict_json.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_LIMIT 65536

char *ra_directory_path(const char *directory, const char *name)
{
    size_t size = strlen(directory) + 1 + strlen(name) + 1;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s/%s", directory, name);
    return path;
}

int ra_directory_make(const char *directory, certenroll_error **error)
{
    struct stat found;

    if (mkdir(directory, 0700) < 0 && errno != EEXIST)
        return certenroll_error_set_errno(error, _("cannot make the directory %s"), directory);
    if (stat(directory, &found) < 0)
        return certenroll_error_set_errno(error, _("cannot read %s"), directory);
    if (!S_ISDIR(found.st_mode))
        return certenroll_error_set(error, CERTENROLL_E_SYSTEM, _("%s is no directory"), directory);
    if (access(directory, W_OK | X_OK) < 0)
        return certenroll_error_set_errno(error, _("cannot write in %s"), directory);
    return CERTENROLL_OK;
}

int ra_directory_read(struct ce_buffer *out, const char *directory, const char *name,
                      certenroll_error **error)
{
    char *path = ra_directory_path(directory, name);
    int status;

    *out = (struct ce_buffer){ NULL, 0 };
    status = path ? ce_file_read(out, path, CE_TRUST_ANY, FILE_LIMIT, error)
                  : certenroll_error_set_memory(error);
    free(path);
    return status;
}

int ra_directory_write(const char *directory, const char *name, const struct ce_buffer *contents,
                       unsigned mode, certenroll_error **error)
{
    char *path = ra_directory_path(directory, name);
    int status = CERTENROLL_OK;

    if (!path)
        status = certenroll_error_set_memory(error);
    else if (ce_platform_replace(path, contents->data, contents->length, mode) < 0)
        status = certenroll_error_set_errno(error, _("cannot write %s"), path);
    free(path);
    return status;
}

/* --- the configuration --- */

int ra_config_save(const struct ra_config *config, const char *directory, certenroll_error **error)
{
    char root_key[2 * CA_KEY_ID_LENGTH + 1], issuing_key[2 * CA_KEY_ID_LENGTH + 1];
    struct ce_buffer text = { NULL, 0 };
    json_t *root;
    int status;

    ce_hex(root_key, sizeof(root_key), config->root_key_id, CA_KEY_ID_LENGTH);
    ce_hex(issuing_key, sizeof(issuing_key), config->issuing_key_id, CA_KEY_ID_LENGTH);
    root = json_pack("{s:i, s:s, s:s*, s:s, s:s}", "version", 1, "token", config->token_uri,
                     "module", config->module, "root_key", root_key, "issuing_key", issuing_key);
    text.data = root ? (unsigned char *)json_dumps(root, JSON_INDENT(2)) : NULL;
    text.length = text.data ? strlen((char *)text.data) : 0;
    status = text.data ? ra_directory_write(directory, CONFIG_FILE, &text, 0600, error)
                       : certenroll_error_set_memory(error);
    ce_buffer_clear(&text);
    json_decref(root);
    return status;
}

static int take_config(struct ra_config *config, const json_t *root)
{
    const char *token = json_string_value(json_object_get(root, "token"));
    const char *module = json_string_value(json_object_get(root, "module"));
    const char *root_key = json_string_value(json_object_get(root, "root_key"));
    const char *issuing_key = json_string_value(json_object_get(root, "issuing_key"));

    if (json_integer_value(json_object_get(root, "version")) != 1 || !token || !root_key ||
        !issuing_key)
        return -1;
    config->token_uri = strdup(token);
    config->module = module ? strdup(module) : NULL;
    return config->token_uri && (!module || config->module) &&
                   ce_unhex(config->root_key_id, CA_KEY_ID_LENGTH, root_key) == CA_KEY_ID_LENGTH &&
                   ce_unhex(config->issuing_key_id, CA_KEY_ID_LENGTH, issuing_key) ==
                       CA_KEY_ID_LENGTH
               ? 0
               : -1;
}

int ra_config_load(struct ra_config *config, const char *directory, certenroll_error **error)
{
    struct ce_buffer text;
    json_t *root = NULL;
    int status = ra_directory_read(&text, directory, CONFIG_FILE, error);

    memset(config, 0, sizeof(*config));
    if (!status)
        status = strict_json_read(&root, (const char *)text.data, text.length, 1, CONFIG_FILE,
                                  CERTENROLL_E_SYSTEM, error);
    if (!status && take_config(config, root) < 0)
        status = certenroll_error_set(error, CERTENROLL_E_SYSTEM,
                                      _("%s is not a configuration of this version"), CONFIG_FILE);
    ce_buffer_clear(&text);
    strict_json_free(root);
    return status;
}

void ra_config_clear(struct ra_config *config)
{
    free(config->token_uri);
    free(config->module);
    memset(config, 0, sizeof(*config));
}
