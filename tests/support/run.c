/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include "check.h"
#include "scratch.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARGUMENTS_MAX 40

extern char **environ;

static pid_t spawn(const char *const *argv, const char *out, const char *err)
{
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_t files;
    pid_t pid = -1;
    int failed;

    check(posix_spawn_file_actions_init(&files) == 0, "out of memory");
    failed = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) ||
             posix_spawn_file_actions_addopen(&files, 1, out, flags, 0600) ||
             (err != NULL ? posix_spawn_file_actions_addopen(&files, 2, err, flags, 0600)
                          : posix_spawn_file_actions_adddup2(&files, 1, 2));
    check(!failed, "out of memory");
    /* POSIX declares argv without const for old programs' sake; it is not changed. */
    errno = posix_spawnp(&pid, argv[0], &files, NULL, (char *const *)(uintptr_t)argv, environ);
    check(errno == 0, "cannot start %s", argv[0]);
    posix_spawn_file_actions_destroy(&files);
    return pid;
}

int run_wait(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        check(errno == EINTR, "cannot wait for a child");
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct run run_program(const char *dir, const char *const *argv)
{
    char *out = scratch_path(dir, "run.out");
    char *err = scratch_path(dir, "run.err");
    struct run run = { .status = run_wait(spawn(argv, out, err)) };

    run.out = scratch_read(out, NULL);
    run.err = scratch_read(err, NULL);
    check(unlink(out) == 0 && unlink(err) == 0, "cannot remove %s", out);
    free(out);
    free(err);
    return run;
}

void run_clear(struct run *run)
{
    free(run->out);
    free(run->err);
    *run = (struct run){ 0 };
}

pid_t run_start(const char *dir, const char *name, const char *const *argv)
{
    const char *bound[ARGUMENTS_MAX] = { "setpriv", "--pdeathsig", "KILL", "--" };
    size_t count = 4;
    char file[64];
    char *log;
    pid_t pid;

    while (*argv != NULL && count < ARGUMENTS_MAX - 1)
        bound[count++] = *argv++;
    check(*argv == NULL, "too many arguments");
    check((size_t)snprintf(file, sizeof(file), "%s.log", name) < sizeof(file), "name too long");
    log = scratch_path(dir, file);
    pid = spawn(bound, log, NULL);
    free(log);
    return pid;
}

int run_stop(pid_t pid)
{
    check(kill(pid, SIGTERM) == 0, "a program that should stay has ended");
    return run_wait(pid);
}

char *run_built(const char *path)
{
    return scratch_path(TEST_BUILD_DIR, path);
}
