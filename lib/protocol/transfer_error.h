/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_PROTOCOL_TRANSFER_ERROR_H
#define CE_PROTOCOL_TRANSFER_ERROR_H

#include "protocol/transfer.h"

/* Says what `code` means for a person: whether the network, the server's identity, our own, or the
 * answer is at fault. A callback's own error is kept. Returns the status. */
int transfer_fail(struct transfer *transfer, CURLcode code, const char *url,
                  certenroll_error **error);

#endif
