/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/account_id.h"

#include <stdio.h>
#include <string.h>

int account_id_is_sound(const char *id)
{
    size_t length = strlen(id);

    return length >= 1 && length <= ACCOUNT_ID_MAX &&
           strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.") ==
               length;
}

void account_name(char out[ACCOUNT_NAME_MAX + 1], const char *corporate_id, const char *user_id)
{
    snprintf(out, ACCOUNT_NAME_MAX + 1, "%.*s%s%.*s", ACCOUNT_ID_MAX, corporate_id,
             user_id ? " " : "", ACCOUNT_ID_MAX, user_id ? user_id : "");
}
