/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that another has taken the place of, and that are to be revoked for it. */
#define _GNU_SOURCE /* asprintf */

#include "common/message.h"
#include "common/text.h"
#include "revoking.h"

#include <openssl/err.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the command that revokes it --- */

/* " --NAME "VALUE"", appended; `value` NULL: nothing. */
static void append_option(char *out, size_t size, const char *name, const char *value)
{
    size_t used = strlen(out);

    if (value)
        snprintf(out + used, size - used, " --%s \"%s\"", name, value);
}

/* Of a certificate on a token its own pair asks, unless there is an account. */
static char *compose_command(struct tool *tool, const struct origin *origin,
                             const unsigned char *id, size_t id_length)
{
    const struct options *options = &tool->options;
    int in_file = !origin->token_uri;
    const unsigned char *asking_id = in_file ? origin->asker->id : id;
    char *hex = text_hex(asking_id, in_file ? origin->asker->id_length : id_length);
    const char *uri =
        in_file && origin->asker->token
            ? certenroll_token_info_uri(certenroll_token_get_info(origin->asker->token))
            : origin->token_uri;
    char command[4096] = "certenroll revoke";
    int needs_pair = !in_file || !options->user;

    append_option(command, sizeof(command), "certificate", origin->file);
    append_option(command, sizeof(command), "token", needs_pair ? uri : NULL);
    append_option(command, sizeof(command), "module", needs_pair ? origin->module : NULL);
    append_option(command, sizeof(command), "id", needs_pair ? hex : NULL);
    append_option(command, sizeof(command), "user", options->user);
    append_option(command, sizeof(command), "url", options->url);
    append_option(command, sizeof(command), "tls-anchor",
                  options->tls_anchor ? options->tls_anchor : options->trust_anchor);
    append_option(command, sizeof(command), "reason",
                  certenroll_revocation_reason_name(CERTENROLL_REVOKE_SUPERSEDED));
    free(hex);
    return strdup(command);
}

/* --- collecting --- */

static int is_valid_now(const X509 *certificate)
{
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
           X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

static int is_known(const struct formers *formers, const X509 *certificate)
{
    for (size_t i = 0; i < formers->count; i++)
        if (X509_cmp(formers->list[i].certificate, certificate) == 0)
            return 1;
    return 0;
}

/* Takes the certificate over. */
static int add(struct tool *tool, struct formers *formers, X509 *certificate, char *command)
{
    struct former *grown = realloc(formers->list, (formers->count + 1) * sizeof(*formers->list));

    if (grown)
        formers->list = grown;
    if (!grown || !command) {
        X509_free(certificate);
        free(command);
        return failure_memory(&tool->failure);
    }
    formers->list[formers->count].certificate = certificate;
    formers->list[formers->count].command = command;
    formers->list[formers->count++].is_revoked = 0;
    return CERTENROLL_OK;
}

static X509 *certificate_of(const certenroll_entry *entry)
{
    size_t length = 0;
    const unsigned char *der = certenroll_entry_certificate(entry, &length);
    X509 *certificate = der ? d2i_X509(NULL, &der, (long)length) : NULL;

    ERR_clear_error();
    return certificate;
}

static int add_entry(struct tool *tool, struct formers *formers, const certenroll_entry *entry,
                     X509 *certificate, const struct origin *origin)
{
    size_t length = 0;
    const unsigned char *id = certenroll_entry_id(entry, &length);

    return add(tool, formers, certificate, compose_command(tool, origin, id, length));
}

int formers_add_token(struct tool *tool, struct formers *formers,
                      const certenroll_inventory *inventory, const X509_NAME *subject,
                      const X509 *successor, const struct origin *origin)
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        X509 *certificate = certenroll_entry_is_ca(entry) ? NULL : certificate_of(entry);

        if (!certificate)
            continue;
        if (X509_NAME_cmp(X509_get_subject_name(certificate), subject) == 0 &&
            is_valid_now(certificate) && !(successor && X509_cmp(certificate, successor) == 0) &&
            !is_known(formers, certificate))
            status = add_entry(tool, formers, entry, certificate, origin);
        else
            X509_free(certificate);
    }
    return status;
}

int formers_add_file(struct tool *tool, struct formers *formers, const struct origin *origin)
{
    X509 *certificate = NULL;
    int status = read_certificate(tool, &certificate, origin->file);

    if (status == CERTENROLL_OK && is_valid_now(certificate) && !is_known(formers, certificate))
        return add(tool, formers, certificate, compose_command(tool, origin, NULL, 0));
    X509_free(certificate);
    return status;
}

void formers_clear(struct formers *formers)
{
    for (size_t i = 0; i < formers->count; i++) {
        X509_free(formers->list[i].certificate);
        free(formers->list[i].command);
    }
    free(formers->list);
    memset(formers, 0, sizeof(*formers));
}

/* --- revoking and telling --- */

int formers_revoke(struct tool *tool, struct formers *formers, const struct asker *asker)
{
    int first = CERTENROLL_OK;

    for (size_t i = 0; i < formers->count; i++) {
        int status = revoke_certificate(tool, formers->list[i].certificate,
                                        CERTENROLL_REVOKE_SUPERSEDED, asker);

        formers->list[i].is_revoked = status == CERTENROLL_OK;
        if (first == CERTENROLL_OK)
            first = status;
    }
    return first;
}

static json_t *describe_former(const struct former *former)
{
    unsigned char *der = NULL;
    int length = i2d_X509(former->certificate, &der);
    json_t *object = length > 0 ? describe_certificate(der, (size_t)length) : NULL;

    OPENSSL_free(der);
    json_object_del(object, "pem");
    json_object_set_new(object, "revoked", json_boolean(former->is_revoked));
    if (!former->is_revoked)
        json_object_set_new(object, "command", text_json(former->command));
    return object;
}

json_t *describe_formers(const struct formers *formers)
{
    json_t *array = json_array();

    for (size_t i = 0; i < formers->count; i++)
        if (json_array_append_new(array, describe_former(&formers->list[i])) < 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}
