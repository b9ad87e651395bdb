/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/user_state.h"

#include "base/message.h"
#include "base/openssl_error.h"
#include "base/platform.h"
#include "base/text.h"
#include "journal/journal.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_DIRECTORY "certenroll"

char *ce_user_state_directory(void)
{
    return ce_platform_state_directory(STATE_DIRECTORY);
}

int ce_path_join(char **out, const char *directory, const char *name, const char *suffix,
                 certenroll_error **error)
{
    size_t size = strlen(directory) + strlen(name) + strlen(suffix) + 2;

    *out = malloc(size);
    if (!*out)
        return certenroll_error_set_memory(error);
    snprintf(*out, size, "%s/%s%s", directory, name, suffix);
    return CERTENROLL_OK;
}

/* NULL: it cannot be made. */
static char *make_room(const char *directory, const char *room)
{
    char *path = NULL;

    if (directory && ce_path_join(&path, directory, room, "", NULL) == CERTENROLL_OK &&
        ce_platform_make_directory(path) == 0)
        return path;
    free(path);
    return NULL;
}

int ce_user_state_file(char **out, const char *room, const char *name, const char *instead,
                       certenroll_error **error)
{
    char *state = ce_user_state_directory(), *directory = make_room(state, room);
    int status;

    *out = NULL;
    free(state);
    if (!directory)
        directory = make_room(instead, room);
    if (!directory) {
        status = certenroll_error_set_errno(error, _("no directory for what programs of one user "
                                                     "have to tell each other can be made"));
        certenroll_error_advise(error, _("Set XDG_STATE_HOME to a directory of your own."));
        return status;
    }
    status = ce_journal_check_directory(directory, error);
    if (status == CERTENROLL_OK)
        status = ce_path_join(out, directory, name, "", error);
    free(directory);
    return status;
}

/* With its length, so that no two lists of parts are the same to the digest. */
static int add_part(EVP_MD_CTX *digest, const void *bytes, size_t length)
{
    unsigned char size[2] = { (unsigned char)(length >> 8), (unsigned char)length };

    return length <= 0xffff && EVP_DigestUpdate(digest, size, sizeof(size)) == 1 &&
           EVP_DigestUpdate(digest, bytes, length) == 1;
}

static int add_text(EVP_MD_CTX *digest, const char *text)
{
    return add_part(digest, text ? text : "", text ? strlen(text) : 0);
}

int ce_user_state_name(char out[CE_STATE_NAME_SIZE], const char *token_label,
                       const char *token_serial, const char *kind, const struct ce_buffer *what,
                       certenroll_error **error)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned length = 0;
    int is_good = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
                  add_text(digest, token_label) && add_text(digest, token_serial) &&
                  add_text(digest, kind) && (!what || add_part(digest, what->data, what->length)) &&
                  EVP_DigestFinal_ex(digest, bytes, &length) == 1;

    EVP_MD_CTX_free(digest);
    if (!is_good)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot compute a checksum"));
    ce_hex(out, CE_STATE_NAME_SIZE, bytes, length);
    return CERTENROLL_OK;
}
