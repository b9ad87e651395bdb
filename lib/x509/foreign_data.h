/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_X509_FOREIGN_DATA_H
#define CE_X509_FOREIGN_DATA_H

#include <stddef.h>

/* What was given in the place of certificates, as a clause for a person ("it is a private key"):
 * by its bytes, and by the label of its PEM block. NULL: nothing that is known. */
const char *ce_foreign_data(const unsigned char *data, size_t length);
const char *ce_foreign_block(const char *label);

#endif
