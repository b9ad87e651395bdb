/* SPDX-License-Identifier: Apache-2.0 */
#include "object_dump.h"

#include "check.h"
#include "softhsm.h"

#include <p11-kit/pkcs11.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define OBJECTS_MAX 256
#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

struct raw {
    CK_FUNCTION_LIST *calls;
    CK_SESSION_HANDLE session;
    int finalize; /* the module was not running before */
    CK_OBJECT_HANDLE objects[OBJECTS_MAX];
    CK_ULONG count;
};

static void need(CK_RV rv, const char *call)
{
    check(rv == CKR_OK, "%s: CKR 0x%08lx", call, (unsigned long)rv);
}

static CK_SLOT_ID find_slot(const struct raw *raw, const char *label)
{
    CK_SLOT_ID slots[16];
    CK_ULONG count = LENGTH_OF(slots);
    size_t length = strlen(label);
    CK_TOKEN_INFO info;

    need(raw->calls->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
    for (CK_ULONG i = 0; i < count; i++) {
        need(raw->calls->C_GetTokenInfo(slots[i], &info), "C_GetTokenInfo");
        if (memcmp(info.label, label, length) == 0 && info.label[length] == ' ')
            return slots[i];
    }
    check(0, "there is no token %s", label);
    return 0;
}

static void raw_log_in(struct raw *raw, const char *label)
{
    CK_SLOT_ID slot = find_slot(raw, label);
    CK_RV rv;

    need(raw->calls->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                   &raw->session),
         "C_OpenSession");
    rv = raw->calls->C_Login(raw->session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)SOFTHSM_PIN,
                             strlen(SOFTHSM_PIN));
    if (rv != CKR_USER_ALREADY_LOGGED_IN)
        need(rv, "C_Login");
}

/* The same libsofthsm2.so, and the same state in it, that the library uses in this process. */
static void raw_open(struct raw *raw, const char *label)
{
    CK_C_INITIALIZE_ARGS arguments = { .flags = CKF_OS_LOCKING_OK };
    void *library = dlopen(softhsm_module(), RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get_list;
    CK_RV rv;

    memset(raw, 0, sizeof(*raw));
    check(library != NULL, "SoftHSM cannot be loaded");
    get_list = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
    check(get_list != NULL, "SoftHSM has no C_GetFunctionList");
    need(get_list(&raw->calls), "C_GetFunctionList");
    rv = raw->calls->C_Initialize(&arguments);
    raw->finalize = rv == CKR_OK;
    if (rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
        need(rv, "C_Initialize");
    raw_log_in(raw, label);
    need(raw->calls->C_FindObjectsInit(raw->session, NULL, 0), "C_FindObjectsInit");
    need(raw->calls->C_FindObjects(raw->session, raw->objects, OBJECTS_MAX, &raw->count),
         "C_FindObjects");
    need(raw->calls->C_FindObjectsFinal(raw->session), "C_FindObjectsFinal");
    check(raw->count < OBJECTS_MAX, "there are too many objects");
}

static void raw_close(struct raw *raw)
{
    need(raw->calls->C_CloseSession(raw->session), "C_CloseSession");
    if (raw->finalize)
        need(raw->calls->C_Finalize(NULL), "C_Finalize");
}

/* --- one object --- */

/* The attribute's bytes, or -1 where the object has none or does not show it. */
static long read_attribute(const struct raw *raw, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                           unsigned char *bytes, size_t room)
{
    CK_ATTRIBUTE attribute = { type, NULL, 0 };

    if (raw->calls->C_GetAttributeValue(raw->session, object, &attribute, 1) != CKR_OK ||
        attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION)
        return -1;
    check(attribute.ulValueLen <= room, "an attribute is too long");
    attribute.pValue = bytes;
    need(raw->calls->C_GetAttributeValue(raw->session, object, &attribute, 1),
         "C_GetAttributeValue");
    return (long)attribute.ulValueLen;
}

static void write_attribute(FILE *out, CK_ATTRIBUTE_TYPE type, const unsigned char *bytes,
                            long length)
{
    fprintf(out, " %lx=", (unsigned long)type);
    for (long i = 0; i < length; i++)
        fprintf(out, "%02x", bytes[i]);
}

static int has_id(const struct raw *raw, CK_OBJECT_HANDLE object, const unsigned char *id,
                  size_t length)
{
    unsigned char found[256];

    return read_attribute(raw, object, CKA_ID, found, sizeof(found)) == (long)length &&
           memcmp(found, id, length) == 0;
}

static char *line_of(const struct raw *raw, CK_OBJECT_HANDLE object)
{
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_CLASS,
        CKA_ID,
        CKA_LABEL,
        CKA_TOKEN,
        CKA_PRIVATE,
        CKA_KEY_TYPE,
        CKA_VALUE,
        CKA_MODULUS,
        CKA_PUBLIC_EXPONENT,
        CKA_EC_PARAMS,
        CKA_EC_POINT,
        CKA_SUBJECT,
        CKA_ISSUER,
        CKA_SERIAL_NUMBER,
        CKA_CERTIFICATE_CATEGORY,
        CKA_TRUSTED,
        CKA_SENSITIVE,
        CKA_EXTRACTABLE,
        CKA_SIGN,
        CKA_VERIFY,
        CKA_MODIFIABLE,
    };
    unsigned char bytes[8192];
    char *line = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&line, &size);

    check(out != NULL, "out of memory");
    for (size_t i = 0; i < LENGTH_OF(types); i++) {
        long length = read_attribute(raw, object, types[i], bytes, sizeof(bytes));

        if (length >= 0)
            write_attribute(out, types[i], bytes, length);
    }
    fputc('\n', out);
    check(fclose(out) == 0, "out of memory");
    return line;
}

/* --- all of them --- */

static int compare_lines(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static char *join(char **lines, size_t count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    check(out != NULL, "out of memory");
    qsort(lines, count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < count; i++) {
        fputs(lines[i], out);
        free(lines[i]);
    }
    check(fclose(out) == 0, "out of memory");
    return text;
}

char *object_dump(const char *label, const unsigned char *but, size_t length)
{
    char *lines[OBJECTS_MAX];
    size_t count = 0;
    struct raw raw;

    raw_open(&raw, label);
    for (CK_ULONG i = 0; i < raw.count; i++)
        if (but == NULL || !has_id(&raw, raw.objects[i], but, length))
            lines[count++] = line_of(&raw, raw.objects[i]);
    raw_close(&raw);
    return join(lines, count);
}

size_t object_dump_count(const char *dump)
{
    size_t count = 0;

    for (; *dump != '\0'; dump++)
        count += *dump == '\n';
    return count;
}

/* The "102=..." of a line that begins with this CKA_CLASS, up to the space behind it. */
static size_t id_in(const char **id, const char *line, CK_OBJECT_CLASS class)
{
    CK_ATTRIBUTE name = { CKA_CLASS, &class, sizeof(class) };
    char wanted[64];
    FILE *out = fmemopen(wanted, sizeof(wanted), "w");

    check(out != NULL, "out of memory");
    write_attribute(out, name.type, name.pValue, sizeof(class));
    fprintf(out, " 102=");
    check(fclose(out) == 0, "out of memory");
    if (strncmp(line, wanted, strlen(wanted)) != 0)
        return 0;
    *id = line + strlen(wanted);
    return strcspn(*id, " \n");
}

static int has_line(const char *dump, CK_OBJECT_CLASS class, const char *id, size_t length)
{
    for (const char *line = dump; *line != '\0'; line = strchr(line, '\n') + 1) {
        const char *found;

        if (id_in(&found, line, class) == length && memcmp(found, id, length) == 0)
            return 1;
    }
    return 0;
}

int object_dump_has_pair(const char *dump)
{
    for (const char *line = dump; *line != '\0'; line = strchr(line, '\n') + 1) {
        const char *id;
        size_t length = id_in(&id, line, CKO_PRIVATE_KEY);

        if (length > 0 && has_line(dump, CKO_CERTIFICATE, id, length))
            return 1;
    }
    return 0;
}

void objects_destroy(const char *label)
{
    struct raw raw;

    raw_open(&raw, label);
    for (CK_ULONG i = 0; i < raw.count; i++)
        need(raw.calls->C_DestroyObject(raw.session, raw.objects[i]), "C_DestroyObject");
    raw_close(&raw);
}
