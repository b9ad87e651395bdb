/* SPDX-License-Identifier: Apache-2.0 */
#include "token/ck_rv.h"

#include <stdio.h>

struct ck_rv_row {
    CK_RV rv;
    const char *name;
    int status;
};

#define ROW(name, status)                                                                          \
    {                                                                                              \
        CKR_##name, "CKR_" #name, CERTENROLL_E_##status                                            \
    }

/* PKCS#11 v2.40 §5.1 and v3.0 §5.1, in the order of the numbers. */
static const struct ck_rv_row rows[] = {
    ROW(CANCEL, CANCELLED),
    ROW(HOST_MEMORY, MEMORY),
    ROW(SLOT_ID_INVALID, TOKEN_REMOVED),
    ROW(GENERAL_ERROR, TOKEN),
    ROW(FUNCTION_FAILED, TOKEN),
    ROW(ARGUMENTS_BAD, TOKEN),
    ROW(NO_EVENT, TOKEN),
    ROW(NEED_TO_CREATE_THREADS, MODULE),
    ROW(CANT_LOCK, MODULE),
    ROW(ATTRIBUTE_READ_ONLY, TOKEN),
    ROW(ATTRIBUTE_SENSITIVE, TOKEN),
    ROW(ATTRIBUTE_TYPE_INVALID, TOKEN),
    ROW(ATTRIBUTE_VALUE_INVALID, TOKEN),
    ROW(ACTION_PROHIBITED, TOKEN),
    ROW(DATA_INVALID, TOKEN),
    ROW(DATA_LEN_RANGE, TOKEN),
    ROW(DEVICE_ERROR, TOKEN),
    ROW(DEVICE_MEMORY, TOKEN_FULL),
    ROW(DEVICE_REMOVED, TOKEN_REMOVED),
    ROW(FUNCTION_CANCELED, CANCELLED),
    ROW(FUNCTION_NOT_PARALLEL, TOKEN),
    ROW(FUNCTION_NOT_SUPPORTED, UNSUPPORTED),
    ROW(KEY_HANDLE_INVALID, TOKEN),
    ROW(KEY_SIZE_RANGE, UNSUPPORTED),
    ROW(KEY_TYPE_INCONSISTENT, UNSUPPORTED),
    ROW(KEY_FUNCTION_NOT_PERMITTED, UNSUPPORTED),
    ROW(MECHANISM_INVALID, UNSUPPORTED),
    ROW(MECHANISM_PARAM_INVALID, UNSUPPORTED),
    ROW(OBJECT_HANDLE_INVALID, TOKEN),
    ROW(OPERATION_ACTIVE, TOKEN),
    ROW(OPERATION_NOT_INITIALIZED, TOKEN),
    ROW(PIN_INCORRECT, PIN_INCORRECT),
    ROW(PIN_INVALID, PIN_INVALID),
    ROW(PIN_LEN_RANGE, PIN_INVALID),
    ROW(PIN_EXPIRED, PIN_EXPIRED),
    ROW(PIN_LOCKED, PIN_LOCKED),
    ROW(SESSION_CLOSED, TOKEN),
    ROW(SESSION_COUNT, TOKEN_FULL),
    ROW(SESSION_HANDLE_INVALID, TOKEN),
    ROW(SESSION_PARALLEL_NOT_SUPPORTED, TOKEN),
    ROW(SESSION_READ_ONLY, TOKEN_READ_ONLY),
    ROW(SESSION_EXISTS, TOKEN),
    ROW(SESSION_READ_ONLY_EXISTS, TOKEN),
    ROW(SESSION_READ_WRITE_SO_EXISTS, STATE),
    ROW(SIGNATURE_INVALID, TOKEN),
    ROW(SIGNATURE_LEN_RANGE, TOKEN),
    ROW(TEMPLATE_INCOMPLETE, TOKEN),
    ROW(TEMPLATE_INCONSISTENT, TOKEN),
    ROW(TOKEN_NOT_PRESENT, TOKEN_REMOVED),
    ROW(TOKEN_NOT_RECOGNIZED, TOKEN_REMOVED),
    ROW(TOKEN_WRITE_PROTECTED, TOKEN_READ_ONLY),
    ROW(USER_ALREADY_LOGGED_IN, TOKEN),
    ROW(USER_NOT_LOGGED_IN, TOKEN),
    ROW(USER_PIN_NOT_INITIALIZED, PIN_NOT_SET),
    ROW(USER_TYPE_INVALID, UNSUPPORTED),
    ROW(USER_ANOTHER_ALREADY_LOGGED_IN, STATE),
    ROW(USER_TOO_MANY_TYPES, STATE),
    ROW(RANDOM_SEED_NOT_SUPPORTED, TOKEN),
    ROW(RANDOM_NO_RNG, UNSUPPORTED),
    ROW(DOMAIN_PARAMS_INVALID, UNSUPPORTED),
    ROW(CURVE_NOT_SUPPORTED, UNSUPPORTED),
    ROW(BUFFER_TOO_SMALL, TOKEN),
    ROW(INFORMATION_SENSITIVE, TOKEN),
    ROW(CRYPTOKI_NOT_INITIALIZED, TOKEN),
    ROW(CRYPTOKI_ALREADY_INITIALIZED, MODULE),
    ROW(MUTEX_BAD, MODULE),
    ROW(MUTEX_NOT_LOCKED, MODULE),
    ROW(EXCEEDED_MAX_ITERATIONS, TOKEN),
    ROW(FIPS_SELF_TEST_FAILED, TOKEN),
    ROW(LIBRARY_LOAD_FAILED, MODULE),
    ROW(PIN_TOO_WEAK, PIN_INVALID),
    ROW(PUBLIC_KEY_INVALID, TOKEN),
    ROW(FUNCTION_REJECTED, CANCELLED),
};

static const struct ck_rv_row *find_row(CK_RV rv)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].rv == rv)
            return &rows[i];
    return NULL;
}

const char *ce_ck_rv_name(char *buffer, size_t size, CK_RV rv)
{
    const struct ck_rv_row *row = find_row(rv);

    if (row)
        snprintf(buffer, size, "%s", row->name);
    else
        snprintf(buffer, size, "CKR 0x%08lx", (unsigned long)rv);
    return buffer;
}

int ce_ck_rv_status(CK_RV rv)
{
    const struct ck_rv_row *row = find_row(rv);

    return row ? row->status : CERTENROLL_E_TOKEN;
}

int ce_fail_ck_v(certenroll_error **error, CK_RV rv, const char *what, va_list arguments)
{
    char name[CE_CK_RV_NAME_SIZE], clause[512];
    int status = ce_ck_rv_status(rv);

    vsnprintf(clause, sizeof(clause), what, arguments);
    certenroll_error_set(error, status, "%s", clause);
    certenroll_error_because(error, "%s", ce_ck_rv_name(name, sizeof(name), rv));
    certenroll_error_set_ck_rv(error, rv);
    return status;
}

int ce_fail_ck(certenroll_error **error, CK_RV rv, const char *what, ...)
{
    va_list arguments;
    int status;

    va_start(arguments, what);
    status = ce_fail_ck_v(error, rv, what, arguments);
    va_end(arguments);
    return status;
}
