#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ctrl-C, and the other signals, on a terminal: at a prompt, while the RA does not answer, while the
# token is slow, while a token is waited for. The terminal is left as it was, and an enrolment is
# gone on with by the command that the program names.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq script softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
cd "$scratch"
needs_terminal
shim=$BUILD_DIR/tests/shim/certenroll-shim.so
export SHIM_MODULE="$SOFTHSM2_MODULE" SHIM_LOG="$scratch/calls" SHIM_CONTROL="$scratch/control"
: >control

# at_terminal COMMAND: runs it there; its process is in the file `pid`, and how the terminal is
# afterwards is the last that it shows.
at_terminal() {
    rm -f pid
    terminal_begin "trap : INT; sh -c 'echo \$\$ >pid; exec $1'; status=\$?; stty -a; exit \$status"
}

presses_ctrl_c() { printf '\003' >&4; }

# ends_promptly STATUS: within a second, on a machine with other work a little later; the terminal
# echoes what is typed.
ends_promptly() {
    begun=$(date +%s%N)
    terminal_end "$1"
    took=$((($(date +%s%N) - begun) / 1000000))
    [ $took -le 2000 ] || fail "it took $took ms to end"
    grep -aq '[ ;]echo ' shown || fail "echo stays off: $(cat shown)"
}

# --- at a prompt ---

question='PIN of the token "customer"'
list="$certenroll list --module $SOFTHSM2_MODULE --token pkcs11:token=customer"

# HUP QUIT ABRT BUS USR1 SEGV USR2 ALRM XCPU VTALRM PROF IO PWR RTMIN RTMAX
for signal in 1 3 6 7 10 11 12 14 24 26 27 29 30 34 64; do
    at_terminal "$list"
    terminal_shows "$question"
    kill -$signal "$(cat pid)"
    ends_promptly $((128 + signal))
done
at_terminal "$list"
terminal_shows "$question"
kill -TERM "$(cat pid)"
ends_promptly 11
says 'it was interrupted' shown

# --- the RA does not answer ---

enroll="$certenroll enroll --token pkcs11:token=customer --module $SOFTHSM2_MODULE --pin-source pin \
    --journal $scratch/journal --url $est --trust-anchor $ca --user $account --subject CN=$account \
    --key-type p-256"

# go_on: by the command that the program has named, and with what was given to it beside.
go_on() {
    sed -n 's/.*To go on: \([^[:cntrl:]]*\).*/\1/p' shown | tail -n 1 >command
    grep -q '^certenroll resume --name ' command || fail "how to go on is not told: $(cat shown)"
    # shellcheck disable=SC2046 # words
    ends 0 $(sed "s|^certenroll|$certenroll|" command) --pin-source pin --password-source password
    on customer list --json >list.json
    jq -e '[.entries[] | select(.state != "ca")] | length == 1 and all(.state == "valid")' \
        list.json >jq.log || fail "not one pair: $(cat list.json)"
    [ -z "$(find journal -name '*.journal')" ] || fail "a journal is left"
    issued=$("$demo_ra" certificate list --dir ra | grep -c "$account" || :)
    [ "$issued" -eq "$1" ] || fail "$issued certificates were issued instead of $1"
}

at_terminal "$enroll"
terminal_shows 'Password of'
presses_ctrl_c
ends_promptly 11
go_on 1
on customer remove --yes --id "$(jq -r '.entries[] | select(.state != "ca").id' list.json)" >removed

at_terminal "$enroll"
terminal_shows 'Password of'
kill -STOP $server
types 'Password of' "$(cat password)"
sleep 0.5
presses_ctrl_c
ends_promptly 11
kill -CONT $server
says 'it was cancelled' shown
go_on 2

# --- the token is slow: the call is let end, but not for ever ---

slow="$certenroll list --module $shim --token pkcs11:token=customer --pin-source pin"
echo 'slow-call 1 2000' >control
at_terminal "$slow"
await '' grep -q '^#' control || fail "the token is not slow"
presses_ctrl_c
sleep 1
kill -0 "$(cat pid)" || fail "the call was not let end"
terminal_end 11
echo 'slow-call 1 60000' >control
at_terminal "$slow"
await '' grep -q '^#' control || fail "the token is not slow"
presses_ctrl_c
sleep 0.5
presses_ctrl_c
ends_promptly 130

# --- a token is waited for ---

at_terminal "$certenroll list --module $SOFTHSM2_MODULE --token pkcs11:token=absent --wait-token 60"
terminal_shows 'Put it in'
presses_ctrl_c
ends_promptly 11
