#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The collection of a certificate, from the launch file to the confirmation, as curl sees it: each
# step once and in order, by the right party alone, for the right request.
# shellcheck disable=SC2154 # what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl openssl softhsm2-util
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
export LC_ALL=C
. "$SOURCE_DIR/tests/support/jobs.sh"

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
answer_is name "$name"
answer_is kind user
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
answer_is code R-201
confirm 403 admin
answer_is code R-207
confirm 200 mine
answer_is state confirmed
confirm 200 mine # the answer was lost
state confirmed
simpleenroll 403 mine "$id:$token"
bearer 403 fail '{"reason":"CANCELLED"}'
standing valid
call 403 "$entry/api/certificate" "$(credentials $corporation user01)"
answer_is code R-103

# Its owner renews it without an order, and gets none by password alone.
simpleenroll 403 mine "$name:password of user01"
has R-103 answer
status=$(curl -sS --max-time 60 --cacert "$ca" -o answer -w '%{http_code}' --cert mine.pem \
    --key mine.key -H 'Content-Type: application/pkcs10' --data-binary @mine.b64 \
    "$est/.well-known/est/simplereenroll")
[ "$status" = 200 ] || fail "renewal: $status"

# --- who may not ---
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
    answer_is code R-108
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
answer_is code R-206
confirm 200 again
standing valid

# Nothing secret was written down.
for secret in "$token" "$my_token" "$other_token" "$(launched person code)" 'password of user01'; do
    if cat ra/ra.sqlite* server.log | grep -qaF -e "$secret"; then fail "a secret was written down"; fi
done
