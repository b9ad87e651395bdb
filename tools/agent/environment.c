/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* clearenv */

#include "environment.h"

#include "common/tool_message.h"

#include <sys/auxv.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* A list of what may stay, since nobody can list what does harm: LD_* and GCONV_PATH load code into
 * pinentry and the modules, OPENSSL_CONF and OPENSSL_MODULES into ourselves, SSL_CERT_* and CURL_*
 * change whom one trusts, SSLKEYLOGFILE writes keys out, P11_KIT_* and OPENSC_CONF choose another
 * token's driver. */
static const char *const kept[] = {
    /* the person, and where the log and the journals are */
    "HOME",
    "LOGNAME",
    "USER",
    "XDG_STATE_HOME",
    /* the language, the time zone */
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_TIME",
    "TZ",
    /* the display, the terminal: pinentry's */
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "TERM",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_CURRENT_DESKTOP",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_TYPE",
    /* a corporation's proxy only tunnels: what goes through it is ours and the RA's */
    "HTTPS_PROXY",
    "NO_PROXY",
    "https_proxy",
    "no_proxy",
    /* where tokens that are files lie. The person sees which one is meant before the PIN is typed.
     */
    "SOFTHSM2_CONF",
    "TPM2_PKCS11_STORE",
};
enum { KEPT = sizeof(kept) / sizeof(kept[0]) };

static int put_back(char *const values[KEPT])
{
    for (size_t i = 0; i < KEPT; i++)
        if (values[i] && setenv(kept[i], values[i], 1) < 0)
            return -1;
    return setenv("PATH", "/usr/bin:/bin", 1);
}

int environment_clean(void)
{
    char *values[KEPT] = { NULL };
    int result = 0;

    for (size_t i = 0; i < KEPT; i++) {
        const char *value = getenv(kept[i]);

        values[i] = value ? strdup(value) : NULL;
        if (value && !values[i])
            result = -1;
    }
    if (result == 0)
        result = clearenv() == 0 ? put_back(values) : -1;
    for (size_t i = 0; i < KEPT; i++)
        free(values[i]);
    return result;
}

int environment_check_person(certenroll_error **error)
{
    if (getuid() == 0 || geteuid() == 0) {
        certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the agent does not run as root"));
        certenroll_error_because(error, _("what a page asks for is done with a person's rights"));
        certenroll_error_advise(error, _("Log on as an ordinary user, and open the file there."));
        return CERTENROLL_E_ARGUMENT;
    }
    if (getuid() == geteuid() && getgid() == getegid() && !getauxval(AT_SECURE))
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                         _("the agent does not run with rights that you do not have yourself"));
    certenroll_error_advise(
        error, _("Have the system's administrator take the set-user-ID bit and the like off it."));
    return CERTENROLL_E_ARGUMENT;
}
