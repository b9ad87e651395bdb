/* SPDX-License-Identifier: Apache-2.0 */
#include "ra/configuration.h"

#include "base/message.h"
#include "base/text.h"
#include "base/version.h"
#include "base/whole_file.h"
#include "json/strict_json.h"

#include <stdlib.h>
#include <string.h>

#define CONFIG_MAX ((size_t)64 * 1024)
#define CONFIG_DEPTH 4
#define ANCHORS_MAX ((size_t)1024 * 1024)
#define RAS_MAX 100

static int refuse(certenroll_error **error, const char *member, const char *why)
{
    /* TRANSLATORS: the name of a member of the configuration, and what is wrong with it. */
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the configuration's \"%s\" %s"),
                                member, why);
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
                     certenroll_error **error)
{
    const json_t *value = json_object_get(object, member);
    const char *text = json_string_value(value);
    int is_good = text && text[0] && ce_text_is_plain(text);

    *out = is_good ? text : NULL;
    if (!value || is_good)
        return CERTENROLL_OK;
    return refuse(error, member, _("is no plain text"));
}

static int take_origin(const char **out, const json_t *object, const char *member,
                       certenroll_error **error)
{
    int status = take_text(out, object, member, error);

    if (status == CERTENROLL_OK && !is_origin(*out))
        status = refuse(error, member,
                        _("is not of the form https://HOST or https://HOST:PORT in lower case"));
    return status;
}

static int take_path(const char **out, const json_t *object, const char *member,
                     certenroll_error **error)
{
    int status = take_text(out, object, member, error);

    if (status == CERTENROLL_OK && *out && (*out)[0] != '/')
        status = refuse(error, member, _("is no absolute path"));
    return status;
}

static int take_key_type(certenroll_ra_config *config, certenroll_error **error)
{
    const char *name = NULL;
    int status = take_text(&name, config->root, "key_type", error);

    config->key_type = CERTENROLL_KEY_P256;
    if (status != CERTENROLL_OK || !name)
        return status;
    config->key_type = (certenroll_key_type)certenroll_key_type_from_name(name);
    if (!config->key_type)
        return refuse(error, "key_type", _("is no key type"));
    return CERTENROLL_OK;
}

static int take_token(certenroll_ra_config *config, certenroll_error **error)
{
    int status = take_text(&config->token, config->root, "token", error);

    if (status == CERTENROLL_OK && !config->token)
        config->token = "pkcs11:";
    if (status == CERTENROLL_OK && strncmp(config->token, "pkcs11:", 7) != 0)
        status = refuse(error, "token", _("is no PKCS#11 URI"));
    return status;
}

/* --- RAs --- */

static int take_anchors(certenroll_ra *ra, const json_t *object, certenroll_error **error)
{
    const char *path = NULL;
    struct ce_buffer pem = { NULL, 0 };
    int status = take_path(&path, object, "trust_anchor", error);

    if (status == CERTENROLL_OK)
        status = ce_file_read(&pem, path, CE_TRUST_SYSTEM, ANCHORS_MAX, error);
    if (status == CERTENROLL_OK)
        status = certenroll_anchors_new(&ra->anchors, pem.data, pem.length, error);
    ce_buffer_clear(&pem);
    return status;
}

static int take_ra(certenroll_ra *ra, const json_t *object, certenroll_error **error)
{
    static const char *const members[] = { "name", "entry", "login", "est", "trust_anchor", NULL };
    int status = strict_json_members(object, members, NULL, _("the configuration's RA"),
                                     CERTENROLL_E_ARGUMENT, error);

    if (status == CERTENROLL_OK)
        status = take_text(&ra->name, object, "name", error);
    if (status == CERTENROLL_OK)
        status = take_origin(&ra->entry, object, "entry", error);
    if (status == CERTENROLL_OK)
        status = take_origin(&ra->login, object, "login", error);
    if (status == CERTENROLL_OK)
        status = take_origin(&ra->est, object, "est", error);
    return status == CERTENROLL_OK ? take_anchors(ra, object, error) : status;
}

static int take_ras(certenroll_ra_config *config, certenroll_error **error)
{
    const json_t *list = json_object_get(config->root, "ras");
    size_t count = json_array_size(list);
    int status = CERTENROLL_OK;

    if (count == 0 || count > RAS_MAX)
        return refuse(error, "ras", _("is no list of RAs"));
    config->ras = calloc(count, sizeof(config->ras[0]));
    if (!config->ras)
        return certenroll_error_set_memory(error);
    config->count = count;
    for (size_t i = 0; i < count && status == CERTENROLL_OK; i++)
        status = take_ra(&config->ras[i], json_array_get(list, i), error);
    return status;
}

/* --- the whole --- */

static int read_root(certenroll_ra_config *config, const char *path, certenroll_error **error)
{
    struct ce_buffer text = { NULL, 0 };
    int status = ce_file_read(&text, path, CE_TRUST_SYSTEM, CONFIG_MAX, error);

    if (status == CERTENROLL_OK)
        status = strict_json_read(&config->root, (const char *)text.data, text.length, CONFIG_DEPTH,
                                  _("the configuration"), CERTENROLL_E_ARGUMENT, error);
    ce_buffer_clear(&text);
    return status;
}

static int take_all(certenroll_ra_config *config, certenroll_error **error)
{
    static const char *const required[] = { "version", "ras", NULL };
    static const char *const optional[] = { "token", "module", "key_type", "pinentry", NULL };
    const json_t *version = json_object_get(config->root, "version");
    int status = strict_json_members(config->root, required, optional, _("the configuration"),
                                     CERTENROLL_E_ARGUMENT, error);

    if (status == CERTENROLL_OK && !(json_is_integer(version) && json_integer_value(version) == 1))
        status = refuse(error, "version", _("is not 1"));
    if (status == CERTENROLL_OK)
        status = take_token(config, error);
    if (status == CERTENROLL_OK)
        status = take_path(&config->module, config->root, "module", error);
    if (status == CERTENROLL_OK)
        status = take_key_type(config, error);
    if (status == CERTENROLL_OK)
        status = take_path(&config->pinentry, config->root, "pinentry", error);
    return status == CERTENROLL_OK ? take_ras(config, error) : status;
}

int certenroll_ra_config_load(certenroll_ra_config **out, const char *path,
                              certenroll_error **error)
{
    int status;

    /* What is said here is said before there is a context. */
    ce_messages_bind(CE_TEXT_DOMAIN, CE_LOCALE_DIR, CE_LOCALE_FROM_LIBRARY);
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return certenroll_error_set_memory(error);
    if (!path)
        path = CE_CONFIG_DIR "/ra.json";
    status = read_root(*out, path, error);
    if (status == CERTENROLL_OK)
        status = take_all(*out, error);
    if (status == CERTENROLL_OK)
        return CERTENROLL_OK;
    if (error && !certenroll_error_is_advised(*error))
        certenroll_error_advise(error,
                                _("Have your system's administrator set up %s; \"man "
                                  "certenroll-agent\" describes it."),
                                path);
    certenroll_ra_config_free(*out);
    *out = NULL;
    return status;
}

void certenroll_ra_config_free(certenroll_ra_config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->count; i++)
        certenroll_anchors_free(config->ras[i].anchors);
    free(config->ras);
    json_decref(config->root);
    free(config);
}

/* --- what is in it --- */

size_t certenroll_ra_config_count(const certenroll_ra_config *config)
{
    return config->count;
}

const certenroll_ra *certenroll_ra_config_at(const certenroll_ra_config *config, size_t index)
{
    return index < config->count ? &config->ras[index] : NULL;
}

const certenroll_ra *configuration_find(const certenroll_ra_config *config, const char *est_origin)
{
    for (size_t i = 0; i < config->count; i++)
        if (strcmp(config->ras[i].est, est_origin) == 0)
            return &config->ras[i];
    return NULL;
}

const char *certenroll_ra_config_token(const certenroll_ra_config *config)
{
    return config->token;
}

const char *certenroll_ra_config_module(const certenroll_ra_config *config)
{
    return config->module;
}

const char *certenroll_ra_config_pinentry(const certenroll_ra_config *config)
{
    return config->pinentry;
}

certenroll_key_type certenroll_ra_config_key_type(const certenroll_ra_config *config)
{
    return config->key_type;
}

const char *certenroll_ra_name(const certenroll_ra *ra)
{
    return ra->name;
}

const char *certenroll_ra_entry(const certenroll_ra *ra)
{
    return ra->entry;
}

const char *certenroll_ra_login(const certenroll_ra *ra)
{
    return ra->login;
}

const char *certenroll_ra_est(const certenroll_ra *ra)
{
    return ra->est;
}

const certenroll_anchors *certenroll_ra_anchors(const certenroll_ra *ra)
{
    return ra->anchors;
}
