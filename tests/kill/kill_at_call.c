/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a command and kills it, with all that it has started, at a system call by which it changes
 * or learns anything: all such calls are counted, in the order in which they begin.
 *
 *     kill_at_call list FILE COMMAND...          lets it be; a line "NUMBER KIND" for each call,
 * with " half" where there are bytes to halve kill_at_call before|after NUMBER COMMAND...
 *     kill_at_call within NUMBER COMMAND...      once half of the bytes are written or sent; before
 *                                                a call that has none
 *     NUMBER may be NUMBER:KIND, and is that of the calls of this kind alone.
 *     kill_at_call copies FROM TO COMMAND...     lets it be; the directory FROM as TO/1, TO/2, ...
 *                                                after each rename
 *
 * Ends with the command's status, with 128 + SIGKILL when it was killed, and with 77 where this
 * cannot be done (another kind of machine; a sandbox that forbids ptrace).
 *
 * Nothing of the command's memory is read: certenroll's programs are not dumpable, and registers
 * are all that a tracer without privileges sees of them. So whether a descriptor is a socket is
 * known by the call that made it. */
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SKIPPED 77
#define TASKS_MAX 256
#define DESCRIPTORS_MAX 1024

enum moment { NEVER, BEFORE, WITHIN, AFTER };

struct task {
    pid_t id;
    int started;          /* its first SIGSTOP, which is ptrace's, was seen */
    long call;            /* the one it is in */
    unsigned long number; /* of that call; 0: it is not counted */
    int wanted;           /* it is the one to be killed at */
};

struct watch {
    enum moment moment;
    unsigned long number;
    const char *kind; /* NULL: of any */
    FILE *list;
    const char *from, *to; /* of `copies` */
    unsigned long counted, of_kind, copied;
    struct task tasks[TASKS_MAX];
    unsigned char is_socket[DESCRIPTORS_MAX];
    int status; /* to end with */
    int killed;
};

static void __attribute__((noreturn)) give_up(const char *what)
{
    fprintf(stderr, "kill_at_call: %s: %s\n", what, strerror(errno));
    exit(SKIPPED);
}

/* --- what is counted --- */

static int is_socket(const struct watch *watch, unsigned long descriptor)
{
    return descriptor < DESCRIPTORS_MAX && watch->is_socket[descriptor];
}

static int is_rename(long call)
{
#ifdef SYS_rename
    if (call == SYS_rename)
        return 1;
#endif
    return call == SYS_renameat || call == SYS_renameat2;
}

static const char *kind_of(const struct watch *watch, long call, const uint64_t *arguments)
{
    switch (call) {
    case SYS_openat:
        /* what is only read (libraries, configurations) changes nothing */
        return (arguments[2] & (O_CREAT | O_WRONLY | O_RDWR)) != 0 ? "open" : NULL;
    case SYS_write:
    case SYS_pwrite64:
    case SYS_writev:
        return is_socket(watch, arguments[0]) ? "send" : "write";
    case SYS_sendto:
    case SYS_sendmsg:
        return "send";
    case SYS_read:
    case SYS_readv:
        return is_socket(watch, arguments[0]) ? "recv" : NULL;
    case SYS_recvfrom:
    case SYS_recvmsg:
        return "recv";
    case SYS_connect:
        return "connect";
    case SYS_fsync:
    case SYS_fdatasync:
        return "sync";
    case SYS_unlinkat:
#ifdef SYS_unlink
    case SYS_unlink:
    case SYS_rmdir:
#endif
        return "unlink";
    case SYS_ftruncate:
        return "truncate";
    case SYS_mkdirat:
#ifdef SYS_mkdir
    case SYS_mkdir:
#endif
        return "mkdir";
    case SYS_flock:
        return "flock";
    case SYS_fcntl:
        return arguments[1] == F_SETLK || arguments[1] == F_SETLKW ? "flock" : NULL;
    case SYS_futex:
        return "futex";
    case SYS_clone:
#ifdef SYS_clone3
    case SYS_clone3:
#endif
        return "clone";
    default:
        return is_rename(call) ? "rename" : NULL;
    }
}

static void keep_descriptors(struct watch *watch, const struct task *task,
                             const struct __ptrace_syscall_info *info)
{
    const long long made = info->exit.rval;

    if (made < 0 || made >= DESCRIPTORS_MAX)
        return;
    if (task->call == SYS_socket || task->call == SYS_accept4 || task->call == SYS_accept)
        watch->is_socket[made] = 1;
    else if (task->call == SYS_openat)
        watch->is_socket[made] = 0;
}

/* --- the registers --- */

#if defined(__x86_64__)
#define LENGTH(registers) ((registers)->rdx)
#elif defined(__aarch64__)
#define LENGTH(registers) ((registers)->regs[2])
#endif

static int has_half(long call, const uint64_t *arguments)
{
    return (call == SYS_write || call == SYS_pwrite64 || call == SYS_writev ||
            call == SYS_sendto) &&
           arguments[2] >= 2;
}

/* Half of the bytes, or of a gathered write's parts, that the call was to write. */
static void halve(pid_t id)
{
#ifdef LENGTH
    struct user_regs_struct registers;
    struct iovec vector = { &registers, sizeof(registers) };

    if (ptrace(PTRACE_GETREGSET, id, NT_PRSTATUS, &vector) != 0)
        give_up("PTRACE_GETREGSET");
    LENGTH(&registers) /= 2;
    if (ptrace(PTRACE_SETREGSET, id, NT_PRSTATUS, &vector) != 0)
        give_up("PTRACE_SETREGSET");
#else
    (void)id;
#endif
}

/* --- the tasks --- */

static struct task *task_of(struct watch *watch, pid_t id)
{
    struct task *unused = NULL;

    for (size_t i = 0; i < TASKS_MAX; i++) {
        if (watch->tasks[i].id == id)
            return &watch->tasks[i];
        if (watch->tasks[i].id == 0 && unused == NULL)
            unused = &watch->tasks[i];
    }
    if (unused == NULL) {
        errno = EAGAIN;
        give_up("too many processes and threads");
    }
    *unused = (struct task){ .id = id, .call = -1 };
    return unused;
}

/* All of them: what the command has started would otherwise go on for it. */
static void kill_all(struct watch *watch)
{
    watch->killed = 1;
    watch->status = 128 + SIGKILL;
    for (size_t i = 0; i < TASKS_MAX; i++) {
        if (watch->tasks[i].id != 0)
            kill(watch->tasks[i].id, SIGKILL);
    }
}

static void copy(struct watch *watch)
{
    char target[4096];
    pid_t child;
    int status;

    snprintf(target, sizeof(target), "%s/%lu", watch->to, ++watch->copied);
    child = fork();
    if (child == 0) {
        execlp("cp", "cp", "-a", watch->from, target, (char *)NULL);
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
}

static int is_wanted(struct watch *watch, const struct task *task, const char *kind)
{
    if (watch->kind == NULL)
        return task->number == watch->number;
    return strcmp(kind, watch->kind) == 0 && ++watch->of_kind == watch->number;
}

static void call_begins(struct watch *watch, struct task *task,
                        const struct __ptrace_syscall_info *info)
{
    const char *kind = kind_of(watch, (long)info->entry.nr, info->entry.args);

    task->call = (long)info->entry.nr;
    task->number = 0;
    task->wanted = 0;
    if (task->call == SYS_connect && info->entry.args[0] < DESCRIPTORS_MAX)
        watch->is_socket[info->entry.args[0]] = 1;
    if (kind == NULL)
        return;
    task->number = ++watch->counted;
    if (watch->list != NULL)
        fprintf(watch->list, "%lu %s%s\n", task->number, kind,
                has_half(task->call, info->entry.args) ? " half" : "");
    if (!is_wanted(watch, task, kind))
        return;
    task->wanted = 1;
    /* Whoever is killed as a call begins does not make it. */
    if (watch->moment == WITHIN && has_half(task->call, info->entry.args))
        halve(task->id);
    else if (watch->moment != AFTER)
        kill_all(watch);
}

static void call_ends(struct watch *watch, struct task *task,
                      const struct __ptrace_syscall_info *info)
{
    keep_descriptors(watch, task, info);
    if (task->wanted && watch->moment >= WITHIN)
        kill_all(watch);
    else if (watch->from != NULL && task->number != 0 && info->exit.rval == 0 &&
             is_rename(task->call))
        copy(watch);
    task->number = 0;
}

static void at_call(struct watch *watch, struct task *task)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, task->id, sizeof(info), &info) <= 0) {
        if (errno != ESRCH) /* killed meanwhile */
            give_up("PTRACE_GET_SYSCALL_INFO");
    } else if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        call_begins(watch, task, &info);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        call_ends(watch, task, &info);
    }
}

/* The signal that the task is to be given. */
static int signal_for(struct task *task, int status)
{
    if (status >> 16 != 0) /* an event of ptrace's */
        return 0;
    if (WSTOPSIG(status) == SIGSTOP && !task->started) {
        task->started = 1;
        return 0;
    }
    return WSTOPSIG(status);
}

static void follow(struct watch *watch, pid_t command)
{
    int status;
    pid_t id;

    while ((id = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
        struct task *task;
        int signal = 0;

        if (id <= 0)
            continue;
        task = task_of(watch, id);
        if (!WIFSTOPPED(status)) {
            task->id = 0;
            if (id == command && !watch->killed)
                watch->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            if (id == command) /* PTRACE_O_EXITKILL sees to what it has left behind */
                return;
            continue;
        }
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            at_call(watch, task);
        else
            signal = signal_for(task, status);
        ptrace(PTRACE_SYSCALL, id, 0, signal);
    }
}

static void run(struct watch *watch, char **command)
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0)
            _exit(SKIPPED);
        raise(SIGSTOP);
        execvp(command[0], command);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, child, 0,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) != 0)
        give_up("ptrace");
    task_of(watch, child)->started = 1;
    ptrace(PTRACE_SYSCALL, child, 0, 0);
    follow(watch, child);
}

int main(int argc, char **argv)
{
    static const char *const moments[] = { "", "before", "within", "after" };
    static struct watch watch;
    char *end;
    int used = 3;

    for (enum moment moment = BEFORE; argc > 3 && moment <= AFTER; moment++) {
        if (strcmp(argv[1], moments[moment]) == 0) {
            watch.moment = moment;
            watch.number = strtoul(argv[2], &end, 10);
            watch.kind = *end == ':' ? end + 1 : NULL;
        }
    }
    if (argc > 3 && strcmp(argv[1], "list") == 0) {
        watch.list = fopen(argv[2], "we");
        if (watch.list == NULL)
            give_up(argv[2]);
        setvbuf(watch.list, NULL, _IOLBF, 0); /* it is read while a server goes on */
    } else if (argc > 4 && strcmp(argv[1], "copies") == 0) {
        watch.from = argv[2];
        watch.to = argv[3];
        used = 4;
    } else if (watch.number == 0) {
        fprintf(stderr, "kill_at_call list|before|within|after|copies ...\n");
        return 2;
    }
#ifndef LENGTH
    fprintf(stderr, "kill_at_call: not on this kind of machine\n");
    return SKIPPED;
#endif
    run(&watch, argv + used);
    if (watch.list != NULL && fclose(watch.list) != 0)
        give_up(argv[2]);
    return watch.status;
}
