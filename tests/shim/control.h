/* SPDX-License-Identifier: Apache-2.0 */
/* What the shim is to do, from the file named by SHIM_CONTROL, read anew at each call. Its lines:
 *
 *     fail C_CreateObject 0x31        the call is not passed on and returns this CK_RV
 *     fail C_Login 0xa4 once          the same, for one call: the line becomes a comment
 *     fail C_Login 0xa4 2             the same for the second such call from now on
 *     fail-call 042 0x5               the 42nd call from now on, whichever it is, the same way. The
 *                                     shim counts down in this place of the file, then the line
 *                                     becomes a comment
 *     flags +USER_PIN_LOCKED          sets (-: clears) a flag of CK_TOKEN_INFO
 *     pin-tries 3/3                   a counter for the user PIN as cards have it: tries left / in
 *                                     all (1..9). The shim counts in this place of the file, shows
 *                                     the flags COUNT_LOW, FINAL_TRY and LOCKED, and answers
 *                                     CKR_PIN_LOCKED without asking the token when none is left
 *     reader-pin 1234                 the PIN that "the person types on the reader": used when
 *                                     C_Login, C_SetPIN or C_InitToken comes with none
 *     reader-new-pin 5678             the same for a new PIN, in C_SetPIN and C_InitPIN
 *     refuse-attribute 0x162 0x12     templates with this CKA_ in C_CreateObject and
 *                                     C_GenerateKeyPair are answered with this CK_RV
 *     kill-before 7                   the process dies before (after) its seventh call
 *     kill-after 7                    is passed on
 *     lose C_CreateObject 0x32 once   the call is passed on and done, but what comes back is this
 *                                     CK_RV; with "once", a number or neither, as for fail
 *     slow-call 042 300               the 42nd call from now on takes so many milliseconds more;
 *                                     counted down as fail-call
 *     absent                          the tokens are pulled out of their slots, or only the one
 *     absent 0123456789abcdef         with this serial number; see removal.h
 *     absent-in 007                   the same for all before the seventh call from now on: counted
 *                                     down as fail-call, and then absent while it is 000
 *     exchange 0123... 4567...        the slot of the first token holds the second one, which is
 *                                     not in its own
 *     lie generate-existing           see lies.h
 *     null C_DestroyObject            the function list has no pointer for it, as it is loaded
 *     # a comment
 *
 * Numbers are as in C. A line that is none of these ends the process with a message: a test with a
 * slip in it must not pass. */
#ifndef SHIM_CONTROL_H
#define SHIM_CONTROL_H

#include <p11-kit/pkcs11.h>

enum control_moment { CONTROL_BEFORE, CONTROL_AFTER };

/* Kills the process if `call` is the one. */
void control_kill(enum control_moment moment, unsigned long call);

/* Sleeps, if this call is the one. */
void control_slow(void);

/* What the function is to return instead of being passed on; CKR_OK: pass it on. */
CK_RV control_failure(const char *function);

/* What a call that was done is to return instead of CKR_OK. */
CK_RV control_loss(const char *function);

/* Which tokens are not where they were. */
struct control_removal {
    enum { CONTROL_IN_PLACE, CONTROL_ABSENT, CONTROL_EXCHANGED } kind;
    char serial[17]; /* the token that is out; "": all */
    char other[17];  /* exchanged: the one in its place */
};
void control_removal(struct control_removal *out);

/* Non-zero while a line "lie WHICH" (null FUNCTION) is there. */
int control_lies(const char *which);
int control_is_null(const char *function);

/* What is to be returned for a template; CKR_OK: nothing in it is refused. */
CK_RV control_template(const CK_ATTRIBUTE *attributes, unsigned long count);

/* The token's flags as they are to be shown. */
CK_FLAGS control_flags(CK_FLAGS flags);

/* CKR_PIN_LOCKED when the counter has run out. */
CK_RV control_pin_left(void);
/* Counts how a login with the user PIN ended. */
void control_pin_used(CK_RV rv);

/* Copies the PIN of the line with this word, at most `room` bytes, and returns its length; 0: there
 * is none. */
unsigned long control_reader_pin(const char *word, unsigned char *pin, unsigned long room);

#endif
