/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that another has taken the place of, and that are to be revoked for it. */
#include "base/command_line.h"
#include "base/text.h"
#include "common/shown_text.h"
#include "revocation/ask_for_revocation.h"

#include <stdlib.h>
#include <string.h>

/* --- collecting --- */

static int is_there(const struct formers *formers, const X509 *certificate)
{
    for (size_t i = 0; i < formers->count; i++)
        if (X509_cmp(formers->list[i].certificate, certificate) == 0)
            return 1;
    return formers->successor && X509_cmp(formers->successor, certificate) == 0;
}

/* Takes the certificate over; drops it when it is not valid now, or there already. `entry` is its
 * own on a token, NULL in a file. */
static int add_former(struct formers *formers, X509 *certificate, const struct origin *origin,
                      const certenroll_entry *entry, certenroll_error **error)
{
    struct former *grown, former = { .certificate = certificate, .origin = *origin };
    const unsigned char *id = entry ? certenroll_entry_id(entry, &former.id_length) : NULL;
    int length;

    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0 ||
        X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0 ||
        is_there(formers, certificate)) {
        X509_free(certificate);
        return CERTENROLL_OK;
    }
    if (id)
        memcpy(former.id, id, former.id_length);
    length = i2d_X509(certificate, &former.der);
    former.length = length > 0 ? (size_t)length : 0;
    grown = length > 0 ? realloc(formers->list, (formers->count + 1) * sizeof(*grown)) : NULL;
    if (!grown) {
        OPENSSL_free(former.der);
        X509_free(certificate);
        return certenroll_error_set_memory(error);
    }
    formers->list = grown;
    grown[formers->count++] = former;
    return CERTENROLL_OK;
}

int formers_add_token(struct formers *formers, const certenroll_inventory *inventory,
                      const struct origin *origin, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        X509 *certificate = certenroll_entry_is_ca(entry) ? NULL : certificate_of(entry);

        if (certificate && X509_NAME_cmp(X509_get_subject_name(certificate), formers->subject) == 0)
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
        OPENSSL_free(formers->list[i].der);
    }
    free(formers->list);
    free(formers->promised);
}

/* --- revoking --- */

int formers_promise(struct formers *formers, certenroll_enrolment_options *options,
                    certenroll_error **error)
{
    formers->promised = calloc(formers->count + 1, sizeof(*formers->promised));
    if (!formers->promised)
        return certenroll_error_set_memory(error);
    for (size_t i = 0; i < formers->count; i++)
        formers->promised[i] = (certenroll_der){ formers->list[i].der, formers->list[i].length };
    options->revoke = formers->promised;
    options->revoke_count = formers->count;
    options->revoke_reason = CERTENROLL_REVOKE_SUPERSEDED;
    return CERTENROLL_OK;
}

void formers_settle(struct formers *formers, const certenroll_enrolment *enrolment)
{
    certenroll_state state = certenroll_enrolment_state(enrolment);
    const unsigned char *der;
    size_t length;

    if (!formers->promised ||
        (state != CERTENROLL_STATE_CONFIRMED && state != CERTENROLL_STATE_RETIRED))
        return;
    for (size_t i = 0; i < formers->count; i++) {
        struct former *former = &formers->list[i];

        former->is_revoked = 1;
        for (size_t left = 0;
             (der = certenroll_enrolment_revoke_at(enrolment, left, &length)) != NULL; left++)
            if (length == former->length && memcmp(der, former->der, length) == 0)
                former->is_revoked = 0;
    }
}

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

/* --- telling --- */

/* The command that revokes it. Of a certificate on a token its own pair asks, unless there is an
 * account. */
static char *revoke_command(const struct former *former, const struct options *options,
                            const struct asker *asker)
{
    const struct origin *origin = &former->origin;
    int is_own = origin->token_uri != NULL;
    const char *uri = origin->token_uri;
    struct ce_command line = { 0 };
    char hex[2 * CERTENROLL_ID_MAX + 1];

    if (!is_own && asker->token)
        uri = certenroll_token_info_uri(certenroll_token_get_info(asker->token));
    ce_hex(hex, sizeof(hex), is_own ? former->id : asker->id,
           is_own ? former->id_length : asker->id_length);
    ce_command_add(&line, "certenroll");
    ce_command_add(&line, "revoke");
    ce_command_option(&line, "--certificate", origin->file);
    if (is_own || !options->user) {
        ce_command_option(&line, "--token", uri);
        ce_command_option(&line, "--module", origin->module);
        ce_command_option(&line, "--id", hex);
    }
    ce_command_option(&line, "--user", options->user);
    ce_command_option(&line, "--url", options->url);
    ce_command_option(&line, "--tls-anchor",
                      options->tls_anchor ? options->tls_anchor : options->trust_anchor);
    ce_command_option(&line, "--reason",
                      certenroll_revocation_reason_name(CERTENROLL_REVOKE_SUPERSEDED));
    return ce_command_take(&line);
}

json_t *describe_formers(const struct formers *formers, const struct options *options,
                         const struct asker *asker)
{
    json_t *array = json_array();

    for (size_t i = 0; i < formers->count; i++) {
        const struct former *former = &formers->list[i];
        json_t *object = describe_x509(former->certificate);
        char *command = former->is_revoked ? NULL : revoke_command(former, options, asker);

        json_object_set_new(object, "revoked", json_boolean(former->is_revoked));
        if (!former->is_revoked)
            json_object_set_new(object, "command", text_json(command ? command : ""));
        free(command);
        add_item(&array, object);
    }
    return array;
}
