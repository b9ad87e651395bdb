/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file certenroll.h
 * All of libcertenroll but <certenroll/openssl.h>, which is asked for by those who use OpenSSL.
 */
#ifndef CERTENROLL_CERTENROLL_H
#define CERTENROLL_CERTENROLL_H

#include <certenroll/certificate.h>
#include <certenroll/context.h>
#include <certenroll/enrolment.h>
#include <certenroll/error.h>
#include <certenroll/key.h>
#include <certenroll/request.h>
#include <certenroll/secret.h>
#include <certenroll/token.h>

#endif
