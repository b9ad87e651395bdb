/* SPDX-License-Identifier: Apache-2.0 */
#include "common/ra_config.h"

#include "common/message.h"
#include "common/safe_file.h"
#include "common/strict_json.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define CONFIG_MAX ((size_t)64 * 1024)
#define CONFIG_DEPTH 4
#define ANCHORS_MAX ((size_t)1024 * 1024)
#define PLACES_MAX 100

static int refuse(struct failure *failure, const char *member, const char *why)
{
    /* TRANSLATORS: the name of a member of the configuration, and what is wrong with it. */
    return failure_set(failure, CERTENROLL_E_ARGUMENT, _("the configuration's \"%s\" %s"), member,
                       why);
}

/* --- origins --- */

static int is_port(const char *text)
{
    size_t length = strspn(text, "0123456789");

    return length >= 1 && length <= 5 && text[length] == '\0' && text[0] != '0' &&
           strtol(text, NULL, 10) <= 65535;
}

/* Strict, so that two that differ in bytes are never the same place, nor one place two. */
static int is_origin(const char *text)
{
    static const char scheme[] = "https://";
    static const char host_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    const char *host;
    size_t length;

    if (strncmp(text, scheme, strlen(scheme)) != 0)
        return 0;
    host = text + strlen(scheme);
    length = strspn(host, host_characters);
    if (length == 0 || length > 253 || host[0] == '.' || host[0] == '-')
        return 0;
    return host[length] == '\0' || (host[length] == ':' && is_port(host + length + 1));
}

/* --- members --- */

static int take_text(const char **out, const json_t *object, const char *member,
                     struct failure *failure)
{
    const json_t *value = json_object_get(object, member);
    const char *text = json_string_value(value);
    char *clean = text ? text_clean(text) : NULL;
    int is_good = clean && text[0] && strcmp(clean, text) == 0;

    free(clean);
    *out = is_good ? text : NULL;
    if (!value || is_good)
        return CERTENROLL_OK;
    return refuse(failure, member, _("is no plain text"));
}

static int take_origin(const char **out, const json_t *object, const char *member,
                       struct failure *failure)
{
    int status = take_text(out, object, member, failure);

    if (status == CERTENROLL_OK && !is_origin(*out))
        status = refuse(failure, member,
                        _("is not of the form https://HOST or https://HOST:PORT in lower case"));
    return status;
}

static int take_path(const char **out, const json_t *object, const char *member,
                     struct failure *failure)
{
    int status = take_text(out, object, member, failure);

    if (status == CERTENROLL_OK && *out && (*out)[0] != '/')
        status = refuse(failure, member, _("is no absolute path"));
    return status;
}

static int take_key_type(struct ra_config *config, struct failure *failure)
{
    const char *name = NULL;
    int status = take_text(&name, config->root, "key_type", failure);

    config->key_type = CERTENROLL_KEY_P256;
    if (status != CERTENROLL_OK || !name)
        return status;
    config->key_type = (certenroll_key_type)certenroll_key_type_from_name(name);
    if (!config->key_type)
        return refuse(failure, "key_type", _("is no key type"));
    return CERTENROLL_OK;
}

static int take_token(struct ra_config *config, struct failure *failure)
{
    int status = take_text(&config->token, config->root, "token", failure);

    if (status == CERTENROLL_OK && !config->token)
        config->token = "pkcs11:";
    if (status == CERTENROLL_OK && strncmp(config->token, "pkcs11:", 7) != 0)
        status = refuse(failure, "token", _("is no PKCS#11 URI"));
    return status;
}

/* --- RAs --- */

static int load_anchors(struct ra_place *place, struct failure *failure)
{
    certenroll_error *error = NULL;
    size_t length = 0;
    char *pem = NULL;
    int status =
        safe_file_read(&pem, &length, place->trust_anchor, SAFE_FILE_TRUSTED, ANCHORS_MAX, failure);

    if (status == CERTENROLL_OK && certenroll_anchors_new(&place->anchors, pem, length, &error) < 0)
        status = failure_take(failure, error);
    free(pem);
    return status;
}

static int take_place(struct ra_place *place, const json_t *object, struct failure *failure)
{
    static const char *const members[] = { "name", "entry", "login", "est", "trust_anchor", NULL };
    int status = strict_json_members(object, members, NULL, _("the configuration's RA"),
                                     CERTENROLL_E_ARGUMENT, failure);

    if (status == CERTENROLL_OK)
        status = take_text(&place->name, object, "name", failure);
    if (status == CERTENROLL_OK)
        status = take_origin(&place->entry, object, "entry", failure);
    if (status == CERTENROLL_OK)
        status = take_origin(&place->login, object, "login", failure);
    if (status == CERTENROLL_OK)
        status = take_origin(&place->est, object, "est", failure);
    if (status == CERTENROLL_OK)
        status = take_path(&place->trust_anchor, object, "trust_anchor", failure);
    if (status == CERTENROLL_OK)
        status = load_anchors(place, failure);
    return status;
}

static int take_places(struct ra_config *config, struct failure *failure)
{
    const json_t *list = json_object_get(config->root, "ras");
    size_t count = json_array_size(list);
    int status = CERTENROLL_OK;

    if (count == 0 || count > PLACES_MAX)
        return refuse(failure, "ras", _("is no list of RAs"));
    config->places = calloc(count, sizeof(config->places[0]));
    if (!config->places)
        return failure_memory(failure);
    config->count = count;
    for (size_t i = 0; i < count && status == CERTENROLL_OK; i++)
        status = take_place(&config->places[i], json_array_get(list, i), failure);
    return status;
}

/* --- the whole --- */

static int check_version(const struct ra_config *config, struct failure *failure)
{
    const json_t *version = json_object_get(config->root, "version");

    if (json_is_integer(version) && json_integer_value(version) == 1)
        return CERTENROLL_OK;
    return refuse(failure, "version", _("is not 1"));
}

static int read_root(struct ra_config *config, const char *path, struct failure *failure)
{
    char *text = NULL;
    size_t length = 0;
    int status = safe_file_read(&text, &length, path, SAFE_FILE_TRUSTED, CONFIG_MAX, failure);

    if (status == CERTENROLL_OK)
        status = strict_json_read(&config->root, text, length, CONFIG_DEPTH, _("the configuration"),
                                  CERTENROLL_E_ARGUMENT, failure);
    free(text);
    return status;
}

static int take_all(struct ra_config *config, struct failure *failure)
{
    static const char *const required[] = { "version", "ras", NULL };
    static const char *const optional[] = { "token", "module", "key_type", "pinentry", NULL };
    int status = strict_json_members(config->root, required, optional, _("the configuration"),
                                     CERTENROLL_E_ARGUMENT, failure);

    if (status == CERTENROLL_OK)
        status = check_version(config, failure);
    if (status == CERTENROLL_OK)
        status = take_token(config, failure);
    if (status == CERTENROLL_OK)
        status = take_path(&config->module, config->root, "module", failure);
    if (status == CERTENROLL_OK)
        status = take_key_type(config, failure);
    if (status == CERTENROLL_OK)
        status = take_path(&config->pinentry, config->root, "pinentry", failure);
    if (status == CERTENROLL_OK)
        status = take_places(config, failure);
    return status;
}

int ra_config_load(struct ra_config *out, const char *path, struct failure *failure)
{
    int status;

    memset(out, 0, sizeof(*out));
    if (!path)
        path = CERTENROLL_CONFIG_DIR "/ra.json";
    status = read_root(out, path, failure);
    if (status == CERTENROLL_OK)
        status = take_all(out, failure);
    if (status == CERTENROLL_OK)
        return CERTENROLL_OK;
    if (!failure->advice[0])
        failure_advise(failure,
                       _("Have your system's administrator set up %s; \"man "
                         "certenroll-agent\" describes it."),
                       path);
    ra_config_clear(out);
    return status;
}

void ra_config_clear(struct ra_config *config)
{
    for (size_t i = 0; i < config->count; i++)
        certenroll_anchors_free(config->places[i].anchors);
    free(config->places);
    json_decref(config->root);
    memset(config, 0, sizeof(*config));
}

const struct ra_place *ra_config_find(const struct ra_config *config, const char *est_origin)
{
    for (size_t i = 0; i < config->count; i++)
        if (strcmp(config->places[i].est, est_origin) == 0)
            return &config->places[i];
    return NULL;
}
