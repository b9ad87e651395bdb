/* SPDX-License-Identifier: Apache-2.0 */
/* Half objects: what a token keeps of a key or certificate when it dies within its own write of it.
 * SoftHSM writes an object attribute by attribute, each empty at first, and puts in what was asked
 * for at the end: killed before that it keeps one without CKA_ID, label and contents, which no list
 * of keys and certificates shows.
 *
 * A husk has nothing in it that anybody could miss, whoever made it. One that no program has read
 * yet may not be found: SoftHSM adds what is missing, also the empty CKA_ID that it is searched by,
 * when the object is read, as a look at what is on the token (inventory) does. */
#ifndef CE_TOKEN_HUSK_H
#define CE_TOKEN_HUSK_H

#include <certenroll/token.h>

#include <stddef.h>

/* How many there are on the token. Logs in: private ones are seen by the user alone. */
int ce_husks_count(size_t *out, certenroll_token *token, certenroll_error **error);

/* Removes them, and counts those that were seen to be gone afterwards. What another process is just
 * writing looks the same: only what is still so half a second later goes. Logs in. */
int ce_husks_remove(size_t *removed, certenroll_token *token, certenroll_error **error);

struct ce_session;
/* The same in a session, at once: after a key generation that this process saw fail. */
void ce_husks_clear_up(struct ce_session *session);

#endif
