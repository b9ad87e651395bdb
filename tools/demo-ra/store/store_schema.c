/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_schema.h"

#include "common/tool_message.h"

#include <stddef.h>

/* Never change a migration that has been released: add one. */
static const char *const migrations[] = {
    /* 1: accounts, certificates, audit log */
    "CREATE TABLE account ("
    " id INTEGER PRIMARY KEY,"
    " corporate_id TEXT NOT NULL,"
    " user_id TEXT," /* NULL: the corporation itself */
    " corporation INTEGER REFERENCES account(id),"
    " name TEXT NOT NULL,"
    " password_hash TEXT NOT NULL,"
    " wrong_tries INTEGER NOT NULL DEFAULT 0,"
    " created_at INTEGER NOT NULL DEFAULT (unixepoch()),"
    " removed_at INTEGER,"
    " CHECK ((user_id IS NULL) = (corporation IS NULL)));"
    "CREATE UNIQUE INDEX account_name ON account(name) WHERE removed_at IS NULL;"
    "CREATE TABLE certificate ("
    " id INTEGER PRIMARY KEY,"
    " account INTEGER NOT NULL REFERENCES account(id),"
    " serial TEXT NOT NULL UNIQUE,"
    " fingerprint BLOB NOT NULL UNIQUE," /* SHA-256 of the certificate */
    " key_hash BLOB NOT NULL,"           /* SHA-256 of the SubjectPublicKeyInfo */
    " subject TEXT NOT NULL,"
    " not_before INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL,"
    " der BLOB NOT NULL,"
    " superseded_by INTEGER REFERENCES certificate(id),"
    " revoked_at INTEGER);"
    "CREATE INDEX certificate_key ON certificate(key_hash);"
    "CREATE INDEX certificate_account ON certificate(account);"
    "CREATE TABLE audit ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at INTEGER NOT NULL DEFAULT (unixepoch()),"
    " event TEXT NOT NULL,"
    " account TEXT,"
    " detail TEXT);"
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;",

    /* 2: reasons of revocations, all successors of a certificate, requests that wait */
    "ALTER TABLE certificate ADD COLUMN revocation_reason TEXT;"
    "ALTER TABLE certificate ADD COLUMN predecessor INTEGER REFERENCES certificate(id);"
    "UPDATE certificate SET predecessor ="
    " (SELECT o.id FROM certificate o WHERE o.superseded_by = certificate.id);"
    "CREATE INDEX certificate_predecessor ON certificate(predecessor);"
    "CREATE TABLE request ("
    " account INTEGER NOT NULL REFERENCES account(id),"
    " key_hash BLOB NOT NULL,"
    " first_seen_at INTEGER NOT NULL,"
    " PRIMARY KEY (account, key_hash)) WITHOUT ROWID;",

    /* 3: orders, sessions, jobs, bank holidays, the clock, revocation lists. The holidays are those
     * of the national law and of the Banking Act's order (Saturdays and Sundays are known without
     * a table). */
    "ALTER TABLE account ADD COLUMN title TEXT;" /* the corporation's name */
    "ALTER TABLE account ADD COLUMN confirmation_hash TEXT;"
    "ALTER TABLE account ADD COLUMN wrong_logons INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN wrong_confirmations INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN needs_order INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE certificate_order ("
    " id INTEGER PRIMARY KEY,"
    " account INTEGER NOT NULL REFERENCES account(id),"
    " placed_at INTEGER NOT NULL,"
    " placed_by TEXT NOT NULL,"
    " effective_at INTEGER NOT NULL,"
    " closed_at INTEGER,"
    " certificate INTEGER REFERENCES certificate(id));" /* closed without one: replaced */
    "CREATE UNIQUE INDEX order_open ON certificate_order(account) WHERE closed_at IS NULL;"
    "CREATE INDEX order_certificate ON certificate_order(certificate);"
    "CREATE TABLE session ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT," /* never used again: jobs outlive their session */
    " token_hash BLOB NOT NULL UNIQUE,"
    " host INTEGER NOT NULL,"
    " account INTEGER REFERENCES account(id),"
    " certificate INTEGER REFERENCES certificate(id),"
    " begun_at INTEGER NOT NULL,"
    " used_at INTEGER NOT NULL);"
    "CREATE INDEX session_account ON session(account);"
    "CREATE TABLE job ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " account INTEGER NOT NULL REFERENCES account(id),"
    " session INTEGER,"
    " state TEXT NOT NULL,"
    " code_hash BLOB,"
    " token_hash BLOB UNIQUE,"
    " number TEXT,"
    " wrong_codes INTEGER NOT NULL DEFAULT 0,"
    " begun_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " certificate INTEGER REFERENCES certificate(id),"
    " made_certificate INTEGER NOT NULL DEFAULT 0," /* 0: it was there before the job */
    " reason TEXT);"
    "CREATE UNIQUE INDEX job_open ON job(account)"
    " WHERE state IN ('created', 'redeemed', 'executed', 'issued');"
    "CREATE INDEX job_session ON job(session);"
    "CREATE TABLE holiday (day TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;"
    "INSERT INTO holiday(day, name) VALUES"
    " ('2026-01-01', '元日'),"
    " ('2026-01-02', '銀行休業日'),"
    " ('2026-01-03', '銀行休業日'),"
    " ('2026-01-12', '成人の日'),"
    " ('2026-02-11', '建国記念の日'),"
    " ('2026-02-23', '天皇誕生日'),"
    " ('2026-03-20', '春分の日'),"
    " ('2026-04-29', '昭和の日'),"
    " ('2026-05-03', '憲法記念日'),"
    " ('2026-05-04', 'みどりの日'),"
    " ('2026-05-05', 'こどもの日'),"
    " ('2026-05-06', '休日'),"
    " ('2026-07-20', '海の日'),"
    " ('2026-08-11', '山の日'),"
    " ('2026-09-21', '敬老の日'),"
    " ('2026-09-22', '休日'),"
    " ('2026-09-23', '秋分の日'),"
    " ('2026-10-12', 'スポーツの日'),"
    " ('2026-11-03', '文化の日'),"
    " ('2026-11-23', '勤労感謝の日'),"
    " ('2026-12-31', '銀行休業日'),"
    " ('2027-01-01', '元日'),"
    " ('2027-01-02', '銀行休業日'),"
    " ('2027-01-03', '銀行休業日'),"
    " ('2027-01-11', '成人の日'),"
    " ('2027-02-11', '建国記念の日'),"
    " ('2027-02-23', '天皇誕生日'),"
    " ('2027-03-21', '春分の日'),"
    " ('2027-03-22', '休日'),"
    " ('2027-04-29', '昭和の日'),"
    " ('2027-05-03', '憲法記念日'),"
    " ('2027-05-04', 'みどりの日'),"
    " ('2027-05-05', 'こどもの日'),"
    " ('2027-07-19', '海の日'),"
    " ('2027-08-11', '山の日'),"
    " ('2027-09-20', '敬老の日'),"
    " ('2027-09-23', '秋分の日'),"
    " ('2027-10-11', 'スポーツの日'),"
    " ('2027-11-03', '文化の日'),"
    " ('2027-11-23', '勤労感謝の日'),"
    " ('2027-12-31', '銀行休業日'),"
    " ('2028-01-01', '元日'),"
    " ('2028-01-02', '銀行休業日'),"
    " ('2028-01-03', '銀行休業日');"
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE revocation_list ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " made_at INTEGER NOT NULL,"
    " revoked INTEGER NOT NULL," /* how many certificates had been revoked by then */
    " der BLOB NOT NULL DEFAULT x'');",

    /* 4: "INSERT OR REPLACE" deletes a line without the trigger for deletions */
    "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit"
    " WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;",
};

#define MIGRATIONS ((int)(sizeof(migrations) / sizeof(migrations[0])))

static int fail_sqlite(sqlite3 *database, const char *what, certenroll_error **error)
{
    certenroll_error_set(error, CERTENROLL_E_SYSTEM, "%s", what);
    certenroll_error_because(error, "%s", sqlite3_errmsg(database));
    return CERTENROLL_E_SYSTEM;
}

static int execute(sqlite3 *database, const char *sql, certenroll_error **error)
{
    return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK
               ? CERTENROLL_OK
               : fail_sqlite(database, _("cannot set the database up"), error);
}

/* How many migrations have been applied. */
static int count_applied(int *out, sqlite3 *database, certenroll_error **error)
{
    sqlite3_stmt *statement = NULL;
    int status = CERTENROLL_OK;

    if (sqlite3_prepare_v2(database, "SELECT coalesce(max(number), 0) FROM migration", -1,
                           &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = fail_sqlite(database, _("cannot read the database"), error);
    else if ((*out = sqlite3_column_int(statement, 0)) > MIGRATIONS)
        status = certenroll_error_set(error, CERTENROLL_E_SYSTEM,
                                      _("the database was made by a newer demo-ra"));
    sqlite3_finalize(statement);
    return status;
}

static int apply(sqlite3 *database, int number, certenroll_error **error)
{
    sqlite3_stmt *statement = NULL;
    int status = execute(database, migrations[number - 1], error);

    if (status)
        return status;
    if (sqlite3_prepare_v2(database, "INSERT INTO migration(number) VALUES (?)", -1, &statement,
                           NULL) != SQLITE_OK ||
        sqlite3_bind_int(statement, 1, number) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_DONE)
        status = fail_sqlite(database, _("cannot write the database"), error);
    sqlite3_finalize(statement);
    return status;
}

int store_migrate(sqlite3 *database, certenroll_error **error)
{
    int applied = 0;
    int status = execute(database,
                         "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                         "PRAGMA foreign_keys = ON;",
                         error);

    /* IMMEDIATE: two processes that open a new database do not both make the tables. */
    if (!status)
        status = execute(database,
                         "BEGIN IMMEDIATE;"
                         "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY,"
                         " applied_at INTEGER NOT NULL DEFAULT (unixepoch()))",
                         error);
    if (status)
        return status;
    status = count_applied(&applied, database, error);
    while (!status && applied < MIGRATIONS)
        status = apply(database, ++applied, error);
    if (!status)
        return execute(database, "COMMIT", error);
    (void)execute(database, "ROLLBACK", NULL);
    return status;
}

int store_check(sqlite3 *database, certenroll_error **error)
{
    int applied = 0;
    int status = count_applied(&applied, database, error);

    if (!status && applied < MIGRATIONS)
        return certenroll_error_set(
            error, CERTENROLL_E_SYSTEM,
            _("the database was made by an older demo-ra; \"demo-ra serve\" brings it up "
              "to date"));
    return status;
}
