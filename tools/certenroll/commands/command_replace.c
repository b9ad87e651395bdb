/* SPDX-License-Identifier: Apache-2.0 */
/* Another PC or another token: a valid certificate that is there is kept, else there is a new one;
 * and what is to be revoked for it is told. */
#include "commands/commands.h"
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"
#include "revocation/ask_for_revocation.h"
#include "token/token_access.h"

#include <certenroll/openssl.h>

#include <stdio.h>

struct replacement {
    struct tool *tool;
    struct setup setup;
    certenroll_token *token, *old_token;
    certenroll_inventory *inventory, *old_inventory; /* before */
    const certenroll_entry *kept;                    /* NULL: a new one is enrolled */
    certenroll_enrolment *enrolment;
    X509 *certificate; /* the one that is used from now on; NULL while it is not there */
    struct asker asker;
    struct formers formers;
};

/* --- the former ones --- */

static const char *old_module(const struct options *options)
{
    return options->old_module ? options->old_module : options->module;
}

static int collect_of(struct replacement *it, X509_NAME *subject, certenroll_error **error)
{
    const struct options *options = &it->tool->options;
    const struct origin old = { .token_uri = options->old_token, .module = old_module(options) };
    const struct origin here = { .token_uri = certenroll_token_info_uri(
                                     certenroll_token_get_info(it->token)),
                                 .module = options->module };
    int status = CERTENROLL_OK;

    it->formers.subject = subject;
    it->formers.successor = it->certificate;
    if (it->old_inventory)
        status = formers_add_token(&it->formers, it->old_inventory, &old, error);
    if (status == CERTENROLL_OK && options->anew)
        status = formers_add_token(&it->formers, it->inventory, &here, error);
    return status;
}

static int is_unsure(const struct options *options)
{
    return options->revoke && options->ca_names && (options->old_token || options->anew);
}

/* Before anything is done: what is to be revoked is promised with the enrolment. Which certificates
 * have the name that a CA is yet to choose, nobody knows. */
static int collect_formers(struct replacement *it, certenroll_error **error)
{
    const struct options *options = &it->tool->options;
    const struct origin file = { .module = options->module, .file = options->old_certificate };
    X509_NAME *subject = NULL;
    int status = CERTENROLL_OK;

    if (it->kept)
        it->certificate = certificate_of(it->kept);
    if (it->old_token)
        status = take_inventory(it->tool, &it->old_inventory, it->old_token, 1, error);
    if (status == CERTENROLL_OK)
        status = certenroll_name_parse(&subject, options->subject, error);
    if (status == CERTENROLL_OK)
        status = collect_of(it, subject, error);
    X509_NAME_free(subject);
    if (status == CERTENROLL_OK && is_unsure(options) && it->formers.count == 0) {
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("no certificate on the token has the subject %s"),
                                      options->subject);
        certenroll_error_because(error, _("with --ca-names the CA chooses the name later"));
        certenroll_error_advise(error, _("Name the certificate that is to be revoked by "
                                         "--old-certificate, without --old-token and --anew; or do "
                                         "without --revoke."));
    }
    if (status == CERTENROLL_OK && options->old_certificate)
        status = formers_add_file(&it->formers, &file, error);
    return status;
}

/* --- the new one --- */

/* The CA may have chosen the name: what bears it is told, too. */
static int take_certificate(struct replacement *it, certenroll_error **error)
{
    const certenroll_key *key = certenroll_enrolment_key(it->enrolment);
    size_t length = 0;
    const unsigned char *der = certenroll_enrolment_certificate(it->enrolment, &length);

    if (key)
        it->asker.id = certenroll_key_get_id(key, &it->asker.id_length);
    formers_settle(&it->formers, it->enrolment);
    if (!der)
        return CERTENROLL_OK;
    it->certificate = d2i_X509(NULL, &der, (long)length);
    return it->certificate ? collect_of(it, X509_get_subject_name(it->certificate), error)
                           : certenroll_error_set_memory(error);
}

/* --- what is told --- */

static json_t *describe_replacement(const struct replacement *it)
{
    json_t *object = it->kept ? describe_entry(it->kept) : describe_own(it->tool, it->enrolment);
    json_t *formers = describe_formers(&it->formers, &it->tool->options, &it->asker);

    if (object && formers) {
        json_object_set_new(object, "kept", json_boolean(it->kept != NULL));
        json_object_set(object, "former", formers);
        json_object_set_new(object, "tell_operator",
                            json_boolean(!it->kept && it->formers.count == 0));
    }
    json_decref(formers);
    return object;
}

static const struct field former_fields[] = {
    { "serial", N_("serial number"), 0 },
    { "issuer", N_("issuer"), 0 },
    { "not_after", N_("valid until"), 0 },
    { "command", N_("revoke it by"), 0 },
    FIELD_END,
};

static int show_formers(struct replacement *it, certenroll_error **error)
{
    json_t *array = describe_formers(&it->formers, &it->tool->options, &it->asker), *object;
    int status = array ? CERTENROLL_OK : certenroll_error_set_memory(error);
    size_t i;

    json_array_foreach(array, i, object)
    {
        if (status == CERTENROLL_OK)
            status =
                show_record(it->tool, json_incref(object),
                            it->formers.list[i].is_revoked ? _("revoked:") : _("to be revoked:"),
                            former_fields, error);
    }
    json_decref(array);
    if (it->formers.count > 0 && it->enrolment && !it->certificate)
        printf("%s\n",
               it->formers.promised
                   ? _("They are revoked when the new one is there: the enrolment sees to it.")
                   : _("Revoke the former certificate when the new one is there, not before."));
    return status;
}

static int show_replacement(struct replacement *it, int status, certenroll_error **error)
{
    struct tool *tool = it->tool;
    int result;

    if (tool->options.json)
        return show_json(describe_replacement(it), error);
    result = it->kept ? show_record(tool, describe_entry(it->kept),
                                    _("a valid certificate is on the token and is kept; --anew "
                                      "enrols all the same"),
                                    entry_fields, error)
                      : show_enrolment(tool, it->enrolment, status, _("enrolled"), error);
    if (result >= 0)
        result = show_formers(it, error);
    if (result == CERTENROLL_OK && !it->kept && it->formers.count == 0)
        printf(_("No former certificate was seen. Tell the RA's operator that the former "
                 "certificate of %s is to be revoked.\n"),
               shown(tool, tool->options.subject));
    return result;
}

/* --- all --- */

static int keep(struct replacement *it, certenroll_error **error)
{
    it->asker.id = certenroll_entry_id(it->kept, &it->asker.id_length);
    return it->tool->options.revoke ? formers_revoke(it->tool, &it->formers, &it->asker, error)
                                    : CERTENROLL_OK;
}

static int begin(struct replacement *it, certenroll_error **error)
{
    int status = it->tool->options.revoke ? formers_promise(&it->formers, &it->setup.options, error)
                                          : CERTENROLL_OK;

    it->setup.options.another = CERTENROLL_ANOTHER_PAIR;
    return status < 0 ? status : enrol(it->tool, &it->enrolment, it->token, &it->setup, error);
}

/* A failure when the new one is in use already is told beside its result. */
static int replace(struct replacement *it, certenroll_error **error)
{
    certenroll_error *unshown = NULL;
    int status = it->kept ? keep(it, error) : begin(it, error), told = CERTENROLL_OK;

    if (status < 0 && !it->kept && !is_confirmed(it->enrolment))
        return status;
    if (!it->kept)
        told = take_certificate(it, &unshown);
    if (told == CERTENROLL_OK)
        told = show_replacement(it, status < 0 ? CERTENROLL_OK : status, &unshown);
    if (status >= 0 && told < 0)
        status = repeat_error(error, unshown);
    certenroll_error_free(unshown);
    return status;
}

int command_replace(struct tool *tool, certenroll_error **error)
{
    const struct options *options = &tool->options;
    struct replacement it = { .tool = tool };
    int status = setup_first(tool, &it.setup, error);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &it.token, error);
    it.asker.token = it.token;
    /* Before anything is done: a URI that names no token is a mistake to hear of at once. */
    if (status == CERTENROLL_OK && options->old_token)
        status = open_token_at(tool, &it.old_token, options->old_token, old_module(options), error);
    if (status == CERTENROLL_OK)
        status = take_inventory(tool, &it.inventory, it.token, 0, error);
    if (status == CERTENROLL_OK)
        status = certenroll_inventory_find_valid(&it.kept, it.inventory, options->subject, error);
    if (options->anew)
        it.kept = NULL;
    if (status == CERTENROLL_OK)
        status = collect_formers(&it, error);
    if (status == CERTENROLL_OK)
        status = replace(&it, error);
    formers_clear(&it.formers);
    X509_free(it.certificate);
    certenroll_enrolment_free(it.enrolment);
    certenroll_inventory_free(it.old_inventory);
    certenroll_inventory_free(it.inventory);
    certenroll_token_free(it.old_token);
    certenroll_token_free(it.token);
    setup_clear(&it.setup);
    return status;
}
