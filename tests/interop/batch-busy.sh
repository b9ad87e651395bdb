#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll batch and an RA that has no time for anybody (503, 429 with Retry-After): no row is sent
# before the time that it names, and each row is sent once more then.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq softhsm2-util
scratch_begin
cd "$scratch"
. "$SOURCE_DIR/tests/support/softhsm.sh"
. "$SOURCE_DIR/tests/support/canned_ra.sh"

softhsm_begin
softhsm_token card 1234-card
printf 1234-card >pin
printf 'subject\nCN=a\nCN=b\nCN=c\n' >list.csv

# says STATUS FIELD...: the RA, to every request for a certificate.
says() {
    printf 'HTTP/1.1 %s\r\n%bContent-Length: 0\r\n\r\n' "$1" "${2:-}" >ra/answers/next
    mv ra/answers/next ra/answers/simpleenroll
}
batch() {
    "$BUILD_DIR/tools/certenroll/certenroll" batch --module "$SOFTHSM2_MODULE" \
        --token pkcs11:token=card --pin-source pin --url "$est" --trust-anchor "$ca" \
        --journal journal --key-type p-256 "$@" list.csv
}
asked() { grep -c simpleenroll ra/requests || :; }

# --- without waiting: the first row finds out, the others are not tried ---
says '503 Service Unavailable' 'Retry-After: 3600\r\n'
status=0
batch --no-wait --json >out 2>err </dev/null || status=$?
[ "$(asked)" -eq 1 ] || fail "$(asked) requests to a busy RA: $(cat ra/requests)"
jq -e 'map(.result) == ["pending", "not-tried", "not-tried"] and (.[0].retry_at | endswith("Z")) and
    .[1].status == "SERVER"' out >/dev/null ||
    fail "not so: $(cat out err)"
[ $status -eq 8 ] || fail "exit status $status instead of 8"

# --- waiting: all of them together ---
rm -r journal
: >ra/requests
says '429 Too Many Requests' 'Retry-After: 4\r\n'
batch >out 2>err </dev/null &
background=$!
is_told() { grep -q 'the RA is busy; waiting until' err; }
await "$background" is_told || fail "it does not say that it waits: $(cat out err)"
[ "$(asked)" -eq 1 ] || fail "$(asked) requests to a busy RA: $(cat ra/requests)"
says '400 Bad Request'
status=0
wait $background || status=$?
background=
[ $status -eq 8 ] || fail "exit status $status instead of 8: $(cat out err)"
[ "$(asked)" -eq 4 ] || fail "$(asked) requests instead of 4: $(cat ra/requests)"
[ "$(grep -c 'failed: ' out)" -eq 3 ] || fail "not each row was tried: $(cat out)"
echo "batch-busy: a busy RA is left alone by all rows"
