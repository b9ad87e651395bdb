#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Attacks on the demo RA by being quick, or by coming back: locks and ends that race, keys and
# certificates in another guise. curl is the attacker.
# shellcheck disable=SC2154 # what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util sqlite3
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
export LC_ALL=C
. "$SOURCE_DIR/tests/support/attacker.sh"

# --- locks that are raced for ---
# at_once NUMBER COMMAND...: each with its number; all have ended.
at_once() {
    racers=
    racer=$1
    shift
    while [ "$racer" -gt 0 ]; do
        "$@" "$racer" &
        racers="$racers $!"
        racer=$((racer - 1))
    done
    for racer in $racers; do wait "$racer"; done
}
# Of twelve wrong ones at once five are looked at, wherever they come in.
guess() {
    case $(($1 % 3)) in
    0)
        curl -sS --max-time 60 --cacert "$ca" -o "guess.$1" -w '%{http_code}' -u "$name:guess $1" \
            -H 'Content-Type: application/pkcs10' --data-binary @mine.b64 \
            "$est/.well-known/est/simpleenroll"
        ;;
    *)
        curl -sS --max-time 60 --cacert "$ca" -o "guess.$1" -w '%{http_code}' \
            -H 'Content-Type: application/json' \
            -d "{\"corporate_id\":\"$corporation\",\"user_id\":\"user01\",\"password\":\"guess $1\"}" \
            "$entry/api/certificate"
        ;;
    esac >"status.$1"
}
request mine "/CN=$name"
at_once 12 guess
[ "$(cat status.? status.?? | grep -o 401 | wc -l)" -eq 5 ] || { cat status.*; fail "not five tries"; }
[ "$(cat status.? status.?? | grep -o 403 | wc -l)" -eq 7 ] || { cat status.*; fail "not seven refusals"; }
page_get person 200 "$entry/user"
page_post person 403 "$entry/user" "corporate_id=$corporation" user_id=user01 "password=$(cat user)"
has R-102 person.answer
# The others are not locked by it: neither the corporation, nor the user at "login".
call 403 "$entry/api/certificate" "$(credentials $corporation)"
answer_is code R-103
run bank unlock $corporation user01

# --- keys that come back ---
# A key of which a certificate was revoked is the same key when its point is written otherwise.
begin
run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out lost.key
for form in uncompressed compressed hybrid; do
    run openssl ec -in lost.key -conv_form $form -out $form.key
    run openssl req -new -key $form.key -subj "/CN=$name" -outform DER -out $form.der
    openssl base64 -A -in $form.der -out $form.b64
done
simpleenroll 200 uncompressed "$id:$token"
give_up
begin
simpleenroll 403 uncompressed "$id:$token"
has revoked answer
for form in compressed hybrid; do
    simpleenroll 400 $form "$id:$token"
    has uncompressed answer
done
give_up

# --- a certificate that nobody has confirmed ---
# It has no successor: that would stay when it is revoked, and the order is open again by then.
begin
request early "/CN=$name"
request next "/CN=$name"
simpleenroll 200 early "$id:$token"
keep_certificate early
reenroll 403 early next
has R-108 answer
bearer 200 confirm --cert early.pem --key early.key
reenroll 200 early next
keep_certificate next

# --- whose certificate ---
# revoke STATUS CERTIFICATE BY
revoke() {
    printf 'certificate=%s&reason=superseded' "$(openssl x509 -in "$2.pem" -outform DER |
        openssl base64 -A | tr '+/' '-_' | tr -d =)" >form
    type=application/x-www-form-urlencoded call "$1" "$est/.well-known/certenroll/revoke" \
        "$(cat form)" --cert "$3.pem" --key "$3.key"
}
# The corporation's name is the beginning of its users' names, and no more.
revoke 403 admin next
revoke 403 next admin
revoke 403 user02 next
revoke 403 next foreign
admin logon 200 "{\"password\":\"$password\"}"
call 403 "$login/api/users" "{\"password\":\"$(cat user)\"}" --cert next.pem --key next.key
answer_is code R-207
request mine "/CN=$corporation"
reenroll 400 next mine
request mine "/CN=$name"
reenroll 400 admin mine

# --- ends that race ---
# reissued: an order for user01; then a certificate that is issued and not confirmed: racer.pem.
reissued() { admin reissue 200 "{$both,\"user_id\":\"user01\"}"; }
issued() {
    reissued
    begin
    request racer "/CN=$name"
    simpleenroll 200 racer "$id:$token"
    keep_certificate racer
}
confirming() {
    curl -sS --max-time 60 --cacert "$ca" -o /dev/null -H 'Content-Type: application/json' -d '{}' \
        -H "Authorization: Bearer $token" --cert racer.pem --key racer.key "$job/confirm"
}
failing() {
    curl -sS --max-time 60 --cacert "$ca" -o /dev/null -H 'Content-Type: application/json' \
        -d '{"reason":"CANCELLED"}' -H "Authorization: Bearer $token" "$job/fail"
}
waiting() { "$demo_ra" clock --dir ra --offset 601 >/dev/null; }
ordering() {
    curl -sS --max-time 60 --cacert "$ca" -o /dev/null -H 'Content-Type: application/json' \
        -d "{$both,\"user_id\":\"user01\"}" --cert admin.pem --key admin.key "$login/api/reissue"
}
# The certificate, the job and the order go together, whoever was first.
consistent() {
    [ "$(books "SELECT count(*) FROM job WHERE state IN ('created','redeemed','executed','issued')")" -eq 0 ] ||
        fail "$1: a job is not over"
    state=$(books "SELECT j.state || ' ' || (c.revoked_at IS NOT NULL) || ' ' || (SELECT count(*)
        FROM certificate_order o WHERE o.account = j.account AND o.closed_at IS NULL)
        FROM job j JOIN certificate c ON c.id = j.certificate WHERE j.name = '$id'")
    case "$1/$state" in
    */"confirmed 0 0" | failing/"failed 1 1" | waiting/"revoked 1 1") ;;
    ordering/"confirmed 1 1" | ordering/"cancelled 1 1") ;;
    *) fail "$1: $state" ;;
    esac
    [ "$(books "SELECT count(*) FROM certificate c JOIN account a ON a.id = c.account
        WHERE a.name = '$name' AND c.revoked_at IS NULL")" -le 1 ] || fail "$1: two are valid"
    outcomes="$outcomes $1/${state%% *}"
}
is_swept() { [ "$(books "SELECT count(*) FROM job WHERE name = '$id' AND state = 'issued'")" -eq 0 ]; }
swept() { await '' is_swept || fail "the job does not end"; }
outcomes=
for racer_of in failing waiting ordering failing waiting ordering; do
    issued
    confirming &
    one=$!
    $racer_of &
    other=$!
    wait $one
    wait $other
    [ $racer_of != waiting ] || swept
    consistent $racer_of
    bank_clock --reset
done
# Eight programs with the password at once have one job, and one certificate comes of it.
reissued
asking() {
    curl -sS --max-time 60 --cacert "$ca" -o "asked.$1" -H 'Content-Type: application/json' \
        -d "$(credentials $corporation user01)" "$entry/api/certificate"
}
at_once 8 asking
[ "$(cat asked.[1-8] | grep -o '"job":"[0-9a-f]*"' | sort -u | wc -l)" -eq 1 ] ||
    { cat asked.[1-8] >&2; fail "more than one job"; }
request last "/CN=$name"
id=$(cat asked.[1-8] | sed -n 's/.*"job":"\([0-9a-f]*\)".*/\1/p' | head -n 1)
taken=0
for i in 1 2 3 4 5 6 7 8; do
    token=$(sed -n 's/.*"token":"\([0-9a-f]*\)".*/\1/p' "asked.$i")
    status=$(curl -sS --max-time 60 --cacert "$ca" -o answer -w '%{http_code}' -u "$id:$token" \
        -H 'Content-Type: application/pkcs10' --data-binary @last.b64 \
        "$est/.well-known/est/simpleenroll")
    [ "$status" != 200 ] || taken=$((taken + 1))
done
[ $taken -eq 1 ] || fail "$taken of eight tokens are good"
echo "ra-security-races: ended by$outcomes"
