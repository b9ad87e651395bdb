/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_COMMON_LOCKED_H
#define TOOLS_COMMON_LOCKED_H

#include <stddef.h>

/* Zeroed memory that is neither swapped (as far as RLIMIT_MEMLOCK lets us) nor dumped. NULL: none.
 */
void *locked_new(size_t size);
/* Wipes and frees; NULL is allowed. */
void locked_free(void *memory, size_t size);

#endif
