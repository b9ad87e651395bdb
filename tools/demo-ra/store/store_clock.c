/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_clock.h"

#include "store/store_query.h"

#include <time.h>

enum store_result store_clock_offset(struct store *store, int64_t *out)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(
        store, &statement, "SELECT value FROM setting WHERE name = 'clock-offset'", NULL, 0);

    *out = result == STORE_OK ? sqlite3_column_int64(statement, 0) : 0;
    return store_finish(store, statement, result == STORE_NONE ? STORE_OK : result);
}

enum store_result store_clock_set_offset(struct store *store, int64_t seconds)
{
    const struct value values[] = { INTEGER(seconds) };

    return store_change(store,
                        "INSERT INTO setting(name, value) VALUES ('clock-offset', ?)"
                        " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                        values, COUNT(values));
}

void store_clock_shift(struct store *store, int64_t seconds)
{
    store->clock_shift = seconds;
}

/* A failure has been told; what needs the time needs the store too, and fails by itself. */
int64_t store_now(struct store *store)
{
    int64_t offset;

    (void)store_clock_offset(store, &offset);
    return (int64_t)time(NULL) + offset + store->clock_shift;
}
