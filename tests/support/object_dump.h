/* SPDX-License-Identifier: Apache-2.0 */
/* What is on a SoftHSM token, asked by PKCS#11 calls alone: no code of the library takes part, and
 * none of the calls goes through the shim. Logs in by itself. */
#ifndef TEST_OBJECT_DUMP_H
#define TEST_OBJECT_DUMP_H

#include <stddef.h>

/* Every object with its attributes in hexadecimal, a line each, sorted: two dumps are the same text
 * if and only if the same is on the token. Objects with the CKA_ID `but` (`length` bytes; NULL:
 * none) are left out. Freed by the caller. */
char *object_dump(const char *label, const unsigned char *but, size_t length);

/* How many lines a dump has. */
size_t object_dump_count(const char *dump);

/* Whether one CKA_ID is that of a private key and of a certificate. */
int object_dump_has_pair(const char *dump);

/* Removes every object; the token must not be open in the library. */
void objects_destroy(const char *label);

#endif
