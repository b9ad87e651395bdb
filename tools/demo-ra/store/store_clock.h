/* SPDX-License-Identifier: Apache-2.0 */
/* The RA's clock: the computer's, put forward or back by what the store remembers, so that a
 * running server and the commands agree; and the bank's holidays. */
#ifndef DEMO_RA_STORE_CLOCK_H
#define DEMO_RA_STORE_CLOCK_H

#include "store/store.h"

/* Seconds since 1970-01-01T00:00:00Z. */
int64_t store_now(struct store *store);
enum store_result store_clock_offset(struct store *store, int64_t *out);
enum store_result store_clock_set_offset(struct store *store, int64_t seconds);
/* Adds this for the life of this process alone. */
void store_clock_shift(struct store *store, int64_t seconds);

/* A day is "2026-11-24" (japan_time.h). */
enum store_result store_holiday_add(struct store *store, const char *day, const char *name);
enum store_result store_holiday_remove(struct store *store, const char *day);
/* STORE_NONE: it is none. */
enum store_result store_holiday_is(struct store *store, const char *day);
/* STORE_NONE: none is known after this day. */
enum store_result store_holiday_after(struct store *store, const char *day);
enum store_result store_holiday_list(struct store *store,
                                     int (*take)(void *user, const char *day, const char *name),
                                     void *user);

#endif
