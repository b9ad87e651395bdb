/* SPDX-License-Identifier: Apache-2.0 */
#include "holding.h"

#include "common/message.h"
#include "common/text.h"
#include "issuers.h"
#include "show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- names --- */

static X509 *certificate_of(const certenroll_entry *entry)
{
    size_t length = 0;
    const unsigned char *der = certenroll_entry_certificate(entry, &length);

    return der ? d2i_X509(NULL, &der, (long)length) : NULL;
}

/* The last common name of the subject, which is the most specific one. A name that is longer than
 * any account's, or has a NUL, is nobody's. */
static void common_name(char out[NAME_SIZE], const X509 *certificate)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int at = -1, next = -1, length;
    unsigned char *text = NULL;

    out[0] = '\0';
    while ((next = X509_NAME_get_index_by_NID(subject, NID_commonName, next)) >= 0)
        at = next;
    if (at < 0)
        return;
    length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (length > 0 && length < NAME_SIZE && !memchr(text, '\0', (size_t)length)) {
        memcpy(out, text, (size_t)length);
        out[length] = '\0';
    }
    OPENSSL_free(text);
}

void holding_name(char out[NAME_SIZE], const certenroll_entry *entry)
{
    X509 *certificate = certificate_of(entry);

    out[0] = '\0';
    if (certificate)
        common_name(out, certificate);
    X509_free(certificate);
}

/* Each once. */
static void note_other(struct holding *out, const char *name)
{
    size_t used = strlen(out->names);
    char *clean = text_clean(name);
    char quoted[NAME_SIZE + sizeof("\"\"")];

    if (clean)
        snprintf(quoted, sizeof(quoted), "\"%s\"", clean);
    if (clean && !strstr(out->names, quoted) &&
        used + strlen(quoted) + sizeof(", ") < sizeof(out->names))
        snprintf(out->names + used, sizeof(out->names) - used, "%s%s", used ? ", " : "", quoted);
    free(clean);
}

/* --- the best --- */

int holding_is_valid(const certenroll_entry *entry)
{
    certenroll_mark mark = certenroll_entry_mark(entry);

    return mark == CERTENROLL_MARK_VALID || mark == CERTENROLL_MARK_DUE;
}

static int rank(const certenroll_entry *entry)
{
    if (holding_is_valid(entry))
        return 3;
    return certenroll_entry_mark(entry) == CERTENROLL_MARK_NOT_YET_VALID ? 2
           : certenroll_entry_mark(entry) == CERTENROLL_MARK_EXPIRED     ? 1
                                                                         : 0;
}

static int is_better(const certenroll_entry *one, const certenroll_entry *other)
{
    if (!other || rank(one) != rank(other))
        return !other || rank(one) > rank(other);
    return certenroll_entry_not_after(one) > certenroll_entry_not_after(other);
}

/* What the bank has revoked is the best only where there is nothing else. What it has put on hold
 * is of no use now, and may be again: it is not noted as one that can go. */
static void choose(struct holding *out, const certenroll_entry *entry, enum issuers_word word)
{
    int is_revoked = word != ISSUERS_SILENT;

    if (out->best && is_revoked != out->is_revoked ? !is_revoked : is_better(entry, out->best)) {
        out->best = entry;
        out->is_revoked = is_revoked;
    }
    if (word == ISSUERS_REVOKED && out->revoked_count < HOLDING_REVOKED_MAX)
        out->revoked[out->revoked_count++] = entry;
    out->of_name++;
}

static enum issuers_word ask_list(const struct holding *out, struct bank *bank,
                                  struct issuers *issuers, const certenroll_entry *entry,
                                  X509 *certificate, enum look look)
{
    return out->ask_revoked && look == LOOK_PAIRS && holding_is_valid(entry)
               ? issuers_ask(issuers, bank, certificate)
               : ISSUERS_SILENT;
}

static int consider(struct holding *out, struct bank *bank, struct issuers *issuers,
                    const certenroll_entry *entry, const char *wanted, enum look look)
{
    X509 *certificate = certificate_of(entry);
    char name[NAME_SIZE] = "";
    int is_ours = 0, status = CERTENROLL_OK;

    if (!certificate)
        return CERTENROLL_OK;
    common_name(name, certificate);
    if (strcmp(name, wanted) == 0)
        status = issuers_check(&is_ours, issuers, bank, certificate, look != LOOK_CERTIFICATES);
    else if (name[0])
        note_other(out, name);
    if (is_ours)
        choose(out, entry, ask_list(out, bank, issuers, entry, certificate, look));
    out->of_others += strcmp(name, wanted) == 0 && !is_ours;
    X509_free(certificate);
    return status;
}

/* --- looking --- */

static int take_inventory(struct bank *bank, certenroll_inventory **out, enum look look)
{
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    certenroll_journal_list *journals = NULL;
    certenroll_error *error = NULL;
    int status = bank_days(bank, &options.due_days);

    if (status < 0)
        return status;
    if (certenroll_journal_list_new(&journals, bank->context, bank->options.journal, &error) < 0)
        return bank_take(bank, error);
    options.journals = journals;
    options.certificates_only = look != LOOK_PAIRS;
    if (certenroll_inventory_new(out, bank->token, &options, &error) < 0)
        status = bank_take(bank, error);
    certenroll_journal_list_free(journals);
    return status;
}

int holding_look(struct holding *out, struct bank *bank, const char *name, enum look look)
{
    struct issuers issuers = { 0 };
    int status = take_inventory(bank, &out->inventory, look);

    if (status == CERTENROLL_OK)
        status = issuers_new(&issuers, bank, out->inventory);
    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_inventory_count(out->inventory);
         i++) {
        const certenroll_entry *entry = certenroll_inventory_at(out->inventory, i);

        if (!certenroll_entry_is_ca(entry))
            status = consider(out, bank, &issuers, entry, name, look);
    }
    issuers_clear(&issuers);
    return status;
}

void holding_prefer(struct holding *holding, const unsigned char *id, size_t length)
{
    for (size_t i = 0; i < certenroll_inventory_count(holding->inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(holding->inventory, i);
        size_t size = 0;
        const unsigned char *bytes = certenroll_entry_id(entry, &size);

        if (size == length && memcmp(bytes, id, size) == 0 &&
            certenroll_entry_has_certificate(entry) && holding_is_valid(entry))
            holding->best = entry;
    }
}

void holding_clear(struct holding *holding)
{
    certenroll_inventory_free(holding->inventory);
    memset(holding, 0, sizeof(*holding));
}

/* --- refusing --- */

static void advise_get(struct bank *bank)
{
    failure_advise(&bank->failure, _("Insert the right token, or get one: %s get"),
                   bank->program->name);
}

static int refuse_missing(const struct holding *holding, struct bank *bank)
{
    const char *label = certenroll_token_info_label(certenroll_token_get_info(bank->token));

    if (holding->of_others)
        failure_set(&bank->failure, CERTENROLL_E_OBJECT_NOT_FOUND,
                    _("the certificate of \"%s\" on the token \"%s\" is not one of %s"), bank->name,
                    label, bank->place->name);
    else
        failure_set(&bank->failure, CERTENROLL_E_OBJECT_NOT_FOUND,
                    _("there is no certificate of \"%s\" on the token \"%s\""), bank->name, label);
    if (holding->names[0])
        failure_because(&bank->failure, _("it has those of %s"), holding->names);
    advise_get(bank);
    return CERTENROLL_E_OBJECT_NOT_FOUND;
}

static int refuse_expired(const certenroll_entry *entry, struct bank *bank)
{
    char when[SHOW_TIME_SIZE];

    show_time(when, certenroll_entry_not_after(entry));
    failure_set(&bank->failure, CERTENROLL_E_CERT_DATES,
                _("the certificate of \"%s\" has expired on %s"), bank->name, when);
    failure_advise(
        &bank->failure,
        bank->program->is_user
            ? _("Have the corporation's administrator order a new one, then: %s get")
            : _("Hand the reissue order in at a branch; when it has taken effect: %s get"),
        bank->program->name);
    return CERTENROLL_E_CERT_DATES;
}

int holding_require(const struct holding *holding, struct bank *bank)
{
    const certenroll_entry *best = holding->best;
    char when[SHOW_TIME_SIZE];

    if (!best)
        return refuse_missing(holding, bank);
    if (holding_is_valid(best))
        return CERTENROLL_OK;
    if (certenroll_entry_mark(best) == CERTENROLL_MARK_EXPIRED)
        return refuse_expired(best, bank);
    if (certenroll_entry_mark(best) == CERTENROLL_MARK_NOT_YET_VALID) {
        show_time(when, certenroll_entry_not_before(best));
        failure_set(&bank->failure, CERTENROLL_E_CERT_DATES,
                    _("the certificate of \"%s\" is valid from %s on"), bank->name, when);
        failure_advise(&bank->failure, "%s", _("Look at the clock of this computer, or wait."));
        return CERTENROLL_E_CERT_DATES;
    }
    failure_set(&bank->failure, CERTENROLL_E_OBJECT_NOT_FOUND,
                _("the certificate of \"%s\" is on the token, but cannot be used"), bank->name);
    failure_because(&bank->failure, "%s", _("its key is not there, or it was never finished"));
    advise_get(bank);
    return CERTENROLL_E_OBJECT_NOT_FOUND;
}

int holding_need_pair(struct holding *out, struct bank *bank)
{
    int has_several, status = holding_look(out, bank, bank->name, LOOK_ONLINE);

    if (status == CERTENROLL_OK)
        status = holding_require(out, bank);
    if (status < 0)
        return status;
    has_several = out->of_name > 1;
    holding_clear(out);
    out->ask_revoked = has_several; /* to choose one; of a single one the bank itself speaks */
    status = holding_look(out, bank, bank->name, LOOK_PAIRS);
    return status < 0 ? status : holding_require(out, bank);
}
