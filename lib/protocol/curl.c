/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/curl.h"

#include "base/message.h"
#include "base/platform.h"

#include <openssl/crypto.h>

#include <stddef.h>
#include <stdio.h>

/* Those whose declaration is the same in every libcurl; curl_url_get's has gained a const. */
#define EACH_STEADY_FUNCTION(X)                                                                    \
    X(global_init)                                                                                 \
    X(easy_init)                                                                                   \
    X(easy_setopt)                                                                                 \
    X(easy_getinfo)                                                                                \
    X(easy_header)                                                                                 \
    X(easy_strerror)                                                                               \
    X(easy_cleanup)                                                                                \
    X(multi_init)                                                                                  \
    X(multi_add_handle)                                                                            \
    X(multi_perform)                                                                               \
    X(multi_poll)                                                                                  \
    X(multi_info_read)                                                                             \
    X(multi_remove_handle)                                                                         \
    X(multi_cleanup)                                                                               \
    X(slist_append)                                                                                \
    X(slist_free_all)                                                                              \
    X(url)                                                                                         \
    X(url_set)                                                                                     \
    X(url_cleanup)                                                                                 \
    X(strequal)                                                                                    \
    X(strnequal)                                                                                   \
    X(getdate)                                                                                     \
    X(free)

#define EACH_FUNCTION(X) EACH_STEADY_FUNCTION(X) X(url_get)

/* Our declarations held against those of <curl/curl.h>; sizeof evaluates nothing, so that no
 * reference to libcurl comes of it. */
#define COMPARE(name) .name = curl_##name,
#define FIELD_SIZE(name) +sizeof(((struct libcurl *)0)->name)
_Static_assert(sizeof((struct libcurl){ EACH_STEADY_FUNCTION(COMPARE) }) ==
                   0 EACH_FUNCTION(FIELD_SIZE),
               "a function of struct libcurl is not in EACH_FUNCTION");

#define ROW(name) { "curl_" #name, offsetof(struct libcurl, name) },
static const struct ce_symbol symbols[] = { EACH_FUNCTION(ROW) };

/* Written once, by load(). */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static struct libcurl table;
static int usable;
static char reason[256]; /* why it is not */

static void load(void)
{
    CURLcode code;

    if (ce_library_load(&table, LIBCURL_SONAME, symbols, sizeof(symbols) / sizeof(symbols[0]),
                        reason, sizeof(reason)) < 0)
        return;
    code = table.global_init(CURL_GLOBAL_DEFAULT);
    if (code == CURLE_OK)
        usable = 1;
    else
        snprintf(reason, sizeof(reason), "%s", table.easy_strerror(code));
}

const struct libcurl *libcurl_load(certenroll_error **error)
{
    if (CRYPTO_THREAD_run_once(&once, load) && usable)
        return &table;
    certenroll_error_set(error, CERTENROLL_E_SYSTEM, _("libcurl cannot be loaded"));
    certenroll_error_because(error, "%s", reason);
    certenroll_error_advise(
        error, _("Install libcurl with OpenSSL (Debian: libcurl4), then start again."));
    return NULL;
}
