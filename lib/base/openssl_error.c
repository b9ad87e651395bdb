/* SPDX-License-Identifier: Apache-2.0 */
#include "base/openssl_error.h"

#include <openssl/err.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first entry of the queue, taken off it. */
struct entry {
    unsigned long code;
    const char *data; /* "" where there is none */
};

static struct entry take_entry(void)
{
    struct entry entry = { 0, NULL };
    int flags = 0;

    entry.code = ERR_get_error_all(NULL, NULL, NULL, &entry.data, &flags);
    if (!entry.data || !(flags & ERR_TXT_STRING))
        entry.data = "";
    return entry;
}

static int is_ours(const struct entry *entry)
{
    const char *library = ERR_lib_error_string(entry->code);

    return library && strcmp(library, CE_OPENSSL_LIBRARY) == 0;
}

static void add_own_reason(certenroll_error **error, const struct entry *entry)
{
    struct entry next;

    certenroll_error_because(error, "%s", entry->data);
    next = take_entry();
    if (is_ours(&next) && ERR_GET_REASON(next.code) == CE_OPENSSL_CK_RV)
        certenroll_error_set_ck_rv(error, strtoul(next.data, NULL, 16));
}

static void add_reason(certenroll_error **error, const struct entry *entry)
{
    const char *reason = ERR_reason_error_string(entry->code);

    if (reason && entry->data[0])
        certenroll_error_because(error, "OpenSSL: %s (%s)", reason, entry->data);
    else if (reason)
        certenroll_error_because(error, "OpenSSL: %s", reason);
    certenroll_error_set_openssl(error, entry->code);
}

int ce_fail_openssl(certenroll_error **error, int status, const char *what, ...)
{
    struct entry entry = take_entry();
    char clause[512];
    va_list arguments;

    va_start(arguments, what);
    vsnprintf(clause, sizeof(clause), what, arguments);
    va_end(arguments);
    if (is_ours(&entry))
        status = -ERR_GET_REASON(entry.code);
    if (ERR_GET_REASON(entry.code) == ERR_R_MALLOC_FAILURE)
        status = certenroll_error_set_memory(error);
    else
        certenroll_error_set(error, status, "%s", clause);
    if (is_ours(&entry))
        add_own_reason(error, &entry);
    else
        add_reason(error, &entry);
    ERR_clear_error();
    return status;
}
