/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's view of a collection: lines in its log, questions by pinentry or on the terminal. */
#ifndef AGENT_AGENT_VIEW_H
#define AGENT_AGENT_VIEW_H

#include <certenroll/ra.h>

/* `config` is borrowed as long as the view is used. From the number until the consent Ctrl-C and
 * the like end the waiting, and the RA is told; agent_view_end() ends that, and is called in any
 * case: `status` and *error are what the collection has ended with, *error then says who ended it.
 */
void agent_view_begin(certenroll_ra_view *out, certenroll_ra_config *config);
void agent_view_end(int status, certenroll_error **error);

#endif
