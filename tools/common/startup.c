/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* close_range */

#include "common/startup.h"

#include "common/tool_message.h"

#include <certenroll/context.h>

#include <sys/stat.h>

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The library's texts are UTF-8 whatever the locale; widths of characters are looked up in
 * LC_CTYPE, so that must be UTF-8 as well. */
static void choose_locale(void)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    const char *language = NULL; /* that the environment asks for, in POSIX's order of precedence */

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !(language && *language); i++)
        language = getenv(names[i]);
    /* "ja" is no locale's whole name. And a small system has no ja_JP: our catalogue needs none and
     * is then shown in C.UTF-8, which Debian's libc always has; glibc 2.41 shows English in that.
     */
    if (!setlocale(LC_ALL, "") && language && strncmp(language, "ja", 2) == 0) {
        if (!setlocale(LC_ALL, "ja_JP.UTF-8"))
            setlocale(LC_ALL, "C.UTF-8");
        setenv("LANGUAGE", "ja", 0);
    }
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    ce_messages_bind(TOOLS_TEXT_DOMAIN, CERTENROLL_LOCALE_DIR, CERTENROLL_LOCALE_FROM_PROGRAM);
    /* What of the library is said before there is a context. */
    ce_messages_bind("certenroll", CERTENROLL_LOCALE_DIR, CERTENROLL_LOCALE_FROM_PROGRAM);
}

void startup(void)
{
    int fd;

    (void)!certenroll_process_protect(NULL);
    umask(S_IRWXG | S_IRWXO);
    /* A token's file must never be opened as descriptor 0, 1 or 2: messages would be written into
     * it. */
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
#ifdef CLOSE_RANGE_CLOEXEC
    /* A module may start programs (p11-kit's remoting does): they get nothing that was left open by
     * whoever started us. */
    (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
#endif
    /* A reader that went away shows as a failed write, which is reported. */
    signal(SIGPIPE, SIG_IGN);
    choose_locale();
    /* Options may stand behind other words, whatever getopt_long is told by this. */
    unsetenv("POSIXLY_CORRECT");
}
