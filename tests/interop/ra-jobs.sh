#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The collection of a certificate, from the launch file to the confirmation, as curl sees it: each
# step once and in order, by the right party alone; what time, a race, a kill or an attacker does.
# shellcheck disable=SC2154 # what bank.sh and ra.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl openssl softhsm2-util
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
export LC_ALL=C
job=$est/.well-known/certenroll/job

has() { grep -qF -e "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is not in $2"; }; }

has_not() { ! grep -qF -e "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is in $2"; }; }

# is NAME VALUE: a member of the answer.
is() { [ "$(answer "$1")" = "$2" ] || { cat answer >&2; fail "$1 is not $2"; }; }

# over STATUS URL JSON [CURL-OPTION...]: refused with R-108.
over() {
    call 403 "$@"
    is code R-108
}

# launched NAME MEMBER: of NAME's launch file.
launched() { sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" "$1.cenroll"; }

redemption() { printf '{"version":1,"job":"%s","code":"%s"}' "$(launched "$1" job)" "${2:-$(launched "$1" code)}"; }

# redeem NAME: the agent's part; sets token and number.
redeem() {
    call 200 "$job/redeem" "$(redemption "$1")"
    token=$(answer token) number=$(answer number) id=$(launched "$1" job)
}

# bearer STATUS CALL JSON [CURL-OPTION...]: with the job's token.
bearer() {
    bearer_status=$1 bearer_call=$2 bearer_json=$3
    shift 3
    call "$bearer_status" "$job/$bearer_call" "$bearer_json" -H "Authorization: Bearer $token" "$@"
}

state() {
    bearer 200 state '{}'
    is state "$1"
}

# execute NAME STATUS [NUMBER]
execute() {
    page_get "$1" 200 "$entry/enrol"
    page_post "$1" "$2" "$entry/enrol/execute" "number=${3-$number}"
    [ "$2" = 303 ] || has 'data-code="R-108"' "$1.answer"
}

confirm() { bearer "$1" confirm '{}' --cert "$2.pem" --key "$2.key"; }

# reissued: there is an order for the user again.
reissued() {
    call 200 "$login/api/reissue" "{\"password\":\"corporate password\",\"confirmation_password\":\"corporate confirmation\",\"user_id\":\"user01\"}" \
        --cert admin.pem --key admin.key
}

# standing STATE: of the user, in the administrator's list.
standing() {
    call 200 "$login/api/users" '{"password":"corporate password"}' --cert admin.pem --key admin.key
    has "\"user_id\":\"user01\",\"state\":\"$1\"" answer
}

# count EVENT: of it in the audit log.
count() { bank_audit | cut -f2 | grep -cx "$1" || :; }

bank_user
bank_user user02
name="$corporation user01"

# --- in order ---
bank_entry person $corporation user01
bank_launch person
[ "$(wc -c <person.cenroll)" -le 4096 ] || fail "the launch file is too long"
has "\"origin\":\"$est\"" person.cenroll
[ "$(launched person expires | cut -c 20-)" = Z ] || fail "the launch file's end of time"
page_get person 200 "$entry/enrol/state"
has '"state":"created"' person.page

execute person 403 000000 # there is nothing yet
redeem person
is name "$name"
is kind user
expr "$number" : '[0-9]\{6\}$' >number.length || fail "no six digits"
page_get person 200 "$entry/enrol/state"
has "\"state\":\"redeemed\",\"number\":\"$number\"" person.page
state redeemed
request mine "/CN=$name"
simpleenroll 403 mine "$id:$token" # before Execute
has R-108 answer
over "$job/redeem" "$(redemption person)"
execute person 303
state executed
simpleenroll 200 mine "$id:$token"
keep_certificate mine
[ "$(openssl x509 -in mine.pem -noout -subject -nameopt RFC2253)" = "subject=CN=$name" ] ||
    fail "another name"
cp answer first
simpleenroll 200 mine "$id:$token" # the answer was lost
cmp -s answer first || fail "another certificate for the same key"
state issued
bearer 403 confirm '{}'
is code R-201
confirm 403 admin
is code R-207
confirm 200 mine
is state confirmed
confirm 200 mine # the answer was lost
state confirmed
simpleenroll 403 mine "$id:$token"
bearer 403 fail '{"reason":"CANCELLED"}'
standing valid
call 403 "$entry/api/certificate" "$(credentials $corporation user01)"
is code R-103

# Its owner renews it without an order, and gets none by password alone.
simpleenroll 403 mine "$name:password of user01"
has R-103 answer
status=$(curl -sS --max-time 60 --cacert "$ca" -o answer -w '%{http_code}' --cert mine.pem \
    --key mine.key -H 'Content-Type: application/pkcs10' --data-binary @mine.b64 \
    "$est/.well-known/est/simplereenroll")
[ "$status" = 200 ] || fail "renewal: $status"

# --- who may not ---
# begin: user01 again, redeemed.
begin() {
    reissued
    bank_entry person $corporation user01
    bank_launch person
    redeem person
}
begin
# Another session of the same person, and of another.
bank_entry stranger $corporation user01
execute stranger 403
bank_entry other $corporation user02
execute other 403
bank_launch other
other_id=$(launched other job)
state redeemed
# A wrong number, no session, no CSRF token, another site.
execute person 403 "$(printf %06d $(((1${number} + 1) % 1000000)))"
rm -f nobody.cookies
cp person.page nobody.page
page_post nobody 401 "$entry/enrol/execute" "number=$number"
status=$(curl -sS --max-time 60 --cacert "$ca" -o answer -w '%{http_code}' -b person.cookies \
    -H "Origin: $entry" -d "number=$number" "$entry/enrol/execute")
[ "$status" = 403 ] || fail "Execute without CSRF token: $status"
csrf=$(sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' person.page | head -n 1)
status=$(curl -sS --max-time 60 --cacert "$ca" -o answer -w '%{http_code}' -b person.cookies \
    -H 'Origin: https://entry.example.com' -d "csrf=$csrf" -d "number=$number" \
    "$entry/enrol/execute")
[ "$status" = 403 ] || fail "Execute from another site: $status"
state redeemed
execute person 303
execute person 403 # twice

# Another job's id, another account's password, a token that is none.
my_token=$token
call 200 "$job/redeem" "$(redemption other)"
other_token=$(answer token)
execute other 303 "$(answer number)" # now there is nothing else to refuse it for
simpleenroll 403 mine "$other_id:$my_token"
simpleenroll 403 mine "$id:$other_token"
simpleenroll 403 mine "$id:password of user01"
for token in '' 0 "$(printf '%064d' 0)" "${my_token}0" "' OR 1=1 --"; do
    bearer 403 state '{}'
    is code R-108
done
over "$job/state" '{}'
over "$job/state" '{}' -H "Authorization: Basic $my_token"
token=$my_token
state executed

# --- what is no request for it ---
printf '[req]\ndistinguished_name = req\n[other]\nCN = %s user02\n' $corporation >request.cnf
refused_request() {
    wanted=$1
    shift
    request bad "$@"
    simpleenroll "$wanted" bad "$id:$token"
}
for subject in "/CN=$corporation" "/CN=$corporation user02" "/O=Bank/CN=$name" "/CN=$name/CN=$name" \
    "/CN=$name " "/CN=$corporation USER01" "/CN=$name/emailAddress=user02@bank.example"; do
    refused_request 400 "$subject"
    has 'not the name' answer
done
refused_request 400 "/CN=$name" -newkey rsa:1024
has 'too weak' answer
for extension in basicConstraints=CA:TRUE keyUsage=keyCertSign; do
    refused_request 400 "/CN=$name" -newkey ed25519 -addext $extension
    has 'certification authority' answer
done
for extension in basicConstraints=DER:0401ff keyUsage=DER:0401ff; do # an OCTET STRING
    refused_request 400 "/CN=$name" -newkey ed25519 -addext $extension
    has 'cannot be read' answer
done
request bad "/CN=$name" -newkey ed25519
{ head -c $(($(wc -c <bad.der) - 1)) bad.der && printf '\252'; } | openssl base64 -A -out bad.b64
simpleenroll 400 bad "$id:$token"
has 'signature' answer
# The key of the corporation, and the one that was revoked with the former certificate.
run openssl req -new -key admin.key -subj "/CN=$name" -outform DER -out stolen.der
openssl base64 -A -in stolen.der -out stolen.b64
simpleenroll 403 stolen "$id:$token"
has 'another account' answer
simpleenroll 403 mine "$id:$token"
has 'revoked' answer
state executed

# --- one certificate a job ---
# Names and uses that it asks for besides are not taken over.
request mine "/CN=$name" -newkey ed25519 -addext extendedKeyUsage=serverAuth,codeSigning \
    -addext "subjectAltName=DNS:login.localhost,email:user02@bank.example,dirName:other" \
    -config request.cnf
openssl req -in mine.der -inform DER -noout -text >text
has 'login.localhost, email:user02@bank.example' text
simpleenroll 200 mine "$id:$token"
keep_certificate mine
openssl x509 -in mine.pem -noout -text >text
for more in 'Subject Alternative Name' user02 login.localhost 'Server Authentication' 'Code Signing'; do
    has_not "$more" text
done
has 'TLS Web Client Authentication' text
request again "/CN=$name" # the agent has lost its key
simpleenroll 200 again "$id:$token"
keep_certificate again
"$demo_ra" certificate list --dir ra $corporation user01 >issued
[ "$(cut -f6 issued | grep -c valid)" -eq 1 ] || { cat issued >&2; fail "not one valid"; }
confirm 403 mine
is code R-206
confirm 200 again
standing valid

# --- given up ---
begin
bearer 400 fail '{"reason":"<script>"}'
is code R-109
bearer 200 fail '{"reason":"PIN_LOCKED"}'
is state failed
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
is code R-108
call 403 "$login/api/logon" '{"password":"password of user01"}' --cert late.pem --key late.key
is code R-206
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
    is code R-109
done
call 413 "$job/redeem" "$(printf '{"version":1,"job":"%05000d"}' 0)"
is code R-303
for type in text/plain application/jsonp application/x-www-form-urlencoded; do
    call 400 "$job/redeem" "$good"
    is code R-109
done
type=
call 403 "$job/redeem" "$good" -H "Origin: $entry"
is code R-107
call 403 "$job/redeem" "$good" -H 'Origin: null'
call 403 "$job/redeem" "$good" -H 'Sec-Fetch-Site: cross-site'
call 405 "$job/redeem" "$good" -X PUT
has 'Allow: POST' answer-head
is code R-302
call 404 "$job/none" "$good"
is code R-301
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
is code R-108
call 403 "$login/api/logon" '{"password":"password of user01"}' --cert mine.pem --key mine.key
is code R-206
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
is job "$id"
former=$token token=$(answer token)
over "$job/state" '{}' -H "Authorization: Bearer $former"
cp answer kept
simpleenroll 200 mine "$id:$token"
keep_certificate mine
confirm 200 mine

# Nothing secret was written down.
for secret in "$token" "$former" "$my_token" "$(launched person code)" 'password of user01'; do
    if cat ra/ra.sqlite* server.log | grep -qaF -e "$secret"; then fail "a secret was written down"; fi
done
