#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll-user, killed at many points of a collection and of a renewal: what is left is told, and
# the next run comes to its end with one pair. The RA's books count, not what the program says.
# shellcheck disable=SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util
without_sanitizers "what kills it would come before their own library"
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
export TZ=Asia/Tokyo
cd "$scratch"
. "$SOURCE_DIR/tests/support/bank_tools.sh"

bank_user

# --- an interrupted collection ---

# reissue_user: as the administrator does; what was there is revoked.
reissue_user() {
    call 200 "$login/api/reissue" "$(jq -cn --arg p "$(cat corporate)" --arg u "$1" \
        --arg c "$(cat corporate-confirmation)" \
        '{password: $p, confirmation_password: $c, user_id: $u}')" --cert admin.pem --key admin.key
}
new_token() {
    run softhsm2-util --delete-token --token crash
    softhsm_token crash
}
on_crash="--token pkcs11:token=crash $me --user-id user02 $with_pin"
# again: into `out`, for user02
again() {
    setsid -w "$@" "$user_tool" get $on_crash --password-source user </dev/null >out 2>err
}
# killed CLASS MOMENT NUMBER: the program dies at this operation. Then a second run has to end as if
# there had been no first: one pair, one certificate in force, no journal. Returns 1 when there is
# no such operation.
killed() {
    reissue_user user02
    new_token
    status=0
    again env LD_PRELOAD="$BUILD_DIR/tests/shim/certenroll-crash-points.so" \
        CRASH_POINT="$1 $2 $3" CRASH_JOURNALS="$XDG_STATE_HOME/certenroll" 2>killed.log || status=$?
    [ $status -ne 0 ] || return 1
    [ $status -eq 137 ] || fail "killed $*: exit status $status: $(cat out err)"
    [ "$(journals)" -eq 0 ] || left=$((left + 1))
    again env || fail "after it was killed $*: $(cat out err)"
    "$certenroll" list --json --token pkcs11:token=crash --module "$SOFTHSM2_MODULE" \
        --pin-source pin >list.json || fail "list: $(cat list.json)"
    jq -e '[.entries[] | select(.state != "ca")] | length == 1 and .[0].state == "valid"' list.json \
        >jq.log || fail "killed $*: not the one pair: $(cat list.json)"
    jq -r '.entries[] | select(.state != "ca").serial | ascii_downcase' list.json >there
    in_force "$corporation user02" | tr '[:upper:]' '[:lower:]' >valid
    cmp -s there valid || fail "killed $*: on the token $(cat there), in force $(cat valid)"
    [ "$(journals)" -eq 0 ] || fail "killed $*: a journal stays"
    ends 0 setsid -w "$user_tool" logon --token pkcs11:token=crash $me --user-id user02 $with_pin \
        --password-source user
}
# unconfirmed: a certificate on the token that the bank has not been told the arrival of
unconfirmed() {
    number=8
    until grep -qs '^state: CONFIRMED' "$XDG_STATE_HOME"/certenroll/*.journal; do
        rm -rf "$XDG_STATE_HOME/certenroll"
        reissue_user user02
        new_token
        again env LD_PRELOAD="$BUILD_DIR/tests/shim/certenroll-crash-points.so" \
            CRASH_POINT="network before $number" CRASH_JOURNALS="$XDG_STATE_HOME/certenroll" \
            2>killed.log || :
        number=$((number + 8))
        [ $number -lt 2000 ] || fail "it never dies before it confirms"
    done
}
# unheard: the same journal again, as if the bank's confirmation had never come
unheard() {
    rm -rf "$XDG_STATE_HOME/certenroll"
    cp -rp unconfirmed "$XDG_STATE_HOME/certenroll"
}
# renewal_killed: a renewal by the present pair of user02 that was begun
renewal_killed() {
    number=1
    until [ "$(journals)" -eq 1 ]; do
        status=0
        setsid -w env LD_PRELOAD="$BUILD_DIR/tests/shim/certenroll-crash-points.so" \
            CRASH_POINT="journal after $number" CRASH_JOURNALS="$XDG_STATE_HOME/certenroll" \
            "$user_tool" renew $on_crash </dev/null >out 2>err || status=$?
        [ $status -eq 137 ] || fail "exit status $status of what is killed: $(cat out err)"
        number=$((number + 1))
    done
}
# every CLASS MOMENT STEP: at each STEP-th operation.
every() {
    number=1
    while killed "$1" "$2" $number; do
        number=$((number + $3))
        [ $number -lt 2000 ] || fail "it never comes to its end"
        points=$((points + 1))
    done
}
bank_user user02
softhsm_token crash
points=0 left=0
every journal after 4
every network before 5
echo "bank-tools-killed: killed at $points points, $left of them with a journal left"
[ $points -ge 12 ] || fail "too few points"
[ $left -ge 6 ] || fail "too few points with something left"

# What the bank has not confirmed: it is told what to do, before the bank revokes it.
unconfirmed
cp -rp "$XDG_STATE_HOME/certenroll" unconfirmed
ends 2 setsid -w "$user_tool" renew $on_crash
says 'its collection was interrupted. Have it finished first: certenroll-user get' err
[ "$(journals)" -eq 1 ] || fail "a renewal was begun"
ends 10 setsid -w "$user_tool" status $on_crash
ends 0 setsid -w "$user_tool" logon $on_crash --password-source user
says 'begin it again: certenroll-user get' out
again env || fail "it is not confirmed: $(cat out err)"

# It has confirmed it, and nobody heard. Then it is kept, unless it was revoked since and the
# new one collected elsewhere.
unheard
again env || fail "it is not kept: $(cat out err)"
says 'is on the token and is kept' out
[ "$(journals)" -eq 0 ] || fail "a journal stays"
unheard
reissue_user user02
collect elsewhere $corporation user02
ends 8 setsid -w "$user_tool" get $on_crash --password-source user
says 'has been revoked by the bank' err
says '(R-103)' err
says_not 'is kept' out
[ "$(journals)" -eq 0 ] || fail "a journal stays"

# A renewal by a pair that was revoked since: it is over, and hinders no other.
reissue_user user02
again env || fail "no new one: $(cat out err)"
renewal_killed
reissue_user user02
ends 8 setsid -w "$user_tool" renew $on_crash
says 'have a new one ordered, then: certenroll-user get' err
[ "$(journals)" -eq 0 ] || fail "a journal stays"
again env || fail "no new one: $(cat out err)"
renewal_killed
reissue_user user02
again env || fail "no new one: $(cat out err)"
ends 0 setsid -w "$user_tool" renew $on_crash
says '- nothing can come of it' err
[ "$(journals)" -eq 0 ] || fail "a journal stays"
ends 0 setsid -w "$user_tool" logon $on_crash --password-source user
