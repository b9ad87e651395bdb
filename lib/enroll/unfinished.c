/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/unfinished.h"

#include "base/message.h"
#include "x509/name.h"

#include <stdlib.h>
#include <string.h>

/* --- which --- */

static int has_subject(const certenroll_enrolment *e, const char *text)
{
    X509_NAME *name = NULL;
    int is_same = text && ce_name_parse(&name, text, NULL) == CERTENROLL_OK &&
                  X509_NAME_cmp(name, e->profile->subject) == 0;

    X509_NAME_free(name);
    return is_same;
}

/* The account and the address are no part of it: they may be what was wrong. */
static int is_about_the_same(const certenroll_enrolment *e, const struct ce_record *other)
{
    const char *label = other->token_label ? other->token_label : "";
    const char *serial = other->token_serial ? other->token_serial : "";

    if (other->operation != e->record.operation || !ce_token_is(e->token, label, serial))
        return 0;
    return other->operation == CERTENROLL_ENROLL
               ? has_subject(e, other->subject)
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

#define SWAP(type, one, other)                                                                     \
    do {                                                                                           \
        type swapped = one;                                                                        \
        one = other;                                                                               \
        other = swapped;                                                                           \
    } while (0)

static int same_text(const char *one, const char *other)
{
    return strcmp(one ? one : "", other ? other : "") == 0;
}

static int same_request(const struct ce_record *one, const struct ce_record *other)
{
    int is_same = one->key_usage == other->key_usage &&
                  same_text(one->extended_key_usage, other->extended_key_usage) &&
                  one->alt_names.count == other->alt_names.count;

    for (size_t i = 0; is_same && i < one->alt_names.count; i++)
        is_same = same_text(one->alt_names.list[i], other->alt_names.list[i]);
    return is_same;
}

static int fail_key(const struct ce_record *begun, const char *what, certenroll_error **error)
{
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                         _("the enrolment %s, which is not finished, has another key: %s"),
                         begun->name, what);
    certenroll_error_advise(error,
                            _("Take it to its end (certenroll resume), give it up (certenroll "
                              "clean), or begin another beside it (--another)."));
    return CERTENROLL_E_ARGUMENT;
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

/* Where the request may have been answered already stays known; "": by hand. One of few, however
 * often it is corrected. */
static int note_former_address(struct ce_record *begun, certenroll_error **error)
{
    const char *url = begun->url ? begun->url : "";

    if (begun->state != CERTENROLL_STATE_SUBMITTED && begun->state != CERTENROLL_STATE_PENDING &&
        begun->state != CERTENROLL_STATE_REJECTED)
        return CERTENROLL_OK;
    for (size_t i = 0; i < begun->former_urls.count; i++)
        if (strcmp(begun->former_urls.list[i], url) == 0)
            return CERTENROLL_OK;
    if (begun->former_urls.count >= CE_RECORD_FORMER_MAX)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the enrolment %s has been at too many addresses"),
                                    begun->name);
    return ce_texts_add(&begun->former_urls, url, error);
}

/* What was asked of one RA is asked of the next anew. */
static int correct_address(struct ce_record *begun, struct ce_record *asked,
                           certenroll_error **error)
{
    int status;

    if (same_text(begun->url, asked->url) && !begun->url == !asked->url)
        return CERTENROLL_OK;
    status = note_former_address(begun, error);
    if (begun->state == CERTENROLL_STATE_SUBMITTED || begun->state == CERTENROLL_STATE_PENDING ||
        begun->state == CERTENROLL_STATE_REJECTED) {
        begun->state = CERTENROLL_STATE_CSR_SIGNED;
        begun->retry_at = 0;
    }
    SWAP(char *, begun->url, asked->url);
    return status;
}

/* `begun` goes on with what `asked` says. The request is signed anew where it asks for other
 * things; a certificate that has come is judged by them, and the CA asked for no other. */
static int correct(struct ce_record *begun, struct ce_record *asked, certenroll_error **error)
{
    int status = check_key(begun, asked, error);

    if (status == CERTENROLL_OK)
        status = correct_address(begun, asked, error);
    if (status < 0)
        return status;
    if (begun->operation == CERTENROLL_ENROLL && !same_request(begun, asked) &&
        begun->request.length > 0 && begun->issued.length == 0 &&
        begun->state != CERTENROLL_STATE_RECEIVED) {
        status = note_former_address(begun, error);
        ce_buffer_clear(&begun->request);
        begun->state = CERTENROLL_STATE_KEY_READY;
        begun->retry_at = 0;
    }
    SWAP(char *, begun->username, asked->username);
    SWAP(struct ce_blobs, begun->anchors, asked->anchors);
    SWAP(struct ce_blobs, begun->tls_anchors, asked->tls_anchors);
    SWAP(struct ce_texts, begun->alt_names, asked->alt_names);
    SWAP(char *, begun->extended_key_usage, asked->extended_key_usage);
    SWAP(char *, begun->token_uri, asked->token_uri);
    SWAP(char *, begun->module, asked->module);
    begun->key_usage = asked->key_usage;
    begun->ca_names = asked->ca_names;
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
    SWAP(struct ce_record, e->record, begun);
    ce_record_clear(&begun);
    e->journal = journal;
    return CERTENROLL_OK;
}
