/* SPDX-License-Identifier: Apache-2.0 */
/* How much of what comes from outside is read, where several layers have to agree. */
#ifndef CE_BASE_LIMITS_H
#define CE_BASE_LIMITS_H

/* No answer of a CA is longer, nor holds more certificates. */
#define CE_CERTS_MAX_BYTES (1024 * 1024)
#define CE_CERTS_MAX_COUNT 32

#endif
