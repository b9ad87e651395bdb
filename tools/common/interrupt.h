/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C, and SIGTERM: what goes on is cancelled, and the program ends in order, telling how to go
 * on. The second one ends the process there and then, as the first one does until this is set up.
 */
#ifndef TOOLS_COMMON_INTERRUPT_H
#define TOOLS_COMMON_INTERRUPT_H

#include <certenroll/context.h>

/* From here on the first one cancels what goes on in the context: the only one of the process. */
int interrupt_cancels(certenroll_context *context, certenroll_error **error);

/* Non-zero since there was one. Whatever waits asks this, every now and then. */
int interrupt_came(void);

/* Around what cannot ask, as a read to the end of a pipe: there it ends the process. */
void interrupt_ends(void);
void interrupt_cancels_again(void);

#endif
