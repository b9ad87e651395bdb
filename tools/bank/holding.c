/* SPDX-License-Identifier: Apache-2.0 */
#include "holding.h"

#include "base/text.h"
#include "common/tool_message.h"
#include "results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CRL_PATH "/crl"

/* --- the best --- */

int holding_is_valid(const certenroll_entry *entry)
{
    certenroll_mark mark = certenroll_entry_mark(entry);

    return mark == CERTENROLL_MARK_VALID || mark == CERTENROLL_MARK_DUE;
}

/* 0: of no use whatever the date. */
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
static void choose(struct holding *out, const certenroll_entry *entry,
                   certenroll_revocation_state revocation)
{
    int is_revoked =
        revocation == CERTENROLL_REVOCATION_REVOKED || revocation == CERTENROLL_REVOCATION_ON_HOLD;

    if (out->best && is_revoked != out->is_revoked ? !is_revoked : is_better(entry, out->best)) {
        out->best = entry;
        out->is_revoked = is_revoked;
    }
    if (revocation == CERTENROLL_REVOCATION_REVOKED && out->revoked_count < HOLDING_REVOKED_MAX)
        out->revoked[out->revoked_count++] = entry;
    out->of_name++;
}

/* Each once. */
static void note_other_name(struct holding *out, const char *name)
{
    size_t used = strlen(out->names);
    char *clean = ce_text_shown(name);
    char quoted[NAME_SIZE + sizeof("\"\"")];

    if (clean && strlen(clean) < NAME_SIZE) { /* what is longer names no account */
        snprintf(quoted, sizeof(quoted), "\"%s\"", clean);
        if (!strstr(out->names, quoted) &&
            used + strlen(quoted) + sizeof(", ") < sizeof(out->names))
            snprintf(out->names + used, sizeof(out->names) - used, "%s%s", used ? ", " : "",
                     quoted);
    }
    free(clean);
}

/* --- the bank's --- */

/* Whether the certificate is one of the bank's. */
static int check_issued(int *is_ours, struct bank *bank, const certenroll_entry *entry,
                        enum look look, certenroll_error **error)
{
    certenroll_issuers **issuers = look == LOOK_OFFLINE ? &bank->issuers_offline : &bank->issuers;
    certenroll_issuers_options options = CERTENROLL_ISSUERS_OPTIONS_INIT;
    certenroll_issued issued = CERTENROLL_ISSUED_BY_OTHERS;
    size_t length = 0;
    const unsigned char *der = certenroll_entry_certificate(entry, &length);
    int status = CERTENROLL_OK;

    options.anchors = options.tls_anchors = certenroll_ra_anchors(bank->ra);
    options.inventory = bank->inventory;
    options.est_url = look == LOOK_OFFLINE ? NULL : certenroll_ra_est(bank->ra);
    if (!*issuers)
        status = certenroll_issuers_new(issuers, bank->context, &options, error);
    if (status == CERTENROLL_OK)
        status = certenroll_issuers_check(&issued, *issuers, der, length, error);
    *is_ours = issued == CERTENROLL_ISSUED ||
               (issued == CERTENROLL_ISSUED_BY_UNKNOWN && look == LOOK_OFFLINE);
    return status;
}

/* What the bank's list says. Without one nothing is held to be revoked, and nothing removed; the
 * person is told once. */
static int check_revoked(certenroll_revocation_state *out, struct bank *bank,
                         const certenroll_entry *entry, certenroll_error **error)
{
    certenroll_crl_check_options options = CERTENROLL_CRL_CHECK_OPTIONS_INIT;
    certenroll_revocation revocation = CERTENROLL_REVOCATION_INIT;
    char url[1024];
    int status = CERTENROLL_OK;

    snprintf(url, sizeof(url), "%s%s", certenroll_ra_entry(bank->ra), CRL_PATH);
    options.issuers = bank->issuers;
    options.entry = entry;
    if (!bank->crl)
        status = certenroll_crl_fetch(&bank->crl, bank->context, url,
                                      certenroll_ra_anchors(bank->ra), error);
    if (status == CERTENROLL_OK)
        status = certenroll_crl_check(&revocation, bank->crl, &options, error);
    if (status == CERTENROLL_OK && revocation.state == CERTENROLL_REVOCATION_UNKNOWN &&
        !bank->is_list_missed) {
        fprintf(stderr, "%s (%s)\n",
                _("- the bank's revocation list of today cannot be had: whether it has revoked a "
                  "certificate on the token is not known"),
                revocation.why);
        bank->is_list_missed = 1;
    }
    *out = revocation.state;
    return status;
}

/* --- looking --- */

int holding_find(struct holding *out, struct bank *bank, const char *name, enum look look,
                 certenroll_error **error)
{
    int status = CERTENROLL_OK;

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_inventory_count(bank->inventory);
         i++) {
        const certenroll_entry *entry = certenroll_inventory_at(bank->inventory, i);
        const char *its_name = certenroll_entry_common_name(entry);
        certenroll_revocation_state revocation = CERTENROLL_REVOCATION_GOOD;
        int is_ours = 0;

        if (certenroll_entry_is_ca(entry) || !its_name[0])
            continue;
        if (strcmp(its_name, name) != 0) {
            note_other_name(out, its_name);
            continue;
        }
        status = check_issued(&is_ours, bank, entry, look, error);
        if (status == CERTENROLL_OK && is_ours && look == LOOK_REVOKED && holding_is_valid(entry))
            status = check_revoked(&revocation, bank, entry, error);
        if (is_ours)
            choose(out, entry, revocation);
        else
            out->of_others++;
    }
    return status;
}

int holding_look(struct holding *out, struct bank *bank, enum look look, certenroll_error **error)
{
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    certenroll_journal_list *journals = NULL;
    int status = bank_days(bank, &options.due_days, error);

    memset(out, 0, sizeof(*out)); /* what it had was the inventory's */
    certenroll_inventory_free(bank->inventory);
    bank->inventory = NULL;
    if (status == CERTENROLL_OK)
        status =
            certenroll_journal_list_new(&journals, bank->context, bank->options.journal, error);
    options.journals = journals;
    options.certificates_only = look < LOOK_PAIRS;
    if (status == CERTENROLL_OK)
        status = certenroll_inventory_new(&bank->inventory, bank->token, &options, error);
    certenroll_journal_list_free(journals);
    return status == CERTENROLL_OK ? holding_find(out, bank, bank->name, look, error) : status;
}

void holding_prefer(struct holding *holding, const struct bank *bank, const unsigned char *id,
                    size_t length)
{
    for (size_t i = 0; i < certenroll_inventory_count(bank->inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(bank->inventory, i);
        size_t size = 0;
        const unsigned char *bytes = certenroll_entry_id(entry, &size);

        if (size == length && memcmp(bytes, id, size) == 0 &&
            certenroll_entry_has_certificate(entry) && holding_is_valid(entry))
            holding->best = entry;
    }
}

/* --- refusing --- */

static int refuse_dates(const certenroll_entry *entry, const struct bank *bank,
                        certenroll_error **error)
{
    char when[SHOWN_TIME_SIZE];

    if (certenroll_entry_mark(entry) == CERTENROLL_MARK_NOT_YET_VALID) {
        local_time(when, certenroll_entry_not_before(entry));
        certenroll_error_set(error, CERTENROLL_E_CERT_DATES,
                             _("the certificate of \"%s\" is valid from %s on"), bank->name, when);
        certenroll_error_advise(error, _("Look at the clock of this computer, or wait."));
        return CERTENROLL_E_CERT_DATES;
    }
    local_time(when, certenroll_entry_not_after(entry));
    certenroll_error_set(error, CERTENROLL_E_CERT_DATES,
                         _("the certificate of \"%s\" has expired on %s"), bank->name, when);
    certenroll_error_advise(
        error,
        bank->program->is_user
            ? _("Have the corporation's administrator order a new one, then: %s get")
            : _("Hand the reissue order in at a branch; when it has taken effect: %s get"),
        bank->program->name);
    return CERTENROLL_E_CERT_DATES;
}

int holding_require(const struct holding *holding, const struct bank *bank,
                    certenroll_error **error)
{
    const char *label = certenroll_token_info_label(certenroll_token_get_info(bank->token));

    if (holding->best && holding_is_valid(holding->best))
        return CERTENROLL_OK;
    if (holding->best && rank(holding->best) > 0)
        return refuse_dates(holding->best, bank, error);
    if (holding->best)
        certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                             _("the certificate of \"%s\" is on the token, but cannot be used"),
                             bank->name);
    else if (holding->of_others)
        certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                             _("the certificate of \"%s\" on the token \"%s\" is not one of %s"),
                             bank->name, label, certenroll_ra_name(bank->ra));
    else
        certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                             _("there is no certificate of \"%s\" on the token \"%s\""), bank->name,
                             label);
    if (holding->best)
        certenroll_error_because(error, _("its key is not there, or it was never finished"));
    else if (holding->names[0])
        certenroll_error_because(error, _("it has those of %s"), holding->names);
    certenroll_error_advise(error, _("Insert the right token, or get one: %s get"),
                            bank->program->name);
    return CERTENROLL_E_OBJECT_NOT_FOUND;
}

int holding_need_pair(struct holding *out, struct bank *bank, certenroll_error **error)
{
    int status = holding_look(out, bank, LOOK_ONLINE, error);

    if (status == CERTENROLL_OK)
        status = holding_require(out, bank, error);
    if (status < 0)
        return status;
    /* The list is there to choose one by; of a single one the bank itself speaks. */
    status = holding_look(out, bank, out->of_name > 1 ? LOOK_REVOKED : LOOK_PAIRS, error);
    return status < 0 ? status : holding_require(out, bank, error);
}
