/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that are pulled out of their slots and put back, by the lines "absent" and "exchange" of
 * the control file.
 *
 * The pull is seen at the first call that is made during it. From then on the token's sessions are
 * closed for good, its login and the object handles are lost with them, as on a real reader: calls
 * with such a session are answered CKR_DEVICE_REMOVED while the token is out, and
 * CKR_SESSION_HANDLE_INVALID when it is back. The slot stays and says that it is empty. */
#ifndef SHIM_REMOVAL_H
#define SHIM_REMOVAL_H

#include <p11-kit/pkcs11.h>

/* Before each call: looks what is out, and closes the sessions of what was pulled since. */
void removal_look(CK_FUNCTION_LIST *real);

/* The real slot whose token is to be found in `slot`: `slot` itself, or another, or none, which is
 * a number that no slot has. */
CK_SLOT_ID removal_behind(CK_SLOT_ID slot);
/* Non-zero when the token of this slot is out and none is in its place. */
int removal_is_empty(CK_SLOT_ID slot);

/* C_GetSlotList. */
CK_RV removal_slot_list(CK_FUNCTION_LIST *real, unsigned char present, CK_SLOT_ID *slots,
                        unsigned long *count);

/* What comes back from the real module, as a slot without its token would say it. */
CK_RV removal_answer(CK_RV rv);

#endif
