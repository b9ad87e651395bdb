/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/commands.h"
#include "common/tool_message.h"
#include "library_options.h"
#include "revocation/ask_for_revocation.h"
#include "token/token_access.h"

struct revoking {
    struct tool *tool;
    certenroll_revocation_reason reason;
    certenroll_token *token;
    certenroll_inventory *inventory;
    X509 *certificate;
    struct asker asker;
};

static int read_reason(struct revoking *it, certenroll_error **error)
{
    const char *name = it->tool->options.reason;
    int reason =
        name ? certenroll_revocation_reason_from_name(name) : CERTENROLL_REVOKE_UNSPECIFIED;

    it->reason = (certenroll_revocation_reason)reason;
    if (reason >= 0)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("there is no reason \"%s\""), name);
    certenroll_error_advise(error,
                            _("Choose unspecified, keyCompromise, affiliationChanged, superseded, "
                              "cessationOfOperation or privilegeWithdrawn."));
    return CERTENROLL_E_ARGUMENT;
}

static int check_options(struct revoking *it, certenroll_error **error)
{
    const struct options *options = &it->tool->options;
    unsigned char id[CERTENROLL_ID_MAX];
    size_t length = 0;
    int status = check_ra_options(options, error);

    if (status == CERTENROLL_OK)
        status = read_id(options, id, &length, error);
    if (status == CERTENROLL_OK)
        status = read_reason(it, error);
    if (status < 0 || options->id || options->label)
        return status;
    if (!options->certificate)
        return require(NULL, "--id, --label or --certificate", error);
    if (options->user)
        return CERTENROLL_OK;
    status = require(NULL, "--user, --id or --label", error);
    certenroll_error_because(error, _("the RA wants to know who asks"));
    return status;
}

/* --- which certificate --- */

/* The one end entity's certificate that --id and --label name. */
static int select_certificate(const struct revoking *it, const certenroll_entry **out,
                              certenroll_error **error)
{
    *out = NULL;
    for (size_t i = 0; i < certenroll_inventory_count(it->inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(it->inventory, i);

        if (!is_selected(&it->tool->options, entry) || !certenroll_entry_has_certificate(entry) ||
            certenroll_entry_is_ca(entry))
            continue;
        if (*out) {
            refuse_selection(it->inventory, CERTENROLL_E_ARGUMENT, _("several certificates match"),
                             error);
            certenroll_error_advise(
                error, _("Select one by --id, or give it by --certificate FILE (\"certenroll show "
                         "--pem\" prints them)."));
            return CERTENROLL_E_ARGUMENT;
        }
        *out = entry;
    }
    return *out ? CERTENROLL_OK
                : refuse_selection(it->inventory, CERTENROLL_E_OBJECT_NOT_FOUND,
                                   _("no certificate matches"), error);
}

/* With an account no PIN is needed: the pair does not have to speak for itself. */
static int find_on_token(struct revoking *it, certenroll_error **error)
{
    const struct options *options = &it->tool->options;
    const certenroll_entry *entry = NULL;
    int status = open_token(it->tool, &it->token, error);

    if (status == CERTENROLL_OK)
        status = take_inventory(it->tool, &it->inventory, it->token, options->user != NULL, error);
    if (status == CERTENROLL_OK)
        status = options->certificate ? select_key(options, it->inventory,
                                                   WITH_KEY | WITH_CERTIFICATE, &entry, error)
                                      : select_certificate(it, &entry, error);
    if (status < 0)
        return status;
    it->asker.token = it->token;
    it->asker.id = certenroll_entry_id(entry, &it->asker.id_length);
    if (!options->certificate)
        it->certificate = certificate_of(entry);
    return it->certificate ? CERTENROLL_OK
                           : certenroll_error_set(error, CERTENROLL_E_CERT_MALFORMED,
                                                  _("the certificate on the token cannot be read"));
}

/* --- asking and telling --- */

static const struct field fields[] = {
    { "subject", N_("subject"), 0 },      { "issuer", N_("issuer"), 0 },
    { "serial", N_("serial number"), 0 }, { "not_after", N_("valid until"), 0 },
    { "reason", N_("reason"), 0 },        FIELD_END,
};

/* A member's text, safe on a terminal. */
static const char *shown_member(const struct revoking *it, const json_t *object, const char *name)
{
    return shown(it->tool, json_string_value(json_object_get(object, name)));
}

static int ask_and_revoke(struct revoking *it, certenroll_error **error)
{
    const char *reason = certenroll_revocation_reason_name(it->reason);
    json_t *object = describe_x509(it->certificate);
    int is_yes = 0, status = CERTENROLL_OK;

    if (json_object_set_new(object, "reason", json_string(reason)) < 0)
        status = certenroll_error_set_memory(error);
    if (status == CERTENROLL_OK)
        status = confirm(
            it->tool, &is_yes, error,
            _("Certificate of %s\n  issuer: %s\n  serial number: %s\n  valid until: %s\n"
              "Revoke it (%s)? It can never be used again. [y/N] "),
            shown_member(it, object, "subject"), shown_member(it, object, "issuer"),
            shown_member(it, object, "serial"), shown_member(it, object, "not_after"), reason);
    if (status == CERTENROLL_OK && !is_yes)
        status = certenroll_error_set(error, CERTENROLL_E_CANCELLED,
                                      _("the certificate was not revoked: nobody said yes"));
    if (status == CERTENROLL_OK)
        status = revoke_certificate(it->tool, it->certificate, it->reason, &it->asker, error);
    if (status == CERTENROLL_OK)
        return show_record(it->tool, object, _("revoked"), fields, error);
    json_decref(object);
    return status;
}

int command_revoke(struct tool *tool, certenroll_error **error)
{
    const struct options *options = &tool->options;
    struct revoking it = { .tool = tool };
    int status = check_options(&it, error);

    if (status == CERTENROLL_OK && options->certificate)
        status = read_certificate(&it.certificate, options->certificate, error);
    if (status == CERTENROLL_OK && !(options->certificate && options->user))
        status = find_on_token(&it, error);
    if (status == CERTENROLL_OK)
        status = ask_and_revoke(&it, error);
    X509_free(it.certificate);
    certenroll_inventory_free(it.inventory);
    certenroll_token_free(it.token);
    return status;
}
