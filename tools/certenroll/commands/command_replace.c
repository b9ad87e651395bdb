/* SPDX-License-Identifier: Apache-2.0 */
/* Another PC or another token: a valid certificate that is there is kept, else there is a new one;
 * and what is to be revoked for it is told. */
#include "commands/commands.h"
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"
#include "revocation/ask_for_revocation.h"
#include "token/token_access.h"

#include <stdio.h>

struct replacement {
    struct tool *tool;
    struct setup setup;
    certenroll_token *token, *old_token;
    certenroll_inventory *inventory; /* of the token, before */
    const certenroll_entry *kept;    /* NULL: a new one is enrolled */
    certenroll_enrolment *enrolment;
    X509 *certificate; /* the one that is used from now on; NULL while it is pending */
    X509_NAME *subject;
    struct asker asker;
    struct formers formers;
};

/* --- the new one --- */

/* Of a pending enrolment there is the request alone. */
static int take_subject(struct replacement *it, certenroll_error **error)
{
    X509_REQ *request = NULL;
    const unsigned char *der;
    size_t length = 0;

    der = it->kept ? certenroll_entry_certificate(it->kept, &length)
                   : certenroll_enrolment_certificate(it->enrolment, &length);
    if (der) {
        it->certificate = d2i_X509(NULL, &der, (long)length);
        if (it->certificate)
            it->subject = X509_NAME_dup(X509_get_subject_name(it->certificate));
    } else if ((der = certenroll_enrolment_request(it->enrolment, &length))) {
        request = d2i_X509_REQ(NULL, &der, (long)length);
        if (request)
            it->subject = X509_NAME_dup(X509_REQ_get_subject_name(request));
        X509_REQ_free(request);
    }
    return it->subject ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

/* --- the former ones --- */

static const char *old_module(const struct options *options)
{
    return options->old_module ? options->old_module : options->module;
}

static int collect_formers(struct replacement *it, certenroll_error **error)
{
    const struct options *options = &it->tool->options;
    const struct origin old = { .token_uri = options->old_token, .module = old_module(options) };
    const struct origin here = { .token_uri = certenroll_token_info_uri(
                                     certenroll_token_get_info(it->token)),
                                 .module = options->module };
    const struct origin file = { .module = options->module,
                                 .file = options->old_certificate,
                                 .asker = &it->asker };
    certenroll_inventory *inventory = NULL;
    int status = CERTENROLL_OK;

    it->formers.options = options;
    it->formers.subject = it->subject;
    it->formers.successor = it->certificate;
    if (it->old_token)
        status = take_inventory(it->tool, &inventory, it->old_token, 1, error);
    if (status == CERTENROLL_OK && inventory)
        status = formers_add_token(&it->formers, inventory, &old, error);
    certenroll_inventory_free(inventory);
    if (status == CERTENROLL_OK && options->anew)
        status = formers_add_token(&it->formers, it->inventory, &here, error);
    if (status == CERTENROLL_OK && options->old_certificate)
        status = formers_add_file(&it->formers, &file, error);
    return status;
}

/* --- what is told --- */

static json_t *describe_replacement(const struct replacement *it)
{
    json_t *object = it->kept ? describe_entry(it->kept) : describe_enrolment(it->enrolment);
    json_t *formers = describe_formers(&it->formers);

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
    json_t *array = describe_formers(&it->formers), *object;
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
        printf("%s\n", _("Revoke the former certificate when the new one is there, not before."));
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

/* A failure after the enrolment is told beside its result. */
static int finish(struct replacement *it, int status, certenroll_error **error)
{
    certenroll_key *key = it->kept ? NULL : certenroll_enrolment_key(it->enrolment);
    certenroll_error *unshown = NULL;
    int result = take_subject(it, error), told;

    it->asker.token = it->token;
    if (it->kept)
        it->asker.id = certenroll_entry_id(it->kept, &it->asker.id_length);
    else if (key)
        it->asker.id = certenroll_key_get_id(key, &it->asker.id_length);
    if (result == CERTENROLL_OK)
        result = collect_formers(it, error);
    if (result == CERTENROLL_OK && it->tool->options.revoke && it->certificate)
        result = formers_revoke(it->tool, &it->formers, &it->asker, error);
    told = show_replacement(it, status, &unshown);
    if (result == CERTENROLL_OK && told < 0)
        result = repeat_error(error, unshown);
    certenroll_error_free(unshown);
    return result < 0 ? result : status;
}

int command_replace(struct tool *tool, certenroll_error **error)
{
    const struct options *options = &tool->options;
    struct replacement it = { .tool = tool };
    int status = setup_first(tool, &it.setup, error);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &it.token, error);
    /* Before anything is done: a URI that names no token is a mistake to hear of at once. */
    if (status == CERTENROLL_OK && options->old_token)
        status = open_token_at(tool, &it.old_token, options->old_token, old_module(options), error);
    if (status == CERTENROLL_OK)
        status = take_inventory(tool, &it.inventory, it.token, 0, error);
    if (status == CERTENROLL_OK)
        status = certenroll_inventory_find_valid(&it.kept, it.inventory, options->subject, error);
    if (options->anew)
        it.kept = NULL;
    if (status == CERTENROLL_OK && !it.kept)
        status = enrol(tool, &it.enrolment, it.token, &it.setup, error);
    if (status >= 0)
        status = finish(&it, status, error);
    formers_clear(&it.formers);
    X509_NAME_free(it.subject);
    X509_free(it.certificate);
    certenroll_enrolment_free(it.enrolment);
    certenroll_inventory_free(it.inventory);
    certenroll_token_free(it.old_token);
    certenroll_token_free(it.token);
    setup_clear(&it.setup);
    return status;
}
