/* SPDX-License-Identifier: Apache-2.0 */
/* How a server wants to be told who asks: the WWW-Authenticate fields of a 401 (RFC 9110 §11.6.1).
 */
#ifndef CE_PROTOCOL_CHALLENGE_H
#define CE_PROTOCOL_CHALLENGE_H

#include <stddef.h>

/* Adds the schemes that one such field offers to the list, "Digest, Basic" in their own spelling,
 * each once; what does not fit any more is left out. */
void challenge_read(char *schemes, size_t size, const char *field);

/* Non-zero when the list has the scheme, in whatever spelling. */
int challenge_offers(const char *schemes, const char *scheme);

#endif
