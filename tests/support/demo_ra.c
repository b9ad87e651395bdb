/* SPDX-License-Identifier: Apache-2.0 */
#include "demo_ra.h"

#include "check.h"
#include "run.h"
#include "scratch.h"
#include "softhsm.h"

#include <sys/wait.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct demo_ra {
    char *dir;
    char *program;
    char *state; /* its --dir */
    char *pin_source, *password_source, *anchor, *ready;
    char url[96];
    struct softhsm *hsm;
    pid_t server;
    sqlite3 *books;
};

static void run(const struct demo_ra *ra, const char *const *argv)
{
    struct run run = run_program(ra->dir, argv);

    check(run.status == 0, "%s %s: %s", argv[0], argv[1], run.err);
    run_clear(&run);
}

static void initialise(struct demo_ra *ra)
{
    run(ra, (const char *[]){ ra->program, "init", "--dir", ra->state, "--ca-token",
                              "pkcs11:token=bank", "--module", softhsm_module(), "--pin-source",
                              ra->pin_source, NULL });
    run(ra, (const char *[]){ ra->program, "account", "add", "--dir", ra->state,
                              "--password-source", ra->password_source, DEMO_RA_ACCOUNT, NULL });
}

/* The server's ready file, once it is there. */
static char *await_ready(const struct demo_ra *ra)
{
    const struct timespec pause = { 0, 20 * 1000 * 1000 };
    char *text = NULL;

    for (int i = 0; i < 3000 && text == NULL; i++) {
        check(waitpid(ra->server, NULL, WNOHANG) == 0, "demo-ra has ended, see %s", ra->dir);
        nanosleep(&pause, NULL);
        text = scratch_read(ra->ready, NULL);
    }
    check(text != NULL, "demo-ra is not ready after a minute");
    return text;
}

static void start(struct demo_ra *ra)
{
    static const char before[] = "\"est\":\"";
    char *text, *url;

    ra->server =
        run_start(ra->dir, "demo-ra",
                  (const char *[]){ ra->program, "serve", "--dir", ra->state, "--pin-source",
                                    ra->pin_source, "--ready-file", ra->ready, NULL });
    text = await_ready(ra);
    url = strstr(text, before);
    check(url != NULL && sscanf(url + sizeof(before) - 1, "%95[^\"]", ra->url) == 1,
          "demo-ra's ready file has no EST server");
    free(text);
}

static void open_books(struct demo_ra *ra)
{
    char *path = scratch_path(ra->state, "ra.sqlite");

    check(sqlite3_open_v2(path, &ra->books, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK,
          "cannot open %s", path);
    sqlite3_busy_timeout(ra->books, 10000);
    free(path);
}

struct demo_ra *demo_ra_new(void)
{
    struct demo_ra *ra = calloc(1, sizeof(*ra));

    check(ra != NULL, "out of memory");
    ra->program = run_built("tools/demo-ra/demo-ra");
    ra->dir = scratch_new();
    ra->state = scratch_path(ra->dir, "ra");
    ra->anchor = scratch_path(ra->state, "ca.pem");
    ra->ready = scratch_path(ra->dir, "ready");
    ra->pin_source = scratch_write_text(ra->dir, "pin", SOFTHSM_PIN "\n");
    ra->password_source = scratch_write_text(ra->dir, "password", DEMO_RA_PASSWORD "\n");
    ra->hsm = softhsm_new((const char *[]){ "bank", NULL });
    initialise(ra);
    start(ra);
    open_books(ra);
    return ra;
}

void demo_ra_free(struct demo_ra *ra)
{
    if (ra == NULL)
        return;
    sqlite3_close(ra->books);
    if (ra->server > 0)
        run_stop(ra->server);
    softhsm_free(ra->hsm);
    scratch_remove(ra->dir);
    free(ra->program);
    free(ra->state);
    free(ra->anchor);
    free(ra->ready);
    free(ra->pin_source);
    free(ra->password_source);
    free(ra);
}

const char *demo_ra_url(const struct demo_ra *ra)
{
    return ra->url;
}

const char *demo_ra_anchor(const struct demo_ra *ra)
{
    return ra->anchor;
}

const char *demo_ra_password_source(const struct demo_ra *ra)
{
    return ra->password_source;
}

static long ask(const struct demo_ra *ra, const char *question)
{
    sqlite3_stmt *statement = NULL;
    long answer;

    check(sqlite3_prepare_v2(ra->books, question, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW,
          "demo-ra's books: %s", sqlite3_errmsg(ra->books));
    answer = (long)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

long demo_ra_issued(const struct demo_ra *ra)
{
    return ask(ra, "SELECT count(*) FROM certificate");
}

long demo_ra_revoked(const struct demo_ra *ra)
{
    return ask(ra, "SELECT count(*) FROM certificate WHERE revoked_at IS NOT NULL");
}
