/* SPDX-License-Identifier: Apache-2.0 */
/* HEX.sent on disk, where HEX is the digest of the token, locked while it is worked on:
 *
 *     certenroll-sent 1
 *     label: TEXT
 *     serial: TEXT
 *     uri: URI              by which it was last reached
 *     module: PATH          and by which module, where that was named
 *     TIME HEX              RFC 3339, and the CKA_ID; a line each
 */
#include "journal/sent_ids.h"

#include "base/message.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/time.h"
#include "context/stop.h"
#include "journal/user_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "certenroll-sent 1\n"
#define ROOM "tokens"
#define SUFFIX ".sent"
#define LINE_MAX_BYTES (CE_TIME_SIZE + 2 * CERTENROLL_ID_MAX + 2)
#define FILE_MAX_BYTES (16384 + CE_SENT_MAX * LINE_MAX_BYTES)
#define LOCK_PATIENCE_MS 5000u /* whoever has it is done in a moment */

struct ce_sent_file {
    ce_lock *lock;
};

/* --- the list --- */

int ce_sent_ids_add(struct ce_sent_ids *ids, const struct ce_buffer *id, int64_t sent_at,
                    certenroll_error **error)
{
    struct ce_sent_id *grown;
    int status;

    for (size_t i = 0; i < ids->count; i++)
        if (ce_buffer_equal(&ids->list[i].id, id))
            return CERTENROLL_OK;
    if (ids->count >= CE_SENT_MAX) /* the oldest gives way: it is a day old, or nearly */
        ce_sent_ids_remove(ids, 0);
    grown = realloc(ids->list, (ids->count + 1) * sizeof(*grown));
    if (!grown)
        return certenroll_error_set_memory(error);
    ids->list = grown;
    grown[ids->count] = (struct ce_sent_id){ .sent_at = sent_at };
    status = ce_buffer_set(&grown[ids->count].id, id->data, id->length, error);
    if (status == CERTENROLL_OK)
        ids->count++;
    return status;
}

void ce_sent_ids_remove(struct ce_sent_ids *ids, size_t index)
{
    ce_buffer_clear(&ids->list[index].id);
    ids->count--;
    memmove(&ids->list[index], &ids->list[index + 1], (ids->count - index) * sizeof(*ids->list));
}

/* --- the text --- */

static int take_line(struct ce_sent_ids *ids, char *line, certenroll_error **error)
{
    unsigned char bytes[CERTENROLL_ID_MAX];
    char *hex = strchr(line, ' ');
    struct ce_buffer id = { bytes, 0 };
    int64_t sent_at;

    struct {
        const char *name;
        char **value;
    } texts[] = {
        { "label: ", &ids->token_label },
        { "serial: ", &ids->token_serial },
        { "uri: ", &ids->token_uri },
        { "module: ", &ids->module },
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strncmp(line, texts[i].name, strlen(texts[i].name)) == 0)
            return *texts[i].value
                       ? CERTENROLL_OK
                       : ce_string_copy(texts[i].value, line + strlen(texts[i].name), error);
    if (!hex)
        return CERTENROLL_OK;
    *hex++ = '\0';
    id.length = ce_unhex(bytes, sizeof(bytes), hex);
    if (id.length == 0 || ce_time_parse(&sent_at, line) < 0)
        return CERTENROLL_OK;
    return ce_sent_ids_add(ids, &id, sent_at, error);
}

/* What is damaged is left out: who looked at it by eye knows no more. */
static int take_text(struct ce_sent_ids *ids, char *text, certenroll_error **error)
{
    char *line = text + strlen(FIRST_LINE), *end;
    int status = CERTENROLL_OK;

    if (strncmp(text, FIRST_LINE, strlen(FIRST_LINE)) != 0)
        return CERTENROLL_OK;
    for (; status == CERTENROLL_OK && (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        status = take_line(ids, line, error);
    }
    return status;
}

/* "NAME: TEXT", of a text that has no line's end. */
static int put_text(struct ce_buffer *out, const char *name, const char *text)
{
    if (!text || strchr(text, '\n'))
        return 0;
    return ce_buffer_append(out, name, strlen(name), FILE_MAX_BYTES) < 0 ||
           ce_buffer_append(out, text, strlen(text), FILE_MAX_BYTES) < 0 ||
           ce_buffer_append(out, "\n", 1, FILE_MAX_BYTES) < 0;
}

int ce_sent_ids_write(struct ce_sent_ids *ids, certenroll_error **error)
{
    char line[LINE_MAX_BYTES + 1], when[CE_TIME_SIZE], hex[2 * CERTENROLL_ID_MAX + 1];
    struct ce_buffer text = { 0 };
    int failed;

    if (ids->count == 0) {
        ce_lock_release(ids->file->lock);
        ids->file->lock = NULL;
        return CERTENROLL_OK;
    }
    failed = ce_buffer_append(&text, FIRST_LINE, strlen(FIRST_LINE), FILE_MAX_BYTES) < 0 ||
             put_text(&text, "label: ", ids->token_label) ||
             put_text(&text, "serial: ", ids->token_serial) ||
             put_text(&text, "uri: ", ids->token_uri) || put_text(&text, "module: ", ids->module);
    for (size_t i = 0; !failed && i < ids->count; i++) {
        ce_time_format(when, ids->list[i].sent_at);
        ce_hex(hex, sizeof(hex), ids->list[i].id.data, ids->list[i].id.length);
        snprintf(line, sizeof(line), "%s %s\n", when, hex);
        failed = ce_buffer_append(&text, line, strlen(line), FILE_MAX_BYTES) < 0;
    }
    if (failed) {
        ce_buffer_clear(&text);
        return certenroll_error_set_memory(error);
    }
    failed = ce_lock_write(ids->file->lock, text.data, text.length, 1) < 0;
    ce_buffer_clear(&text);
    return failed ? certenroll_error_set_errno(error, _("cannot write down which key pairs may "
                                                        "still come to be on the token"))
                  : CERTENROLL_OK;
}

/* --- one token's file --- */

static int fill(struct ce_sent_ids *ids, const char *path, certenroll_error **error)
{
    char *text = malloc(FILE_MAX_BYTES + 1);
    size_t length = 0;
    int status;

    if (!text)
        return certenroll_error_set_memory(error);
    if ((ids->file ? ce_lock_read(ids->file->lock, FILE_MAX_BYTES, (unsigned char *)text, &length)
                   : ce_platform_read(path, CE_TRUST_ALONE, FILE_MAX_BYTES, (unsigned char *)text,
                                      &length)) < 0)
        length = 0;
    text[length] = '\0';
    status = take_text(ids, text, error);
    free(text);
    return status;
}

static int open_path(struct ce_sent_ids *ids, const char *path, certenroll_error **error)
{
    int64_t until = ce_uptime_ms() + LOCK_PATIENCE_MS;
    int taken, status = CERTENROLL_OK;

    ids->file = calloc(1, sizeof(*ids->file));
    if (!ids->file)
        return certenroll_error_set_memory(error);
    while ((taken = ce_lock_take(&ids->file->lock, path, CE_STOP_LOOK_MS)) > 0 &&
           ce_uptime_ms() < until && status == CERTENROLL_OK)
        status = ce_stop_check(error);
    if (status < 0 && taken > 0)
        return status;
    if (taken > 0)
        return certenroll_error_set(error, CERTENROLL_E_BUSY,
                                    _("another program is looking after the token"));
    if (taken < 0)
        return certenroll_error_set_errno(error, _("cannot lock %s"), path);
    return fill(ids, path, error);
}

int ce_sent_ids_open(struct ce_sent_ids *out, const char *token_label, const char *token_serial,
                     const char *instead, int only_existing, certenroll_error **error)
{
    char name[CE_STATE_NAME_SIZE + sizeof(SUFFIX)], *path = NULL;
    int status;

    *out = (struct ce_sent_ids){ .count = 0 };
    status = ce_string_copy(&out->token_label, token_label ? token_label : "", error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(&out->token_serial, token_serial ? token_serial : "", error);
    if (status == CERTENROLL_OK)
        status = ce_user_state_name(name, token_label, token_serial, "sent", NULL, error);
    if (status == CERTENROLL_OK) {
        strcat(name, SUFFIX);
        status = ce_user_state_file(&path, ROOM, name, instead, error);
    }
    if (status == CERTENROLL_OK && !(only_existing && ce_platform_exists(path) == 0))
        status = open_path(out, path, error);
    free(path);
    if (status < 0)
        ce_sent_ids_close(out);
    return status;
}

void ce_sent_ids_close(struct ce_sent_ids *ids)
{
    while (ids->count > 0)
        ce_sent_ids_remove(ids, ids->count - 1);
    if (ids->file)
        ce_lock_leave(ids->file->lock);
    free(ids->file);
    free(ids->list);
    free(ids->token_label);
    free(ids->token_serial);
    free(ids->token_uri);
    free(ids->module);
    *ids = (struct ce_sent_ids){ .count = 0 };
}

/* --- all of them, to look at --- */

int ce_sent_ids_read_all(struct ce_sent_ids **out, size_t *count, certenroll_error **error)
{
    char *state = ce_user_state_directory(), *directory = NULL, **names = NULL;
    size_t names_count = 0;
    int status = CERTENROLL_OK;

    *out = NULL;
    *count = 0;
    if (state)
        status = ce_path_join(&directory, state, ROOM, "", error);
    if (status == CERTENROLL_OK && directory && ce_platform_exists(directory) == 1 &&
        ce_platform_list(&names, &names_count, directory, SUFFIX) < 0)
        status = certenroll_error_set_errno(error, _("cannot read the directory %s"), directory);
    *out = status == CERTENROLL_OK ? calloc(names_count + 1, sizeof(**out)) : NULL;
    if (status == CERTENROLL_OK && !*out)
        status = certenroll_error_set_memory(error);
    for (size_t i = 0; status == CERTENROLL_OK && i < names_count; i++) {
        char *path = NULL;

        status = ce_path_join(&path, directory, names[i], "", error);
        if (status == CERTENROLL_OK)
            status = fill(&(*out)[*count], path, error);
        if (status == CERTENROLL_OK && (*out)[*count].count > 0 && (*out)[*count].token_label &&
            (*out)[*count].token_serial)
            ++*count;
        else
            ce_sent_ids_close(&(*out)[*count]);
        free(path);
    }
    ce_platform_list_free(names, names_count);
    free(directory);
    free(state);
    if (status < 0) {
        ce_sent_ids_free(*out, *count);
        *out = NULL;
        *count = 0;
    }
    return status;
}

void ce_sent_ids_free(struct ce_sent_ids *all, size_t count)
{
    for (size_t i = 0; all && i < count; i++)
        ce_sent_ids_close(&all[i]);
    free(all);
}
