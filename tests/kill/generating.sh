#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The client dies while the token still generates an RSA-4096 key, by SIGKILL and by Ctrl-C; then, at
# once and once more when the token has ended what it was at: `resume`, `clean`, the same command. At
# the end there is exactly one pair (after `clean`: none). Each once, with one of the two; with $FULL
# each 20 times with both.
# shellcheck disable=SC2013,SC2046,SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl p11-kit pgrep softhsm2-util
test_name=kill-generating
without_sanitizers "it makes RSA-4096 keys"
. "$SOURCE_DIR/tests/kill/world.sh"
key_type=rsa-4096
ticks=$(($(getconf CLK_TCK) / 10))

# at_work: the token's process for a client, $worker, that has worked for as long as a key takes it
# and nothing else.
at_work() {
    for worker in $(pgrep -P $token_server); do
        set -- $(cat /proc/$worker/stat 2>/dev/null)
        [ $# -lt 14 ] || [ "${14}" -lt $ticks ] || return 0
    done
    return 1
}
works_on() { kill -0 "$worker" 2>/dev/null; }
has_ended() { ! works_on; }

# dies_generating SIGNAL: returns 1 when the token was quicker.
dies_generating() {
    anew
    enroll exec env --default-signal=INT >killed.out 2>killed.err &
    background=$!
    await $background at_work || return 1
    kill -$1 $background
    wait $background 2>/dev/null || :
    background=
    works_on
}

# one_case SIGNAL END WANTED
one_case() {
    lost='' doubled='' orphaned='' flaws='' tries=0
    until dies_generating $1; do
        tries=$((tries + 1))
        [ $tries -lt 20 ] || fail "the token is always quicker"
    done
    $2 env >end.out 2>end.err || note lost "$2 at once ended with $?: $(tail -n 2 end.err)"
    await '' has_ended || fail "the token does not end"
    status=0
    $2 env >end.out 2>end.err || status=$?
    # The same again: there is one already.
    [ $status -eq 0 ] || { [ $2 = enroll ] && look && [ $works -eq 1 ]; } ||
        note lost "$2 after it ended with $status: $(tail -n 2 end.err)"
    judge $3
    tally "SIG$1 while the token generates, then $2"
}

if [ -z "${FULL-}" ]; then
    one_case KILL resume 1
    one_case INT clean 0
    one_case KILL enroll 1
else
    times=20
    while [ $times -gt 0 ]; do
        for signal in KILL INT; do
            one_case $signal resume 1
            one_case $signal clean 0
            one_case $signal enroll 1
        done
        times=$((times - 1))
    done
fi
report "the client gone while the token generates"
