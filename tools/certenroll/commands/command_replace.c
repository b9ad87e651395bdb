/* SPDX-License-Identifier: Apache-2.0 */
/* Another PC or another token: a valid certificate that is there is kept, else there is a new one;
 * and what is to be revoked for it is told. */
#include "common/message.h"
#include "common/text.h"
#include "revoking.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>

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

static int look_for_valid(struct replacement *it)
{
    const certenroll_entry *found = NULL;
    certenroll_error *error = NULL;
    int status = take_inventory(it->tool, &it->inventory, it->token, 0);

    if (status < 0)
        return status;
    if (certenroll_inventory_find_valid(&found, it->inventory, it->tool->options.subject, &error) <
        0)
        return failure_take(&it->tool->failure, error);
    if (!it->tool->options.anew)
        it->kept = found;
    return CERTENROLL_OK;
}

/* Of a pending enrolment there is the request alone. */
static int take_subject(struct replacement *it)
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
    return it->subject ? CERTENROLL_OK : failure_memory(&it->tool->failure);
}

static void take_asker(struct replacement *it)
{
    certenroll_key *key = it->kept ? NULL : certenroll_enrolment_key(it->enrolment);

    it->asker.token = it->token;
    if (it->kept)
        it->asker.id = certenroll_entry_id(it->kept, &it->asker.id_length);
    else if (key)
        it->asker.id = certenroll_key_get_id(key, &it->asker.id_length);
}

/* --- the former ones --- */

/* Before anything is done: a URI that names no token is a mistake to hear of at once. */
static int open_old_token(struct replacement *it)
{
    const struct options *options = &it->tool->options;

    if (!options->old_token)
        return CERTENROLL_OK;
    return open_token_at(it->tool, &it->old_token, options->old_token,
                         options->old_module ? options->old_module : options->module,
                         &it->tool->failure);
}

static int add_old_token(struct replacement *it)
{
    const struct options *options = &it->tool->options;
    const struct origin origin = { options->old_token,
                                   options->old_module ? options->old_module : options->module,
                                   NULL, NULL };
    certenroll_inventory *inventory = NULL;
    int status = take_inventory(it->tool, &inventory, it->old_token, 1);

    if (status == CERTENROLL_OK)
        status = formers_add_token(it->tool, &it->formers, inventory, it->subject, it->certificate,
                                   &origin);
    certenroll_inventory_free(inventory);
    return status;
}

static int collect_formers(struct replacement *it)
{
    const struct options *options = &it->tool->options;
    const struct origin here = { certenroll_token_info_uri(certenroll_token_get_info(it->token)),
                                 options->module, NULL, NULL };
    const struct origin file = { NULL, options->module, options->old_certificate, &it->asker };
    int status = CERTENROLL_OK;

    if (it->old_token)
        status = add_old_token(it);
    if (status == CERTENROLL_OK && options->anew)
        status = formers_add_token(it->tool, &it->formers, it->inventory, it->subject,
                                   it->certificate, &here);
    if (status == CERTENROLL_OK && options->old_certificate)
        status = formers_add_file(it->tool, &it->formers, &file);
    return status;
}

/* --- what is told --- */

static json_t *describe(const struct replacement *it)
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

static int show_formers(struct replacement *it)
{
    json_t *array = describe_formers(&it->formers), *object;
    size_t i;
    int status = array ? CERTENROLL_OK : failure_memory(&it->tool->failure);

    json_array_foreach(array, i, object)
    {
        if (status == CERTENROLL_OK)
            status =
                show_record(it->tool, json_incref(object),
                            it->formers.list[i].is_revoked ? _("revoked:") : _("to be revoked:"),
                            former_fields);
    }
    json_decref(array);
    if (it->formers.count > 0 && it->enrolment && !it->certificate)
        printf("%s\n", _("Revoke the former certificate when the new one is there, not before."));
    return status;
}

static void tell_operator(const struct replacement *it)
{
    char *subject = text_clean(it->tool->options.subject);

    printf(_("No former certificate was seen. Tell the RA's operator that the former certificate "
             "of %s is to be revoked.\n"),
           subject ? subject : "");
    free(subject);
}

static int show(struct replacement *it, int status)
{
    struct tool *tool = it->tool;
    int shown;

    if (tool->options.json)
        return show_json(tool, describe(it));
    if (it->kept)
        shown = show_record(tool, describe_entry(it->kept),
                            _("a valid certificate is on the token and is kept; --anew enrols all "
                              "the same"),
                            entry_fields);
    else
        shown = show_enrolment(tool, it->enrolment, status, _("enrolled"));
    if (shown >= 0)
        shown = show_formers(it);
    if (shown == CERTENROLL_OK && !it->kept && it->formers.count == 0)
        tell_operator(it);
    return shown;
}

/* --- all --- */

/* A failure after the enrolment is told beside its result. */
static int finish(struct replacement *it, int status)
{
    int shown, revoked = CERTENROLL_OK, collected = take_subject(it);

    if (collected == CERTENROLL_OK) {
        take_asker(it);
        collected = collect_formers(it);
    }
    if (collected == CERTENROLL_OK && it->tool->options.revoke && it->certificate)
        revoked = formers_revoke(it->tool, &it->formers, &it->asker);
    shown = show(it, status);
    if (collected < 0 || revoked < 0)
        return collected < 0 ? collected : revoked;
    return shown < 0 ? shown : status;
}

static int replace(struct replacement *it)
{
    int status = look_for_valid(it);

    if (status == CERTENROLL_OK && !it->kept)
        status = enrol(it->tool, &it->enrolment, it->token, &it->setup);
    return status < 0 ? status : finish(it, status);
}

static void clear(struct replacement *it)
{
    formers_clear(&it->formers);
    X509_NAME_free(it->subject);
    X509_free(it->certificate);
    certenroll_enrolment_free(it->enrolment);
    certenroll_inventory_free(it->inventory);
    certenroll_token_free(it->old_token);
    certenroll_token_free(it->token);
    setup_clear(&it->setup);
}

int command_replace(struct tool *tool)
{
    struct replacement it = { .tool = tool };
    int status = setup_first(tool, &it.setup);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &it.token);
    if (status == CERTENROLL_OK)
        status = open_old_token(&it);
    if (status == CERTENROLL_OK)
        status = replace(&it);
    clear(&it);
    return status;
}
