#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The programs of docs/examples against the demo RA: enrol puts a certificate on the token, logon
# shows it to the login host; with a wrong password there is no certificate. And neither the
# examples nor `certenroll enroll --log trace` say a secret.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"

# The examples name no module: p11-kit's configuration brings SoftHSM in, as for any program.
uri="pkcs11:token=customer"
echo "not the password" >"$scratch/wrong-password"

# enrolled_with PASSWORD-FILE: what enrol ends with; its output is in `said`.
enrolled_with() {
    status=0
    "$BUILD_DIR/docs/examples/example-enrol" "$uri" "$est" "$ca" $account "CN=$account" \
        "$scratch/pin" "$1" >"$scratch/said" 2>&1 || status=$?
    silent_about "$pin" "$(cat "$1")"
}

# silent_about SECRET...: `said` can be read and holds none of them.
silent_about() {
    for secret; do
        found=0
        grep -aqF -e "$secret" "$scratch/said" || found=$?
        [ $found -eq 1 ] || fail "\"$secret\" is in the output, or that cannot be read"
    done
}

# on_token FILTER: what the jq filter finds in the list of the customer's token.
on_token() {
    "$certenroll" list --json --token "$uri" --module "$SOFTHSM2_MODULE" \
        --pin-source "$scratch/pin" >"$scratch/list.json" || fail "list"
    jq "$1" "$scratch/list.json"
}
pairs='[.entries[] | select(.state == "valid")] | length'

# keys: how many of the account lie on it, with a certificate or without.
keys() { on_token "[.entries[] | select(.label == \"$account\") | .id] | unique | length"; }

# --- a wrong password ---

enrolled_with "$scratch/wrong-password"
[ $status -eq 8 ] || fail "a wrong password: exit status $status, $(cat "$scratch/said")"
# Other modules of the system may print, too: what the program says is the line with the account.
[ "$(grep -c "$account" "$scratch/said")" -eq 1 ] ||
    fail "a wrong password: not one line: $(cat "$scratch/said")"
[ "$(on_token '[.entries[] | select(has("serial"))] | length')" -eq 0 ] ||
    fail "a certificate in spite of the wrong password: $(cat "$scratch/list.json")"

# --- an RA that is away, twice: it goes on by itself with the key that it made ---

[ "$(keys)" -eq 1 ] || fail "not the one key of what is unfinished: $(cat "$scratch/list.json")"
ra_stop
enrolled_with "$scratch/password"
[ $status -eq 9 ] || fail "no RA: exit status $status, $(cat "$scratch/said")"
enrolled_with "$scratch/password"
[ "$(keys)" -eq 1 ] || fail "more than one key: $(cat "$scratch/list.json")"
ra_start

# --- the right one, and the logon ---

enrolled_with "$scratch/password"
[ $status -eq 0 ] || fail "enrol: exit status $status, $(cat "$scratch/said")"
[ "$(on_token "$pairs")" -eq 1 ] || fail "not one key pair: $(cat "$scratch/list.json")"
[ "$(keys)" -eq 1 ] || fail "not the key of before: $(cat "$scratch/list.json")"
[ -z "$(find "$scratch/state" -name '*.journal')" ] || fail "a journal is left"
enrolled_with "$scratch/password"
[ $status -eq 6 ] || fail "a second one: exit status $status, $(cat "$scratch/said")"

# logon LABEL: what it ends with; the page is in `page`.
logon() {
    status=0
    "$BUILD_DIR/docs/examples/example-logon" "$uri?pin-source=file:$scratch/pin" "$1" "$ca" \
        login.localhost "${login##*:}" 127.0.0.1 >"$scratch/page" 2>"$scratch/said" || status=$?
}
logon $account
[ $status -eq 0 ] || fail "logon: exit status $status, $(cat "$scratch/said")"
grep -q $account "$scratch/page" || fail "the page does not name the account: $(cat "$scratch/page")"
logon nobody
[ $status -eq 6 ] || fail "logon with a label that no key has: exit status $status"

# --- the command line, with all it logs ---

"$certenroll" --log trace enroll --token "$uri" --module "$SOFTHSM2_MODULE" \
    --pin-source "$scratch/pin" --url "$est" --trust-anchor "$ca" --user $account \
    --password-source "$scratch/password" --subject "CN=$account" --key-type p-256 \
    --label traced --another >"$scratch/said" 2>&1 || fail "enroll --log trace: $(cat "$scratch/said")"
grep -q trace: "$scratch/said" || fail "no trace"
# HTTP Basic's form of the password (RFC 7617) would be as good as the password.
silent_about "$pin" "$(cat "$scratch/password")" \
    "$(printf %s "$account:$(cat "$scratch/password")" | base64)"
[ "$(on_token "$pairs")" -eq 2 ] || fail "not two key pairs: $(cat "$scratch/list.json")"
