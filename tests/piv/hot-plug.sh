#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
# The card of tests/piv comes and goes: it is waited for; it is pulled at many moments of an
# enrolment and put back, and the enrolment goes on; another card in its place is noticed before
# anything is written to it. By the certenroll tool, against a running demo RA.
set -eu
test_name=piv-hot-plug
. "${SOURCE_DIR:?}/tests/support/test.sh"
without_sanitizers "others' modules are run in builds without sanitizers only"
. "$SOURCE_DIR/tests/support/namespace.sh"
. "$SOURCE_DIR/tests/piv/reader.sh"
in_namespace --mount "$piv_probe" "$@"
. "$SOURCE_DIR/tests/support/ra.sh"

printf 123456 >"$scratch/pin"
printf 010203040506070801020304050607080102030405060708 >"$scratch/so-pin"
module=$(library libykcs11.so)
uri="pkcs11:serial=1000001"
journal=$scratch/journal

# tool COMMAND...: its JSON is in `out`.
tool() {
    "$certenroll" --json "$@" --pin-source "$scratch/pin" --so-pin-source "$scratch/so-pin" \
        >"$scratch/out" 2>"$scratch/err"
}
on_card() { tool "$@" --token "$uri" --module "$module"; }
enroll() {
    on_card enroll --url "$est" --trust-anchor "$ca" --user "$account" --password-source \
        "$scratch/password" --subject "CN=$account" --key-type p-256 --journal "$journal"
}
resume() { tool resume --journal "$journal" --password-source "$scratch/password"; }
journals() { find "$journal" -name '*.journal' 2>/dev/null | wc -l; }
error() { jq -r '.error.status // "none"' "$scratch/out"; }

# --- waiting ---

wait_card() { timeout 120 "$BUILD_DIR/tests/piv/wait_card" "$module" "$uri" "$@" >"$scratch/waited"; }
waited() { [ "$(tail -n 1 "$scratch/waited")" = "$1" ] || fail "not $1: $(cat "$scratch/waited")"; }

# waits: in the background, so far that there is no card yet.
waits() {
    : >"$scratch/waited"
    timeout 120 "$BUILD_DIR/tests/piv/wait_card" "$module" "$uri" 60 0 >"$scratch/waited" &
    background=$!
    await $background test -s "$scratch/waited" || fail "whoever waits has ended"
}
comes() {
    wait "$background" || fail "waiting"
    background=
    waited 1000001
}

piv_reader
wait_card 1 0
waited TOKEN_NOT_FOUND
grep -q "1 seconds" "$scratch/waited" || fail "not told: $(cat "$scratch/waited")"
wait_card 60 2
waited CANCELLED
waits
piv_insert first --serial 1000001
comes
piv_pull
piv_insert other --serial 2000002
waits
piv_pull
piv_insert first
comes
piv_pull
echo "waited for: in time, another card first, time-out, given up"

# --- pulled and put back ---

# pulled_at OPTION: a new card goes away at this moment of an enrolment. What is told is that it was
# pulled; put back, the enrolment comes to its end with one key and one certificate.
pulled_at() {
    points=$((points + 1))
    rm -rf "$journal"
    card=card-$points
    piv_insert "$card" --serial 1000001 "$1"
    if enroll; then
        done_before=$((done_before + 1))
        kill -KILL "$piv_card" 2>/dev/null || :
        piv_pulled
        return
    fi
    told=$(error)
    case $told in
    TOKEN_REMOVED | TOKEN_NOT_FOUND) ;;
    *) complain "$1: told as $(jq -c .error "$scratch/out")" ;;
    esac
    piv_pulled
    piv_insert "$card"
    goes_on "$1"
    piv_pull
}

# goes_on WHERE: by its journal; without one nothing was made, and it begins anew.
goes_on() {
    if [ "$(journals)" -gt 0 ]; then
        resume || complain "$1: resume: $(jq -c . "$scratch/out")"
    else
        enroll || complain "$1: enroll: $(cat "$scratch/out")"
    fi
    on_card list || complain "$1: list: $(cat "$scratch/out")"
    [ "$(jq -r '[.entries[].state] | join(" ")' "$scratch/out")" = valid ] ||
        complain "$1: not one valid pair: $(jq -c '[.entries[] | [.state, .id]]' "$scratch/out")"
    [ "$(grep -c '^key ' "$scratch/piv/$card")" -eq 1 ] || complain "$1: not one key on the card"
    [ "$(journals)" -eq 0 ] || complain "$1: a journal is left"
}

complain() {
    echo "$*" >&2
    complaints=$((complaints + 1))
}

complaints=0 points=0 done_before=0
piv_insert whole --serial 1000001
before=$(piv_apdus)
enroll || fail "enroll: $(cat "$scratch/out")"
apdus=$(($(piv_apdus) - before))
piv_pull
rm -rf "$journal"
echo "one enrolment: $apdus APDUs"

# By the command: the PIN, the management key and the signature, the key, the certificate.
for instruction in 20 87 47 db; do
    pulled_at --pull-before=$instruction
    pulled_at --pull-with=$instruction
done
[ $done_before -eq 0 ] || fail "the card was not pulled"
# While the token is opened, and then until the end.
for number in $((apdus / 4)) $((apdus / 2)) $(seq $((apdus - 18)) 2 "$apdus"); do
    pulled_at "--pull-after=$number"
done
echo "pulled at $points moments ($done_before after the end), complaints $complaints"
[ $complaints -eq 0 ] || fail "$complaints complaints"

# --- another card in its place ---

# Its PIN is another one: whoever sends it ours changes what the card keeps.
piv_insert other --serial 2000002
run yubico-piv-tool -a change-pin -P 123456 -N 654321
piv_pull
for pull in before=47 with=47 before=db; do
    rm -rf "$journal"
    piv_insert "ours-$pull" --serial 1000001 "--pull-$pull"
    ! enroll || fail "the card was not pulled"
    piv_pulled
    cp "$scratch/piv/other" "$scratch/other-before"
    piv_insert other
    ! resume || fail "another card in its place: went on"
    case $(jq -r '[.. | .status? // empty] | join(" ")' "$scratch/out") in
    *TOKEN_REMOVED* | *TOKEN_NOT_FOUND*) ;;
    *) fail "another card in its place: $(cat "$scratch/out")" ;;
    esac
    ! enroll || fail "another card in its place: enrolled"
    [ "$(error)" = TOKEN_NOT_FOUND ] || fail "another card in its place: $(cat "$scratch/out")"
    cmp "$scratch/piv/other" "$scratch/other-before" || fail "the other card was written to"
    piv_pull
    card=ours-$pull
    piv_insert "$card"
    goes_on "$pull, the other card between"
    piv_pull
done
[ $complaints -eq 0 ] || fail "$complaints complaints"
echo "another card in its place: noticed 3 of 3 times, nothing sent or written"
