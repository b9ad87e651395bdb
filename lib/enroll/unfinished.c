/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/unfinished.h"

#include "base/message.h"
#include "enroll/corrections.h"
#include "journal/command_advice.h"
#include "x509/name.h"

#include <stdlib.h>
#include <string.h>

/* --- which --- */

/* The account and the address are no part of it: they may be what was wrong. */
static int is_about_the_same(const certenroll_enrolment *e, const struct ce_record *other)
{
    const char *label = other->token_label ? other->token_label : "";
    const char *serial = other->token_serial ? other->token_serial : "";

    if (other->operation != e->record.operation || !ce_token_is(e->token, label, serial))
        return 0;
    return other->operation == CERTENROLL_ENROLL
               ? ce_name_texts_match(e->record.subject, other->subject)
               : ce_buffer_equal(&other->present_id, &e->record.present_id);
}

static int is_to_go_on_with(const struct ce_record *other)
{
    return !ce_record_is_finished(other) && !ce_record_waits(other) &&
           other->state != CERTENROLL_STATE_ABANDONED;
}

/* The name of the first one, or "". One that is another's on purpose is gone on with by its name.
 */
static int find_name(char out[CE_JOURNAL_NAME_MAX + 1], const certenroll_enrolment *e,
                     certenroll_error **error)
{
    certenroll_journal_list *list = NULL;
    int status =
        certenroll_journal_list_new(&list, ce_token_context(e->token), e->journal_directory, error);

    out[0] = '\0';
    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_journal_list_count(list); i++) {
        const struct ce_record *other = ce_journal_record(certenroll_journal_list_at(list, i));

        if (!other || other->another == CERTENROLL_ANOTHER_ENROLMENT || other->keep_journal ||
            !is_to_go_on_with(other) || !is_about_the_same(e, other))
            continue;
        memcpy(out, other->name, sizeof(other->name));
        break;
    }
    certenroll_journal_list_free(list);
    return status;
}

/* --- what the options correct --- */

static int fail_key(const struct ce_record *begun, const char *what, certenroll_error **error)
{
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                _("the enrolment %s, which is not finished, has another key: %s"),
                                begun->name, what);
}

/* Of another type, or under another ID, it would be another enrolment. 0 in `asked` says nothing.
 */
static int check_key(const struct ce_record *begun, const struct ce_record *asked,
                     certenroll_error **error)
{
    if (begun->operation == CERTENROLL_RENEW)
        return CERTENROLL_OK;
    if (asked->key_type && begun->key_type && asked->key_type != begun->key_type)
        return fail_key(begun, certenroll_key_type_name((certenroll_key_type)begun->key_type),
                        error);
    if (asked->id.length == 0 || ce_buffer_equal(&asked->id, &begun->id))
        return CERTENROLL_OK;
    for (size_t i = 0; i < begun->former_ids.count; i++)
        if (ce_buffer_equal(&asked->id, &begun->former_ids.list[i]))
            return CERTENROLL_OK;
    return fail_key(begun, "CKA_ID", error);
}

/* `begun` goes on with what `asked` says. */
static int correct(struct ce_record *begun, struct ce_record *asked, certenroll_error **error)
{
    int status = ce_correct(begun, asked, error);

    if (status < 0)
        return status;
    CE_SWAP(char *, begun->token_uri, asked->token_uri);
    CE_SWAP(char *, begun->module, asked->module);
    begun->another = asked->another;
    begun->retirement = asked->retirement;
    begun->keep_journal = asked->keep_journal;
    begun->revoke_replaced |= asked->revoke_replaced;
    if (asked->revoke_replaced || asked->revoke.count > 0)
        begun->revoke_reason = asked->revoke_reason;
    for (size_t i = 0; status == CERTENROLL_OK && i < asked->revoke.count; i++)
        status = ce_record_promise(begun, &asked->revoke.list[i], error);
    return status;
}

/* --- taking up --- */

int ce_unfinished_take_up(certenroll_enrolment *e, int by_name, certenroll_error **error)
{
    char name[CE_JOURNAL_NAME_MAX + 1];
    struct ce_journal *journal = NULL;
    struct ce_record begun = { 0 };
    int status = CERTENROLL_OK;

    if (by_name)
        memcpy(name, e->record.name, sizeof(name));
    else
        status = find_name(name, e, error);
    if (status < 0 || !name[0])
        return status;
    status = ce_journal_open(&journal, &begun, e->journal_directory, name, error);
    if (status == CERTENROLL_E_OBJECT_NOT_FOUND) { /* none, or it has ended just now */
        certenroll_error_clear(error);
        return CERTENROLL_OK;
    }
    if (status == CERTENROLL_OK && !(is_to_go_on_with(&begun) && is_about_the_same(e, &begun))) {
        /* The first run says so, as it does of one that is begun meanwhile. */
        ce_journal_close(journal);
        ce_record_clear(&begun);
        return CERTENROLL_OK;
    }
    if (status == CERTENROLL_OK && (status = check_key(&begun, &e->record, error)) < 0)
        ce_advise_unfinished(error, e->journal_directory, begun.name,
                             _(" Or begin another beside it: --another."));
    if (status == CERTENROLL_OK)
        status = correct(&begun, &e->record, error);
    if (status < 0) {
        ce_journal_close(journal);
        ce_record_clear(&begun);
        return status;
    }
    /* What is on the token is looked at anew, whatever the journal says was written to it. */
    if (begun.state == CERTENROLL_STATE_INSTALLED)
        begun.state = CERTENROLL_STATE_ISSUED;
    CE_SWAP(struct ce_record, e->record, begun);
    ce_record_clear(&begun);
    e->journal = journal;
    return CERTENROLL_OK;
}
