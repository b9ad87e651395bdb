/* SPDX-License-Identifier: Apache-2.0 */
/* A record as the text of its journal:
 *
 *     certenroll-journal 2
 *     name: value        the fields of record_fields.c in their order; of a list, several lines
 *     sha256: HEX        over every byte before this line
 *
 * What is read was written by this program, byte for byte, or it is refused: each line must be the
 * one that its own value would be written as. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "base/text.h"
#include "journal/journal.h"
#include "journal/record_fields.h"

#include <openssl/evp.h>

#include <string.h>

#define HEADER "certenroll-journal "
#define VERSION "2"
#define FIRST_LINE HEADER VERSION "\n"
#define FIRST_LINE_OF_1 HEADER "1\n" /* of 0.1; as long */
#define CHECKSUM "sha256: "
#define DIGEST_LENGTH 32
#define CHECKSUM_LINE_LENGTH (sizeof(CHECKSUM) - 1 + (size_t)2 * DIGEST_LENGTH + 1)
#define SEPARATOR ": "
#define SHOWN_NAME 40 /* bytes of a field's name that is not ours */

/* --- what makes no sense, however well it is written --- */

/* What the step into the state has left: 1 the present pair, 2 the request, 3 the certificate. */
static int stage_of(certenroll_state state)
{
    switch (state) {
    case CERTENROLL_STATE_KEY_READY:
        return 1;
    case CERTENROLL_STATE_CSR_SIGNED:
    case CERTENROLL_STATE_SUBMITTED:
    case CERTENROLL_STATE_PENDING:
    case CERTENROLL_STATE_REJECTED:
    case CERTENROLL_STATE_RECEIVED:
        return 2;
    case CERTENROLL_STATE_ISSUED:
    case CERTENROLL_STATE_INSTALLED:
    case CERTENROLL_STATE_CONFIRMED:
    case CERTENROLL_STATE_RETIRED:
        return 3;
    case CERTENROLL_STATE_NEW:
    case CERTENROLL_STATE_ABANDONED: /* of any state */
    default:
        return 0;
    }
}

/* The field that this operation must have in this state and has not; NULL: none. */
static const char *missing_field(const struct ce_record *record)
{
    int is_first = record->operation == CERTENROLL_ENROLL, stage = stage_of(record->state);

    if (is_first && !record->subject)
        return "subject";
    if (!is_first && record->present_id.length == 0)
        return "present-id";
    if (!is_first && stage >= 1 && record->present.length == 0)
        return "present";
    if ((is_first || stage >= 1) && record->key_type == 0)
        return "key-type";
    if (stage >= 2 && record->request.length == 0)
        return "request";
    if (record->state == CERTENROLL_STATE_RECEIVED && record->received.count == 0)
        return "received";
    return stage >= 3 && record->issued.length == 0 ? "issued" : NULL;
}

/* --- writing --- */

static int append(struct ce_buffer *out, const void *data, size_t length, certenroll_error **error)
{
    if (ce_buffer_append(out, data, length, CE_JOURNAL_MAX_BYTES) == 0)
        return CERTENROLL_OK;
    if (length > CE_JOURNAL_MAX_BYTES - out->length)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the enrolment's journal would be longer than %d bytes"),
                                    CE_JOURNAL_MAX_BYTES);
    return certenroll_error_set_memory(error);
}

/* "NAME: VALUE" and the line's end. */
static int format_line(struct ce_buffer *out, const struct ce_field *field, const void *value,
                       size_t index)
{
    struct ce_buffer text = { 0 };
    int status = field->kind->write(&text, value, index);

    if (status == CERTENROLL_OK &&
        (ce_buffer_append(out, field->name, strlen(field->name), SIZE_MAX) < 0 ||
         ce_buffer_append(out, SEPARATOR, strlen(SEPARATOR), SIZE_MAX) < 0 ||
         ce_buffer_append(out, text.data, text.length, SIZE_MAX) < 0 ||
         ce_buffer_append(out, "\n", 1, SIZE_MAX) < 0))
        status = CERTENROLL_E_MEMORY;
    ce_buffer_clear(&text);
    return status;
}

static int refuse_to_write(int status, const struct ce_field *field, certenroll_error **error)
{
    if (status == CERTENROLL_E_MEMORY)
        return certenroll_error_set_memory(error);
    return certenroll_error_set(
        error, CERTENROLL_E_ARGUMENT,
        _("the enrolment's \"%s\" is longer than a journal takes, or not what it "
          "should be"),
        field->name);
}

static int format_field(struct ce_buffer *out, const struct ce_field *field,
                        const struct ce_record *record, certenroll_error **error)
{
    const void *value = ce_field_in(field, record);
    size_t count = field->kind->count(value);
    int status = count < field->least || count > field->most
                     ? refuse_to_write(CERTENROLL_E_ARGUMENT, field, error)
                     : CERTENROLL_OK;

    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++) {
        struct ce_buffer line = { 0 };

        status = format_line(&line, field, value, i);
        if (status < 0)
            status = refuse_to_write(status, field, error);
        else
            status = append(out, line.data, line.length, error);
        ce_buffer_clear(&line);
    }
    return status;
}

static int checksum_line(char out[CHECKSUM_LINE_LENGTH + 1], const unsigned char *text,
                         size_t length, certenroll_error **error)
{
    unsigned char digest[DIGEST_LENGTH];

    if (EVP_Q_digest(NULL, "SHA256", NULL, text, length, digest, NULL) != 1)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot compute a checksum"));
    memcpy(out, CHECKSUM, sizeof(CHECKSUM));
    ce_hex(out + sizeof(CHECKSUM) - 1, (size_t)2 * DIGEST_LENGTH + 1, digest, sizeof(digest));
    out[CHECKSUM_LINE_LENGTH - 1] = '\n';
    out[CHECKSUM_LINE_LENGTH] = '\0';
    return CERTENROLL_OK;
}

int ce_record_format(struct ce_buffer *out, const struct ce_record *record,
                     certenroll_error **error)
{
    const char *missing = missing_field(record);
    char checksum[CHECKSUM_LINE_LENGTH + 1];
    int status;

    *out = (struct ce_buffer){ NULL, 0 };
    if (missing)
        return certenroll_error_set(error, CERTENROLL_E_INTERNAL,
                                    _("the enrolment is %s, but without its \"%s\""),
                                    certenroll_state_name(record->state), missing);
    status = append(out, FIRST_LINE, strlen(FIRST_LINE), error);
    for (size_t i = 0; status == CERTENROLL_OK && i < ce_fields_count; i++)
        status = format_field(out, &ce_fields[i], record, error);
    if (status == CERTENROLL_OK)
        status = checksum_line(checksum, out->data, out->length, error);
    if (status == CERTENROLL_OK)
        status = append(out, checksum, CHECKSUM_LINE_LENGTH, error);
    if (status < 0)
        ce_buffer_clear(out);
    return status;
}

/* --- reading: the frame --- */

static int fail_torn(certenroll_error **error)
{
    certenroll_error_set(error, CERTENROLL_E_JOURNAL, _("the journal is torn"));
    certenroll_error_because(error, _("its last line, the checksum, is missing or not whole"));
    return CERTENROLL_E_JOURNAL;
}

static int check_version(int *out, const struct ce_buffer *text, certenroll_error **error)
{
    size_t length = strlen(FIRST_LINE), header = strlen(HEADER), line;
    const unsigned char *end;
    const char *version;
    char shown[SHOWN_NAME];

    if (text->length < length &&
        (text->length == 0 || memcmp(text->data, FIRST_LINE, text->length) == 0 ||
         memcmp(text->data, FIRST_LINE_OF_1, text->length) == 0))
        return fail_torn(error);
    *out = text->length >= length && memcmp(text->data, FIRST_LINE, length) == 0 ? 2 : 1;
    if (*out == 2 || (text->length >= length && memcmp(text->data, FIRST_LINE_OF_1, length) == 0))
        return CERTENROLL_OK;
    /* The first line is not that of this version: is it that of another? */
    end = memchr(text->data, '\n', text->length);
    line = end ? (size_t)(end - text->data) : 0;
    version = line > header ? (const char *)text->data + header : "";
    if (line <= header || memcmp(text->data, HEADER, header) != 0 || version[0] == '0' ||
        strspn(version, "0123456789") != line - header) /* which ends at the line's end */
        return certenroll_error_set(error, CERTENROLL_E_JOURNAL, _("this is not a journal"));
    ce_text_clean(shown, sizeof(shown), version, line - header);
    certenroll_error_set(error, CERTENROLL_E_JOURNAL, _("the journal is of a newer version"));
    certenroll_error_because(error, _("its format is %s, and this program knows %s"), shown,
                             VERSION);
    certenroll_error_advise(error, _("Go on with the newer program that has written it."));
    return CERTENROLL_E_JOURNAL;
}

/* `*body` becomes the length of what the checksum is about. */
static int check_checksum(size_t *body, const struct ce_buffer *text, certenroll_error **error)
{
    char line[CHECKSUM_LINE_LENGTH + 1];
    const unsigned char *last;
    int status;

    if (text->length < strlen(FIRST_LINE) + CHECKSUM_LINE_LENGTH)
        return fail_torn(error);
    *body = text->length - CHECKSUM_LINE_LENGTH;
    last = text->data + *body;
    if (last[-1] != '\n' || memcmp(last, CHECKSUM, strlen(CHECKSUM)) != 0)
        return fail_torn(error);
    status = checksum_line(line, text->data, *body, error);
    if (status < 0 || memcmp(last, line, CHECKSUM_LINE_LENGTH) == 0)
        return status;
    certenroll_error_set(error, CERTENROLL_E_JOURNAL, _("the journal was altered"));
    certenroll_error_because(error, _("its checksum does not fit"));
    return CERTENROLL_E_JOURNAL;
}

/* --- reading: the lines --- */

struct reader {
    struct ce_record *record;
    int version;
    const unsigned char *next, *end; /* whole lines */
    size_t number;                   /* of the line, from 1 */
    size_t field;                    /* that came last */
    size_t lines;                    /* of it so far */
};

struct line {
    const unsigned char *text; /* without its end */
    size_t length;
    size_t name_length; /* 0: it is no field */
};

static int fail_line(const struct reader *reader, const char *name, const char *why,
                     certenroll_error **error)
{
    certenroll_error_set(error, CERTENROLL_E_JOURNAL, _("the journal makes no sense"));
    /* TRANSLATORS: a line's number, a field's name, and what is wrong with it. */
    certenroll_error_because(error, _("line %zu, \"%s\": %s"), reader->number, name, why);
    return CERTENROLL_E_JOURNAL;
}

/* What a reader left behind to come to `field` must be complete. */
static int check_skipped(const struct reader *reader, size_t field, certenroll_error **error)
{
    for (size_t i = reader->field; i < field; i++)
        if ((i == reader->field ? reader->lines : 0) < ce_fields[i].least)
            return fail_line(reader, ce_fields[i].name, _("it is missing"), error);
    return CERTENROLL_OK;
}

/* The field that this line may be, given what came before. */
static int find_field(struct reader *reader, const struct line *line, certenroll_error **error)
{
    char name[SHOWN_NAME];
    size_t field = 0;
    int status;

    ce_text_clean(name, sizeof(name), (const char *)line->text, line->name_length);
    while (field < ce_fields_count &&
           (strlen(ce_fields[field].name) != line->name_length ||
            memcmp(ce_fields[field].name, line->text, line->name_length) != 0))
        field++;
    if (field == ce_fields_count || ce_fields[field].since > reader->version)
        return fail_line(reader, name, _("there is no such field"), error);
    if (field < reader->field)
        return fail_line(reader, name, _("it stands in the wrong place"), error);
    status = check_skipped(reader, field, error);
    if (status < 0)
        return status;
    reader->lines = field == reader->field ? reader->lines + 1 : 1;
    reader->field = field;
    if (reader->lines > ce_fields[field].most)
        return fail_line(reader, name, _("it is there too often"), error);
    return CERTENROLL_OK;
}

/* Takes the value, and looks whether it would be written like this. */
static int take_value(const struct reader *reader, const struct line *line)
{
    const struct ce_field *field = &ce_fields[reader->field];
    void *value = (char *)reader->record + field->offset;
    struct ce_buffer text = { 0 }, again = { 0 };
    size_t before = line->name_length + strlen(SEPARATOR);
    int status;

    if (line->length < before)
        return CERTENROLL_E_JOURNAL;
    status = ce_buffer_set(&text, line->text + before, line->length - before, NULL);
    if (status == CERTENROLL_OK)
        status = field->kind->read(value, &text);
    if (status == CERTENROLL_OK && field->kind->count(value) != reader->lines)
        status = CERTENROLL_E_JOURNAL; /* the value that is not written at all */
    if (status == CERTENROLL_OK)
        status = format_line(&again, field, value, reader->lines - 1);
    if (status == CERTENROLL_OK &&
        (again.length != line->length + 1 || memcmp(again.data, line->text, line->length) != 0))
        status = CERTENROLL_E_JOURNAL;
    ce_buffer_clear(&text);
    ce_buffer_clear(&again);
    return status;
}

static int parse_line(struct reader *reader, certenroll_error **error)
{
    size_t rest = (size_t)(reader->end - reader->next);
    const unsigned char *end = memchr(reader->next, '\n', rest), *colon;
    struct line line = { reader->next, (size_t)(end - reader->next), 0 };
    int status;

    colon = memchr(line.text, ':', line.length);
    if (colon)
        line.name_length = (size_t)(colon - line.text);
    reader->next = end + 1;
    reader->number++;
    status = find_field(reader, &line, error);
    if (status < 0)
        return status;
    status = take_value(reader, &line);
    if (status == CERTENROLL_E_MEMORY)
        return certenroll_error_set_memory(error);
    if (status < 0)
        return fail_line(reader, ce_fields[reader->field].name, _("this is no such value"), error);
    return CERTENROLL_OK;
}

int ce_record_parse(struct ce_record *out, const struct ce_buffer *text, certenroll_error **error)
{
    struct reader reader = { .record = out, .number = 1 };
    const char *missing;
    size_t body = 0;
    int status = check_version(&reader.version, text, error);

    memset(out, 0, sizeof(*out));
    if (status == CERTENROLL_OK)
        status = check_checksum(&body, text, error);
    if (status < 0)
        return status;
    reader.next = text->data + strlen(FIRST_LINE);
    reader.end = text->data + body;
    while (status == CERTENROLL_OK && reader.next < reader.end)
        status = parse_line(&reader, error);
    reader.number++;
    if (status == CERTENROLL_OK)
        status = check_skipped(&reader, ce_fields_count, error);
    missing = status == CERTENROLL_OK ? missing_field(out) : NULL;
    if (missing)
        status = fail_line(&reader, missing, _("it is missing"), error);
    if (status < 0)
        ce_record_clear(out);
    return status;
}
