/* SPDX-License-Identifier: Apache-2.0 */
/* Names and times as a person reads them in a message: cut, if need be, rather than failing. */
#ifndef CE_X509_SHOW_H
#define CE_X509_SHOW_H

#include <openssl/x509.h>

#include <stdint.h>

struct shown {
    char text[160];
};

struct shown show_name(const X509_NAME *name);
struct shown show_time(int64_t time);
struct shown show_asn1_time(const ASN1_TIME *time);

#endif
