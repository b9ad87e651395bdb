/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/journal.h"

#include "base/message.h"
#include "base/platform.h"
#include "journal/command_advice.h"
#include "journal/user_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOCK_SUFFIX ".lock"
#define FILE_MODE 0600

struct ce_journal {
    char *path;
    char *temporary; /* of a writer that was killed */
    ce_lock *lock;
    char name[CE_JOURNAL_NAME_MAX + 1];
};

int ce_journal_name_is_valid(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return length >= 1 && length <= CE_JOURNAL_NAME_MAX && name[length] == '\0';
}

/* --- where they are --- */

int ce_journal_directory(char **out, const char *directory, certenroll_error **error)
{
    int status;

    if (directory)
        return ce_string_copy(out, directory, error);
    *out = ce_user_state_directory();
    if (*out)
        return CERTENROLL_OK;
    status =
        certenroll_error_set_errno(error, _("the user has no home directory to keep journals in"));
    certenroll_error_advise(error, _("Set XDG_STATE_HOME, or name a directory for the journals."));
    return status;
}

int ce_journal_check_directory(const char *directory, certenroll_error **error)
{
    int is_foreign;

    if (ce_platform_check_directory(directory) == 0)
        return CERTENROLL_OK;
    is_foreign = errno == EPERM;
    certenroll_error_set_errno(error, _("the journals' directory %s cannot be used"), directory);
    if (is_foreign) {
        certenroll_error_because(error, _("it belongs to another user, or others may write to it"));
        certenroll_error_advise(
            error, _("Take the others' right to write away (chmod go-w), or name a directory "
                     "of your own."));
    }
    return CERTENROLL_E_SYSTEM;
}

static int check_name(const char *name, certenroll_error **error)
{
    if (ce_journal_name_is_valid(name))
        return CERTENROLL_OK;
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                _("a journal's name has 1 to %d of a-z, 0-9 and \"-\""),
                                CE_JOURNAL_NAME_MAX);
}

/* --- the lock --- */

static int lock_journal(struct ce_journal **out, const char *directory, const char *name,
                        unsigned patience_ms, certenroll_error **error)
{
    struct ce_journal *journal;
    char *lock = NULL;
    int taken = 0, status = check_name(name, error);

    *out = NULL;
    if (status < 0)
        return status;
    journal = calloc(1, sizeof(*journal));
    if (!journal)
        return certenroll_error_set_memory(error);
    memcpy(journal->name, name, strlen(name) + 1);
    status = ce_path_join(&journal->path, directory, name, CE_JOURNAL_SUFFIX, error);
    if (status == CERTENROLL_OK)
        status = ce_path_join(&journal->temporary, directory, name,
                              CE_JOURNAL_SUFFIX CE_TEMPORARY_SUFFIX, error);
    if (status == CERTENROLL_OK)
        status = ce_path_join(&lock, directory, name, LOCK_SUFFIX, error);
    if (status == CERTENROLL_OK)
        taken = ce_lock_take(&journal->lock, lock, patience_ms);
    if (taken > 0)
        status =
            certenroll_error_set(error, CERTENROLL_E_BUSY,
                                 _("another thread or process works on the enrolment %s"), name);
    else if (taken < 0)
        status = certenroll_error_set_errno(error, _("cannot lock %s"), lock);
    free(lock);
    if (status < 0)
        ce_journal_close(journal);
    else
        *out = journal;
    return status;
}

int ce_journal_lock(struct ce_journal **out, const char *directory, const char *name,
                    certenroll_error **error)
{
    return lock_journal(out, directory, name, CE_LOCK_PATIENCE_MS, error);
}

/* The lock file goes, too: there is no other way for it to go when the journal does, and whoever
 * opened it meanwhile sees that it has gone (platform_posix_files.c). */
void ce_journal_close(struct ce_journal *journal)
{
    if (!journal)
        return;
    ce_lock_release(journal->lock);
    free(journal->path);
    free(journal->temporary);
    free(journal);
}

/* --- what processes left that were killed before they had written a journal --- */

static int has_journal(const char *directory, const char *name)
{
    char *path = NULL;
    int has = ce_path_join(&path, directory, name, CE_JOURNAL_SUFFIX, NULL) < 0 ||
              ce_platform_exists(path) != 0;

    free(path);
    return has;
}

/* Best effort: they harm nobody, and only must not pile up. One that is locked by who has just made
 * it is not ours to take; who is about to lock it sees that it has gone (platform_posix_files.c).
 */
size_t ce_journal_clear_leftovers(const char *directory)
{
    char **files = NULL;
    size_t count = 0, removed = 0;

    if (ce_platform_list(&files, &count, directory, LOCK_SUFFIX) < 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        struct ce_journal *journal = NULL;

        files[i][strlen(files[i]) - strlen(LOCK_SUFFIX)] = '\0';
        if (!ce_journal_name_is_valid(files[i]) || has_journal(directory, files[i]) ||
            lock_journal(&journal, directory, files[i], 0, NULL) < 0)
            continue;
        if (ce_platform_exists(journal->path) == 0)
            (void)ce_platform_remove(journal->temporary);
        ce_journal_close(journal);
        removed++;
    }
    ce_platform_list_free(files, count);
    return removed;
}

/* --- reading --- */

static int fail_read(const char *path, const char *name, certenroll_error **error)
{
    switch (errno) {
    case ENOENT:
        return certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                    _("there is no journal \"%s\""), name);
    case ELOOP:
    case EINVAL:
    case EPERM:
        certenroll_error_set(error, CERTENROLL_E_JOURNAL, _("the journal %s cannot be trusted"),
                             path);
        certenroll_error_because(
            error, _("it is not a regular file of your own that nobody else may write to"));
        return CERTENROLL_E_JOURNAL;
    case EFBIG:
        return certenroll_error_set(error, CERTENROLL_E_JOURNAL,
                                    _("the journal %s is longer than %d bytes"), path,
                                    CE_JOURNAL_MAX_BYTES);
    default:
        return certenroll_error_set_errno(error, _("cannot read %s"), path);
    }
}

/* What is wrong with the text, and of which journal. */
static int parse_journal(struct ce_record *record, const struct ce_buffer *text, const char *name,
                         certenroll_error **error)
{
    certenroll_error *reason = NULL;
    int status = ce_record_parse(record, text, &reason);

    if (status == CERTENROLL_OK && strcmp(record->name, name) != 0) {
        status = certenroll_error_set(&reason, CERTENROLL_E_JOURNAL,
                                      _("it is that of %s, under another name"), record->name);
        ce_record_clear(record);
    }
    if (status == CERTENROLL_E_MEMORY) {
        certenroll_error_set_memory(error);
    } else if (status < 0) {
        certenroll_error_set(error, status, _("journal %s: %s"), name,
                             certenroll_error_what(reason));
        certenroll_error_because(error, "%s", certenroll_error_why(reason));
        if (certenroll_error_is_advised(reason))
            certenroll_error_advise(error, "%s", certenroll_error_advice(reason));
    }
    certenroll_error_free(reason);
    return status;
}

static void advise_removal(const char *directory, const char *name, certenroll_error **error)
{
    char *command = ce_journal_command("clean", "--forget", directory, name);

    if (command)
        certenroll_error_advise(error,
                                _("Restore the file from a backup. Or remove it, and what it has "
                                  "left on the token by hand: %s"),
                                command);
    free(command);
}

int ce_journal_read(struct ce_record *record, const char *directory, const char *name,
                    certenroll_error **error)
{
    struct ce_buffer text = { 0 };
    char *path = NULL;
    int status = ce_path_join(&path, directory, name, CE_JOURNAL_SUFFIX, error);

    if (status < 0)
        return status;
    text.data = malloc(CE_JOURNAL_MAX_BYTES);
    if (!text.data)
        status = certenroll_error_set_memory(error);
    else if (ce_platform_read(path, CE_TRUST_ALONE, CE_JOURNAL_MAX_BYTES, text.data,
                              &text.length) != 0)
        status = fail_read(path, name, error);
    if (status == CERTENROLL_OK)
        status = parse_journal(record, &text, name, error);
    if (status == CERTENROLL_E_JOURNAL && error && !certenroll_error_is_advised(*error))
        advise_removal(directory, name, error);
    ce_buffer_clear(&text);
    free(path);
    return status;
}

/* --- opening --- */

int ce_journal_create(struct ce_journal **out, const char *directory, const char *name,
                      certenroll_error **error)
{
    int status = check_name(name, error);

    *out = NULL;
    if (status == CERTENROLL_OK && ce_platform_make_directory(directory) < 0)
        status = certenroll_error_set_errno(error, _("cannot make the directory %s"), directory);
    if (status == CERTENROLL_OK)
        status = ce_journal_check_directory(directory, error);
    if (status == CERTENROLL_OK)
        status = ce_journal_lock(out, directory, name, error);
    if (status < 0)
        return status;
    if (ce_platform_exists((*out)->path) != 0) {
        status = certenroll_error_set(error, CERTENROLL_E_STATE,
                                      _("there is a journal \"%s\" already"), name);
        ce_advise_unfinished(error, directory, name, _(" Or choose another name."));
        ce_journal_close(*out);
        *out = NULL;
        return status;
    }
    (void)ce_journal_clear_leftovers(directory);
    return CERTENROLL_OK;
}

int ce_journal_open(struct ce_journal **out, struct ce_record *record, const char *directory,
                    const char *name, certenroll_error **error)
{
    int status = check_name(name, error);

    *out = NULL;
    if (status == CERTENROLL_OK && ce_platform_exists(directory) == 0)
        status = certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                      _("there is no journal \"%s\""), name);
    if (status == CERTENROLL_OK)
        status = ce_journal_check_directory(directory, error);
    if (status == CERTENROLL_OK)
        status = ce_journal_lock(out, directory, name, error);
    if (status == CERTENROLL_OK)
        status = ce_journal_read(record, directory, name, error);
    if (status < 0) {
        ce_journal_close(*out);
        *out = NULL;
    }
    return status;
}

/* --- writing --- */

/* A forked child has the parent's enrolment in its memory, not the parent's lock. */
static int check_held(const struct ce_journal *journal, certenroll_error **error)
{
    if (ce_lock_is_held(journal->lock))
        return CERTENROLL_OK;
    return certenroll_error_set(
        error, CERTENROLL_E_BUSY,
        _("the enrolment %s is that of the process that this one was forked from"), journal->name);
}

int ce_journal_write(struct ce_journal *journal, struct ce_record *record, certenroll_error **error)
{
    struct ce_buffer text = { 0 };
    int status = check_held(journal, error);

    if (status < 0)
        return status;
    record->updated_at = ce_now();
    status = ce_record_format(&text, record, error);
    if (status == CERTENROLL_OK &&
        ce_platform_write_atomic(journal->path, text.data, text.length, FILE_MODE) < 0)
        status = certenroll_error_set_errno(error, _("cannot write the journal %s"), journal->path);
    ce_buffer_clear(&text);
    return status;
}

int ce_journal_delete(struct ce_journal *journal, certenroll_error **error)
{
    int status = check_held(journal, error);

    if (status < 0)
        return status;
    if ((ce_platform_exists(journal->temporary) != 0 &&
         ce_platform_remove(journal->temporary) < 0) ||
        ce_platform_remove(journal->path) < 0)
        return certenroll_error_set_errno(error, _("cannot remove the journal %s"), journal->path);
    return CERTENROLL_OK;
}
