/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "common/message.h"
#include "config.h"
#include "diagnostics.h"
#include "files.h"
#include "store.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int revoke_serial(struct store *store, const char *serial)
{
    switch (store_certificate_revoke(store, serial)) {
    case STORE_OK:
        return store_audit(store, "certificate-revoked", NULL, serial) == STORE_OK
                   ? CERTENROLL_CLASS_OK
                   : CERTENROLL_CLASS_SYSTEM;
    case STORE_NONE:
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    _("there is no certificate with the serial number %s to revoke"), serial);
    case STORE_EXISTS:
    case STORE_FAILED:
    default:
        return CERTENROLL_CLASS_SYSTEM;
    }
}

static int run(const char *directory, const char *serial)
{
    char *path = file_path(directory, STORE_FILE);
    struct store *store = NULL;
    int result;

    if (!path)
        result = fail(CERTENROLL_CLASS_SYSTEM, _("out of memory"));
    else if (access(path, F_OK) < 0)
        result = fail_errno(_("%s is no RA; run \"demo-ra init\" first"), directory);
    else
        result = store_open(&store, path);
    if (!result)
        result = revoke_serial(store, serial);
    store_close(store);
    free(path);
    return result;
}

int command_certificate(int count, char **arguments)
{
    static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
                                             { NULL, 0, NULL, 0 } };
    const char *directory = NULL;
    int revoking = count > 1 && strcmp(arguments[1], "revoke") == 0;
    int option;

    while (revoking && (option = getopt_long(count - 1, arguments + 1, ":", options, NULL)) != -1) {
        if (option != 'd')
            return command_refuse(arguments + 1, option);
        directory = optarg;
    }
    if (!directory || optind != count - 2)
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    _("usage: demo-ra certificate revoke --dir DIR SERIAL"));
    return run(directory, arguments[1 + optind]);
}
