/* SPDX-License-Identifier: Apache-2.0 */
/* The journals of a directory, as a program looks at them. No lock is taken: a journal is replaced
 * by a rename, so that it is read as it was or as it is. */
#include "base/message.h"
#include "base/platform.h"
#include "context/context.h"
#include "journal/command_advice.h"
#include "journal/journal.h"

#include <stdlib.h>
#include <string.h>

struct certenroll_journal {
    char name[CE_JOURNAL_NAME_MAX + 1];
    struct ce_record record;   /* empty where there is a problem */
    certenroll_error *problem; /* NULL: none */
};

struct certenroll_journal_list {
    certenroll_journal *journals;
    size_t count;
    char *directory;
};

/* --- reading the directory --- */

/* Adds the journal to the list, which has room. One that went meanwhile is none. */
static int add_journal(certenroll_journal_list *list, const certenroll_context *context,
                       const char *directory, const char *file, certenroll_error **error)
{
    certenroll_journal *journal = &list->journals[list->count];
    size_t length = strlen(file) - strlen(CE_JOURNAL_SUFFIX);
    int status;

    if (length > CE_JOURNAL_NAME_MAX)
        return CERTENROLL_OK; /* not a journal's name, as below */
    memcpy(journal->name, file, length);
    journal->name[length] = '\0';
    if (!ce_journal_name_is_valid(journal->name))
        return CERTENROLL_OK;
    status = ce_journal_read(&journal->record, directory, journal->name, &journal->problem);
    if (status == CERTENROLL_OK) {
        list->count++;
        return CERTENROLL_OK;
    }
    if (status == CERTENROLL_E_MEMORY || status == CERTENROLL_E_OBJECT_NOT_FOUND) {
        certenroll_error_clear(&journal->problem);
        return status == CERTENROLL_E_MEMORY ? certenroll_error_set_memory(error) : CERTENROLL_OK;
    }
    ce_log(context, CERTENROLL_LOG_WARNING, "%s", certenroll_error_message(journal->problem));
    list->count++;
    return CERTENROLL_OK;
}

static int by_beginning(const void *one, const void *other)
{
    const certenroll_journal *a = one, *b = other;

    if (a->record.begun_at != b->record.begun_at)
        return a->record.begun_at < b->record.begun_at ? -1 : 1;
    return strcmp(a->name, b->name);
}

static int read_directory(certenroll_journal_list *list, const certenroll_context *context,
                          const char *directory, certenroll_error **error)
{
    char **files = NULL;
    size_t count = 0;
    int status = ce_journal_check_directory(directory, error);

    if (status < 0)
        return status;
    if (ce_platform_list(&files, &count, directory, CE_JOURNAL_SUFFIX) < 0)
        return certenroll_error_set_errno(error, _("cannot read the directory %s"), directory);
    list->journals = calloc(count + 1, sizeof(*list->journals));
    if (!list->journals)
        status = certenroll_error_set_memory(error);
    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++)
        status = add_journal(list, context, directory, files[i], error);
    if (status == CERTENROLL_OK)
        qsort(list->journals, list->count, sizeof(*list->journals), by_beginning);
    ce_platform_list_free(files, count);
    return status;
}

int certenroll_journal_list_new(certenroll_journal_list **out, certenroll_context *context,
                                const char *directory, certenroll_error **error)
{
    certenroll_journal_list *list = calloc(1, sizeof(*list));
    int status;

    *out = NULL;
    if (!list)
        return certenroll_error_set_memory(error);
    status = ce_journal_directory(&list->directory, directory, error);
    if (status == CERTENROLL_OK && ce_platform_exists(list->directory) != 0)
        status = read_directory(list, context, list->directory, error);
    if (status < 0)
        certenroll_journal_list_free(list);
    else
        *out = list;
    return status;
}

void certenroll_journal_list_free(certenroll_journal_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++) {
        ce_record_clear(&list->journals[i].record);
        certenroll_error_free(list->journals[i].problem);
    }
    free(list->journals);
    free(list->directory);
    free(list);
}

/* --- looking --- */

size_t certenroll_journal_list_count(const certenroll_journal_list *list)
{
    return list->count;
}

const certenroll_journal *certenroll_journal_list_at(const certenroll_journal_list *list,
                                                     size_t index)
{
    return index < list->count ? &list->journals[index] : NULL;
}

const char *ce_journal_list_directory(const certenroll_journal_list *list)
{
    return list->directory;
}

const struct ce_record *ce_journal_record(const certenroll_journal *journal)
{
    return journal->problem ? NULL : &journal->record;
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

const char *certenroll_journal_name(const certenroll_journal *journal)
{
    return journal->name;
}

const certenroll_error *certenroll_journal_problem(const certenroll_journal *journal)
{
    return journal->problem;
}

certenroll_operation certenroll_journal_operation(const certenroll_journal *journal)
{
    return journal->record.operation;
}

certenroll_state certenroll_journal_state(const certenroll_journal *journal)
{
    return journal->record.state;
}

int certenroll_journal_is_finished(const certenroll_journal *journal)
{
    return ce_record_is_finished(&journal->record);
}

int certenroll_journal_is_kept(const certenroll_journal *journal)
{
    return journal->record.keep_journal;
}

const char *certenroll_journal_subject(const certenroll_journal *journal)
{
    return text_or_empty(journal->record.subject);
}

const char *certenroll_journal_token_uri(const certenroll_journal *journal)
{
    return text_or_empty(journal->record.token_uri);
}

const char *certenroll_journal_token_label(const certenroll_journal *journal)
{
    return text_or_empty(journal->record.token_label);
}

const char *certenroll_journal_token_serial(const certenroll_journal *journal)
{
    return text_or_empty(journal->record.token_serial);
}

const char *certenroll_journal_module(const certenroll_journal *journal)
{
    return text_or_empty(journal->record.module);
}

const char *certenroll_journal_url(const certenroll_journal *journal)
{
    return text_or_empty(journal->record.url);
}

const char *certenroll_journal_username(const certenroll_journal *journal)
{
    return text_or_empty(journal->record.username);
}

const unsigned char *certenroll_journal_id(const certenroll_journal *journal, size_t *length)
{
    *length = journal->record.id.length;
    return journal->record.id.data;
}

int64_t certenroll_journal_begun_at(const certenroll_journal *journal)
{
    return journal->record.begun_at;
}

int64_t certenroll_journal_updated_at(const certenroll_journal *journal)
{
    return journal->record.updated_at;
}

int64_t certenroll_journal_retry_at(const certenroll_journal *journal)
{
    return journal->record.retry_at;
}

int64_t certenroll_journal_retire_at(const certenroll_journal *journal)
{
    return journal->record.retire_at;
}

const unsigned char *certenroll_journal_request(const certenroll_journal *journal, size_t *length)
{
    *length = journal->record.request.length;
    return journal->record.request.data;
}

const unsigned char *certenroll_journal_certificate(const certenroll_journal *journal,
                                                    size_t *length)
{
    const struct ce_record *record = &journal->record;
    const struct ce_buffer *der =
        record->state == CERTENROLL_STATE_RECEIVED ? &record->received.list[0] : &record->issued;

    *length = der->length;
    return der->data;
}

int certenroll_journal_refused(const certenroll_journal *journal)
{
    return (int)-journal->record.refused;
}

const char *certenroll_journal_refused_why(const certenroll_journal *journal)
{
    return text_or_empty(journal->record.refused_why);
}

const unsigned char *certenroll_journal_revoke_at(const certenroll_journal *journal, size_t index,
                                                  size_t *length)
{
    const struct ce_buffer *der = ce_record_revoke_at(&journal->record, index);

    *length = der ? der->length : 0;
    return der ? der->data : NULL;
}

size_t certenroll_journal_revoke_count(const certenroll_journal *journal)
{
    size_t count = 0;

    while (ce_record_revoke_at(&journal->record, count))
        count++;
    return count;
}

const char *certenroll_journal_unanswered_at(const certenroll_journal *journal, size_t index)
{
    return ce_record_unanswered_at(&journal->record, index);
}

/* --- removing --- */

/* What cannot be read for want of a right or memory may be whole: it stays. */
static int check_removable(const char *directory, const char *name, certenroll_error **error)
{
    struct ce_record record = { 0 };
    int status = ce_journal_read(&record, directory, name, error);
    int finished = status == CERTENROLL_OK && ce_record_is_finished(&record);

    ce_record_clear(&record);
    if (status == CERTENROLL_E_JOURNAL) {
        certenroll_error_clear(error);
        return CERTENROLL_OK;
    }
    if (status < 0 || finished)
        return status;
    certenroll_error_set(error, CERTENROLL_E_STATE, _("the enrolment %s is not finished"), name);
    ce_advise_unfinished(error, directory, name, "");
    return CERTENROLL_E_STATE;
}

int certenroll_journal_remove(certenroll_context *context, const char *directory, const char *name,
                              int even_unfinished, certenroll_error **error)
{
    struct ce_journal *journal = NULL;
    char *resolved = NULL;
    int status = ce_journal_directory(&resolved, directory, error);

    if (status == CERTENROLL_OK &&
        (!name || !ce_journal_name_is_valid(name) || ce_platform_exists(resolved) == 0))
        status = certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                      _("there is no such journal"));
    if (status == CERTENROLL_OK)
        status = ce_journal_check_directory(resolved, error);
    if (status == CERTENROLL_OK)
        status = ce_journal_lock(&journal, resolved, name, error);
    if (status == CERTENROLL_OK) {
        status = check_removable(resolved, name, error);
        if (status == CERTENROLL_E_STATE && even_unfinished) {
            certenroll_error_clear(error);
            status = CERTENROLL_OK;
        }
    }
    if (status == CERTENROLL_OK)
        status = ce_journal_delete(journal, error);
    if (status == CERTENROLL_OK)
        ce_log(context, CERTENROLL_LOG_INFO, "journal %s: removed", name);
    ce_journal_close(journal);
    free(resolved);
    return status;
}
