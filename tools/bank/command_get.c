/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 2 and 5: ID and password buy a job, the job a certificate. A valid one that is there is
 * kept. What an interrupted run has left is looked after first. */
#include "ask.h"
#include "common/message.h"
#include "common/ra_collect.h"
#include "common/strict_json.h"
#include "holding.h"
#include "progress.h"
#include "revoked.h"
#include "show.h"
#include "steps.h"
#include "talk.h"

#include <stdio.h>
#include <string.h>

struct getting {
    struct bank *bank;
    struct ra_collection what;
    enum ra_leftover leftover;
    struct holding holding;
    json_t *order; /* the bank's answer: the job */
    struct ra_collected collected;
    int is_kept;
};

/* --- what is there --- */

static int set_up(struct getting *it)
{
    struct bank *bank = it->bank;
    const char *name = bank->options.key_type;
    int type = name ? certenroll_key_type_from_name(name) : (int)bank->config.key_type;

    it->what = (struct ra_collection){ .context = bank->context,
                                       .place = bank->place,
                                       .token = bank->token,
                                       .key_type = (certenroll_key_type)type,
                                       .name = bank->name,
                                       .journal_directory = bank->options.journal,
                                       .progress = progress_show };
    if (type)
        return CERTENROLL_OK;
    failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, _("there is no key type \"%s\""), name);
    failure_advise(&bank->failure, "%s",
                   _("Choose rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519."));
    return CERTENROLL_E_ARGUMENT;
}

static int take_back(struct getting *it)
{
    int status = ra_collect_take_back(&it->what, &it->bank->failure);

    if (status == CERTENROLL_OK)
        fprintf(stderr, "%s\n",
                _("- what an interrupted collection had left on the token is removed"));
    it->leftover = RA_LEFT_NOTHING;
    return status;
}

/* Certificates first: the PIN is for whoever has something to keep. */
static int look_for_valid(struct getting *it)
{
    struct bank *bank = it->bank;
    int status = holding_look(&it->holding, bank, bank->name, LOOK_ONLINE);

    if (status < 0 || !it->holding.best || !holding_is_valid(it->holding.best))
        return status;
    holding_clear(&it->holding);
    it->holding.ask_revoked = 1;
    status = holding_look(&it->holding, bank, bank->name, LOOK_PAIRS);
    if (it->holding.is_revoked)
        fprintf(stderr, "%s\n", _("- the certificate on the token has been revoked by the bank"));
    it->is_kept = it->holding.best && holding_is_valid(it->holding.best) && !it->holding.is_revoked;
    return status;
}

static int look(struct getting *it)
{
    int status = ra_collect_find(&it->leftover, &it->what, &it->bank->failure);

    if (status == CERTENROLL_OK && it->leftover == RA_LEFT_UNFINISHED)
        status = take_back(it);
    if (status == CERTENROLL_OK && it->leftover == RA_LEFT_NOTHING && !it->bank->options.again)
        status = look_for_valid(it);
    return status;
}

/* --- the job --- */

static int ask_for_job(struct getting *it)
{
    struct bank *bank = it->bank;
    struct ra_call call = { .context = bank->context,
                            .place = bank->place,
                            .origin = bank->place->entry,
                            .path = "/api/certificate" };
    struct secret_line *password = NULL;
    int status = ask_password(bank, &password, bank->options.password_source, "--password-source",
                              talk_question(bank));

    if (status == CERTENROLL_OK) {
        call.body = json_pack("{s:s}", "corporate_id", bank->corporate_id);
        if (bank->program->is_user)
            json_object_set_new(call.body, "user_id", json_string(bank->user_id));
        status = call.body ? ask_put(bank, call.body, "password", password)
                           : failure_memory(&bank->failure);
    }
    secret_line_free(password);
    if (status == CERTENROLL_OK)
        return ra_call(&it->order, &call, bank->code, &bank->failure);
    strict_json_free(call.body);
    return status;
}

static int read_job(struct getting *it, struct ra_job *job)
{
    const char *name = ra_answer_text(it->order, "name");

    job->id = ra_answer_text(it->order, "job");
    job->token = ra_answer_text(it->order, "token");
    job->expires = json_integer_value(json_object_get(it->order, "expires"));
    if (job->id && job->token && job->expires && name && strcmp(name, it->bank->name) == 0)
        return CERTENROLL_OK;
    return failure_set(&it->bank->failure, CERTENROLL_E_SERVER, "%s",
                       _("the bank's answer is not about this certificate"));
}

/* Nothing is left to collect: so the bank had confirmed what nobody here heard of. Unless it has
 * revoked that since, and the order was used up elsewhere: then its refusal stands. */
static int settle(struct getting *it)
{
    struct bank *bank = it->bank;
    struct failure refusal = bank->failure;
    int status;

    memset(&bank->failure, 0, sizeof(bank->failure));
    status = ra_collect_settle(&it->what, &bank->failure);
    if (status == CERTENROLL_OK)
        status = look_for_valid(it);
    if (status == CERTENROLL_OK && !it->is_kept) {
        bank->failure = refusal;
        return refusal.status;
    }
    bank->code[0] = '\0';
    return status;
}

static int collect(struct getting *it)
{
    struct ra_job job = { 0 };
    int status = ask_for_job(it);

    if (status < 0 && it->leftover == RA_LEFT_UNCONFIRMED &&
        strcmp(it->bank->code, CODE_NO_ORDER) == 0)
        return settle(it);
    if (status == CERTENROLL_OK)
        status = read_job(it, &job);
    if (status == CERTENROLL_OK)
        status = ra_collect(&it->collected, &it->what, &job, &it->bank->failure);
    return status;
}

/* --- what is told --- */

static int show_json_result(struct getting *it, const struct standing *standing)
{
    struct bank *bank = it->bank;
    json_t *object = show_entry_json(it->holding.best);

    if (object) {
        json_object_set_new(object, "name", json_string(bank->name));
        json_object_set_new(object, "kept", json_boolean(it->is_kept));
        json_object_set_new(object, "revoked", revoked_json(bank, &it->holding));
        if (bank->purpose)
            json_object_set_new(object, "steps", steps_json(standing, bank));
    }
    return show_json(bank, object);
}

/* Without those that the person has had removed just now. */
static int tell_older(struct getting *it)
{
    int status = CERTENROLL_OK;

    if (revoked_offer(it->bank, &it->holding) > 0) {
        holding_clear(&it->holding);
        status = holding_look(&it->holding, it->bank, it->bank->name, LOOK_PAIRS);
    }
    if (status == CERTENROLL_OK && it->holding.of_name > 1)
        printf(
            _("Older ones of this name stay on the token (%zu); where a program asks, choose the "
              "one above.\n"),
            it->holding.of_name - 1);
    return status;
}

static int show_text(struct getting *it, const struct standing *standing)
{
    struct bank *bank = it->bank;
    int status;

    printf(it->is_kept ? _("a valid certificate of \"%s\" is on the token and is kept\n")
                       : _("the certificate of \"%s\" is on the token, and the bank has confirmed "
                           "it\n"),
           bank->name);
    show_entry(it->holding.best);
    status = tell_older(it);
    if (status < 0)
        return status;
    if (it->is_kept)
        printf("%s\n", _("A token moves to another PC with its certificate: no reissue is needed. "
                         "--again gets a new one."));
    if (bank->purpose)
        steps_show(standing, bank);
    printf(_("To log on: %s logon\n"), bank->program->name);
    return CERTENROLL_OK;
}

static int show(struct getting *it)
{
    struct standing standing = { 0 };
    int status = CERTENROLL_OK;

    holding_clear(&it->holding);
    it->holding.ask_revoked = 1;
    status = holding_look(&it->holding, it->bank, it->bank->name, LOOK_PAIRS);
    if (status == CERTENROLL_OK && it->collected.id_length)
        holding_prefer(&it->holding, it->collected.id, it->collected.id_length);
    if (status == CERTENROLL_OK)
        status = holding_require(&it->holding, it->bank);
    if (status == CERTENROLL_OK && it->bank->purpose)
        status = steps_look(&standing, it->bank);
    if (status < 0)
        return status;
    return it->bank->options.json ? show_json_result(it, &standing) : show_text(it, &standing);
}

int command_get(struct bank *bank)
{
    struct getting it = { .bank = bank };
    int status = ask_purpose(bank, 0);

    if (status == CERTENROLL_OK)
        status = bank_start(bank);
    if (status == CERTENROLL_OK)
        status = set_up(&it);
    if (status == CERTENROLL_OK)
        status = look(&it);
    if (status == CERTENROLL_OK && !it.is_kept)
        status = collect(&it);
    if (status == CERTENROLL_OK)
        status = show(&it);
    strict_json_free(it.order);
    holding_clear(&it.holding);
    return status;
}
