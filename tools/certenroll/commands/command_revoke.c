/* SPDX-License-Identifier: Apache-2.0 */
#include "common/message.h"
#include "common/text.h"
#include "revoking.h"

#include <openssl/err.h>

#include <stdio.h>
#include <stdlib.h>

struct revoking {
    struct tool *tool;
    certenroll_revocation_reason reason;
    certenroll_token *token;
    certenroll_inventory *inventory;
    X509 *certificate;
    struct asker asker;
};

static int read_reason(struct revoking *it)
{
    const char *name = it->tool->options.reason;
    int reason =
        name ? certenroll_revocation_reason_from_name(name) : CERTENROLL_REVOKE_UNSPECIFIED;

    it->reason = (certenroll_revocation_reason)reason;
    if (reason >= 0)
        return CERTENROLL_OK;
    failure_set(&it->tool->failure, CERTENROLL_E_ARGUMENT, _("there is no reason \"%s\""), name);
    failure_advise(&it->tool->failure, "%s",
                   _("Choose unspecified, keyCompromise, affiliationChanged, superseded, "
                     "cessationOfOperation or privilegeWithdrawn."));
    return CERTENROLL_E_ARGUMENT;
}

static int check_options(struct revoking *it)
{
    const struct options *options = &it->tool->options;
    unsigned char id[CERTENROLL_ID_MAX];
    size_t length = 0;
    int is_selected = options->id || options->label;
    int status = require(it->tool, options->url, "--url");

    if (status == CERTENROLL_OK && !options->tls_anchor)
        status = require(it->tool, options->trust_anchor, "--tls-anchor");
    if (status == CERTENROLL_OK)
        status = read_id(it->tool, id, &length);
    if (status == CERTENROLL_OK)
        status = read_reason(it);
    if (status == CERTENROLL_OK && !options->certificate && !is_selected)
        status = require(it->tool, NULL, "--id, --label or --certificate");
    if (status == CERTENROLL_OK && options->certificate && !is_selected && !options->user) {
        status = require(it->tool, NULL, "--user, --id or --label");
        failure_because(&it->tool->failure, "%s", _("the RA wants to know who asks"));
    }
    return status;
}

/* --- which certificate --- */

static int refuse_several(struct revoking *it)
{
    refuse_selection(it->tool, it->inventory, CERTENROLL_E_ARGUMENT,
                     _("several certificates match"));
    failure_advise(&it->tool->failure, "%s",
                   _("Select one by --id, or give it by --certificate FILE (\"certenroll show "
                     "--pem\" prints them)."));
    return CERTENROLL_E_ARGUMENT;
}

/* The one end entity's certificate that --id and --label name. */
static int select_certificate(struct revoking *it, const certenroll_entry **out)
{
    *out = NULL;
    for (size_t i = 0; i < certenroll_inventory_count(it->inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(it->inventory, i);

        if (!is_selected(it->tool, entry) || !certenroll_entry_has_certificate(entry) ||
            certenroll_entry_is_ca(entry))
            continue;
        if (*out)
            return refuse_several(it);
        *out = entry;
    }
    if (*out)
        return CERTENROLL_OK;
    return refuse_selection(it->tool, it->inventory, CERTENROLL_E_OBJECT_NOT_FOUND,
                            _("no certificate matches"));
}

/* With an account no PIN is needed: the pair does not have to speak for itself. */
static int find_on_token(struct revoking *it)
{
    const struct options *options = &it->tool->options;
    const certenroll_entry *entry = NULL;
    const unsigned char *der;
    size_t length = 0;
    int status = open_token(it->tool, &it->token);

    if (status == CERTENROLL_OK)
        status = take_inventory(it->tool, &it->inventory, it->token, options->user != NULL);
    if (status == CERTENROLL_OK)
        status = options->certificate
                     ? select_key(it->tool, it->inventory, WITH_KEY | WITH_CERTIFICATE, &entry)
                     : select_certificate(it, &entry);
    if (status < 0)
        return status;
    it->asker.token = it->token;
    it->asker.id = certenroll_entry_id(entry, &it->asker.id_length);
    if (options->certificate)
        return CERTENROLL_OK;
    der = certenroll_entry_certificate(entry, &length);
    it->certificate = d2i_X509(NULL, &der, (long)length);
    ERR_clear_error();
    return it->certificate ? CERTENROLL_OK
                           : failure_set(&it->tool->failure, CERTENROLL_E_CERT_MALFORMED, "%s",
                                         _("the certificate on the token cannot be read"));
}

static int find(struct revoking *it)
{
    const struct options *options = &it->tool->options;
    int status = CERTENROLL_OK;

    if (options->certificate)
        status = read_certificate(it->tool, &it->certificate, options->certificate);
    if (status == CERTENROLL_OK && !(options->certificate && options->user))
        status = find_on_token(it);
    return status;
}

/* --- asking and telling --- */

static const struct field fields[] = {
    { "subject", N_("subject"), 0 },      { "issuer", N_("issuer"), 0 },
    { "serial", N_("serial number"), 0 }, { "not_after", N_("valid until"), 0 },
    { "reason", N_("reason"), 0 },        FIELD_END,
};

static json_t *describe(const struct revoking *it)
{
    unsigned char *der = NULL;
    int length = i2d_X509(it->certificate, &der);
    json_t *object = length > 0 ? describe_certificate(der, (size_t)length) : NULL;

    OPENSSL_free(der);
    json_object_del(object, "pem");
    json_object_set_new(object, "reason",
                        json_string(certenroll_revocation_reason_name(it->reason)));
    return object;
}

/* A member of what describe() made, safe on a terminal; "" where it is not there. */
static char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text_clean(text ? text : "");
}

static int ask(struct revoking *it, const json_t *object, int *is_yes)
{
    char *subject = member(object, "subject"), *issuer = member(object, "issuer");
    char *serial = member(object, "serial"), *until = member(object, "not_after");
    char question[4096];
    int status;

    if (subject && issuer && serial && until) {
        snprintf(question, sizeof(question),
                 _("Certificate of %s\n  issuer: %s\n  serial number: %s\n  valid until: %s\n"
                   "Revoke it (%s)? It can never be used again. [y/N] "),
                 subject, issuer, serial, until, certenroll_revocation_reason_name(it->reason));
        status = confirm(it->tool, question, is_yes);
    } else {
        status = failure_memory(&it->tool->failure);
    }
    free(until);
    free(serial);
    free(issuer);
    free(subject);
    return status;
}

static int ask_and_revoke(struct revoking *it)
{
    json_t *object = describe(it);
    int is_yes = 0;
    int status = object ? ask(it, object, &is_yes) : failure_memory(&it->tool->failure);

    if (status == CERTENROLL_OK && !is_yes)
        status = failure_set(&it->tool->failure, CERTENROLL_E_CANCELLED, "%s",
                             _("the certificate was not revoked: nobody said yes"));
    if (status == CERTENROLL_OK)
        status = revoke_certificate(it->tool, it->certificate, it->reason, &it->asker);
    if (status == CERTENROLL_OK)
        return show_record(it->tool, object, _("revoked"), fields);
    json_decref(object);
    return status;
}

int command_revoke(struct tool *tool)
{
    struct revoking it = { .tool = tool };
    int status = check_options(&it);

    if (status == CERTENROLL_OK)
        status = find(&it);
    if (status == CERTENROLL_OK)
        status = ask_and_revoke(&it);
    X509_free(it.certificate);
    certenroll_inventory_free(it.inventory);
    certenroll_token_free(it.token);
    return status;
}
