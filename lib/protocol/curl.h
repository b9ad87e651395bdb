/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl, loaded when the first address is read and not before. It brings some 25 libraries
 * (LDAP, Kerberos, SSH, ...) into a process; one that only works with its token is spared them. */
#ifndef CE_PROTOCOL_CURL_H
#define CE_PROTOCOL_CURL_H

#include <certenroll/error.h>

#include <curl/curl.h>

#include <time.h>

/* Its functions, under their names without "curl_". Unlike the macros of <curl/curl.h>, nothing
 * checks the last argument of easy_setopt and easy_getinfo: it must have the very type. */
struct libcurl {
    CURLcode (*global_init)(long flags);

    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
    CURLHcode (*easy_header)(CURL *handle, const char *name, size_t index, unsigned origin,
                             int request, struct curl_header **out);
    const char *(*easy_strerror)(CURLcode code);
    void (*easy_cleanup)(CURL *handle);

    CURLM *(*multi_init)(void);
    CURLMcode (*multi_add_handle)(CURLM *multi, CURL *handle);
    CURLMcode (*multi_perform)(CURLM *multi, int *running);
    CURLMcode (*multi_poll)(CURLM *multi, struct curl_waitfd *others, unsigned others_count,
                            int timeout_ms, int *ready);
    CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
    CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *handle);
    CURLMcode (*multi_cleanup)(CURLM *multi);

    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);

    CURLU *(*url)(void);
    CURLUcode (*url_set)(CURLU *url, CURLUPart which, const char *part, unsigned flags);
    CURLUcode (*url_get)(const CURLU *url, CURLUPart which, char **part, unsigned flags);
    void (*url_cleanup)(CURLU *url);

    int (*strequal)(const char *text, const char *other);
    int (*strnequal)(const char *text, const char *other, size_t length);
    time_t (*getdate)(const char *text, const time_t *unused);
    void (*free)(void *memory);
};

/* Loads and starts libcurl the first time; it stays until the process ends. NULL with
 * CERTENROLL_E_SYSTEM where that fails, then and ever after. From any thread. */
const struct libcurl *libcurl_load(certenroll_error **error);

#endif
