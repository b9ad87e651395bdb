/* SPDX-License-Identifier: Apache-2.0 */
/* A hold on disk: HEX.hold, where HEX is the digest of what is held, with the text
 *
 *     certenroll-hold 1
 *     process: NUMBER
 *     operation: WORD
 *     since: TIME           RFC 3339
 *     journal: NAME         where there is one, and
 *     directory: PATH       an absolute one, to the end of the line
 *
 * It is for people, and says where the journal is to be looked for; nothing else rests on it. */
#include "journal/hold.h"

#include "base/message.h"
#include "base/platform.h"
#include "base/time.h"
#include "journal/command_advice.h"
#include "journal/journal.h"
#include "journal/user_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "certenroll-hold 1\n"
#define ROOM "holds"
#define SUFFIX ".hold"
#define HOLD_MAX_BYTES 8192

struct ce_hold {
    ce_lock *lock;
};

/* --- what a hold says --- */

struct note {
    char text[HOLD_MAX_BYTES + 1];
    const char *process, *operation, *since, *journal, *directory; /* "": it does not say */
};

/* Cuts the lines of the text into its values. What is no hold, or half of one, says nothing. */
static void read_note(struct note *note, size_t length)
{
    struct {
        const char *name;
        const char **value;
    } fields[] = {
        { "process: ", &note->process },     { "operation: ", &note->operation },
        { "since: ", &note->since },         { "journal: ", &note->journal },
        { "directory: ", &note->directory },
    };
    char *line = note->text + strlen(FIRST_LINE), *end;

    note->text[length] = '\0';
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        *fields[i].value = "";
    if (strncmp(note->text, FIRST_LINE, strlen(FIRST_LINE)) != 0)
        return;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
            if (strncmp(line, fields[i].name, strlen(fields[i].name)) == 0)
                *fields[i].value = line + strlen(fields[i].name);
    }
}

static int write_note(struct ce_hold *hold, const struct ce_holder *holder,
                      certenroll_error **error)
{
    char text[HOLD_MAX_BYTES], since[CE_TIME_SIZE], *directory = NULL;
    int length;

    ce_time_format(since, ce_now());
    if (holder->journal && !(directory = ce_platform_absolute(holder->directory)))
        return certenroll_error_set_errno(error, _("cannot find the directory %s"),
                                          holder->directory);
    length = snprintf(text, sizeof(text), FIRST_LINE "process: %lu\noperation: %s\nsince: %s\n",
                      (unsigned long)ce_process_generation(), holder->operation, since);
    if (holder->journal)
        length += snprintf(text + length, sizeof(text) - (size_t)length,
                           "journal: %s\ndirectory: %s\n", holder->journal, directory);
    free(directory);
    if (length < 0 || (size_t)length >= sizeof(text))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the journals' directory has too long a name"));
    /* One without a journal ends with its process, and with the machine. */
    if (ce_lock_write(hold->lock, text, (size_t)length, holder->journal != NULL) < 0)
        return certenroll_error_set_errno(error, _("cannot write down who works on the token"));
    return CERTENROLL_OK;
}

/* --- whose it is --- */

static int refuse(enum ce_held_kind kind, certenroll_error **error)
{
    switch (kind) {
    case CE_HELD_SUBJECT:
        return certenroll_error_set(error, CERTENROLL_E_BUSY,
                                    _("an enrolment for this subject is under way"));
    case CE_HELD_CA:
        return certenroll_error_set(error, CERTENROLL_E_BUSY,
                                    _("a CA certificate is being written to the token"));
    case CE_HELD_PAIR:
    default:
        return certenroll_error_set(error, CERTENROLL_E_BUSY, _("the key pair is being worked on"));
    }
}

static int refuse_for_process(enum ce_held_kind kind, const struct note *note,
                              certenroll_error **error)
{
    int status = refuse(kind, error);

    if (note->process[0])
        certenroll_error_because(error, _("process %s has it for \"%s\" since %s"), note->process,
                                 note->operation, note->since);
    certenroll_error_advise(
        error, _("Wait until it has ended, then try again; one that hangs may be ended (kill)."));
    return status;
}

static int refuse_for_journal(enum ce_held_kind kind, const struct note *note,
                              certenroll_error **error)
{
    int status = refuse(kind, error);

    certenroll_error_because(error, _("the enrolment %s (%s), begun %s, is not finished"),
                             note->journal, note->operation, note->since);
    ce_advise_unfinished(error, note->directory, note->journal, "");
    return status;
}

static int is_of_token(const struct ce_record *record, const struct ce_held *held)
{
    const char *label = held->token_label ? held->token_label : "";
    const char *serial = held->token_serial ? held->token_serial : "";

    return strcmp(record->token_label ? record->token_label : "", label) == 0 &&
           strcmp(record->token_serial ? record->token_serial : "", serial) == 0;
}

/* `held` NULL: whatever it is. What is promised to be revoked is of a pair whose ID the record does
 * not have; that the hold names the journal is enough. */
static int is_about(const struct ce_record *record, const struct ce_held *held)
{
    if (!held)
        return 1;
    return is_of_token(record, held) &&
           (held->kind == CE_HELD_SUBJECT || ce_buffer_equal(&record->id, held->what) ||
            ce_buffer_equal(&record->present_id, held->what) || record->revoke.count > 0);
}

/* Non-zero where the journal still needs what is held. One that cannot be read may. */
static int is_needed(const struct ce_held *held, const char *directory, const char *name)
{
    struct ce_record record = { 0 };
    int status, needed;

    if (!ce_journal_name_is_valid(name) || ce_platform_exists(directory) == 0)
        return 0;
    status = ce_journal_read(&record, directory, name, NULL);
    needed = status == CERTENROLL_OK ? is_about(&record, held) && !ce_record_is_finished(&record) &&
                                           !ce_record_waits(&record)
                                     : status != CERTENROLL_E_OBJECT_NOT_FOUND;
    ce_record_clear(&record);
    return needed;
}

/* The directory by its absolute name: the one that is meant may be named otherwise. */
static int is_own(const struct note *note, const struct ce_holder *holder)
{
    char *directory;
    int is_same;

    if (!holder->journal || strcmp(note->journal, holder->journal) != 0)
        return 0;
    directory = ce_platform_absolute(holder->directory);
    is_same = directory && strcmp(directory, note->directory) == 0;
    free(directory);
    return is_same;
}

static int check_holder(struct ce_hold *hold, const struct ce_held *held,
                        const struct ce_holder *holder, certenroll_error **error)
{
    struct note note;
    size_t length = 0;

    if (ce_lock_read(hold->lock, HOLD_MAX_BYTES, (unsigned char *)note.text, &length) < 0)
        length = 0;
    read_note(&note, length);
    if (!note.journal[0] || is_own(&note, holder) || !is_needed(held, note.directory, note.journal))
        return CERTENROLL_OK;
    return refuse_for_journal(held->kind, &note, error);
}

/* --- the file --- */

static int path_of(char **out, const struct ce_held *held, const struct ce_holder *holder,
                   certenroll_error **error)
{
    char name[CE_STATE_NAME_SIZE + sizeof(SUFFIX)];
    int status =
        ce_user_state_name(name, held->token_label, held->token_serial,
                           held->kind == CE_HELD_PAIR ? "pair" : "subject", held->what, error);

    *out = NULL;
    if (status < 0)
        return status;
    strcat(name, SUFFIX);
    return ce_user_state_file(out, ROOM, name, holder->directory, error);
}

int ce_hold_take(struct ce_hold **out, const struct ce_held *held, const struct ce_holder *holder,
                 certenroll_error **error)
{
    struct ce_hold *hold = calloc(1, sizeof(*hold));
    struct note note;
    char *path = NULL;
    size_t length = 0;
    int taken = 0,
        status = hold ? path_of(&path, held, holder, error) : certenroll_error_set_memory(error);

    *out = NULL;
    if (status == CERTENROLL_OK && holder->journal &&
        ce_platform_make_directory(holder->directory) < 0)
        status =
            certenroll_error_set_errno(error, _("cannot make the directory %s"), holder->directory);
    if (status == CERTENROLL_OK)
        taken = ce_lock_take(&hold->lock, path, CE_LOCK_PATIENCE_MS);
    if (taken > 0) {
        if (ce_platform_read(path, CE_TRUST_ALONE, HOLD_MAX_BYTES, (unsigned char *)note.text,
                             &length) < 0)
            length = 0;
        read_note(&note, length);
        status = refuse_for_process(held->kind, &note, error);
    } else if (taken < 0) {
        status = certenroll_error_set_errno(error, _("cannot lock %s"), path);
    }
    free(path);
    if (status == CERTENROLL_OK) {
        status = check_holder(hold, held, holder, error);
        if (status == CERTENROLL_OK)
            status = write_note(hold, holder, error);
        if (status < 0) {
            ce_hold_leave(hold);
            return status;
        }
        *out = hold;
        return CERTENROLL_OK;
    }
    free(hold);
    return status;
}

void ce_hold_end(struct ce_hold *hold)
{
    if (hold)
        ce_lock_release(hold->lock);
    free(hold);
}

void ce_hold_leave(struct ce_hold *hold)
{
    if (hold)
        ce_lock_leave(hold->lock);
    free(hold);
}

static int is_void(ce_lock *lock)
{
    struct note note;
    size_t length = 0;

    if (ce_lock_read(lock, HOLD_MAX_BYTES, (unsigned char *)note.text, &length) < 0)
        return 0;
    read_note(&note, length);
    return !note.journal[0] || !is_needed(NULL, note.directory, note.journal);
}

size_t ce_holds_clear(const char *instead)
{
    char *directory = NULL, **files = NULL;
    size_t count = 0, removed = 0;

    if (ce_user_state_file(&directory, ROOM, ".", instead, NULL) < 0 ||
        ce_platform_list(&files, &count, directory, SUFFIX) < 0)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        char *path = NULL;
        ce_lock *lock = NULL;

        if (ce_path_join(&path, directory, files[i], "", NULL) == CERTENROLL_OK &&
            ce_lock_take(&lock, path, 0) == 0) {
            int has_ended = is_void(lock);

            (has_ended ? ce_lock_release : ce_lock_leave)(lock);
            removed += (size_t)has_ended;
        }
        free(path);
    }
    ce_platform_list_free(files, count);
    free(directory);
    return removed;
}
