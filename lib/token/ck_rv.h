/* SPDX-License-Identifier: Apache-2.0 */
/* What a CK_RV means to the caller of this library. */
#ifndef CE_TOKEN_CK_RV_H
#define CE_TOKEN_CK_RV_H

#include <certenroll/error.h>

#include <p11-kit/pkcs11.h>

#include <stdarg.h>

/* Long enough for any name that ce_ck_rv_name writes. */
#define CE_CK_RV_NAME_SIZE 48

/* "CKR_PIN_INCORRECT", or "CKR 0x80000012" for what PKCS#11 does not name (vendor codes). */
const char *ce_ck_rv_name(char *buffer, size_t size, CK_RV rv);

/* The status that stands for `rv`. */
int ce_ck_rv_status(CK_RV rv);

/* A call to a module failed: what, with the name of `rv` as the reason. Returns the status. */
int ce_fail_ck(certenroll_error **error, CK_RV rv, const char *what, ...) CERTENROLL_PRINTF(3, 4);
int ce_fail_ck_v(certenroll_error **error, CK_RV rv, const char *what, va_list arguments)
    CERTENROLL_PRINTF(3, 0);

#endif
