/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DEMO_RA_STORE_SCHEMA_H
#define DEMO_RA_STORE_SCHEMA_H

#include <certenroll/error.h>

#include <sqlite3.h>

/* Brings the tables up to date, one migration after the other. */
int store_migrate(sqlite3 *database, certenroll_error **error);
/* Whether they are up to date, without a change. */
int store_check(sqlite3 *database, certenroll_error **error);

#endif
