/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "base/option_struct.h"
#include "base/text.h"
#include "token/ck_rv.h"
#include "token/key.h"
#include "token/key_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CKA_LABEL: cards replace longer ones silently. */
#define LABEL_MAX 200

/* One key pair to make, and how far it came. */
struct generation {
    const struct ce_key_kind *kind;
    const char *label;
    struct ce_buffer id;
    int is_named;   /* the ID is the caller's: he finds by it what was left */
    int check_id;   /* random ones collide with nothing */
    int rung;       /* of the templates, the next to try */
    int is_started; /* C_GenerateKeyPair was called: what bears the ID is ours */
    int is_left;    /* something may bear it */
    CK_OBJECT_HANDLE public, private;
    uint64_t generation, login; /* of these handles */
    struct ce_key_novelty novelty;
    int is_refused;      /* it was not seen to be new */
    certenroll_key *key; /* that was */
    const char *flaw;    /* why that one is removed again */
};

/* --- templates --- */

/* YubiKeys refuse CKA_EXTRACTABLE, tpm2-pkcs11 refuses CKA_DECRYPT=0; TOKEN, PRIVATE and SIGN all
 * tokens take. What was left out is checked on the finished key. */
static const struct ce_template_flag private_flags[] = {
    { CKA_TOKEN, 1, 3 },       { CKA_PRIVATE, 1, 3 }, { CKA_SIGN, 1, 3 },   { CKA_SENSITIVE, 1, 2 },
    { CKA_EXTRACTABLE, 0, 1 }, { CKA_DECRYPT, 0, 0 }, { CKA_UNWRAP, 0, 0 }, { CKA_DERIVE, 0, 0 },
};
static const struct ce_template_flag public_flags[] = {
    { CKA_TOKEN, 1, 3 },   { CKA_VERIFY, 1, 3 }, { CKA_PRIVATE, 0, 1 },
    { CKA_ENCRYPT, 0, 0 }, { CKA_WRAP, 0, 0 },
};
#define LAST_RUNG 3

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void add_names(struct ce_template *template, const struct generation *generation, int rung)
{
    ce_template_add(template, CKA_ID, generation->id.data, generation->id.length);
    if (generation->label && rung < LAST_RUNG)
        ce_template_add(template, CKA_LABEL, generation->label, strlen(generation->label));
}

static CK_RV generate_on_rung(struct generation *generation, struct ce_session *session, int rung)
{
    static const unsigned char exponent[] = { 0x01, 0x00, 0x01 };
    const struct ce_key_kind *kind = generation->kind;
    CK_MECHANISM mechanism = { kind->mechanism, NULL, 0 };
    struct ce_template public = { .count = 0 }, private = { .count = 0 };

    ce_template_add_flags(&public, public_flags, COUNT_OF(public_flags), rung);
    ce_template_add_flags(&private, private_flags, COUNT_OF(private_flags), rung);
    add_names(&public, generation, rung);
    add_names(&private, generation, rung);
    if (kind->params) {
        ce_template_add(&public, CKA_EC_PARAMS, kind->params, kind->params_length);
    } else {
        ce_template_add(&public, CKA_MODULUS_BITS, &kind->bits, sizeof(kind->bits));
        ce_template_add(&public, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
    }
    return session->functions->C_GenerateKeyPair(session->handle, &mechanism, public.list,
                                                 public.count, private.list, private.count,
                                                 &generation->public, &generation->private);
}

/* --- C_GenerateKeyPair --- */

/* Whatever a token says, it may have made the pair or half of it. With that in place another one
 * under the same ID would only be a twin that nobody can tell from it. */
static int clear_up(struct generation *generation, struct ce_session *session,
                    certenroll_error **error)
{
    int status = ce_remains_remove(session, &generation->id, error);

    if (status == CERTENROLL_OK)
        generation->is_left = 0;
    return status;
}

/* Of values the last template has nothing but the kind of key: ykcs11 says so of other curves. */
static int fail_generation(const struct generation *generation, const struct ce_session *session,
                           CK_RV rv, certenroll_error **error)
{
    const char *label = session->token->info->label, *kind = generation->kind->name;
    char name[CE_CK_RV_NAME_SIZE];
    int status =
        ce_fail_ck(error, rv, _("the token \"%s\" does not generate a %s key"), label, kind);

    if (rv != CKR_ATTRIBUTE_VALUE_INVALID)
        return status;
    certenroll_error_set(error, CERTENROLL_E_UNSUPPORTED,
                         _("the token \"%s\" does not generate a %s key"), label, kind);
    certenroll_error_because(error, "%s", ce_ck_rv_name(name, sizeof(name), rv));
    certenroll_error_set_ck_rv(error, rv);
    return CERTENROLL_E_UNSUPPORTED;
}

static void note_handles(struct generation *generation, const struct ce_session *session)
{
    generation->generation = session->generation;
    generation->login = session->login;
}

static int has_handles(const struct generation *generation, const struct ce_session *session)
{
    return generation->generation == session->generation && generation->login == session->login;
}

static int try_rungs(struct generation *generation, struct ce_session *session,
                     certenroll_error **error)
{
    certenroll_context *context = session->token->context;
    char name[CE_CK_RV_NAME_SIZE];
    CK_RV rv = CKR_OK;

    generation->is_started = 1;
    ce_log(context, CERTENROLL_LOG_DEBUG, "generating a key pair: %s", generation->kind->name);
    for (; generation->rung <= LAST_RUNG; generation->rung++) {
        generation->is_left = 1;
        rv = generate_on_rung(generation, session, generation->rung);
        if (rv == CKR_OK) {
            note_handles(generation, session);
            session->rv = CKR_OK;
            return CERTENROLL_OK;
        }
        ce_log(context, CERTENROLL_LOG_DEBUG, "template %d of %d: %s", generation->rung + 1,
               LAST_RUNG + 1, ce_ck_rv_name(name, sizeof(name), rv));
        /* Where clearing up loses the session it goes on in another one (generate_pair), for
         * session->rv says so. */
        session->rv = rv;
        if (ce_session_is_lost(rv) || clear_up(generation, session, NULL) < 0)
            break;
        session->rv = rv;
        if (!ce_template_is_refused(rv))
            break;
    }
    return fail_generation(generation, session, rv, error);
}

/* --- found again --- */

static int find_half(CK_OBJECT_HANDLE *out, struct generation *generation,
                     struct ce_session *session, CK_OBJECT_CLASS class, certenroll_error **error)
{
    CK_ATTRIBUTE template[] = {
        { CKA_CLASS, &class, sizeof(class) },
        { CKA_ID, generation->id.data, (CK_ULONG)generation->id.length },
    };
    CK_OBJECT_HANDLE *handles;
    size_t count;
    int status = ce_objects_find(&handles, &count, session, template, 2, error);

    if (status == CERTENROLL_OK && count != 1)
        status = certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                      _("the new key is not to be found on the token \"%s\""),
                                      session->token->info->label);
    if (status == CERTENROLL_OK)
        *out = handles[0];
    free(handles);
    return status;
}

/* The handles of C_GenerateKeyPair, found again if their sessions or the login died since. */
static int find_halves(struct generation *generation, struct ce_session *session,
                       certenroll_error **error)
{
    int status;

    if (has_handles(generation, session))
        return CERTENROLL_OK;
    status = find_half(&generation->private, generation, session, CKO_PRIVATE_KEY, error);
    if (status == CERTENROLL_OK)
        status = find_half(&generation->public, generation, session, CKO_PUBLIC_KEY, error);
    if (status == CERTENROLL_OK)
        note_handles(generation, session);
    return status;
}

static int generate_pair(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct generation *generation = argument;
    int status = CERTENROLL_OK;

    if (generation->is_left) {
        /* The session died in an earlier C_GenerateKeyPair: the pair may be there, whole or half.
         */
        status = find_halves(generation, session, error);
        if (status != CERTENROLL_E_OBJECT_NOT_FOUND)
            return status;
        certenroll_error_clear(error);
        status = clear_up(generation, session, error);
    } else if (generation->check_id && !generation->is_started) {
        status = ce_id_is_borne(session, &generation->id, error);
        if (status == 1)
            status = certenroll_error_set(error, CERTENROLL_E_ID_IN_USE,
                                          _("the CKA_ID is in use on the token \"%s\" already"),
                                          session->token->info->label);
    }
    return status < 0 ? status : try_rungs(generation, session, error);
}

/* --- after --- */

/* What comes back is to be new, and nothing of it is removed before it was seen to be. */
static int check_new(certenroll_key *key, struct generation *generation, struct ce_session *session,
                     certenroll_error **error)
{
    const struct ce_new_pair pair = { &generation->id, generation->public, generation->private, key,
                                      generation->novelty.not_this };
    struct ce_public_value value;
    int status = ce_new_pair_check(&value, session, &pair, error);

    generation->is_refused = status == 0;
    /* RSA private keys repeat the public value; of the others it is in the public half. */
    if (status == 1 && !key->public.type)
        key->public = value;
    else
        ce_public_value_clear(&value);
    if (status < 0)
        return status;
    return status == 1 ? CERTENROLL_OK : CERTENROLL_E_TOKEN;
}

static int check_safe(certenroll_key *key, struct generation *generation,
                      struct ce_session *session, certenroll_error **error)
{
    static const CK_ATTRIBUTE_TYPE types[] = { CKA_SENSITIVE, CKA_EXTRACTABLE };
    struct ce_attributes attributes = { .count = 0 };
    struct ce_session fresh;
    int status;

    if (key->is_safe)
        return CERTENROLL_OK;
    /* OpenSC calls a new key not sensitive in the session that made it: the judgement needs
     * another. */
    status = ce_session_open_fresh(&fresh, session, error);
    if (status < 0)
        return status;
    status = ce_attributes_read(&attributes, &fresh, generation->private, types, 2, error);
    if (status == CERTENROLL_OK)
        key->is_safe = ce_attributes_are_safe(&attributes);
    ce_attributes_free(&attributes);
    ce_session_close_fresh(&fresh);
    if (status < 0 || key->is_safe)
        return status;
    generation->flaw = _("it is not both sensitive and unextractable; it was removed");
    return certenroll_error_set(error, CERTENROLL_E_KEY_UNSAFE,
                                _("the new key could leave the token \"%s\""),
                                session->token->info->label);
}

static int check_kind(const certenroll_key *key, struct generation *generation,
                      const struct ce_session *session, certenroll_error **error)
{
    if (!key->is_husk && key->public.type == generation->kind->type)
        return CERTENROLL_OK;
    generation->flaw = _("its public value is malformed or of another kind; the key was removed");
    return certenroll_error_set(error, CERTENROLL_E_UNSUPPORTED,
                                _("the token \"%s\" made no proper %s key"),
                                session->token->info->label, generation->kind->name);
}

static int read_back(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct generation *generation = argument;
    certenroll_key *key = NULL;
    int status = find_halves(generation, session, error);

    certenroll_key_free(generation->key); /* of a try before */
    generation->key = NULL;
    if (status == CERTENROLL_OK)
        status = ce_key_from_private(&key, session, generation->private, error);
    if (status == CERTENROLL_OK)
        status = check_new(key, generation, session, error);
    if (status < 0) {
        certenroll_key_free(key);
        return status;
    }
    generation->key = key;
    status = check_safe(key, generation, session, error);
    return status == CERTENROLL_OK ? check_kind(key, generation, session, error) : status;
}

/* --- the pair that is of no use --- */

static int remove_pair(struct ce_session *session, void *argument, certenroll_error **error)
{
    const struct generation *generation = argument;
    const struct ce_public_value *value = ce_key_public(generation->key);
    /* What is malformed is told by the ID, which nothing else bears. */
    int status = ce_pair_destroy(session, &generation->id, value->type ? value : NULL, error);

    /* Not to be seen is not the same as removed. */
    if (status == 1 ||
        (status == CERTENROLL_OK && certenroll_token_keeps_private_keys(session->token)))
        status = certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                      _("the new key is not to be found on the token \"%s\""),
                                      session->token->info->label);
    return status;
}

/* What was seen to be new is ours to remove, without the user's PIN asked for once more. Only what
 * is gone then is said to be. */
static void take_back(struct generation *generation, certenroll_token *token,
                      certenroll_error **error)
{
    const enum ce_access access =
        atomic_load(&token->writes_by_officer) ? CE_ACCESS_SO : CE_ACCESS_PUBLIC;

    if (ce_session_run(token, access, remove_pair, generation, NULL) < 0)
        return;
    generation->is_left = 0;
    if (generation->flaw)
        certenroll_error_because(error, "%s", generation->flaw);
}

/* Nobody is left with a key that no call returned, or at least not without its name. Who chose the
 * name can do better than to remove the key: it is found under that. */
static void name_what_is_left(const struct generation *generation, certenroll_error **error)
{
    char id[2 * CERTENROLL_ID_MAX + 1], name[CE_CK_RV_NAME_SIZE], left[512];
    CK_RV rv = error && *error ? certenroll_error_ck_rv(*error) : CKR_OK;

    ce_hex(id, sizeof(id), generation->id.data, generation->id.length);
    snprintf(left, sizeof(left),
             _("a key pair that could not be finished may be left under the CKA_ID %s"), id);
    if (rv == CKR_OK)
        certenroll_error_because(error, "%s", left);
    else
        certenroll_error_because(error, "%s; %s", ce_ck_rv_name(name, sizeof(name), rv), left);
    if (!generation->is_named)
        certenroll_error_advise(error, _("Where it is there, remove it: certenroll remove --id %s"),
                                id);
}

/* --- all of it --- */

static int take_options(struct generation *generation, certenroll_token *token,
                        const certenroll_key_options *options, certenroll_error **error)
{
    generation->kind = ce_key_kind(options->type);
    generation->label = options->label && options->label[0] ? options->label : NULL;
    if (!generation->kind)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("key type %d is not one that is generated"),
                                    (int)options->type);
    if (generation->label && strlen(generation->label) > LABEL_MAX)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a label has at most %d bytes, not %zu"), LABEL_MAX,
                                    strlen(generation->label));
    if (!options->id && options->id_length != 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a CKA_ID of %zu bytes was announced, and none given"),
                                    options->id_length);
    generation->is_named = !!options->id;
    generation->check_id = options->id && !generation->novelty.id_is_new;
    return options->id ? ce_id_take(&generation->id, token, options->id, options->id_length, error)
                       : ce_choose_id(token, &generation->id, error);
}

int ce_key_generate(certenroll_key **out, certenroll_token *token,
                    const certenroll_key_options *given, const struct ce_key_novelty *novelty,
                    certenroll_error **error)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    struct generation generation = { .novelty = *novelty };
    int status = ce_options_take(&options, sizeof(options), given, error);

    if (status == CERTENROLL_OK)
        status = take_options(&generation, token, &options, error);
    if (status == CERTENROLL_OK)
        status = ce_session_run(token, CE_ACCESS_WRITE, generate_pair, &generation, error);
    if (status == CERTENROLL_OK)
        status = ce_session_run(token, CE_ACCESS_LOGGED_IN, read_back, &generation, error);
    if (status < 0 && generation.key) {
        take_back(&generation, token, error);
        certenroll_key_free(generation.key);
        generation.key = NULL;
    }
    if (status < 0 && generation.is_left && !generation.is_refused)
        name_what_is_left(&generation, error);
    ce_buffer_clear(&generation.id);
    *out = generation.key;
    return status;
}

int certenroll_key_generate(certenroll_key **out, certenroll_token *token,
                            const certenroll_key_options *options, certenroll_error **error)
{
    const struct ce_key_novelty nothing = { 0, NULL };

    return ce_key_generate(out, token, options, &nothing, error);
}
