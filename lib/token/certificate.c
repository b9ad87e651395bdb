/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "token/attribute.h"
#include "token/ck_rv.h"
#include "token/object.h"
#include "token/quirks.h"
#include "token/session.h"

#include <stdlib.h>
#include <string.h>

#ifndef CKA_CERTIFICATE_CATEGORY
#define CKA_CERTIFICATE_CATEGORY 0x87UL
#endif
/* PKCS#11 v2.40 §4.6.2 */
#define CATEGORY_TOKEN_USER 1UL
#define CATEGORY_AUTHORITY 2UL

void ce_certificate_object_clear(struct ce_certificate_object *object)
{
    ce_buffer_clear(&object->value);
    ce_buffer_clear(&object->id);
    ce_buffer_clear(&object->label);
    ce_buffer_clear(&object->subject);
    ce_buffer_clear(&object->issuer);
    ce_buffer_clear(&object->serial);
}

void ce_certificate_objects_free(struct ce_certificate_object *objects, size_t count)
{
    for (size_t i = 0; objects && i < count; i++)
        ce_certificate_object_clear(&objects[i]);
    free(objects);
}

static const CK_OBJECT_CLASS certificate_class = CKO_CERTIFICATE;

static void add_wanted(struct ce_template *template, CK_ATTRIBUTE_TYPE type,
                       const struct ce_buffer *wanted)
{
    if (wanted)
        ce_template_add(template, type, wanted->data, wanted->length);
}

/* The certificate objects with this value and CKA_ID, either NULL for any. */
static int find_certificates(CK_OBJECT_HANDLE **out, size_t *count, struct ce_session *session,
                             const struct ce_buffer *value, const struct ce_buffer *id,
                             certenroll_error **error)
{
    struct ce_template template = { .count = 0 };

    ce_template_add(&template, CKA_CLASS, &certificate_class, sizeof(certificate_class));
    add_wanted(&template, CKA_ID, id);
    add_wanted(&template, CKA_VALUE, value);
    return ce_objects_find(out, count, session, template.list, template.count, error);
}

/* --- reading --- */

struct reading {
    const struct ce_certificate_search *search;
    struct ce_certificate_object *objects;
    size_t count;
};

static int read_one(struct reading *reading, struct ce_session *session, CK_OBJECT_HANDLE handle,
                    certenroll_error **error)
{
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_CERTIFICATE_TYPE, CKA_VALUE, CKA_ID, CKA_LABEL, CKA_CERTIFICATE_CATEGORY,
    };
    struct ce_certificate_object *object = &reading->objects[reading->count];
    struct ce_attributes attributes;
    int status = ce_attributes_read(&attributes, session, handle, types,
                                    sizeof(types) / sizeof(types[0]), error);

    /* WTLS and attribute certificates, and references by URL, are none of ours. */
    if (status == CERTENROLL_OK &&
        ce_attribute_number(&attributes, CKA_CERTIFICATE_TYPE) == CKC_X_509 &&
        ce_attribute(&attributes, CKA_VALUE) &&
        ce_attribute(&attributes, CKA_VALUE)->ulValueLen > 0) {
        reading->count++;
        status = ce_attribute_copy(&object->value, &attributes, CKA_VALUE, error);
        if (status == CERTENROLL_OK)
            status = ce_attribute_copy(&object->id, &attributes, CKA_ID, error);
        if (status == CERTENROLL_OK)
            status = ce_attribute_copy(&object->label, &attributes, CKA_LABEL, error);
        object->is_ca =
            ce_attribute_number(&attributes, CKA_CERTIFICATE_CATEGORY) == CATEGORY_AUTHORITY;
        ce_log(session->token->context, CERTENROLL_LOG_TRACE,
               "certificate of %zu bytes, label \"%s\"", object->value.length,
               object->label.data ? (const char *)object->label.data : "");
    }
    ce_attributes_free(&attributes);
    return status;
}

/* Those of a token with few of them. Others are not gone through to find out that there are many:
 * *count is 0 then. */
static int find_few(CK_OBJECT_HANDLE **out, size_t *count, struct ce_session *session,
                    struct ce_template *template, size_t most, certenroll_error **error)
{
    CK_ULONG got = 1;
    CK_RV rv = CKR_HOST_MEMORY;

    *count = 0;
    *out = calloc(most + 1, sizeof(**out));
    if (*out)
        rv =
            session->functions->C_FindObjectsInit(session->handle, template->list, template->count);
    if (rv == CKR_OK) {
        while (rv == CKR_OK && got > 0 && *count <= most) {
            const size_t room = most + 1 - *count;

            rv = session->functions->C_FindObjects(session->handle, *out + *count, room, &got);
            *count += got <= room ? got : room;
        }
        (void)session->functions->C_FindObjectsFinal(session->handle);
    }
    if (rv != CKR_OK)
        return ce_session_fail(session, error, rv, _("cannot search the token \"%s\""),
                               session->token->info->label);
    if (*count > most)
        *count = 0;
    return CERTENROLL_OK;
}

/* A token that knows a label, subject or value of certificates, but not as something to search for,
 * says so in its own way; what is really the matter with it shows in the next search. */
static int find_searched(CK_OBJECT_HANDLE **out, size_t *count, struct ce_session *session,
                         const struct ce_certificate_search *search, certenroll_error **error)
{
    struct ce_template template = { .count = 0 };
    int status;

    ce_template_add(&template, CKA_CLASS, &certificate_class, sizeof(certificate_class));
    add_wanted(&template, CKA_ID, search->id);
    add_wanted(&template, CKA_LABEL, search->label);
    add_wanted(&template, CKA_SUBJECT, search->subject);
    add_wanted(&template, CKA_VALUE, search->value);
    if (search->most > 0)
        return find_few(out, count, session, &template, search->most, error);
    status = ce_objects_find(out, count, session, template.list, template.count, error);
    if (status == CERTENROLL_OK || !(search->label || search->subject || search->value) ||
        ce_session_is_worth_another(session->rv) || !ce_template_is_refused(session->rv))
        return status;
    certenroll_error_clear(error);
    session->rv = CKR_OK;
    return CERTENROLL_OK;
}

static int read_certificates(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct reading *reading = argument;
    CK_OBJECT_HANDLE *handles = NULL;
    size_t count = 0;
    int status = find_searched(&handles, &count, session, reading->search, error);

    if (status < 0) {
        free(handles);
        return status;
    }
    reading->count = 0;
    reading->objects = calloc(count + 1, sizeof(*reading->objects));
    if (!reading->objects)
        status = certenroll_error_set_memory(error);
    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++)
        status = read_one(reading, session, handles[i], error);
    free(handles);
    if (status < 0) {
        ce_certificate_objects_free(reading->objects, reading->count);
        reading->objects = NULL;
        reading->count = 0;
    }
    return status;
}

int ce_certificates_read(struct ce_certificate_object **out, size_t *count, certenroll_token *token,
                         const struct ce_certificate_search *search, certenroll_error **error)
{
    static const struct ce_certificate_search all = { .most = 0 };
    struct reading reading = { .search = search ? search : &all };
    int status = ce_session_run(token, CE_ACCESS_PUBLIC, read_certificates, &reading, error);

    *out = reading.objects;
    *count = reading.count;
    return status;
}

/* --- one certificate: is it there, remove it --- */

struct one_certificate {
    const struct ce_buffer *value;
    const struct ce_buffer *id; /* NULL: any */
    size_t found;
    int is_among_all; /* the token did not find it by its value: all are read */
};

/* Read back: some modules pass over the parts of a search template that they do not know. */
static int find_exactly(CK_OBJECT_HANDLE **out, struct ce_session *session,
                        struct one_certificate *wanted, certenroll_error **error)
{
    static const CK_ATTRIBUTE_TYPE types[] = { CKA_CLASS, CKA_VALUE, CKA_ID };
    size_t count;
    int status = find_certificates(out, &count, session,
                                   wanted->is_among_all ? NULL : wanted->value, wanted->id, error);

    wanted->found = 0;
    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++) {
        struct ce_attributes attributes;

        status = ce_attributes_read(&attributes, session, (*out)[i], types, 3, error);
        if (status == CERTENROLL_OK &&
            ce_attribute_number(&attributes, CKA_CLASS) == CKO_CERTIFICATE &&
            ce_attribute_equals(&attributes, CKA_VALUE, wanted->value) &&
            (!wanted->id || ce_attribute_equals(&attributes, CKA_ID, wanted->id)))
            (*out)[wanted->found++] = (*out)[i];
        ce_attributes_free(&attributes);
    }
    return status;
}

static int count_certificate(struct ce_session *session, void *argument, certenroll_error **error)
{
    CK_OBJECT_HANDLE *handles;
    int status = find_exactly(&handles, session, argument, error);

    free(handles);
    return status;
}

int ce_certificate_present(certenroll_token *token, const struct ce_buffer *value,
                           const struct ce_buffer *id, certenroll_error **error)
{
    struct one_certificate wanted = { value, id, 0, 0 };
    int status = ce_session_run(token, CE_ACCESS_PUBLIC, count_certificate, &wanted, error);

    return status < 0 ? status : wanted.found > 0;
}

static int destroy_certificate(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct one_certificate *wanted = argument;
    const char *label = session->token->info->label;
    CK_OBJECT_HANDLE *handles;
    int status = find_exactly(&handles, session, wanted, error);

    /* Who removes has seen it, mostly: that no search by the value finds it may be the token. */
    if (status == CERTENROLL_OK && wanted->found == 0 && !wanted->is_among_all) {
        free(handles);
        wanted->is_among_all = 1;
        status = find_exactly(&handles, session, wanted, error);
    }
    for (size_t i = 0; status == CERTENROLL_OK && i < wanted->found; i++) {
        CK_RV rv = ce_object_destroy(session, handles[i]);

        if (rv != CKR_OK)
            status = ce_session_fail(session, error, rv,
                                     _("cannot remove a certificate from the token \"%s\""), label);
    }
    free(handles);
    if (status < 0 || wanted->found == 0)
        return status;
    status = count_certificate(session, wanted, error);
    if (status == CERTENROLL_OK && wanted->found > 0)
        return certenroll_error_set(
            error, CERTENROLL_E_TOKEN,
            _("the token \"%s\" says that it removed a certificate and keeps it"), label);
    return status;
}

int ce_certificate_destroy(certenroll_token *token, const struct ce_buffer *value,
                           const struct ce_buffer *id, certenroll_error **error)
{
    struct one_certificate wanted = { value, id, 0, 0 };

    return ce_session_run(token, CE_ACCESS_WRITE, destroy_certificate, &wanted, error);
}

/* --- writing --- */

struct writing {
    const struct ce_certificate_object *object;
    int tried;
    CK_OBJECT_HANDLE handle;
    uint64_t generation; /* of the handle */
};

/* Rung by rung: without CKA_PRIVATE and the category, which some refuse at any value; without
 * issuer and serial number, which NSS insists on and others do not know. */
#define LAST_RUNG 2

static CK_RV create_on_rung(struct writing *writing, struct ce_session *session, int rung)
{
    static const struct ce_template_flag flags[] = {
        { CKA_TOKEN, 1, LAST_RUNG },
        { CKA_PRIVATE, 0, 0 },
    };
    static const CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    static const CK_CERTIFICATE_TYPE type = CKC_X_509;
    const struct ce_certificate_object *object = writing->object;
    CK_ULONG category = object->is_ca ? CATEGORY_AUTHORITY : CATEGORY_TOKEN_USER;
    struct ce_template template = { .count = 0 };

    ce_template_add(&template, CKA_CLASS, &class, sizeof(class));
    ce_template_add(&template, CKA_CERTIFICATE_TYPE, &type, sizeof(type));
    ce_template_add_flags(&template, flags, sizeof(flags) / sizeof(flags[0]), rung);
    ce_template_add(&template, CKA_VALUE, object->value.data, object->value.length);
    ce_template_add(&template, CKA_ID, object->id.data, object->id.length);
    ce_template_add(&template, CKA_LABEL, object->label.data, object->label.length);
    ce_template_add(&template, CKA_SUBJECT, object->subject.data, object->subject.length);
    if (rung < LAST_RUNG) {
        ce_template_add(&template, CKA_ISSUER, object->issuer.data, object->issuer.length);
        ce_template_add(&template, CKA_SERIAL_NUMBER, object->serial.data, object->serial.length);
    }
    if (rung == 0)
        ce_template_add(&template, CKA_CERTIFICATE_CATEGORY, &category, sizeof(category));
    return session->functions->C_CreateObject(session->handle, template.list, template.count,
                                              &writing->handle);
}

/* Its handle, by what was to be written: 1 when it is on the token, 0 when not. */
static int find_written(struct writing *writing, struct ce_session *session,
                        certenroll_error **error)
{
    struct one_certificate wanted = { &writing->object->value, &writing->object->id, 0, 0 };
    CK_OBJECT_HANDLE *handles;
    int status = find_exactly(&handles, session, &wanted, error);

    if (status == CERTENROLL_OK && wanted.found > 0) {
        writing->handle = handles[0];
        status = 1;
    }
    free(handles);
    return status;
}

/* Cards have room for 2 to 3 KB, and say of more that something failed. */
#define LARGE 2000

/* What makes a certificate large is in the CA's hands, so its size is told. */
static int fail_to_write(const struct writing *writing, struct ce_session *session, CK_RV rv,
                         certenroll_error **error)
{
    const struct certenroll_token_info *info = session->token->info;
    const size_t length = writing->object->value.length;
    const size_t most = ce_quirks_of(&info->raw)->certificate_max;
    char name[CE_CK_RV_NAME_SIZE];
    int status = ce_session_fail(
        session, error, rv, _("cannot write the certificate to the token \"%s\""), info->label);

    if (most > 0 && length > most)
        status = certenroll_error_set(error, CERTENROLL_E_TOKEN_FULL,
                                      _("the certificate is too large for the token \"%s\""),
                                      info->label);
    else if (status != CERTENROLL_E_TOKEN || length < LARGE)
        return status;
    certenroll_error_because(error, _("%s; the certificate has %zu bytes"),
                             ce_ck_rv_name(name, sizeof(name), rv), length);
    certenroll_error_set_ck_rv(error, rv);
    certenroll_error_advise(
        error, _("Cards have room for certificates of 2 to 3 KB. Ask the CA for a smaller one, "
                 "with fewer names and extensions, or use another token."));
    return status;
}

static int write_certificate(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct writing *writing = argument;
    char name[CE_CK_RV_NAME_SIZE];
    CK_RV rv = CKR_OK;

    for (int rung = 0; rung <= LAST_RUNG; rung++) {
        /* A try that failed may have written it all the same: its session died with the answer, or
         * the token said anything. */
        int found = writing->tried ? find_written(writing, session, error) : 0;

        if (found < 0)
            return found;
        rv = found ? CKR_OK : create_on_rung(writing, session, rung);
        writing->tried = 1;
        writing->generation = session->generation;
        if (rv == CKR_OK)
            return CERTENROLL_OK;
        ce_log(session->token->context, CERTENROLL_LOG_DEBUG, "certificate template %d of %d: %s",
               rung + 1, LAST_RUNG + 1, ce_ck_rv_name(name, sizeof(name), rv));
        if (!ce_template_is_refused(rv))
            break;
    }
    return fail_to_write(writing, session, rv, error);
}

static int read_written(struct ce_session *session, void *argument, certenroll_error **error)
{
    static const CK_ATTRIBUTE_TYPE types[] = { CKA_VALUE, CKA_ID };
    struct writing *writing = argument;
    const char *label = session->token->info->label;
    struct ce_attributes attributes = { .count = 0 };
    /* The handle of C_CreateObject, found again if its session died since. */
    int status =
        writing->generation == session->generation ? 1 : find_written(writing, session, error);

    if (status == 0)
        status = certenroll_error_set(error, CERTENROLL_E_TOKEN,
                                      _("the token \"%s\" did not keep the certificate"), label);
    if (status == 1)
        status = ce_attributes_read(&attributes, session, writing->handle, types, 2, error);
    /* One that was found has the value: this is the handle that C_CreateObject has just given. */
    if (status == CERTENROLL_OK &&
        !ce_attribute_equals(&attributes, CKA_VALUE, &writing->object->value)) {
        (void)ce_object_destroy(session, writing->handle);
        status = certenroll_error_set(
            error, CERTENROLL_E_TOKEN,
            _("the token \"%s\" did not keep the certificate as it was written"), label);
    }
    /* YubiKeys number their slots in CKA_ID and keep no other: key and certificate pair all the
     * same, by public key. */
    if (status == CERTENROLL_OK && !ce_attribute_equals(&attributes, CKA_ID, &writing->object->id))
        ce_log(session->token->context, CERTENROLL_LOG_WARNING,
               "the token gave the certificate another CKA_ID");
    ce_attributes_free(&attributes);
    return status;
}

int ce_certificate_write(certenroll_token *token, const struct ce_certificate_object *object,
                         certenroll_error **error)
{
    struct writing writing = { .object = object };
    int status = ce_session_run(token, CE_ACCESS_WRITE, write_certificate, &writing, error);

    if (status == CERTENROLL_OK)
        status = ce_session_run(token, CE_ACCESS_LOGGED_IN, read_written, &writing, error);
    return status;
}
