/* SPDX-License-Identifier: Apache-2.0 */
/* The platform seam: everything that differs between operating systems, and nothing else.
 * Implemented once a system (platform_posix.c, platform_posix_files.c); no #ifdef for a system
 * anywhere else. */
#ifndef CE_BASE_PLATFORM_H
#define CE_BASE_PLATFORM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* --- reference counts --- */
typedef struct {
    atomic_int count;
} ce_refcount;
void ce_refcount_init(ce_refcount *references); /* to 1 */
void ce_refcount_up(ce_refcount *references);
int ce_refcount_down(ce_refcount *references); /* non-zero when the last one went */

/* --- threads --- */
typedef struct ce_mutex ce_mutex;
typedef struct ce_condition ce_condition;
ce_mutex *ce_mutex_new(void); /* NULL: out of memory */
void ce_mutex_lock(ce_mutex *mutex);
void ce_mutex_unlock(ce_mutex *mutex);
void ce_mutex_free(ce_mutex *mutex);
/* In a forked child: unlocked, whoever held it in the parent; no thread waits for it here. */
void ce_mutex_renew(ce_mutex *mutex);
ce_condition *ce_condition_new(void);
/* Waits no longer than until ce_uptime_ms() is `until`: zero when it is. */
int ce_condition_wait_until(ce_condition *condition, ce_mutex *mutex, int64_t until);
void ce_condition_wake_all(ce_condition *condition);
void ce_condition_free(ce_condition *condition);
void ce_condition_renew(ce_condition *condition); /* as ce_mutex_renew */

/* Changes when the process is forked: what was opened under another value belongs to the parent. */
uint64_t ce_process_generation(void);

/* --- memory --- */
/* Pages that are not swapped and not part of a core file; zeroed. NULL: out of memory. */
void *ce_locked_alloc(size_t size);
void ce_locked_free(void *memory, size_t size); /* wipes */
void ce_wipe(void *memory, size_t size);        /* never optimised away */

/* No other process of the same user may look into this one's memory, and it gets into no core file.
 * 0, or -1 with errno. */
int ce_process_protect(void);

/* --- libraries that are loaded when they are needed --- */
struct ce_symbol {
    const char *name;
    size_t offset; /* of the pointer to it in the caller's table */
};
/* Loads a library, which is never unloaded, and fills `table`. -1: it is not there, not usable or
 * lacks one of the symbols, and `reason` (`size` bytes) says so. */
int ce_library_load(void *table, const char *library, const struct ce_symbol *symbols, size_t count,
                    char *reason, size_t size);

/* --- messages in the person's language --- */
#if defined(__GNUC__) || defined(__clang__)
#define CE_FORMAT_ARG(position) __attribute__((format_arg(position)))
#else
#define CE_FORMAT_ARG(position)
#endif
/* `text` from the catalogue of this domain, or as it stands. Static storage. */
const char *ce_message(const char *domain, const char *text) CE_FORMAT_ARG(2);
/* Where the catalogues of a domain lie: in `from_here`, a path from the directory of the program or
 * library that this code is a part of, if that is there, so that what was moved as a whole keeps
 * its languages; else in `directory`. They are read as UTF-8. */
void ce_messages_bind(const char *domain, const char *directory, const char *from_here);
/* In which languages ce_message looks, as Accept-Language has them (RFC 9110 §12.5.4): "ja-JP,
 * ja;q=0.9"; cut to fit, "" where the person has named none. */
void ce_languages(char *out, size_t size);

/* --- charsets --- */
/* Decodes to UTF-8 in `out` (`size` bytes, no NUL) and returns how many bytes that are: '?' for
 * what is malformed, and no more than has room. -1: the system does not know the charset. */
int64_t ce_charset_decode(char *out, size_t size, const char *charset, const char *text,
                          size_t length);

/* --- randomness and time --- */
int ce_random(void *buffer, size_t length); /* 0, or -1 with errno */
int64_t ce_now(void);                       /* UTC seconds since 1970 */
struct tm;
int ce_local_time(struct tm *out, int64_t when); /* in the person's time zone: 0, or -1 */
int64_t ce_uptime_ms(void); /* since some moment before; goes on evenly when the clock is set */
void ce_sleep_ms(unsigned milliseconds); /* shorter when a signal comes */

/* --- signals --- */
/* Between these two, which nest, this thread gets no SIGPIPE: what a PKCS#11 module raises by
 * writing to a peer that is dead is taken away, one that was pending before stays. The process's
 * handling of it is not touched. */
void ce_sigpipe_hold(void);
void ce_sigpipe_release(void);
/* Around a callback, which is to find its thread as the caller left it; returns what
 * ce_sigpipe_resume wants. */
unsigned ce_sigpipe_pause(void);
void ce_sigpipe_resume(unsigned held);

/* --- files: paths are UTF-8; 0, or -1 with errno --- */
/* Whose a file has to be to be believed. */
enum ce_trust {
    CE_TRUST_ANY,   /* anybody's, and of any kind: what the person has named */
    CE_TRUST_OWN,   /* a regular file of the effective user's, and no link to one: a download */
    CE_TRUST_ALONE, /* such a one that nobody else may write to: what the program has written itself
                     */
    CE_TRUST_SYSTEM, /* a regular file of root's or the user's, by a link or not, that nobody else
                        may write to: a configuration, a program */
};
/* Reads a file or pipe to its end into `buffer`, which holds `limit` bytes; NULL: standard input.
 * EFBIG when it is longer; by `trust`, ELOOP: a link, EINVAL: no regular file, EPERM: somebody
 * else's or open to others. */
int ce_platform_read(const char *path, enum ce_trust trust, size_t limit, unsigned char *buffer,
                     size_t *length);
/* The same question about a file that is not read. */
int ce_platform_check(const char *path, enum ce_trust trust);
/* What a file that is written has behind its name until it is whole. */
#define CE_TEMPORARY_SUFFIX ".new"
/* A file that was not there appears whole or not at all: PATH.new, fsync, rename, fsync of the
 * directory. `mode` is the POSIX permission. One writer at a time: it is for the caller to see to
 * that (ce_lock). A killed writer leaves at most PATH.new, which the next one replaces. */
int ce_platform_write_atomic(const char *path, const void *data, size_t length, unsigned mode);
/* The same without a lock, and where a file PATH.new may be somebody's: the temporary file has a
 * name that nobody has. What is no regular file (a terminal, a pipe) is written to as it stands. */
int ce_platform_replace(const char *path, const void *data, size_t length, unsigned mode);
/* Removes a file, also from what a power cut would bring back; that there is none is success. */
int ce_platform_remove(const char *path);
int ce_platform_exists(const char *path); /* 1, 0, or -1 with errno; a link is itself */
/* Seconds since the file was last written. */
int ce_platform_age(int64_t *seconds, const char *path);

/* --- files of the user's own --- */
/* Where a program of this name keeps its state: $XDG_STATE_HOME/NAME or ~/.local/state/NAME (XDG
 * Base Directory Specification 0.8); the environment of a set-user-ID program is not looked at.
 * malloc'ed; NULL with errno. */
char *ce_platform_state_directory(const char *name);
/* Makes a directory for the user alone, with its parents; that it is there is success. */
int ce_platform_make_directory(const char *path);
/* 0 when it is a directory of the effective user's that nobody else may write to; EPERM when not.
 * A link to such a directory will do. */
int ce_platform_check_directory(const char *path);
/* The names in a directory that end in `suffix` and are longer, in no order; freed by
 * ce_platform_list_free. */
int ce_platform_list(char ***names, size_t *count, const char *directory, const char *suffix);
void ce_platform_list_free(char **names, size_t count);
/* The one absolute name of what is there, malloc'ed; NULL with errno. */
char *ce_platform_absolute(const char *path);

/* --- locks between processes, and between the threads of one --- */
typedef struct ce_lock ce_lock;
/* Makes the lock file and locks it: 0, 1 when somebody else has it and keeps it for so long, or -1
 * with errno. The system unlocks when the process ends, however it does. */
int ce_lock_take(ce_lock **out, const char *path, unsigned patience_ms);
/* The patience of who wants it for long: whoever only looks whether it is left over is done in a
 * moment. Those who look have none. */
#define CE_LOCK_PATIENCE_MS 30u
/* Zero in a child that was forked meanwhile: the lock stays its parent's. */
int ce_lock_is_held(const ce_lock *lock);
/* What stands in the lock file: as ce_platform_read, but of no other trust than that the file is
 * ours; and in its place `length` bytes, on the disk where `durable` says so. Only of a lock that
 * is held. */
int ce_lock_read(ce_lock *lock, size_t limit, unsigned char *buffer, size_t *length);
int ce_lock_write(ce_lock *lock, const void *data, size_t length, int durable);
/* Unlocks, and what was written stays there. NULL is allowed. */
void ce_lock_leave(ce_lock *lock);
/* Removes the lock file and unlocks. NULL is allowed. */
void ce_lock_release(ce_lock *lock);

#endif
