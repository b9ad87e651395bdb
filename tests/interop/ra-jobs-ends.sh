#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How the collection of a certificate ends otherwise: given up, wrong codes, calls that are none,
# races, time, the death of the RA; and how it goes on without a page. By curl.
# shellcheck disable=SC2154 # what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl openssl softhsm2-util
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
export LC_ALL=C
. "$SOURCE_DIR/tests/support/jobs.sh"

# --- given up ---
begin
bearer 400 fail '{"reason":"<script>"}'
answer_is code R-109
bearer 200 fail '{"reason":"PIN_LOCKED"}'
answer_is state failed
state failed
over "$job/redeem" "$(redemption person)"
standing waiting
bank_launch person
redeem person
page_get person 200 "$entry/enrol"
page_post person 303 "$entry/enrol/cancel"
state cancelled
standing waiting
# After the certificate: it is revoked, and the order is open again.
begin
execute person 303
request late "/CN=$name"
simpleenroll 200 late "$id:$token"
keep_certificate late
standing valid
page_get person 200 "$entry/enrol"
page_post person 303 "$entry/enrol/cancel"
state cancelled
standing waiting
confirm 403 late
answer_is code R-108
call 403 "$login/api/logon" '{"password":"password of user01"}' --cert late.pem --key late.key
answer_is code R-206
# The next launch file ends the one before, unless that has been executed.
bank_launch person
cp person.cenroll former.cenroll
bank_launch person
over "$job/redeem" "$(redemption former)"
redeem person
bank_launch person
state cancelled
redeem person
execute person 303
page_get person 200 "$entry/enrol"
page_post person 403 "$entry/enrol/launch"
state executed
# The administrator's new order ends it, and the session.
reissued
state cancelled
page_post person 401 "$entry/enrol/launch"
bank_entry person $corporation user01

# --- codes ---
bank_launch person
for try in 1 2 3 4 5 6 7 8 9; do
    over "$job/redeem" "$(redemption person "$(printf '%032d' $try)")"
done
redeem person # the tenth try is right
bank_launch person
for try in 1 2 3 4 5 6 7 8 9 10; do
    over "$job/redeem" "$(redemption person "$(printf '%032d' $try)")"
done
over "$job/redeem" "$(redemption person)"
[ "$(count job-wrong-code)" -eq 19 ] || fail "not every wrong code is in the audit log"
bank_audit | grep -F "$(launched person job)" >log
has WRONG_CODES log
standing waiting
# A job that is none says nothing else.
over "$job/redeem" "{\"version\":1,\"job\":\"$(printf '%032d' 1)\",\"code\":\"$(printf '%032d' 1)\"}"

# --- what is no call ---
bank_launch person
good=$(redemption person)
for body in '' '{' '[]' 'null' '"x"' "$good$good" "${good%?},\"more\":1}" \
    "{\"version\":1,${good#?}" "$(echo "$good" | sed 's/:1,/:2,/')" \
    "$(echo "$good" | sed 's/:1,/:"1",/')" "$(echo "$good" | sed 's/:1,/:1.0,/')" \
    "$(echo "$good" | tr a-f A-F)" '{"version":1,"job":{"a":{"b":1}},"code":"x"}' \
    '{"version":1,"job":null,"code":null}' '{"version":1}' \
    "$(printf '{"version":1,"job":"\377","code":"x"}')" \
    '{"version":1,"job":"a\u0000","code":"x"}' \
    "$(printf '[%.0s' 1 2 3 4 5 6 7 8 9)" ; do
    call 400 "$job/redeem" "$body"
    answer_is code R-109
done
call 413 "$job/redeem" "$(printf '{"version":1,"job":"%05000d"}' 0)"
answer_is code R-303
for type in text/plain application/jsonp application/x-www-form-urlencoded; do
    call 400 "$job/redeem" "$good"
    answer_is code R-109
done
type=
call 403 "$job/redeem" "$good" -H "Origin: $entry"
answer_is code R-107
call 403 "$job/redeem" "$good" -H 'Origin: null'
call 403 "$job/redeem" "$good" -H 'Sec-Fetch-Site: cross-site'
call 405 "$job/redeem" "$good" -X PUT
has 'Allow: POST' answer-head
answer_is code R-302
call 404 "$job/none" "$good"
answer_is code R-301
call 404 "$job/../job/redeem" "$good" --path-as-is
call 404 "$login/api/certificate" '{}'
call 404 "$entry/api/logon" '{"password":"x"}'
call 400 "$entry/api/certificate" '{"corporate_id":"x"}'
has '(password)' answer
call 401 "$entry/api/certificate" "{\"corporate_id\":\"$corporation' --\",\"password\":\"x\"}"
call 401 "$entry/api/certificate" "{\"corporate_id\":\"$name\",\"password\":\"password of user01\"}"
call 200 "$job/redeem" "$good" # and all that did it no harm

# --- races ---
# race NAME COMMAND...: eight at once; how many exited well is in $winners.
race() {
    racers=
    for i in 1 2 3 4 5 6 7 8; do
        "$@" $i &
        racers="$racers $!"
    done
    winners=0
    for i in $racers; do
        if wait "$i"; then winners=$((winners + 1)); fi
    done
}
# 0 for 2XX and 3XX; what came is in race.N.
try() {
    number_of_try=$1
    shift
    [ "$(curl -sS --max-time 60 --cacert "$ca" -o "race.$number_of_try" -w '%{http_code}' "$@")" -lt 400 ]
}
bank_launch person
redemption person >question
racing_redeem() { try "$1" -H 'Content-Type: application/json' --data-binary @question "$job/redeem"; }
race racing_redeem
[ "$winners" -eq 1 ] || fail "$winners of eight have redeemed one code"
cat race.[1-8] | grep '"token"' >answer
token=$(answer token) number=$(answer number) id=$(launched person job)
page_get person 200 "$entry/enrol"
csrf=$(sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' person.page | head -n 1)
racing_execute() {
    try "$1" -b person.cookies -H "Origin: $entry" -d "csrf=$csrf" -d "number=$number" \
        "$entry/enrol/execute"
}
race racing_execute
[ "$winners" -eq 1 ] || fail "$winners of eight have executed one job"
request mine "/CN=$name"
racing_enrol() {
    try "$1" -H 'Content-Type: application/pkcs10' --data-binary @mine.b64 -u "$id:$token" \
        "$est/.well-known/est/simpleenroll"
}
race racing_enrol
[ "$winners" -eq 8 ] || fail "$winners of eight got the certificate"
for i in 2 3 4 5 6 7 8; do
    cmp -s race.1 race.$i || fail "eight at once got different certificates"
done
cp race.1 answer
keep_certificate mine
confirm 200 mine

# --- time ---
# After each state 601 seconds; the thread that ends it needs no request.
more_than() { [ "$(count "$1")" -gt "$2" ]; }
expired() {
    bank_clock --offset "$1"
    await '' more_than "$2" "$3" || fail "no $2"
}
reissued
bank_entry person $corporation user01
bank_launch person
bank_clock --offset 500 # a slow machine's minute before the end
page_get person 200 "$entry/enrol/state"
has '"state":"created"' person.page
before=$(count job-expired)
expired 601 job-expired "$before"
over "$job/redeem" "$(redemption person)"
bank_clock --reset
bank_entry person $corporation user01
bank_launch person
redeem person
expired 601 job-expired $((before + 1))
state expired
execute person 403 || :
bank_clock --reset
bank_entry person $corporation user01
bank_launch person
redeem person
execute person 303
expired 601 job-expired $((before + 2))
request mine "/CN=$name"
simpleenroll 403 mine "$id:$token"
bank_clock --reset
bank_entry person $corporation user01
bank_launch person
redeem person
execute person 303
simpleenroll 200 mine "$id:$token"
keep_certificate mine
expired 601 job-revoked "$(count job-revoked)"
state revoked
confirm 403 mine
answer_is code R-108
call 403 "$login/api/logon" '{"password":"password of user01"}' --cert mine.pem --key mine.key
answer_is code R-206
"$demo_ra" certificate list --dir ra $corporation user01 >issued
[ "$(cut -f6 issued | grep -c valid)" -eq 0 ] || fail "the certificate that nobody confirmed is valid"
standing waiting
collect mine $corporation user01 # a rerun works
standing valid
bank_clock --reset

# --- killed ---
# kill_ra: as if the power went; and on again at the same address.
kill_ra() {
    kill -KILL "$server"
    wait "$server" 2>/dev/null || :
    ra_start
}
begin
kill_ra
state redeemed
execute person 303
kill_ra
state executed
request mine "/CN=$name"
simpleenroll 200 mine "$id:$token"
cp answer first
kill_ra
simpleenroll 200 mine "$id:$token"
cmp -s answer first || fail "after a kill another certificate"
keep_certificate mine
state issued
confirm 200 mine
kill_ra
state confirmed
standing valid

# --- without a page ---
reissued
call 200 "$entry/api/certificate" "$(credentials $corporation user01)"
id=$(answer job) token=$(answer token)
state executed
request mine "/CN=$name"
simpleenroll 200 mine "$id:$token"
# The program has died, and begins again: it is the same job, and the former token is none.
call 200 "$entry/api/certificate" "$(credentials $corporation user01)"
answer_is job "$id"
former=$token token=$(answer token)
over "$job/state" '{}' -H "Authorization: Bearer $former"
cp answer kept
simpleenroll 200 mine "$id:$token"
keep_certificate mine
confirm 200 mine

# Nothing secret was written down.
for secret in "$token" "$former" "$(launched person code)" 'password of user01'; do
    if cat ra/ra.sqlite* server.log | grep -qaF -e "$secret"; then fail "a secret was written down"; fi
done
