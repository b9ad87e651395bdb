/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that another has taken the place of, and that are to be revoked for it. */
#include "base/text.h"
#include "common/command_line.h"
#include "common/shown_text.h"
#include "revocation/ask_for_revocation.h"

#include <stdlib.h>
#include <string.h>

/* The command that revokes it. Of a certificate on a token its own pair asks, unless there is an
 * account. */
static char *revoke_command(const struct options *options, const struct origin *origin,
                            const unsigned char *id, size_t id_length)
{
    struct command_line line = { 0 };
    const char *uri = origin->token_uri;
    char hex[1024];

    if (!uri) {
        id = origin->asker->id;
        id_length = origin->asker->id_length;
        if (origin->asker->token)
            uri = certenroll_token_info_uri(certenroll_token_get_info(origin->asker->token));
    }
    ce_hex(hex, sizeof(hex), id, id_length);
    command_line_add(&line, "certenroll");
    command_line_add(&line, "revoke");
    command_line_option(&line, "--certificate", origin->file);
    if (origin->token_uri || !options->user) {
        command_line_option(&line, "--token", uri);
        command_line_option(&line, "--module", origin->module);
        command_line_option(&line, "--id", hex);
    }
    command_line_option(&line, "--user", options->user);
    command_line_option(&line, "--url", options->url);
    command_line_option(&line, "--tls-anchor",
                        options->tls_anchor ? options->tls_anchor : options->trust_anchor);
    command_line_option(&line, "--reason",
                        certenroll_revocation_reason_name(CERTENROLL_REVOKE_SUPERSEDED));
    return command_line_take(&line);
}

/* --- collecting --- */

/* Takes the certificate over; drops it when it is not valid now, or there already. `entry` is its
 * own on a token, NULL in a file. */
static int add_former(struct formers *formers, X509 *certificate, const struct origin *origin,
                      const certenroll_entry *entry, certenroll_error **error)
{
    struct former *grown = realloc(formers->list, (formers->count + 1) * sizeof(*grown));
    int is_wanted = X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
                    X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
    size_t id_length = 0;
    const unsigned char *id = entry ? certenroll_entry_id(entry, &id_length) : NULL;

    if (grown)
        formers->list = grown;
    for (size_t i = 0; i < formers->count; i++)
        is_wanted &= X509_cmp(formers->list[i].certificate, certificate) != 0;
    if (grown && is_wanted) {
        grown[formers->count] =
            (struct former){ certificate, revoke_command(formers->options, origin, id, id_length),
                             0 };
        if (grown[formers->count].command) {
            formers->count++;
            return CERTENROLL_OK;
        }
    }
    X509_free(certificate);
    return is_wanted ? certenroll_error_set_memory(error) : CERTENROLL_OK;
}

int formers_add_token(struct formers *formers, const certenroll_inventory *inventory,
                      const struct origin *origin, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        X509 *certificate = certenroll_entry_is_ca(entry) ? NULL : certificate_of(entry);

        if (certificate &&
            X509_NAME_cmp(X509_get_subject_name(certificate), formers->subject) == 0 &&
            !(formers->successor && X509_cmp(certificate, formers->successor) == 0))
            status = add_former(formers, certificate, origin, entry, error);
        else
            X509_free(certificate);
    }
    return status;
}

int formers_add_file(struct formers *formers, const struct origin *origin, certenroll_error **error)
{
    X509 *certificate = NULL;
    int status = read_certificate(&certificate, origin->file, error);

    return status < 0 ? status : add_former(formers, certificate, origin, NULL, error);
}

void formers_clear(struct formers *formers)
{
    for (size_t i = 0; i < formers->count; i++) {
        X509_free(formers->list[i].certificate);
        free(formers->list[i].command);
    }
    free(formers->list);
}

/* --- revoking and telling --- */

int formers_revoke(struct tool *tool, struct formers *formers, const struct asker *asker,
                   certenroll_error **error)
{
    int first = CERTENROLL_OK;

    for (size_t i = 0; i < formers->count; i++) {
        certenroll_error *failure = NULL;
        int status = revoke_certificate(tool, formers->list[i].certificate,
                                        CERTENROLL_REVOKE_SUPERSEDED, asker, &failure);

        formers->list[i].is_revoked = status == CERTENROLL_OK;
        if (status < 0)
            (void)complete_error(tool, &failure);
        if (status < 0 && first == CERTENROLL_OK)
            first = repeat_error(error, failure);
        certenroll_error_free(failure);
    }
    return first;
}

json_t *describe_formers(const struct formers *formers)
{
    json_t *array = json_array();

    for (size_t i = 0; i < formers->count; i++) {
        const struct former *former = &formers->list[i];
        json_t *object = describe_x509(former->certificate);

        json_object_set_new(object, "revoked", json_boolean(former->is_revoked));
        if (!former->is_revoked)
            json_object_set_new(object, "command", text_json(former->command));
        add_item(&array, object);
    }
    return array;
}
