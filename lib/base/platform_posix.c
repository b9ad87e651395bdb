/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* explicit_bzero, MADV_DONTDUMP, getrandom */

#include "base/platform.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <dlfcn.h>
#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <libintl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- reference counts --- */

void ce_refcount_init(ce_refcount *references)
{
    atomic_init(&references->count, 1);
}

void ce_refcount_up(ce_refcount *references)
{
    atomic_fetch_add_explicit(&references->count, 1, memory_order_relaxed);
}

int ce_refcount_down(ce_refcount *references)
{
    return atomic_fetch_sub_explicit(&references->count, 1, memory_order_acq_rel) == 1;
}

/* --- threads --- */

struct ce_mutex {
    pthread_mutex_t mutex;
};

struct ce_condition {
    pthread_cond_t condition;
};

ce_mutex *ce_mutex_new(void)
{
    ce_mutex *mutex = calloc(1, sizeof(*mutex));

    if (mutex && pthread_mutex_init(&mutex->mutex, NULL) != 0) {
        free(mutex);
        return NULL;
    }
    return mutex;
}

void ce_mutex_lock(ce_mutex *mutex)
{
    pthread_mutex_lock(&mutex->mutex);
}

void ce_mutex_unlock(ce_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->mutex);
}

void ce_mutex_free(ce_mutex *mutex)
{
    if (!mutex)
        return;
    pthread_mutex_destroy(&mutex->mutex);
    free(mutex);
}

/* The old contents are dropped, not destroyed: that could wait for threads of the parent. */
void ce_mutex_renew(ce_mutex *mutex)
{
    memset(mutex, 0, sizeof(*mutex));
    pthread_mutex_init(&mutex->mutex, NULL);
}

/* By the clock that ce_uptime_ms reads. */
static int condition_init(ce_condition *condition)
{
    pthread_condattr_t attributes;
    int result = pthread_condattr_init(&attributes);

    if (result != 0)
        return result;
    result = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (result == 0)
        result = pthread_cond_init(&condition->condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return result;
}

ce_condition *ce_condition_new(void)
{
    ce_condition *condition = calloc(1, sizeof(*condition));

    if (condition && condition_init(condition) != 0) {
        free(condition);
        return NULL;
    }
    return condition;
}

int ce_condition_wait_until(ce_condition *condition, ce_mutex *mutex, int64_t until)
{
    struct timespec time = { .tv_sec = (time_t)(until / 1000),
                             .tv_nsec = (long)(until % 1000) * 1000000L };

    return pthread_cond_timedwait(&condition->condition, &mutex->mutex, &time) != ETIMEDOUT;
}

void ce_condition_wake_all(ce_condition *condition)
{
    pthread_cond_broadcast(&condition->condition);
}

void ce_condition_free(ce_condition *condition)
{
    if (!condition)
        return;
    pthread_cond_destroy(&condition->condition);
    free(condition);
}

void ce_condition_renew(ce_condition *condition)
{
    memset(condition, 0, sizeof(*condition));
    condition_init(condition);
}

uint64_t ce_process_generation(void)
{
    return (uint64_t)getpid();
}

/* --- memory --- */

static size_t whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

void *ce_locked_alloc(size_t size)
{
    size_t pages = whole_pages(size);
    void *memory = mmap(NULL, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    /* Both are best effort: RLIMIT_MEMLOCK may be zero, and enrolling must still work then. */
    (void)mlock(memory, pages);
#ifdef MADV_DONTDUMP
    (void)madvise(memory, pages, MADV_DONTDUMP);
#endif
#ifdef MADV_WIPEONFORK
    (void)madvise(memory, pages, MADV_WIPEONFORK);
#endif
    return memory;
}

void ce_locked_free(void *memory, size_t size)
{
    if (!memory)
        return;
    ce_wipe(memory, size);
    munmap(memory, whole_pages(size));
}

void ce_wipe(void *memory, size_t size)
{
    explicit_bzero(memory, size);
}

int ce_process_protect(void)
{
    const struct rlimit no_core = { 0, 0 };
    int cored = setrlimit(RLIMIT_CORE, &no_core);

    return prctl(PR_SET_DUMPABLE, 0) < 0 || cored < 0 ? -1 : 0;
}

/* --- libraries that are loaded when they are needed --- */

int ce_library_load(void *table, const char *library, const struct ce_symbol *symbols, size_t count,
                    char *reason, size_t size)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

    if (!handle) {
        snprintf(reason, size, "%s", dlerror());
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        void *symbol = dlsym(handle, symbols[i].name);

        if (!symbol) {
            snprintf(reason, size, "%s: undefined symbol: %s", library, symbols[i].name);
            return -1;
        }
        /* As POSIX's dlsym wants it: C has no cast to a pointer to a function. */
        memcpy((char *)table + symbols[i].offset, &symbol, sizeof(symbol));
    }
    return 0;
}

/* --- messages in the person's language --- */

const char *ce_message(const char *domain, const char *text)
{
    return dgettext(domain, text);
}

/* The file that this code is a part of, malloc'ed: the loader knows a library's, and calls the
 * program by whatever name it was started by. */
static char *own_file(void)
{
    struct link_map *map = NULL;
    Dl_info info;

    if (!dladdr1((void *)(uintptr_t)own_file, &info, (void **)&map, RTLD_DL_LINKMAP) || !map)
        return NULL;
    return realpath(map->l_name[0] ? map->l_name : "/proc/self/exe", NULL);
}

/* DIRECTORY-OF-OWN-FILE/`from_here`, malloc'ed; NULL where there is none. */
static char *directory_from_here(const char *from_here)
{
    char *file = own_file(), *slash = file ? strrchr(file, '/') : NULL;
    size_t size = slash ? (size_t)(slash - file) + strlen(from_here) + 2 : 0;
    char *path = size ? malloc(size) : NULL, *found = NULL;

    if (path) {
        *slash = '\0';
        snprintf(path, size, "%s/%s", file, from_here);
        found = realpath(path, NULL);
    }
    free(path);
    free(file);
    return found;
}

void ce_messages_bind(const char *domain, const char *directory, const char *from_here)
{
    char *moved = directory_from_here(from_here);

    bindtextdomain(domain, moved ? moved : directory);
    bind_textdomain_codeset(domain, "UTF-8");
    free(moved);
}

/* "xx" or "xxx" with a region or none, of "xx_YY.charset@modifier"; its length, 0 for what is no
 * language ("C.UTF-8"). */
static size_t language_tag(char out[8], const char *locale)
{
    size_t length = strcspn(locale, ".@:"), language = strcspn(locale, "_.@:");

    if (language < 2 || language > 3 || length >= 8)
        return 0;
    memcpy(out, locale, length);
    out[length] = '\0';
    if (length > language)
        out[language] = '-';
    return out[strspn(out, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")] ? 0 : language;
}

/* The `rank`-th choice; -1 when it is one too many. */
static int add_language(char *out, size_t size, const char *tag, int rank)
{
    size_t used = strlen(out);

    if (rank > 8 || used + strlen(tag) + sizeof(", ;q=0.9") > size)
        return -1;
    if (rank == 0)
        snprintf(out, size, "%s", tag);
    else
        snprintf(out + used, size - used, ", %s;q=0.%d", tag, 10 - rank);
    return 0;
}

/* As gettext has it: LANGUAGE, a list, goes before the locale's own name, but for the C locale. */
void ce_languages(char *out, size_t size)
{
    const char *locale = nl_langinfo(NL_LOCALE_NAME(LC_MESSAGES)), *list = getenv("LANGUAGE");
    int rank = 0;
    char tag[8];

    out[0] = '\0';
    if (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0)
        return;
    for (list = list && list[0] ? list : locale; *list; list += list[0] == ':') {
        size_t language = language_tag(tag, list);

        if (language && add_language(out, size, tag, rank++) < 0)
            return;
        if (language && tag[language]) {
            tag[language] = '\0';
            if (add_language(out, size, tag, rank++) < 0)
                return;
        }
        list += strcspn(list, ":");
    }
}

/* --- charsets --- */

int64_t ce_charset_decode(char *out, size_t size, const char *charset, const char *text,
                          size_t length)
{
    iconv_t decoder = iconv_open("UTF-8", charset);
    char *from = (char *)(uintptr_t)text, *to = out; /* iconv takes no const, and writes nothing */

    if (decoder == (iconv_t)-1) /* POSIX's own word for it */
        return -1;
    while (length > 0 && iconv(decoder, &from, &length, &to, &size) == (size_t)-1) {
        if (errno == E2BIG || size == 0)
            break;
        *to++ = '?';
        size--;
        from++;
        length--;
    }
    iconv_close(decoder);
    return to - out;
}

/* --- randomness and time --- */

int ce_random(void *buffer, size_t length)
{
    unsigned char *bytes = buffer;

    while (length > 0) {
        ssize_t got = getrandom(bytes, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        bytes += got;
        length -= (size_t)got;
    }
    return 0;
}

int ce_local_time(struct tm *out, int64_t when)
{
    time_t seconds = (time_t)when;

    return localtime_r(&seconds, out) ? 0 : -1;
}

int64_t ce_now(void)
{
    return (int64_t)time(NULL);
}

int64_t ce_uptime_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void ce_sleep_ms(unsigned milliseconds)
{
    struct timespec time = { .tv_sec = (time_t)(milliseconds / 1000),
                             .tv_nsec = (long)(milliseconds % 1000) * 1000000L };

    nanosleep(&time, NULL);
}

/* --- signals --- */

/* This thread's. */
static _Thread_local struct {
    unsigned depth;
    int was_pending;
    int was_blocked;
} sigpipe;

static int is_pending(void)
{
    sigset_t pending;

    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static void sigpipe_only(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGPIPE);
}

static void begin_hold(void)
{
    sigset_t only, before;

    sigpipe_only(&only);
    sigpipe.was_pending = is_pending();
    sigemptyset(&before);
    pthread_sigmask(SIG_BLOCK, &only, &before);
    sigpipe.was_blocked = sigismember(&before, SIGPIPE) == 1;
}

static void end_hold(void)
{
    static const struct timespec at_once = { 0, 0 };
    int saved_errno = errno;
    sigset_t only;

    sigpipe_only(&only);
    if (!sigpipe.was_pending && is_pending())
        while (sigtimedwait(&only, NULL, &at_once) < 0 && errno == EINTR)
            continue;
    if (!sigpipe.was_blocked)
        pthread_sigmask(SIG_UNBLOCK, &only, NULL);
    errno = saved_errno;
}

void ce_sigpipe_hold(void)
{
    if (sigpipe.depth++ == 0)
        begin_hold();
}

void ce_sigpipe_release(void)
{
    if (--sigpipe.depth == 0)
        end_hold();
}

unsigned ce_sigpipe_pause(void)
{
    unsigned held = sigpipe.depth;

    if (held > 0)
        end_hold();
    sigpipe.depth = 0;
    return held;
}

void ce_sigpipe_resume(unsigned held)
{
    if (held > 0)
        begin_hold();
    sigpipe.depth = held;
}
