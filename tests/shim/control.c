/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The control file while it is read; a mutex is held meanwhile. */
struct control {
    int fd;
    size_t length;
    size_t next; /* where the next line starts */
    char text[4096];
};

/* One line, split into words. */
struct line {
    size_t offset;  /* in the file */
    char *words[4]; /* "" where there are fewer */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void __attribute__((noreturn)) give_up(const char *what)
{
    fprintf(stderr, "certenroll-shim: %s\n", what);
    abort();
}

static void open_control(struct control *control)
{
    const char *path = getenv("SHIM_CONTROL");
    ssize_t length = 0;

    memset(control, 0, sizeof(*control));
    pthread_mutex_lock(&mutex);
    control->fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (control->fd >= 0)
        length = read(control->fd, control->text, sizeof(control->text) - 1);
    if (length < 0 || (size_t)length == sizeof(control->text) - 1)
        give_up("the control file cannot be read or is too long");
    control->length = (size_t)length;
}

static void close_control(struct control *control)
{
    if (control->fd >= 0)
        close(control->fd);
    pthread_mutex_unlock(&mutex);
}

/* Overwrites one character of the file. */
static void mark(const struct control *control, size_t offset, char character)
{
    if (pwrite(control->fd, &character, 1, (off_t)offset) != 1)
        give_up("the control file cannot be written");
}

static void split(struct line *line, char *text)
{
    char *rest = NULL;

    for (size_t i = 0; i < sizeof(line->words) / sizeof(line->words[0]); i++) {
        char *word = strtok_r(i == 0 ? text : NULL, " \t", &rest);

        line->words[i] = word != NULL ? word : text + strlen(text);
        if (word == NULL)
            text = line->words[i];
    }
}

static int is_known(const char *word)
{
    static const char *const known[] = {
        "fail",       "fail-call",        "slow-call",   "lose",       "flags",  "pin-tries",
        "reader-pin", "reader-new-pin",   "kill-before", "kill-after", "absent", "absent-in",
        "exchange",   "refuse-attribute", "lie",         "null",
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i], word) == 0)
            return 1;
    }
    return 0;
}

/* The next line with this first word; 0 when there is none. */
static int next_line(struct control *control, struct line *line, const char *word)
{
    while (control->next < control->length) {
        char *text = control->text + control->next;
        size_t length = strcspn(text, "\n");

        line->offset = control->next;
        control->next += length + 1;
        text[length] = '\0';
        split(line, text);
        if (line->words[0][0] == '\0' || line->words[0][0] == '#')
            continue;
        if (!is_known(line->words[0]))
            give_up("the control file has a line that is not understood");
        if (strcmp(line->words[0], word) == 0)
            return 1;
    }
    return 0;
}

static unsigned long number(const char *word)
{
    char *end = NULL;
    unsigned long value = strtoul(word, &end, 0);

    if (end == word || *end != '\0')
        give_up("a number in the control file is not understood");
    return value;
}

void control_kill(enum control_moment moment, unsigned long call)
{
    struct control control;
    struct line line;
    int now = 0;

    open_control(&control);
    while (next_line(&control, &line, moment == CONTROL_BEFORE ? "kill-before" : "kill-after"))
        now |= number(line.words[1]) == call;
    close_control(&control);
    if (now)
        raise(SIGKILL);
}

static int is_zero(const char *digits)
{
    return digits[strspn(digits, "0")] == '\0';
}

/* Takes one off a decimal number in the file, which has as many digits afterwards. Returns what is
 * left. */
static unsigned long count_down(const struct control *control, char *digits)
{
    size_t at = strlen(digits);
    unsigned long left = 0;

    if (digits[strspn(digits, "0123456789")] != '\0' || is_zero(digits))
        give_up("a count in the control file is not understood");
    while (digits[--at] == '0')
        digits[at] = '9';
    digits[at]--;
    for (size_t i = 0; digits[i] != '\0'; i++) {
        mark(control, (size_t)(digits + i - control->text), digits[i]);
        left = left * 10 + (unsigned long)(digits[i] - '0');
    }
    return left;
}

/* The CK_RV that the lines with this word have for the function. */
static CK_RV answer_by_name(const char *word, const char *function)
{
    struct control control;
    struct line line;
    CK_RV rv = CKR_OK;

    open_control(&control);
    while (rv == CKR_OK && next_line(&control, &line, word)) {
        const int counts = line.words[3][0] >= '0' && line.words[3][0] <= '9';

        if (strcmp(line.words[1], function) != 0 ||
            (counts && count_down(&control, line.words[3]) > 0))
            continue;
        rv = number(line.words[2]);
        if (counts || strcmp(line.words[3], "once") == 0)
            mark(&control, line.offset, '#');
    }
    close_control(&control);
    return rv;
}

static CK_RV failure_by_count(void)
{
    struct control control;
    struct line line;
    CK_RV rv = CKR_OK;

    open_control(&control);
    while (rv == CKR_OK && next_line(&control, &line, "fail-call")) {
        if (count_down(&control, line.words[1]) > 0)
            continue;
        rv = number(line.words[2]);
        mark(&control, line.offset, '#');
    }
    close_control(&control);
    return rv;
}

void control_slow(void)
{
    struct control control;
    struct line line;
    struct timespec left;
    unsigned long milliseconds = 0;

    open_control(&control);
    while (next_line(&control, &line, "slow-call")) {
        if (count_down(&control, line.words[1]) > 0)
            continue;
        milliseconds = number(line.words[2]);
        mark(&control, line.offset, '#');
    }
    close_control(&control);
    left =
        (struct timespec){ (time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000L };
    while (nanosleep(&left, &left) < 0) /* a signal ends no call to a token */
        continue;
}

CK_RV control_failure(const char *function)
{
    CK_RV rv = failure_by_count();

    return rv != CKR_OK ? rv : answer_by_name("fail", function);
}

CK_RV control_loss(const char *function)
{
    return answer_by_name("lose", function);
}

static void copy_serial(char out[17], const char *word)
{
    if (strlen(word) > 16)
        give_up("a serial number in the control file is too long");
    memcpy(out, word, strlen(word) + 1);
}

void control_removal(struct control_removal *out)
{
    struct control control;
    struct line line;

    memset(out, 0, sizeof(*out));
    open_control(&control);
    if (next_line(&control, &line, "absent")) {
        out->kind = CONTROL_ABSENT;
        copy_serial(out->serial, line.words[1]);
    }
    close_control(&control);

    open_control(&control);
    if (next_line(&control, &line, "absent-in") &&
        (is_zero(line.words[1]) || count_down(&control, line.words[1]) == 0)) {
        out->kind = CONTROL_ABSENT;
        out->serial[0] = '\0';
    }
    close_control(&control);

    open_control(&control);
    if (next_line(&control, &line, "exchange")) {
        out->kind = CONTROL_EXCHANGED;
        copy_serial(out->serial, line.words[1]);
        copy_serial(out->other, line.words[2]);
    }
    close_control(&control);
}

static int has_line(const char *word, const char *second)
{
    struct control control;
    struct line line;
    int found = 0;

    open_control(&control);
    while (!found && next_line(&control, &line, word))
        found = strcmp(line.words[1], second) == 0;
    close_control(&control);
    return found;
}

int control_lies(const char *which)
{
    return has_line("lie", which);
}

int control_is_null(const char *function)
{
    return has_line("null", function);
}

CK_RV control_template(const CK_ATTRIBUTE *attributes, unsigned long count)
{
    struct control control;
    struct line line;
    CK_RV rv = CKR_OK;

    open_control(&control);
    while (next_line(&control, &line, "refuse-attribute")) {
        for (unsigned long i = 0; i < count; i++) {
            if (attributes[i].type == number(line.words[1]))
                rv = number(line.words[2]);
        }
    }
    close_control(&control);
    return rv;
}

static CK_FLAGS flag_named(const char *name)
{
    static const struct {
        const char *name;
        CK_FLAGS flag;
    } flags[] = {
        { "WRITE_PROTECTED", CKF_WRITE_PROTECTED },
        { "LOGIN_REQUIRED", CKF_LOGIN_REQUIRED },
        { "USER_PIN_INITIALIZED", CKF_USER_PIN_INITIALIZED },
        { "PROTECTED_AUTHENTICATION_PATH", CKF_PROTECTED_AUTHENTICATION_PATH },
        { "TOKEN_INITIALIZED", CKF_TOKEN_INITIALIZED },
        { "USER_PIN_COUNT_LOW", CKF_USER_PIN_COUNT_LOW },
        { "USER_PIN_FINAL_TRY", CKF_USER_PIN_FINAL_TRY },
        { "USER_PIN_LOCKED", CKF_USER_PIN_LOCKED },
        { "USER_PIN_TO_BE_CHANGED", CKF_USER_PIN_TO_BE_CHANGED },
        { "SO_PIN_COUNT_LOW", CKF_SO_PIN_COUNT_LOW },
        { "SO_PIN_FINAL_TRY", CKF_SO_PIN_FINAL_TRY },
        { "SO_PIN_LOCKED", CKF_SO_PIN_LOCKED },
        { "SO_PIN_TO_BE_CHANGED", CKF_SO_PIN_TO_BE_CHANGED },
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (strcmp(flags[i].name, name) == 0)
            return flags[i].flag;
    }
    give_up("a flag in the control file is not known");
}

/* Reads "LEFT/TOTAL" and where LEFT is in the file; 0 without such a line. */
static int find_tries(struct control *control, unsigned *left, unsigned *total, size_t *offset)
{
    struct line line;
    const char *tries;

    if (!next_line(control, &line, "pin-tries"))
        return 0;
    tries = line.words[1];
    if (strlen(tries) != 3 || tries[0] < '0' || tries[0] > tries[2] || tries[1] != '/' ||
        tries[2] > '9')
        give_up("pin-tries is not LEFT/TOTAL");
    *left = (unsigned)(tries[0] - '0');
    *total = (unsigned)(tries[2] - '0');
    *offset = (size_t)(tries - control->text);
    return 1;
}

static CK_FLAGS pin_flags(CK_FLAGS flags, unsigned left, unsigned total)
{
    flags &= ~(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
    if (left < total)
        flags |= CKF_USER_PIN_COUNT_LOW;
    if (left == 1)
        flags |= CKF_USER_PIN_FINAL_TRY;
    if (left == 0)
        flags |= CKF_USER_PIN_LOCKED;
    return flags;
}

CK_FLAGS control_flags(CK_FLAGS flags)
{
    struct control control;
    struct line line;
    unsigned left, total;
    size_t offset;

    open_control(&control);
    if (find_tries(&control, &left, &total, &offset))
        flags = pin_flags(flags, left, total);
    close_control(&control);

    open_control(&control);
    while (next_line(&control, &line, "flags")) {
        CK_FLAGS flag = flag_named(line.words[1] + (line.words[1][0] != '\0'));

        flags = line.words[1][0] == '+' ? flags | flag : flags & ~flag;
    }
    close_control(&control);
    return flags;
}

CK_RV control_pin_left(void)
{
    struct control control;
    unsigned left = 1, total;
    size_t offset;

    open_control(&control);
    find_tries(&control, &left, &total, &offset);
    close_control(&control);
    return left > 0 ? CKR_OK : CKR_PIN_LOCKED;
}

void control_pin_used(CK_RV rv)
{
    struct control control;
    unsigned left, total;
    size_t offset;

    open_control(&control);
    if (find_tries(&control, &left, &total, &offset)) {
        if (rv == CKR_PIN_INCORRECT && left > 0)
            mark(&control, offset, (char)('0' + left - 1));
        else if (rv == CKR_OK)
            mark(&control, offset, (char)('0' + total));
    }
    close_control(&control);
}

unsigned long control_reader_pin(const char *word, unsigned char *pin, unsigned long room)
{
    struct control control;
    struct line line;
    unsigned long length = 0;

    open_control(&control);
    if (next_line(&control, &line, word)) {
        length = strlen(line.words[1]);
        if (length > room)
            give_up("a PIN for the reader is too long");
        memcpy(pin, line.words[1], length);
    }
    close_control(&control);
    return length;
}
