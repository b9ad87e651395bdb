/* SPDX-License-Identifier: Apache-2.0 */
/* A PKCS#11 module that passes every call on to the module named by SHIM_MODULE.
 *
 * Each call's name and result is appended to the file SHIM_LOG ("C_Login 0x000000a0"); what is to
 * go otherwise stands in SHIM_CONTROL, see control.h. */
#include "control.h"
#include "functions.h"
#include "lies.h"
#include "removal.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SHIM_EXPORT __attribute__((visibility("default")))

static CK_FUNCTION_LIST *real;
static atomic_ulong calls;

static void write_log(const char *function, CK_RV rv)
{
    const char *path = getenv("SHIM_LOG");
    char line[64];
    int length = snprintf(line, sizeof(line), "%s 0x%08lx\n", function, rv);
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

    if (fd < 0)
        return;
    /* One write: lines of several processes and threads do not mix. */
    if (write(fd, line, (size_t)length) != length)
        abort();
    close(fd);
}

/* Comes before a call is passed on: CKR_OK if it is to be. */
static CK_RV before(const char *function, unsigned long *call)
{
    *call = atomic_fetch_add(&calls, 1) + 1;
    control_kill(CONTROL_BEFORE, *call);
    control_slow();
    removal_look(real);
    return control_failure(function);
}

static CK_RV after(const char *function, unsigned long call, CK_RV rv)
{
    rv = removal_answer(rv);
    if (rv == CKR_OK)
        rv = control_loss(function);
    write_log(function, rv);
    control_kill(CONTROL_AFTER, call);
    return rv;
}

/* --- the functions with more to them --- */

static CK_RV altered_C_GetSlotList(unsigned char present, CK_SLOT_ID *slots, unsigned long *count)
{
    return removal_slot_list(real, present, slots, count);
}

static CK_RV altered_C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
    CK_RV rv = real->C_GetSlotInfo(slot, info);

    if (rv == CKR_OK && removal_is_empty(slot))
        info->flags &= ~CKF_TOKEN_PRESENT;
    return rv;
}

static CK_RV altered_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = real->C_GetTokenInfo(slot, info);

    if (rv == CKR_OK)
        info->flags = control_flags(info->flags);
    return rv;
}

/* A PIN as it comes from the caller, or where none does from the reader. */
struct typed {
    unsigned char on_reader[64];
    unsigned char *pin;
    unsigned long length;
};

static void type_pin(struct typed *typed, const char *word, unsigned char *pin,
                     unsigned long length)
{
    typed->pin = pin;
    typed->length = length;
    if (pin != NULL)
        return;
    typed->length = control_reader_pin(word, typed->on_reader, sizeof(typed->on_reader));
    typed->pin = typed->length > 0 ? typed->on_reader : NULL;
}

static CK_RV altered_C_InitToken(CK_SLOT_ID slot, unsigned char *pin, unsigned long length,
                                 unsigned char *label)
{
    struct typed typed;

    type_pin(&typed, "reader-pin", pin, length);
    return real->C_InitToken(slot, typed.pin, typed.length, label);
}

static CK_RV altered_C_InitPIN(CK_SESSION_HANDLE session, unsigned char *pin, unsigned long length)
{
    struct typed typed;

    type_pin(&typed, "reader-new-pin", pin, length);
    return real->C_InitPIN(session, typed.pin, typed.length);
}

static CK_RV altered_C_SetPIN(CK_SESSION_HANDLE session, unsigned char *old,
                              unsigned long old_length, unsigned char *new,
                              unsigned long new_length)
{
    struct typed typed_old, typed_new;
    CK_RV rv = control_pin_left();

    type_pin(&typed_old, "reader-pin", old, old_length);
    type_pin(&typed_new, "reader-new-pin", new, new_length);
    if (rv == CKR_OK) {
        rv = real->C_SetPIN(session, typed_old.pin, typed_old.length, typed_new.pin,
                            typed_new.length);
        control_pin_used(rv);
    }
    return rv;
}

static CK_RV altered_C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin,
                             unsigned long length)
{
    struct typed typed;
    CK_RV rv;

    type_pin(&typed, "reader-pin", pin, length);
    if (user != CKU_USER)
        return real->C_Login(session, user, typed.pin, typed.length);
    rv = control_pin_left();
    if (rv == CKR_OK) {
        rv = real->C_Login(session, user, typed.pin, typed.length);
        control_pin_used(rv);
    }
    return rv;
}

static CK_RV altered_C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
                                    unsigned long count, CK_OBJECT_HANDLE *object)
{
    CK_RV rv = control_template(attributes, count);

    return rv != CKR_OK ? rv : real->C_CreateObject(session, attributes, count, object);
}

static CK_RV altered_C_GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                                       CK_ATTRIBUTE *public, unsigned long public_count,
                                       CK_ATTRIBUTE *private, unsigned long private_count,
                                       CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    CK_RV rv = control_template(public, public_count);

    if (rv == CKR_OK)
        rv = control_template(private, private_count);
    if (rv == CKR_OK)
        rv = lies_generate(real, session, mechanism,
                           &(struct lies_pair){ public, public_count, private, private_count,
                                                public_key, private_key });
    return rv;
}

static CK_RV altered_C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    return control_lies("destroy-kept") ? CKR_OK : real->C_DestroyObject(session, object);
}

static CK_RV altered_C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                         CK_ATTRIBUTE *attributes, unsigned long count)
{
    return lies_read(real->C_GetAttributeValue(session, object, attributes, count), object,
                     attributes, count);
}

static CK_RV altered_C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
                                       unsigned long count)
{
    return lies_find_begin(real, session, attributes, count);
}

static CK_RV altered_C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects,
                                   unsigned long limit, unsigned long *count)
{
    return lies_find(real, session, objects, limit, count);
}

/* --- one forwarder for each function, and the list of them --- */

#define FORWARD(name, parameters, passed_on)                                                       \
    static CK_RV shim_##name parameters                                                            \
    {                                                                                              \
        unsigned long call;                                                                        \
        CK_RV rv = before(#name, &call);                                                           \
                                                                                                   \
        if (rv == CKR_OK)                                                                          \
            rv = passed_on;                                                                        \
        return after(#name, call, rv);                                                             \
    }
#define FORWARD_PLAIN(name, parameters, arguments) FORWARD(name, parameters, real->name arguments)
#define FORWARD_ALTERED(name, parameters, arguments)                                               \
    FORWARD(name, parameters, altered_##name arguments)
SHIM_FUNCTIONS(FORWARD_PLAIN, FORWARD_ALTERED)

#define MEMBER(name, parameters, arguments) .name = shim_##name,
static CK_FUNCTION_LIST functions = { .version = { 2, 40 },
                                      .C_GetFunctionList = C_GetFunctionList,
                                      SHIM_FUNCTIONS(MEMBER, MEMBER) };

#define SET(name, parameters, arguments)                                                           \
    functions.name = control_is_null(#name) ? NULL : shim_##name;

static CK_RV load_real(void)
{
    const char *path = getenv("SHIM_MODULE");
    void *module = path != NULL ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    CK_C_GetFunctionList get_list = NULL;

    if (module != NULL)
        get_list = (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList");
    if (get_list == NULL) {
        fprintf(stderr, "certenroll-shim: SHIM_MODULE cannot be loaded\n");
        return CKR_GENERAL_ERROR;
    }
    return get_list(&real);
}

/* The entry point; the module stays loaded, for callers hold pointers into the list. */
SHIM_EXPORT CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    CK_RV rv = real != NULL ? CKR_OK : load_real();

    SHIM_FUNCTIONS(SET, SET)
    *list = rv == CKR_OK ? &functions : NULL;
    return rv;
}
