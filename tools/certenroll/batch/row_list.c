/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "batch/row_list.h"

#include "base/text.h"
#include "common/tool_message.h"

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

void batch_problem(struct batch_list *list, size_t line, const char *what, ...)
{
    char text[FIELD_BYTES_MAX + 512];
    va_list arguments;
    char *clean;

    va_start(arguments, what);
    vsnprintf(text, sizeof(text), what, arguments);
    va_end(arguments);
    clean = ce_text_shown(text);
    /* TRANSLATORS: file, line number, what is wrong there. */
    fprintf(stderr, _("%s, line %zu: %s\n"), list->options->operand, line,
            clean ? clean : _("out of memory"));
    free(clean);
    list->bad++;
}

/* --- adding --- */

int batch_list_add(struct batch_row **out, struct batch_list *list, size_t line,
                   certenroll_error **error)
{
    size_t capacity = list->capacity ? 2 * list->capacity : 64;

    if (list->count == LIST_ROWS_MAX) {
        batch_problem(list, line, _("a list may have %zu rows at most"), LIST_ROWS_MAX);
        return CERTENROLL_E_ARGUMENT;
    }
    if (list->count == list->capacity) {
        struct batch_row *rows = realloc(list->rows, capacity * sizeof(*rows));

        if (!rows)
            return certenroll_error_set_memory(error);
        list->rows = rows;
        list->capacity = capacity;
    }
    *out = &list->rows[list->count++];
    **out = (struct batch_row){ .line = line };
    return CERTENROLL_OK;
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

int batch_row_add_alt_name(struct batch_list *list, struct batch_row *row, const char *name,
                           certenroll_error **error)
{
    const char **grown;

    if (row->alt_names_count == ALT_NAMES_MAX || strlen(name) > FIELD_BYTES_MAX) {
        batch_problem(list, row->line, _("alt_names may be %d names of %d bytes each at most"),
                      ALT_NAMES_MAX, FIELD_BYTES_MAX);
        return CERTENROLL_E_ARGUMENT;
    }
    grown = realloc(row->alt_names, (row->alt_names_count + 1) * sizeof(*grown));
    if (!grown)
        return certenroll_error_set_memory(error);
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
    certenroll_error *error = NULL;

    request.subject = row->fields[BATCH_SUBJECT];
    request.alt_names = row->alt_names;
    request.alt_names_count = row->alt_names_count;
    if (!request.subject) {
        batch_problem(list, row->line, _("the subject is missing"));
    } else if (certenroll_request_check(&request, &error) < 0) {
        const char *why = certenroll_error_why(error);

        batch_problem(list, row->line, "%s%s%s", certenroll_error_what(error), why[0] ? ": " : "",
                      why);
    }
    certenroll_error_free(error);
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
        batch_problem(list, row->line, _("password_source must be the name of a file"));
    check_subject(list, row, usages);
}

/* `seen` has the line of each subject, token and label; the control character between them is in no
 * field that passed the checks. */
static int check_repetition(struct batch_list *list, const struct batch_row *row, json_t *seen)
{
    const char *label = row->fields[BATCH_LABEL];
    const json_t *before;
    char *key = NULL;
    int failed = 0;

    if (!row->fields[BATCH_SUBJECT])
        return 0;
    if (asprintf(&key, "%s\1%s\1%s", row->fields[BATCH_SUBJECT], row->fields[BATCH_TOKEN],
                 label ? label : "") < 0)
        return -1;
    before = json_object_get(seen, key);
    if (before)
        batch_problem(list, row->line, _("the same subject, token and label as in line %zu"),
                      (size_t)json_integer_value(before));
    else
        failed = json_object_set_new(seen, key, json_integer((json_int_t)row->line));
    free(key);
    return failed;
}

static int check_rows(struct batch_list *list, const certenroll_request_options *usages,
                      certenroll_error **error)
{
    json_t *seen = json_object();
    int failed = seen ? 0 : -1;

    for (size_t i = 0; i < list->count && !failed; i++) {
        fill_in(&list->rows[i], list->options);
        check_row(list, &list->rows[i], usages);
        failed = check_repetition(list, &list->rows[i], seen);
    }
    json_decref(seen);
    return failed ? certenroll_error_set_memory(error) : CERTENROLL_OK;
}

/* --- reading --- */

static int is_utf8(const char *bytes, size_t length)
{
    uint32_t c;
    size_t taken = 1;

    for (; length > 0 && taken > 0; bytes += taken, length -= taken)
        taken = ce_utf8_decode(&c, bytes, length);
    return taken > 0;
}

/* Spreadsheets export the local code page, too. */
static void check_encoding(struct batch_list *list)
{
    const char *next = (const char *)list->text.data, *end = next + list->text.length;

    for (size_t line = 1; next < end; line++) {
        const char *newline = memchr(next, '\n', (size_t)(end - next));
        size_t size = newline ? (size_t)(newline - next) : (size_t)(end - next);

        if (memchr(next, '\0', size))
            batch_problem(list, line, _("there is a NUL byte"));
        else if (!is_utf8(next, size))
            batch_problem(list, line, _("this is not UTF-8"));
        next += size + 1;
    }
}

static int load_text(struct batch_list *list, certenroll_error **error)
{
    struct ce_buffer *text = &list->text;
    const char *path = list->options->operand;
    int status = file_read(text, path, LIST_BYTES_MAX, error);

    if (status == CERTENROLL_E_ARGUMENT) /* for nothing else */
        return certenroll_error_set(error, status, _("%s is longer than %zu MiB"), path,
                                    LIST_BYTES_MAX / 1024 / 1024);
    if (status < 0)
        return status;
    if (text->length >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        text->length -= 3;
        memmove(text->data, text->data + 3, text->length + 1);
    }
    check_encoding(list);
    return CERTENROLL_OK;
}

int batch_list_read(struct batch_list *list, const struct options *options,
                    const certenroll_request_options *request, certenroll_error **error)
{
    const char *start;
    int status;

    list->options = options;
    status = load_text(list, error);
    if (status < 0)
        return status;
    if (list->bad == 0) {
        start = (const char *)list->text.data + strspn((const char *)list->text.data, " \t\r\n");
        status = *start == '[' || *start == '{' ? batch_read_json(list, error)
                                                : batch_read_csv(list, error);
    }
    if (status != CERTENROLL_E_MEMORY)
        status = check_rows(list, request, error);
    if (status == CERTENROLL_OK && list->bad > 0) {
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("%s cannot be used: %zu problems in %zu rows"),
                                      options->operand, list->bad, list->count);
        certenroll_error_advise(error, _("Nothing was started. Correct the list."));
    }
    if (status == CERTENROLL_OK && list->count == 0)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("there is nobody in %s"),
                                      options->operand);
    return status;
}

void batch_list_clear(struct batch_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->rows[i].alt_names);
    free(list->rows);
    ce_buffer_clear(&list->text);
    json_decref(list->json);
}
