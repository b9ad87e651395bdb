/* SPDX-License-Identifier: Apache-2.0 */
#include "token/attribute.h"

#include "base/message.h"
#include "token/ck_rv.h"

#include <stdlib.h>
#include <string.h>

/* The longest attribute that is believed, and the most objects that one search may give. */
#define VALUE_MAX 65536
#define OBJECTS_MAX 16384
#define OBJECTS_AT_ONCE 64

#define UNTOUCHED 0xff /* what is in a value's room before it is asked for */

/* --- attributes --- */

/* Room for what an attribute usually holds. NSS takes for a number no more than it needs. */
static CK_ULONG usual_room(CK_ATTRIBUTE_TYPE type)
{
    switch (type) {
    case CKA_VALUE:
        return 8191;
    case CKA_PUBLIC_KEY_INFO:
        return 2111;
    case CKA_MODULUS:
        return 2063;
    case CKA_LABEL:
    case CKA_EC_PARAMS:
        return 523;
    case CKA_ID:
    case CKA_EC_POINT:
        return 271;
    case CKA_PUBLIC_EXPONENT:
        return 67;
    case CKA_CLASS:
    case CKA_KEY_TYPE:
    case CKA_CERTIFICATE_TYPE:
    case CKA_MODULUS_BITS:
        return sizeof(CK_ULONG);
    default:
        return 23;
    }
}

/* Points the list into one block of memory with this room for each; none for those without. */
static int lay_out(struct ce_attributes *attributes, const CK_ULONG *rooms,
                   certenroll_error **error)
{
    size_t total = 1;
    unsigned char *next;

    for (CK_ULONG i = 0; i < attributes->count; i++)
        total += rooms[i];
    free(attributes->memory);
    attributes->memory = malloc(total);
    if (!attributes->memory)
        return certenroll_error_set_memory(error);
    memset(attributes->memory, UNTOUCHED, total);
    next = attributes->memory;
    for (CK_ULONG i = 0; i < attributes->count; i++) {
        attributes->list[i].pValue = rooms[i] > 0 ? next : NULL;
        attributes->list[i].ulValueLen = rooms[i];
        next += rooms[i];
    }
    return CERTENROLL_OK;
}

/* A module that stops at the first attribute it does not know leaves the rest as it was given. */
static int is_untouched(const CK_ATTRIBUTE *attribute, CK_ULONG room)
{
    const unsigned char *bytes = attribute->pValue;
    CK_ULONG i = 0;

    if (!bytes || attribute->ulValueLen != room)
        return 0;
    while (i < room && bytes[i] == UNTOUCHED)
        i++;
    return i == room;
}

static int is_partial(CK_RV rv)
{
    return rv == CKR_OK || rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE;
}

static void set_absent(CK_ATTRIBUTE *attribute)
{
    attribute->pValue = NULL;
    attribute->ulValueLen = CK_UNAVAILABLE_INFORMATION;
}

/* Sorts out which values came. After a partial answer those that may never have been looked at are
 * asked for one by one. */
static void settle(struct ce_attributes *attributes, struct ce_session *session,
                   CK_OBJECT_HANDLE object, const CK_ULONG *rooms, CK_RV rv)
{
    for (CK_ULONG i = 0; i < attributes->count; i++) {
        CK_ATTRIBUTE *attribute = &attributes->list[i];

        if (rv != CKR_OK && rooms[i] > 0 && is_untouched(attribute, rooms[i]) &&
            session->functions->C_GetAttributeValue(session->handle, object, attribute, 1) !=
                CKR_OK)
            set_absent(attribute);
        if (!attribute->pValue || attribute->ulValueLen > rooms[i])
            set_absent(attribute);
    }
}

static CK_RV read_values(struct ce_attributes *attributes, struct ce_session *session,
                         CK_OBJECT_HANDLE object)
{
    return session->functions->C_GetAttributeValue(session->handle, object, attributes->list,
                                                   attributes->count);
}

/* Something is larger than usual: asks for the lengths. */
static CK_RV read_lengths(CK_ULONG *rooms, struct ce_attributes *attributes,
                          struct ce_session *session, CK_OBJECT_HANDLE object)
{
    CK_RV rv;

    for (CK_ULONG i = 0; i < attributes->count; i++) {
        attributes->list[i].pValue = NULL;
        attributes->list[i].ulValueLen = 0;
    }
    rv = read_values(attributes, session, object);
    for (CK_ULONG i = 0; i < attributes->count; i++) {
        CK_ULONG length = attributes->list[i].ulValueLen;
        rooms[i] = length <= VALUE_MAX ? length : 0;
    }
    return rv;
}

/* opencryptoki says ATTRIBUTE_TYPE_INVALID of one attribute when another is too large. */
static int hides_large_value(const struct ce_attributes *attributes, CK_RV rv)
{
    for (CK_ULONG i = 0; rv != CKR_OK && i < attributes->count; i++)
        if (attributes->list[i].type == CKA_VALUE &&
            attributes->list[i].ulValueLen == CK_UNAVAILABLE_INFORMATION)
            return 1;
    return 0;
}

int ce_attributes_read(struct ce_attributes *out, struct ce_session *session,
                       CK_OBJECT_HANDLE object, const CK_ATTRIBUTE_TYPE *types, size_t count,
                       certenroll_error **error)
{
    CK_ULONG rooms[CE_ATTRIBUTES_MAX];
    int status;
    CK_RV rv;

    memset(out, 0, sizeof(*out));
    for (out->count = 0; out->count < count && out->count < CE_ATTRIBUTES_MAX; out->count++) {
        out->list[out->count].type = types[out->count];
        rooms[out->count] = usual_room(types[out->count]);
    }
    status = lay_out(out, rooms, error);
    if (status < 0)
        return status;
    rv = read_values(out, session, object);
    if (hides_large_value(out, rv))
        rv = CKR_BUFFER_TOO_SMALL;
    if (rv == CKR_BUFFER_TOO_SMALL && is_partial(read_lengths(rooms, out, session, object))) {
        status = lay_out(out, rooms, error);
        if (status < 0)
            return status;
        rv = read_values(out, session, object);
    }
    if (!is_partial(rv))
        return ce_session_fail(session, error, rv, _("cannot read an object of the token \"%s\""),
                               session->token->info->label);
    settle(out, session, object, rooms, rv);
    return CERTENROLL_OK;
}

void ce_attributes_free(struct ce_attributes *attributes)
{
    free(attributes->memory);
    memset(attributes, 0, sizeof(*attributes));
}

const CK_ATTRIBUTE *ce_attribute(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type)
{
    for (CK_ULONG i = 0; i < attributes->count; i++)
        if (attributes->list[i].type == type)
            return attributes->list[i].pValue ? &attributes->list[i] : NULL;
    return NULL;
}

int ce_attribute_flag(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type)
{
    const CK_ATTRIBUTE *attribute = ce_attribute(attributes, type);
    CK_BBOOL value;

    if (!attribute || attribute->ulValueLen != sizeof(value))
        return -1;
    memcpy(&value, attribute->pValue, sizeof(value));
    return value != 0;
}

CK_ULONG ce_attribute_number(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type)
{
    const CK_ATTRIBUTE *attribute = ce_attribute(attributes, type);
    CK_ULONG value;

    if (!attribute || attribute->ulValueLen != sizeof(value))
        return CK_UNAVAILABLE_INFORMATION;
    memcpy(&value, attribute->pValue, sizeof(value));
    return value;
}

int ce_attribute_copy(struct ce_buffer *out, const struct ce_attributes *attributes,
                      CK_ATTRIBUTE_TYPE type, certenroll_error **error)
{
    const CK_ATTRIBUTE *attribute = ce_attribute(attributes, type);

    *out = (struct ce_buffer){ NULL, 0 };
    return attribute ? ce_buffer_set(out, attribute->pValue, attribute->ulValueLen, error)
                     : CERTENROLL_OK;
}

int ce_attribute_is_empty(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type)
{
    const CK_ATTRIBUTE *attribute = ce_attribute(attributes, type);

    return attribute && attribute->ulValueLen == 0;
}

int ce_attribute_equals(const struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type,
                        const struct ce_buffer *value)
{
    const CK_ATTRIBUTE *attribute = ce_attribute(attributes, type);

    return attribute && attribute->ulValueLen == value->length &&
           (value->length == 0 || memcmp(attribute->pValue, value->data, value->length) == 0);
}

int ce_attributes_bear(const struct ce_attributes *attributes, CK_OBJECT_CLASS class,
                       const struct ce_buffer *id)
{
    return ce_attribute_number(attributes, CKA_CLASS) == class &&
           ce_attribute_equals(attributes, CKA_ID, id);
}

/* --- finding --- */

/* What a search has given so far. */
struct finding {
    CK_OBJECT_HANDLE *handles;
    size_t count;
    size_t given; /* with those that came twice */
};

static int is_found(const struct finding *finding, CK_OBJECT_HANDLE handle)
{
    for (size_t i = 0; i < finding->count; i++)
        if (finding->handles[i] == handle)
            return 1;
    return 0;
}

/* One C_FindObjects; *got is 0 when there is no more. */
static CK_RV find_more(struct finding *finding, CK_ULONG *got, const struct ce_session *session)
{
    const size_t room = finding->count + OBJECTS_AT_ONCE;
    CK_OBJECT_HANDLE *grown = realloc(finding->handles, room * sizeof(*grown));
    CK_OBJECT_HANDLE batch[OBJECTS_AT_ONCE];
    CK_RV rv;

    *got = 0;
    if (!grown)
        return CKR_HOST_MEMORY;
    finding->handles = grown;
    rv = session->functions->C_FindObjects(session->handle, batch, OBJECTS_AT_ONCE, got);
    if (rv == CKR_OK && *got > OBJECTS_AT_ONCE)
        rv = CKR_GENERAL_ERROR;
    for (CK_ULONG i = 0; rv == CKR_OK && i < *got; i++)
        if (!is_found(finding, batch[i]))
            finding->handles[finding->count++] = batch[i];
    finding->given += rv == CKR_OK ? *got : 0;
    return rv;
}

static int fail_search(struct ce_session *session, CK_RV rv, certenroll_error **error)
{
    const char *label = session->token->info->label;

    if (rv != CKR_OK)
        return ce_session_fail(session, error, rv, _("cannot search the token \"%s\""), label);
    return certenroll_error_set(error, CERTENROLL_E_TOKEN,
                                _("a search on the token \"%s\" gives more than %d objects"), label,
                                OBJECTS_MAX);
}

int ce_objects_find(CK_OBJECT_HANDLE **out, size_t *count, struct ce_session *session,
                    CK_ATTRIBUTE *template, CK_ULONG template_count, certenroll_error **error)
{
    struct finding finding = { NULL, 0, 0 };
    CK_ULONG got = 1;
    CK_RV rv = session->functions->C_FindObjectsInit(session->handle, template, template_count);
    const int has_begun = rv == CKR_OK;

    *out = NULL;
    *count = 0;
    /* Until there are none (PKCS#11 v2.40 §5.7 C_FindObjects): some modules give one at a time,
     * whatever there is room for. What is beyond the most is not passed over in silence. */
    while (rv == CKR_OK && got > 0 && finding.given <= OBJECTS_MAX)
        rv = find_more(&finding, &got, session);
    if (has_begun)
        (void)session->functions->C_FindObjectsFinal(session->handle);
    if (rv == CKR_OK && got == 0) {
        *out = finding.handles;
        *count = finding.count;
        return CERTENROLL_OK;
    }
    free(finding.handles);
    return fail_search(session, rv, error);
}

CK_RV ce_object_destroy(struct ce_session *session, CK_OBJECT_HANDLE object)
{
    char name[CE_CK_RV_NAME_SIZE];
    CK_RV rv = session->functions->C_DestroyObject(session->handle, object);

    ce_log(session->token->context, rv == CKR_OK ? CERTENROLL_LOG_TRACE : CERTENROLL_LOG_WARNING,
           "removing an object: %s", rv == CKR_OK ? "done" : ce_ck_rv_name(name, sizeof(name), rv));
    return rv;
}

/* --- templates for new ones --- */

/* Modules take templates without const, and only read them. */
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

void ce_template_add(struct ce_template *template, CK_ATTRIBUTE_TYPE type, const void *value,
                     size_t length)
{
    CK_ATTRIBUTE *attribute = &template->list[template->count++];

    attribute->type = type;
    attribute->pValue = (void *)value;
    attribute->ulValueLen = (CK_ULONG)length;
}

void ce_template_add_flags(struct ce_template *template, const struct ce_template_flag *flags,
                           size_t count, int rung)
{
    for (size_t i = 0; i < count; i++)
        if (rung <= flags[i].last_rung)
            ce_template_add(template, flags[i].type, flags[i].value ? &yes : &no, sizeof(yes));
}

int ce_template_is_refused(CK_RV rv)
{
    switch (rv) {
    case CKR_ATTRIBUTE_TYPE_INVALID:
    case CKR_ATTRIBUTE_VALUE_INVALID:
    case CKR_ATTRIBUTE_READ_ONLY:
    case CKR_TEMPLATE_INCONSISTENT:
    case CKR_TEMPLATE_INCOMPLETE:
    case CKR_ARGUMENTS_BAD:
    case CKR_FUNCTION_FAILED:
    case CKR_GENERAL_ERROR: /* tpm2-pkcs11 at DECRYPT=0 */
    case CKR_DEVICE_ERROR:  /* NSS at flags that do not fit the key type */
        return 1;
    default:
        return 0;
    }
}
