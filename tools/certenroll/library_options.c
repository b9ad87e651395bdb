/* SPDX-License-Identifier: Apache-2.0 */
#include "library_options.h"

#include "base/text.h"
#include "common/tool_message.h"

#include <string.h>

#define DAYS_DEFAULT 30
#define DAYS_MAX 36500

int load_anchors(certenroll_anchors **out, const char *path, certenroll_error **error)
{
    *out = NULL;
    return path ? certenroll_anchors_load(out, path, error) : CERTENROLL_OK;
}

/* The names of RFC 5280 §4.2.1.3. */
static const struct {
    const char *name;
    uint32_t bit;
} usages[] = {
    { "digitalSignature", CERTENROLL_USAGE_DIGITAL_SIGNATURE },
    { "nonRepudiation", CERTENROLL_USAGE_NON_REPUDIATION },
    { "keyEncipherment", CERTENROLL_USAGE_KEY_ENCIPHERMENT },
    { "dataEncipherment", CERTENROLL_USAGE_DATA_ENCIPHERMENT },
    { "keyAgreement", CERTENROLL_USAGE_KEY_AGREEMENT },
};

static int read_key_usage(const char *list, uint32_t *out, certenroll_error **error)
{
    *out = 0;
    if (strcmp(list, "none") == 0)
        return CERTENROLL_OK;
    for (;;) {
        size_t length = strcspn(list, ",");
        uint32_t bit = 0;

        for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++)
            if (strlen(usages[i].name) == length && strncmp(usages[i].name, list, length) == 0)
                bit = usages[i].bit;
        if (!bit)
            return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                        _("\"%.*s\" is no key usage to ask for"), (int)length,
                                        list);
        *out |= bit;
        if (list[length] == '\0')
            return CERTENROLL_OK;
        list += length + 1;
    }
}

int usage_options(const struct options *options, certenroll_request_options *out,
                  certenroll_error **error)
{
    if (options->eku)
        out->extended_key_usage = strcmp(options->eku, "none") == 0 ? NULL : options->eku;
    return options->key_usage ? read_key_usage(options->key_usage, &out->key_usage, error)
                              : CERTENROLL_OK;
}

int request_options(const struct options *options, certenroll_request_options *out,
                    certenroll_error **error)
{
    int status = require(options->subject, "--subject", error);

    out->subject = options->subject;
    out->alt_names = options->alt_names.values;
    out->alt_names_count = options->alt_names.count;
    if (status == CERTENROLL_OK)
        status = usage_options(options, out, error);
    return status < 0 ? status : certenroll_request_check(out, error);
}

int key_type(const struct options *options, certenroll_key_type *out, certenroll_error **error)
{
    const char *name = options->key_type;
    int type, status = require(name, "--key-type", error);

    if (status < 0)
        return status;
    type = certenroll_key_type_from_name(name);
    *out = (certenroll_key_type)type;
    if (type)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("there is no key type \"%s\""), name);
    certenroll_error_advise(
        error, _("Choose rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519."));
    return CERTENROLL_E_ARGUMENT;
}

int key_options(const struct options *options, certenroll_key_options *out,
                unsigned char id[CERTENROLL_ID_MAX], certenroll_error **error)
{
    int status = key_type(options, &out->type, error);

    if (status == CERTENROLL_OK)
        status = read_id(options, id, &out->id_length, error);
    out->label = options->label;
    out->id = out->id_length ? id : NULL;
    return status;
}

int read_id(const struct options *options, unsigned char id[CERTENROLL_ID_MAX], size_t *length,
            certenroll_error **error)
{
    *length = options->id ? ce_unhex(id, CERTENROLL_ID_MAX, options->id) : 0;
    if (options->id && *length == 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--id \"%s\" is not 1 to %d bytes in hexadecimal"),
                                    options->id, CERTENROLL_ID_MAX);
    return CERTENROLL_OK;
}

int read_days(const struct options *options, int *days, certenroll_error **error)
{
    *days = options->days ? option_number(options->days, DAYS_MAX) : DAYS_DEFAULT;
    if (*days < 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--days \"%s\" is not a number from 0 to %d"), options->days,
                                    DAYS_MAX);
    return CERTENROLL_OK;
}
