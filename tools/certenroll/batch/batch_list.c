/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/batch_list.h"

#include "common/file.h"
#include "common/message.h"
#include "common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define LIST_ROWS_MAX ((size_t)100000)
#define FIELD_BYTES_MAX 4096
#define ALT_NAMES_MAX 100

static const char *const names[BATCH_FIELDS] = {
    [BATCH_SUBJECT] = "subject",
    [BATCH_LABEL] = "label",
    [BATCH_KEY_TYPE] = "key_type",
    [BATCH_ALT_NAMES] = "alt_names",
    [BATCH_TOKEN] = "token",
    [BATCH_USER] = "user",
    [BATCH_PASSWORD_SOURCE] = "password_source",
};

enum batch_field batch_field_named(const char *name)
{
    int field = 0;

    while (field < BATCH_FIELDS && strcmp(names[field], name) != 0)
        field++;
    return (enum batch_field)field;
}

const char *batch_field_name(enum batch_field field)
{
    return names[field];
}

void batch_problem(struct batch_list *list, size_t line, const char *what, ...)
{
    char text[FIELD_BYTES_MAX + 512];
    va_list arguments;
    char *clean;

    va_start(arguments, what);
    vsnprintf(text, sizeof(text), what, arguments);
    va_end(arguments);
    clean = text_clean(text);
    /* TRANSLATORS: file, line number, what is wrong there. */
    fprintf(stderr, _("%s, line %zu: %s\n"), list->path, line, clean ? clean : _("out of memory"));
    free(clean);
    list->bad++;
}

/* --- adding --- */

static int grow(struct batch_list *list)
{
    size_t capacity = list->capacity ? 2 * list->capacity : 64;
    struct batch_row *rows;

    if (list->count < list->capacity)
        return CERTENROLL_OK;
    rows = realloc(list->rows, capacity * sizeof(*rows));
    if (!rows)
        return failure_memory(&list->tool->failure);
    list->rows = rows;
    list->capacity = capacity;
    return CERTENROLL_OK;
}

struct batch_row *batch_list_add(struct batch_list *list, size_t line)
{
    struct batch_row *row;

    if (list->count == LIST_ROWS_MAX) {
        batch_problem(list, line, _("a list may have %zu rows at most"), LIST_ROWS_MAX);
        return NULL;
    }
    if (grow(list) < 0)
        return NULL;
    row = &list->rows[list->count++];
    memset(row, 0, sizeof(*row));
    row->line = line;
    return row;
}

static int has_control(const char *text)
{
    while (*text && (unsigned char)*text >= ' ' && *text != 0x7f)
        text++;
    return *text != '\0';
}

void batch_row_set(struct batch_list *list, struct batch_row *row, enum batch_field field,
                   const char *value)
{
    if (strlen(value) > FIELD_BYTES_MAX)
        batch_problem(list, row->line, _("%s is longer than %d bytes"), names[field],
                      FIELD_BYTES_MAX);
    else if (field != BATCH_ALT_NAMES && has_control(value))
        batch_problem(list, row->line, _("there is a control character in %s"), names[field]);
    else if (*value)
        row->fields[field] = value;
}

int batch_row_add_alt_name(struct batch_list *list, struct batch_row *row, const char *name)
{
    const char **grown;

    if (row->alt_names_count == ALT_NAMES_MAX || strlen(name) > FIELD_BYTES_MAX) {
        batch_problem(list, row->line, _("alt_names may be %d names of %d bytes each at most"),
                      ALT_NAMES_MAX, FIELD_BYTES_MAX);
        return CERTENROLL_E_ARGUMENT;
    }
    grown = realloc(row->alt_names, (row->alt_names_count + 1) * sizeof(*grown));
    if (!grown)
        return failure_memory(&list->tool->failure);
    row->alt_names = grown;
    row->alt_names[row->alt_names_count++] = name;
    return CERTENROLL_OK;
}

/* --- checking --- */

static void fill_in(struct batch_row *row, const struct options *options)
{
    const struct {
        enum batch_field field;
        const char *value;
    } defaults[] = {
        { BATCH_KEY_TYPE, options->key_type ? options->key_type : "p-256" },
        { BATCH_TOKEN, options->token ? options->token : "pkcs11:" },
        { BATCH_USER, options->user },
    };

    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
        if (!row->fields[defaults[i].field])
            row->fields[defaults[i].field] = defaults[i].value;
}

static void check_subject(struct batch_list *list, const struct batch_row *row,
                          const certenroll_request_options *usages)
{
    certenroll_request_options request = *usages;
    struct failure failure = { 0 };
    certenroll_error *error = NULL;

    request.subject = row->fields[BATCH_SUBJECT];
    request.alt_names = row->alt_names;
    request.alt_names_count = row->alt_names_count;
    if (!request.subject) {
        batch_problem(list, row->line, "%s", _("the subject is missing"));
    } else if (certenroll_request_check(&request, &error) < 0) {
        failure_take(&failure, error);
        batch_problem(list, row->line, "%s%s%s", failure.what, failure.why[0] ? ": " : "",
                      failure.why);
    }
}

static void check_row(struct batch_list *list, struct batch_row *row,
                      const certenroll_request_options *usages)
{
    const char *source = row->fields[BATCH_PASSWORD_SOURCE];

    row->key_type = (certenroll_key_type)certenroll_key_type_from_name(row->fields[BATCH_KEY_TYPE]);
    if (!row->key_type)
        batch_problem(list, row->line, _("there is no key type \"%s\""),
                      row->fields[BATCH_KEY_TYPE]);
    if (strncmp(row->fields[BATCH_TOKEN], "pkcs11:", strlen("pkcs11:")) != 0)
        batch_problem(list, row->line, _("the token \"%s\" is no PKCS#11 URI"),
                      row->fields[BATCH_TOKEN]);
    /* Which row would read which line of a descriptor could not be seen from the list. */
    if (source && strncmp(source, "fd:", strlen("fd:")) == 0)
        batch_problem(list, row->line, "%s", _("password_source must be the name of a file"));
    check_subject(list, row, usages);
}

/* What makes a row the same as another; freed by free(). The control character is in no field that
 * passed the checks. */
static char *identity(const struct batch_row *row)
{
    const char *subject = row->fields[BATCH_SUBJECT], *label = row->fields[BATCH_LABEL];
    size_t size = strlen(subject) + strlen(row->fields[BATCH_TOKEN]) + (label ? strlen(label) : 0) +
                  sizeof("\1\1");
    char *text = malloc(size);

    if (text)
        snprintf(text, size, "%s\1%s\1%s", subject, row->fields[BATCH_TOKEN], label ? label : "");
    return text;
}

/* `seen` has the line of each identity. */
static int check_repetition(struct batch_list *list, const struct batch_row *row, json_t *seen)
{
    char *key = row->fields[BATCH_SUBJECT] ? identity(row) : NULL;
    const json_t *before = key ? json_object_get(seen, key) : NULL;
    int failed = row->fields[BATCH_SUBJECT] && !key;

    if (before)
        batch_problem(list, row->line, _("the same subject, token and label as in line %zu"),
                      (size_t)json_integer_value(before));
    else if (key)
        failed = json_object_set_new(seen, key, json_integer((json_int_t)row->line)) < 0;
    free(key);
    return failed ? failure_memory(&list->tool->failure) : CERTENROLL_OK;
}

static int check_rows(struct batch_list *list, const certenroll_request_options *usages)
{
    json_t *seen = json_object();
    int status = seen ? CERTENROLL_OK : failure_memory(&list->tool->failure);

    for (size_t i = 0; i < list->count && status == CERTENROLL_OK; i++) {
        fill_in(&list->rows[i], &list->tool->options);
        check_row(list, &list->rows[i], usages);
        status = check_repetition(list, &list->rows[i], seen);
    }
    json_decref(seen);
    return status;
}

/* --- reading --- */

static int is_utf8(const char *bytes, size_t length)
{
    json_t *string = json_stringn(bytes, length);
    int is_valid = string != NULL;

    json_decref(string);
    return is_valid;
}

/* Spreadsheets export the local code page, too. */
static void check_encoding(struct batch_list *list, size_t length)
{
    const char *next = (const char *)list->text, *end = next + length;

    for (size_t line = 1; next < end; line++) {
        const char *newline = memchr(next, '\n', (size_t)(end - next));
        size_t size = newline ? (size_t)(newline - next) : (size_t)(end - next);

        if (memchr(next, '\0', size))
            batch_problem(list, line, "%s", _("there is a NUL byte"));
        else if (!is_utf8(next, size))
            batch_problem(list, line, "%s", _("this is not UTF-8"));
        next += size + 1;
    }
}

static void skip_byte_order_mark(struct batch_list *list, size_t *length)
{
    if (*length < 3 || memcmp(list->text, "\xef\xbb\xbf", 3) != 0)
        return;
    *length -= 3;
    memmove(list->text, list->text + 3, *length);
}

static int load(struct batch_list *list, size_t *length)
{
    struct failure *failure = &list->tool->failure;
    int status = file_read(&list->text, length, list->path, LIST_BYTES_MAX, failure);

    if (status < 0)
        return status;
    if (*length > LIST_BYTES_MAX)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("%s is longer than %zu MiB"),
                           list->path, LIST_BYTES_MAX / 1024 / 1024);
    skip_byte_order_mark(list, length);
    list->text[*length] = '\0'; /* file_read has room for one byte more than the limit */
    check_encoding(list, *length);
    return CERTENROLL_OK;
}

static int read_rows(struct batch_list *list, size_t length)
{
    const char *start = (const char *)list->text;

    start += strspn(start, " \t\r\n");
    return *start == '[' || *start == '{' ? batch_read_json(list, length) : batch_read_csv(list);
}

static int refuse(struct batch_list *list)
{
    struct failure *failure = &list->tool->failure;

    failure_set(failure, CERTENROLL_E_ARGUMENT, _("%s cannot be used: %zu problems in %zu rows"),
                list->path, list->bad, list->count);
    failure_advise(failure, "%s", _("Nothing was started. Correct the list."));
    return failure->status;
}

int batch_list_read(struct batch_list *list, struct tool *tool, const char *path,
                    const certenroll_request_options *request)
{
    size_t length = 0;
    int status;

    list->tool = tool;
    list->path = path;
    status = load(list, &length);
    if (status == CERTENROLL_OK && list->bad == 0)
        status = read_rows(list, length);
    if (status == CERTENROLL_OK)
        status = check_rows(list, request);
    if (status == CERTENROLL_OK && list->bad > 0)
        status = refuse(list);
    if (status == CERTENROLL_OK && list->count == 0)
        status =
            failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, _("there is nobody in %s"), path);
    return status;
}

void batch_list_clear(struct batch_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->rows[i].alt_names);
    free(list->rows);
    free(list->text);
    json_decref(list->json);
}
