/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* close_range */

#include "common/startup.h"

#include "common/message.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The language that the environment asks for (POSIX's order of precedence), "" for none. */
static const char *language(void)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);

        if (value && value[0])
            return value;
    }
    return "";
}

/* "ja" is no locale's whole name. And a small system has no ja_JP: our catalogue needs none and is
 * then shown in C.UTF-8, which Debian's libc always has; glibc 2.41 shows English in that. */
static void speak_japanese(void)
{
    if (strncmp(language(), "ja", 2) != 0)
        return;
    if (!setlocale(LC_ALL, "ja_JP.UTF-8"))
        setlocale(LC_ALL, "C.UTF-8");
    setenv("LANGUAGE", "ja", 0);
}

/* The library's texts are UTF-8 whatever the locale; widths of characters are looked up in
 * LC_CTYPE, so that must be UTF-8 as well. */
static void choose_locale(void)
{
    if (!setlocale(LC_ALL, ""))
        speak_japanese();
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    ce_messages_bind(TOOLS_TEXT_DOMAIN, CERTENROLL_LOCALE_DIR, CERTENROLL_LOCALE_FROM_PROGRAM);
    /* What of the library is said before there is a context. */
    ce_messages_bind("certenroll", CERTENROLL_LOCALE_DIR, CERTENROLL_LOCALE_FROM_PROGRAM);
}

/* A token's file must never be opened as descriptor 0, 1 or 2: messages would be written into it.
 */
static void occupy_standard_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* A module may start programs (p11-kit's remoting does): they get nothing that was left open by
 * whoever started us. */
static void keep_descriptors_from_children(void)
{
#ifdef CLOSE_RANGE_CLOEXEC
    (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
#endif
}

void startup(void)
{
    const struct rlimit no_core = { 0, 0 };

    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    umask(S_IRWXG | S_IRWXO);
    occupy_standard_descriptors();
    keep_descriptors_from_children();
    /* A reader that went away shows as a failed write, which is reported. */
    signal(SIGPIPE, SIG_IGN);
    choose_locale();
}
