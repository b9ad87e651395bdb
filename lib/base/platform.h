/* SPDX-License-Identifier: Apache-2.0 */
/* The platform seam: everything that differs between operating systems, and nothing else. One
 * implementation file a system (platform_posix.c); no #ifdef for a system anywhere else. */
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
void ce_condition_wait(ce_condition *condition, ce_mutex *mutex);
void ce_condition_wake_one(ce_condition *condition);
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

/* --- libraries that are loaded when they are needed --- */
typedef void (*ce_function)(void);
/* Never unloaded. NULL: not there or not usable, and `reason` (`size` bytes) says why. */
void *ce_library_open(const char *name, char *reason, size_t size);
ce_function ce_library_symbol(void *library, const char *name); /* NULL: it has none */

/* --- randomness and time --- */
int ce_random(void *buffer, size_t length); /* 0, or -1 with errno */
int64_t ce_now(void);                       /* UTC seconds since 1970 */

/* --- files: paths are UTF-8; 0, or -1 with errno --- */
/* Reads a file or pipe to its end into `buffer`, which holds `limit` bytes. EFBIG when it is
 * longer. */
int ce_platform_read(const char *path, size_t limit, unsigned char *buffer, size_t *length);
/* A file that was not there appears whole or not at all: temporary name in the same directory,
 * fsync, rename, fsync of the directory. `mode` is the POSIX permission. */
int ce_platform_write_atomic(const char *path, const void *data, size_t length, unsigned mode);

#endif
