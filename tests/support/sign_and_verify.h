/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_SIGN_AND_VERIFY_H
#define TEST_SIGN_AND_VERIFY_H

#include <openssl/evp.h>

/* Whether the key signs `number`, and the signature is right. Prints nothing, in any thread. */
int sign_and_verify(EVP_PKEY *pkey, int number);

#endif
