#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll token init and pin, on SoftHSM and on the shim that counts the tries: an empty token is
# made ready, one in use is not lost by a slip, a PIN is changed, mistyped, locked and unblocked; and
# a token that is not there is waited for.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq script softhsm2-util
scratch_begin
cd "$scratch"
evidence='out err shown calls'
. "$SOURCE_DIR/tests/support/softhsm.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"

tool=$BUILD_DIR/tools/certenroll/certenroll
shim=$BUILD_DIR/tests/shim/certenroll-shim.so
softhsm_begin
export SHIM_MODULE="$SOFTHSM2_MODULE" SHIM_LOG="$scratch/calls" SHIM_CONTROL="$scratch/control"
: >calls
: >control
echo 7391-first >pin
echo 7391-other >other
echo 5678-officer >so
echo 5678-wrong >wrong
echo abc >short

# done_ok COMMAND...: it succeeds, and says nothing on stderr.
done_ok() {
    "$@" >out 2>err </dev/null || fail "$*: exit status $?"
    [ ! -s err ] || fail "$*: something on stderr"
}

# refused STATUS TEXT COMMAND...: that exit status, and that text in the one line on stderr.
refused() {
    wanted=$1 text=$2 status=0
    shift 2
    "$@" >out 2>err </dev/null || status=$?
    [ $status -eq "$wanted" ] || fail "$*: exit status $status instead of $wanted"
    [ "$(wc -l <err)" -eq 1 ] || fail "$*: not one line on stderr"
    grep -qF -e "$text" err || fail "$*: the line does not say \"$text\""
}

# A command on the one module, and on the shim in front of it.
plain() { "$tool" "$@" --module "$SOFTHSM2_MODULE"; }
shimmed() { "$tool" "$@" --module "$shim"; }

# the_token LINE...: what the shim is to do from now on.
the_token() {
    printf '%s\n' "$@" >control
    : >calls
}

# called FUNCTION TIMES
called() {
    times=$(grep -c "^$1 " calls || :)
    [ "$times" -eq "$2" ] || fail "$1 was called $times times instead of $2"
}

# opens FILE: the PIN in it is the token's.
opens() { done_ok plain list --token pkcs11:token=card --pin-source "$1"; }

keys() { plain --json list --token pkcs11:token=card --pin-source "$1" | jq '.entries | length'; }

# --- an empty token ---

done_ok plain tokens
grep -q '^  state  *not initialised$' out || fail "an empty token is not shown as one"
grep -q 'what to do  *"certenroll token init"' out || fail "what to do with it is not told"
done_ok plain --json tokens
jq -e '.tokens[0] | .flags == ["not initialised"] and (.advice | type) == "string"' out >/dev/null ||
    fail "an empty token in JSON"
refused 6 'certenroll token init' plain list --pin-source pin

init() { plain token init --new-so-pin-source so --new-pin-source pin "$@"; }
refused 2 '--label is missing' init
refused 2 'has 1 to 32 bytes, not 33' init --label 123456789012345678901234567890123
refused 5 'too short; nothing was changed' \
    plain token init --label card --new-so-pin-source so --new-pin-source short
refused 3 'cannot read missing' \
    plain token init --label card --new-so-pin-source so --new-pin-source missing
refused 11 'no terminal to ask on' setsid "$tool" token init --module "$SOFTHSM2_MODULE" --label card
refused 4 'no token matches' init --label card --token pkcs11:token=none
[ -z "$(ls tokens)" ] || fail "a refused command has initialised a token"

done_ok init --label card
grep -q '^the token is initialised' out || fail "it is not said what was done"
grep -q 'initialised, PIN set' out || fail "it is not shown how the token stands"
serial=$(plain --json tokens | jq -r '.tokens[] | select(.label == "card").serial')
grep -q "serial number  *$serial\$" out || fail "not the token that was initialised"
opens pin

# --- one that is in use ---

plain keygen --token pkcs11:token=card --pin-source pin --key-type p-256 --label key >/dev/null
again() {
    plain token init --token pkcs11:token=card --label card --so-pin-source so \
        --new-pin-source other "$@"
}
refused 2 'initialised already: all that is on it would be lost: 0 certificates' again
grep -qF -e '--erase' err || fail "it is not told how it is erased"
refused 11 'Give --yes' setsid "$tool" token init --token pkcs11:token=card --label card \
    --module "$SOFTHSM2_MODULE" --so-pin-source so --new-pin-source other --erase
# Which one is to be erased is said, not guessed.
refused 4 'more than one token' plain token init --label card --so-pin-source so \
    --new-pin-source other --erase --yes
refused 5 'the SO PIN for the token "card" is wrong' plain token init --token pkcs11:token=card \
    --label card --so-pin-source wrong --new-pin-source other --erase --yes
[ "$(keys pin)" -eq 1 ] || fail "the token was erased"
done_ok again --json --erase --yes
jq -e '.result == "initialised" and .label == "card" and (.flags | index("PIN set"))' out \
    >/dev/null || fail "JSON of token init"
[ "$(keys other)" -eq 0 ] || fail "the token was not erased"

# --- the PIN is changed ---

card=--token=pkcs11:token=card
the_token 'pin-tries 3/3'
done_ok shimmed token pin "$card" --pin-source other --new-pin-source pin
grep -q '^the PIN is changed$' out || fail "it is not said what was done"
called C_SetPIN 1
opens pin
refused 5 'since the last right one' shimmed token pin "$card" --pin-source wrong --new-pin-source other
called C_SetPIN 1
called C_Login 2
refused 5 'one try is left' shimmed token pin "$card" --pin-source wrong --new-pin-source other
grep -q '^pin-tries 1/3' control || fail "not one try left but $(cat control)"
refused 5 'give --allow-final-try' shimmed token pin "$card" --pin-source pin --new-pin-source other
called C_SetPIN 1
called C_Login 3
done_ok shimmed tokens "$card"
grep -q 'state .*last PIN try' out || fail "the last try is not shown"
grep -q 'what to do  *One more wrong PIN locks it' out || fail "what to do about it is not told"
done_ok shimmed token pin "$card" --pin-source pin --new-pin-source other --allow-final-try
grep -q '^pin-tries 3/3' control || fail "a right PIN has not brought the tries back"
opens other
: >calls
refused 5 'too short; nothing was changed' shimmed token pin "$card" --pin-source other \
    --new-pin-source short
refused 2 "the URI's pin-source is not heeded here" shimmed token pin \
    --token "pkcs11:token=card?pin-source=$scratch/other" --new-pin-source pin
called C_SetPIN 0
refused 2 'there is no option --new-pin: every user' plain token pin "$card" --new-pin 7391
refused 2 'there is no option --so-pin: every user' plain token pin "$card" --so-pin=7391
# Both from one pipe, one line each.
cat other pin | plain --json token pin "$card" --pin-source fd:0 --new-pin-source fd:0 >out ||
    fail "both PINs through one pipe"
jq -e --arg serial "$(plain --json tokens "$card" | jq -r '.tokens[0].serial')" \
    '.result == "pin-changed" and .serial == $serial' out >/dev/null || fail "JSON of token pin"
opens pin

# --- the PIN is locked ---

the_token 'flags +USER_PIN_LOCKED'
refused 5 'certenroll token pin --unblock' shimmed list "$card" --pin-source pin
refused 5 'certenroll token pin --unblock' shimmed token pin "$card" --pin-source pin \
    --new-pin-source other
done_ok shimmed tokens "$card"
grep -q 'state .*PIN locked' out || fail "the lock is not shown"
grep -q 'what to do  *"certenroll token pin --unblock"' out || fail "how to unblock is not told"
called C_SetPIN 0
refused 5 'the SO PIN for the token "card" is wrong' shimmed token pin "$card" --unblock \
    --so-pin-source wrong --new-pin-source other
called C_InitPIN 0
done_ok shimmed token pin "$card" --unblock --so-pin-source so --new-pin-source other
grep -q '^the SO has set a new PIN$' out || fail "it is not said what was done"
called C_InitPIN 1
opens other
the_token 'flags +SO_PIN_LOCKED'
refused 5 'Ask whoever issued the token' shimmed token pin "$card" --unblock --so-pin-source so \
    --new-pin-source pin
the_token 'fail C_Login 0xa4' # a TPM locks both at once, and its flags do not tell
refused 5 'The SO PIN is locked as well' shimmed token pin "$card" --unblock --so-pin-source so \
    --new-pin-source pin
the_token 'flags +USER_PIN_TO_BE_CHANGED'
refused 5 '"certenroll token pin" changes' shimmed list "$card" --pin-source other
done_ok shimmed token pin "$card" --pin-source other --new-pin-source pin
the_token 'flags -USER_PIN_INITIALIZED'
refused 5 'token pin --unblock" sets the first one' shimmed list "$card" --pin-source pin
the_token 'flags +WRITE_PROTECTED'
refused 6 'write-protected' shimmed token pin "$card" --pin-source pin --new-pin-source other
done_ok shimmed tokens "$card"
grep -q 'what to do  *Nothing can be written on it' out || fail "write protection is not explained"

# --- a reader with its own keys: nothing is asked for here, and the person is told ---

the_token 'flags +PROTECTED_AUTHENTICATION_PATH' 'reader-pin 7391-first' 'reader-new-pin 7391-other'
setsid "$tool" token pin "$card" --module "$shim" >out 2>err </dev/null || fail "with a PIN pad"
grep -q 'Type the PIN of the token "card" on the card reader' err || fail "the person is not told"
grep -q 'then asks for the new PIN' err || fail "the person is not told of the new PIN"
the_token '#'
opens other

# --- no PIN in any log ---

done_ok plain token pin "$card" --pin-source other --new-pin-source pin
plain token pin "$card" --unblock --so-pin-source so --new-pin-source pin --log trace >out 2>log
grep -q 'debug:' log || fail "no log"
! grep -q '7391-\|5678-' log out || fail "a PIN is in the log"

# --- waiting ---

refused 4 'no token matches pkcs11:token=late' plain list --token pkcs11:token=late --pin-source pin
refused 2 'is not a number of seconds' plain list --token pkcs11:token=late --wait-token soon
plain list --token pkcs11:token=late --pin-source pin --wait-token 1 >out 2>err </dev/null &&
    fail "a token that is not there was listed"
grep -q '^no token matches pkcs11:token=late. Put it in: it is waited for 1 seconds' err ||
    fail "it is not said what is waited for"
grep -q '^certenroll: .*none came within 1 seconds' err || fail "the end of the waiting is not told"

plain list --token pkcs11:token=late --pin-source pin --wait-token 600 >out 2>err </dev/null &
background=$!
await $background grep -q 'Put it in' err || fail "it is not said that the token is waited for"
softhsm_token late 7391-first
wait $background || fail "the token that came was not listed"
background=
grep -q 'no keys and no certificates' out || fail "the token that came was not read"

# --- at the terminal ---

needs_terminal "the rest passed"
# typed STATUS: the program has ended, and the terminal has shown no PIN.
typed() {
    terminal_end "$1"
    ! grep -aq '7391-\|5678-' shown || fail "a PIN is shown on the terminal"
}
quoted="--module '$shim'"

# The new PIN is typed twice; two that differ cost no try and change nothing.
the_token 'pin-tries 2/3'
terminal_begin "'$tool' token pin $quoted $card"
types 'A wrong PIN was given' 7391-first
types 'New PIN of the token "card"' 7391-third
types 'The same again' 7391-thidr
types 'The two differ' 7391-third
types 'The same again' 7391-third 2
typed 0
grep -aq 'the PIN is changed' shown || fail "it is not said what was done"
called C_SetPIN 1
echo 7391-third >third
opens third

the_token 'pin-tries 2/3'
terminal_begin "'$tool' token pin $quoted $card"
types 'PIN of the token "card"' 7391-third
for time in 1 2 3; do
    types 'New PIN of the token "card"' 7391-first $time
    types 'The same again' 7391-frist $time
done
typed 11
called C_SetPIN 0
grep -q '^pin-tries 2/3' control || fail "a slip has cost a try"
opens third

the_token '#'
terminal_begin "'$tool' token init $quoted --label second"
types 'New SO PIN of the empty token' 5678-officer
types 'The same again' 5678-officer
types 'New PIN of the empty token' 7391-first
types 'The same again' 7391-first 2
typed 0
done_ok plain list --token pkcs11:token=second --pin-source pin

terminal_begin "'$tool' token init $quoted --token pkcs11:token=second --label third --erase"
types 'Erase the token? [y/N]' n
typed 11
grep -aq 'nobody said yes' shown || fail "it is not said that nothing was done"
terminal_begin "'$tool' token init $quoted --token pkcs11:token=second --label third --erase"
types 'Erase the token? [y/N]' y
types 'SO PIN of the token "second"' 5678-officer
types 'New PIN of the token "second"' 7391-first
types 'The same again' 7391-first
typed 0
done_ok plain list --token pkcs11:token=third --pin-source pin

# Whoever sits at a terminal is waited for without being asked to say so; a program is not.
the_token absent
terminal_begin "'$tool' list $quoted $card --pin-source third"
terminal_shows 'Put it in'
the_token '#'
typed 0
grep -aq 'no keys and no certificates' shown || fail "the token that came was not read"
the_token absent
terminal_begin "trap : INT; '$tool' list $quoted $card --pin-source third"
types 'Put it in' "$(printf '\003')"
typed 11
terminal_begin "'$tool' --json list $quoted $card --pin-source third"
typed 4
! grep -aq 'Put it in' shown || fail "a program is kept waiting"
the_token '#'

# --- a module that does not start without an init string ---

the_token 'fail C_Initialize 0x7' # what NSS's softokn says
refused 4 'x-init-reserved' shimmed tokens
the_token 'fail C_Initialize 0x5'
refused 4 'The module is there' shimmed tokens
the_token '#'
# NSS 3.87 (Debian 12) needs one; 3.110 (Debian 13) starts without, and has no tokens to show then.
for softokn in /usr/lib/*-linux-gnu*/libsoftokn3.so /usr/lib/*-linux-gnu*/nss/libsoftokn3.so; do
    [ -e "$softokn" ] || continue
    "$tool" tokens --module "$softokn" >out 2>err || refused 4 'x-init-reserved' "$tool" tokens --module "$softokn"
done
