# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
# For scripts on ra.sh: what a program of ours ends with and says. Read by `.`; works in $scratch.

# ends STATUS COMMAND...: runs it into `out` and `err`; its exit status is this one.
ends() {
    wanted=$1 status=0
    shift
    "$@" >out 2>err </dev/null || status=$?
    [ $status -eq "$wanted" ] ||
        fail "$*: exit status $status instead of $wanted: $(cat out err "$scratch/server.log")"
}

# says TEXT FILE, says_not TEXT FILE
says() { grep -qF -e "$1" "$2" || fail "$2 does not say \"$1\": $(cat out err)"; }
says_not() { ! grep -qF -e "$1" "$2" || fail "$2 says \"$1\": $(cat out err)"; }

# is FILTER: the jq filter is true for the JSON in `out`.
is() { jq -e "$1" out >jq.log 2>&1 || fail "not so: $1: $(cat out err)"; }

# on TOKEN COMMAND...: certenroll's command with the token and its PIN.
on() {
    place=$1
    shift
    "$certenroll" "$@" --token "pkcs11:token=$place" --module "$SOFTHSM2_MODULE" --pin-source pin
}
