/* SPDX-License-Identifier: Apache-2.0 */
/* A pair is removed: because somebody says so, or because another has taken its place (retire.c).
 */
#include "base/message.h"
#include "enroll/inventory.h"
#include "enroll/key_certificates.h"
#include "journal/command_advice.h"
#include "journal/hold.h"
#include "journal/journal.h"
#include "provider/provider.h"
#include "token/key.h"

/* --- certificates, then key --- */

int ce_pair_remove(certenroll_token *token, const struct ce_buffer *id,
                   const struct ce_key_certificates *all, certenroll_error **error)
{
    struct ce_public_value value = { 0 };
    int status = ce_provider_public_value(&value, all->key, error);

    /* Before anything goes; and then the certificates first: whoever looks meanwhile finds none
     * that lacks its key. Earlier ones that were kept, too: without the key they are of no use. The
     * public half, by which the rest can be told, goes last. */
    if (status == CERTENROLL_OK)
        status = ce_key_check_told(token, id, &value, error);
    for (size_t i = 0; status == CERTENROLL_OK && i < all->count; i++)
        if (all->certificates[i])
            status = ce_certificate_remove(token, &all->objects[i].value, error);
    if (status == CERTENROLL_OK)
        status = ce_key_destroy(token, id, &value, error);
    ce_public_value_clear(&value);
    return status;
}

/* --- which one is meant --- */

static int check_journals(const certenroll_token *token, const struct ce_buffer *id,
                          const certenroll_journal_list *journals, certenroll_error **error)
{
    size_t count = journals ? certenroll_journal_list_count(journals) : 0;

    for (size_t i = 0; i < count; i++) {
        const struct ce_record *record = ce_journal_record(certenroll_journal_list_at(journals, i));

        if (!record || !ce_record_is_under_way_on(record, token) ||
            !(ce_buffer_equal(&record->id, id) || ce_buffer_equal(&record->present_id, id)))
            continue;
        certenroll_error_set(
            error, CERTENROLL_E_BUSY,
            _("the enrolment %s is not finished and needs the pair: nothing was removed"),
            record->name);
        ce_advise_unfinished(error, ce_journal_list_directory(journals), record->name, "");
        return CERTENROLL_E_BUSY;
    }
    return CERTENROLL_OK;
}

/* No pair: what a removal leaves that was ended before the public half goes, where no finished
 * private key or certificate bears the ID. Where nothing of the kind was there `error`, which says
 * that there is no pair, stays. */
static int remove_remainder(certenroll_token *token, const struct ce_buffer *id,
                            certenroll_error **error)
{
    struct ce_certificate_object *certificates = NULL;
    certenroll_key **keys = NULL;
    size_t certificate_count = 0, key_count = 0;
    certenroll_error *own = NULL;
    int removed = 0, status = ce_keys_read(&keys, &key_count, token, id, &own);

    if (status == CERTENROLL_OK)
        status = ce_certificates_read(&certificates, &certificate_count, token,
                                      &(struct ce_certificate_search){ .id = id }, &own);
    ce_certificate_objects_free(certificates, certificate_count);
    ce_keys_free(keys, key_count);
    if (status == CERTENROLL_OK && certificate_count == 0 && key_count == 0)
        status = ce_id_in_use(token, id, &own);
    if (status == 1) {
        status = ce_key_destroy(token, id, NULL, &own);
        if (status == CERTENROLL_OK)
            status = ce_id_in_use(token, id, &own); /* by what is no key */
        removed = status == 0;
    }
    if (status >= 0 && !removed) {
        certenroll_error_clear(&own);
        return CERTENROLL_E_OBJECT_NOT_FOUND;
    }
    certenroll_error_clear(error);
    if (error)
        *error = own;
    else
        certenroll_error_clear(&own);
    return status;
}

/* --- removing --- */

/* Twins were refused before: what still bears the ID is the key that was to go. */
static int check_gone(certenroll_token *token, const struct ce_buffer *id, certenroll_error **error)
{
    certenroll_key **keys = NULL;
    size_t count = 0;
    int status = ce_keys_read(&keys, &count, token, id, error);

    ce_keys_free(keys, count);
    if (status < 0 || count == 0)
        return status;
    certenroll_error_set(error, CERTENROLL_E_TOKEN, _("the private key is still on the token"));
    certenroll_error_because(
        error, _("the token did not give the same key when it was to be removed, or keeps it"));
    return CERTENROLL_E_TOKEN;
}

static int find_and_remove(certenroll_token *token, const struct ce_buffer *id,
                           certenroll_error **error)
{
    struct ce_key_certificates all = { 0 };
    EVP_PKEY *public_key = NULL;
    certenroll_key *key = NULL;
    int status = certenroll_key_find(&key, token, id->data, id->length, error);

    if (status == CERTENROLL_E_OBJECT_NOT_FOUND)
        return remove_remainder(token, id, error);
    if (status == CERTENROLL_E_ID_IN_USE) {
        certenroll_error_because(error,
                                 _("which of them is meant cannot be told; nothing was removed"));
        certenroll_error_advise(
            error, _("Remove the one that is not wanted, or change its CKA_ID, by the token's "
                     "own tool."));
    }
    if (status == CERTENROLL_OK)
        status = ce_provider_public_key(&public_key, key, error);
    if (status == CERTENROLL_OK)
        status = ce_key_certificates_read(&all, token, public_key, error);
    if (status == CERTENROLL_OK)
        status = ce_pair_remove(token, id, &all, error);
    if (status == CERTENROLL_OK)
        status = check_gone(token, id, error);
    ce_key_certificates_clear(&all);
    EVP_PKEY_free(public_key);
    certenroll_key_free(key);
    return status;
}

int certenroll_pair_remove(certenroll_token *token, const unsigned char *id, size_t id_length,
                           const certenroll_journal_list *journals, certenroll_error **error)
{
    const certenroll_token_info *info = certenroll_token_get_info(token);
    struct ce_buffer wanted = { 0 };
    const struct ce_held held = { CE_HELD_PAIR, certenroll_token_info_label(info),
                                  certenroll_token_info_serial(info), &wanted };
    const struct ce_holder holder = { .operation = "remove" };
    struct ce_hold *hold = NULL;
    int status = ce_id_check(id, id_length, error);

    if (status == CERTENROLL_OK)
        status = ce_buffer_set(&wanted, id, id_length, error);
    if (status == CERTENROLL_OK)
        status = ce_hold_take(&hold, &held, &holder, error);
    if (status == CERTENROLL_OK)
        status = check_journals(token, &wanted, journals, error);
    if (status == CERTENROLL_OK)
        status = find_and_remove(token, &wanted, error);
    ce_hold_end(hold);
    ce_buffer_clear(&wanted);
    return status;
}
