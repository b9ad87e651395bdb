#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Attacks on the demo RA that ra-pages.sh, ra-jobs.sh and ra-branch.sh do not show: text of others in
# every field, fixed sessions, forged log lines, hosts that are mixed up, locks and ends that race,
# keys and certificates that come back in another guise. curl is the attacker.
# shellcheck disable=SC2154 # what bank.sh and ra.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util sqlite3
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
export LC_ALL=C
job=$est/.well-known/certenroll/job
name="$corporation user01"
password='corporate password' confirmation='corporate confirmation'
both="\"password\":\"$password\",\"confirmation_password\":\"$confirmation\""

has() { grep -qF -e "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is not in $2"; }; }
has_not() { ! grep -qF -e "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is in $2"; }; }
is() { [ "$(answer "$1")" = "$2" ] || { cat answer >&2; fail "$1 is not $2"; }; }
# books SQL: what the RA has written down.
books() { sqlite3 -readonly -cmd '.timeout 10000' ra/ra.sqlite "$1"; }
accounts() { books 'SELECT name FROM account WHERE removed_at IS NULL ORDER BY name'; }

# as_json TEXT: within a string.
as_json() { printf %s "$1" | sed 's/[\\"]/\\&/g'; }
# admin CALL STATUS JSON: of the corporation's.
admin() { call "$2" "$login/api/$1" "$3" --cert admin.pem --key admin.key; }
# bearer STATUS CALL [CURL-OPTION...]: with $token.
bearer() {
    bearer_status=$1 bearer_call=$2
    shift 2
    call "$bearer_status" "$job/$bearer_call" '{}' -H "Authorization: Bearer $token" "$@"
}
# begin: a job of user01's, by password; sets id and token.
begin() {
    call 200 "$entry/api/certificate" "$(credentials $corporation user01)"
    id=$(answer job) token=$(answer token)
}
# give_up: the job ends, and its order is open again.
give_up() {
    call 200 "$job/fail" '{"reason":"CANCELLED"}' -H "Authorization: Bearer $token"
}
# reenroll STATUS CERTIFICATE NAME
reenroll() {
    status=$(curl -sS --max-time 60 --cacert "$ca" -o answer -w '%{http_code}' --cert "$2.pem" \
        --key "$2.key" -H 'Content-Type: application/pkcs10' --data-binary "@$3.b64" \
        "$est/.well-known/est/simplereenroll")
    [ "$status" = "$1" ] || { cat answer >&2; fail "status $status instead of $1: simplereenroll"; }
}

bank_user
bank_user user02
collect user02 $corporation user02
run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout foreign.key \
    -out foreign.pem -days 2 -subj '/CN="><script>alert(1)<\/script>/O=<b>&amp;'
accounts >before

# --- text of others, in every field ---
# Each page is filled in rightly but for one field. What comes is a page that says no, in which the
# text is a text.
markup='"><script>alert(1)</script>'
sql="'; DROP TABLE account; --"
# shown NAME: what the browser NAME got last.
shown() {
    has_not '<script>alert' "$1.answer"
    has_not "onload='" "$1.answer"
    has 'data-code="R-' "$1.answer"
}
begin
open_job=$id:$token number=10
# shellcheck disable=SC2016 # nothing of it is to be expanded
for typed in "$markup" "$sql" "' OR '1'='1" "<img src=x onload='x'>" '%s%n{{7*7}}|id; $(id) ../x'; do
    json=$(as_json "$typed")
    page_get person 200 "$entry/corporate"
    page_post person 400 "$entry/corporate" "corporate_id=$typed" "password=$password"
    shown person
    page_post person 401 "$entry/corporate" "corporate_id=$corporation" "password=$typed"
    shown person
    page_get person 200 "$entry/user"
    page_post person 400 "$entry/user" "corporate_id=$typed" user_id=user01 password@user
    shown person
    page_post person 400 "$entry/user" "corporate_id=$corporation" "user_id=$typed" password=x
    shown person
    page_post person 401 "$entry/user" "corporate_id=$corporation" user_id=user01 "password=$typed"
    shown person
    run bank unlock $corporation
    run bank unlock $corporation user01
    bank_entry person $corporation user01
    page_post person 403 "$entry/enrol/execute" "number=$typed"
    shown person
    for path in enrol/launch enrol/execute enrol/cancel logout; do
        browse person 403 person.answer "$entry/$path" -H "Origin: $entry" --data-urlencode "csrf=$typed"
        shown person
        has R-107 person.answer
    done

    rm -f admin.cookies
    page_get admin 200 "$login/"
    page_post admin 401 "$login/logon" "password=$typed"
    shown admin
    page_post admin 303 "$login/logon" "password=$password"
    page_get admin 200 "$login/users/new"
    page_post admin 400 "$login/users/new" "user_id=$typed" new_password=12345678 \
        new_confirmation_password=123456789 "confirmation_password=$confirmation"
    shown admin
    for field in new_password new_confirmation_password; do
        page_post admin 409 "$login/users/new" user_id=user01 \
            "$([ $field = new_password ] && echo new_confirmation_password || echo new_password)=12345678" \
            "$field=$typed" "confirmation_password=$confirmation"
        shown admin
    done
    page_post admin 401 "$login/users/new" user_id=user03 new_password=12345678 \
        new_confirmation_password=123456789 "confirmation_password=$typed"
    shown admin
    page_get admin 200 "$login/users/change?id=user01"
    page_post admin 400 "$login/users/change?id=user01" "reissue=$typed" \
        "confirmation_password=$confirmation"
    shown admin
    page_post admin 401 "$login/users/change?id=user01" reissue=yes "confirmation_password=$typed"
    shown admin
    page_get admin 200 "$login/users/reset?id=user01"
    page_post admin 401 "$login/users/reset?id=user01" new_password=12345678 \
        new_confirmation_password=123456789 "confirmation_password=$typed"
    shown admin
    run bank unlock $corporation
    # As passwords they are good, and mean themselves.
    page_get admin 200 "$login/users/reset?id=user02"
    page_post admin 303 "$login/users/reset?id=user02" "new_password=$typed" \
        "new_confirmation_password=2 $typed" "confirmation_password=$confirmation"
    page_get admin 200 "$login/users/reset-done?id=user02"
    has_not "$typed" admin.page
    call 200 "$login/api/logon" "{\"password\":\"$json\"}" --cert user02.pem --key user02.key
    page_get admin 200 "$login/users/new"
    for path in users/new 'users/change?id=user01' 'users/reset?id=user01' logon logout; do
        browse admin 403 admin.answer "$login/$path" -H "Origin: $login" --data-urlencode "csrf=$typed"
        shown admin
        has R-107 admin.answer
    done
    for path in users/change users/changed users/registered users/reset users/reset-done; do
        browse admin 404 admin.answer "$login/$path" -G --data-urlencode "id=$typed"
        shown admin
        browse admin 404 admin.answer "$login/$path" -G --data-urlencode "id=user01$typed"
        shown admin
    done
    # What a browser sends by itself.
    for header in Accept-Language User-Agent Referer Cookie X-Forwarded-Host Authorization Origin \
        Sec-Fetch-Site Content-Type; do
        browse nobody 200 nobody.page "$entry/user" -H "$header: $typed"
        has_not '<script>alert' nobody.page
    done
    browse nobody 200 nobody.page "$entry/user" -G --data-urlencode "lang=$typed"
    has_not '<script>alert' nobody.page
    browse nobody 200 nobody.page "$entry/user" -H "Cookie: __Host-session=$typed; __Host-lang=$typed"
    has_not '<script>alert' nobody.page

    # The calls.
    call 401 "$entry/api/certificate" "{\"corporate_id\":\"$json\",\"password\":\"$password\"}"
    call 401 "$entry/api/certificate" "{\"corporate_id\":\"$corporation\",\"user_id\":\"$json\",\"password\":\"$password\"}"
    call 401 "$entry/api/certificate" "{\"corporate_id\":\"$corporation\",\"password\":\"$json\"}"
    call 400 "$entry/api/certificate" "{\"$json\":\"x\"}"
    for operation in logon users; do
        admin $operation 401 "{\"password\":\"$json\"}"
    done
    admin reissue 401 "{\"password\":\"$password\",\"confirmation_password\":\"$json\",\"user_id\":\"user01\"}"
    admin reissue 404 "{$both,\"user_id\":\"$json\"}"
    admin register 400 "{$both,\"user_id\":\"$json\",\"new_password\":\"12345678\",\"new_confirmation_password\":\"123456789\"}"
    admin reset 404 "{$both,\"user_id\":\"$json\",\"new_password\":\"12345678\",\"new_confirmation_password\":\"123456789\"}"
    run bank unlock $corporation
    call 400 "$job/redeem" "{\"version\":1,\"job\":\"$json\",\"code\":\"$json\"}"
    is code R-109
    call 403 "$job/state" '{}' -H "Authorization: Bearer $typed"
    is code R-108
    call 401 "$est/.well-known/certenroll/revoke" '{}' -u "$typed:$typed"
    browse admin 400 admin.answer "$est/.well-known/certenroll/revoke" \
        --data-urlencode "certificate=$typed" --data-urlencode "reason=$typed"
    has_not '<script>alert' admin.answer
    # A request for a certificate in that name; "/" and "\\" are openssl's.
    request evil "/CN=$(printf %s "$typed" | sed 's|[\\/]|\\&|g')"
    simpleenroll 400 evil "$open_job"
    has 'not the name' answer
    has_not '<script>alert' answer
    simpleenroll 401 evil "$typed:$typed"
    call 400 "$job/fail" "{\"reason\":\"$json\"}" -H "Authorization: Bearer $token"
    is code R-109

    # The branch's.
    if bank lookup "$typed" >found 2>&1; then cat found >&2; fail "the branch has found \"$typed\""; fi
    number=$((number + 1))
    run bank register --name "$typed" 02583666609$number
    bank lookup "$typed" >found
    [ "$(cut -f1,2 found)" = "$(printf '%s\t%s' 02583666609$number "$typed")" ] ||
        { cat found >&2; fail "not the one corporation \"$typed\""; }
    run "$demo_ra" holiday add --dir ra 2041-03-$number "$typed"
    "$demo_ra" holiday list --dir ra >found
    has "$(printf '2041-03-%s\t%s' $number "$typed")" found
done
give_up
# That was every field of every form.
bank_entry person $corporation user01
bank_launch person
call 200 "$job/redeem" "$(jq -c '{version, job, code}' person.cenroll)"
rm -f admin.cookies
page_get admin 200 "$login/"
cat admin.page >forms
page_post admin 303 "$login/logon" "password=$password"
for path in menu users users/new 'users/change?id=user01' 'users/reset?id=user01' renewal; do
    page_get admin 200 "$login/$path"
    cat admin.page >>forms
done
for path in '' corporate user enrol; do
    page_get person 200 "$entry/$path"
    cat person.page >>forms
done
page_post person 303 "$entry/enrol/cancel"
grep -oE '<(input|select|textarea|button)[^>]* name="[^"]*"' forms | sed 's/.* name="\(.*\)"/\1/' |
    sort -u | xargs >fields
echo confirmation_password corporate_id csrf new_confirmation_password new_password number password \
    reissue user_id | diff - fields || fail "a field was left out"
# Passwords are text like any other, and mean themselves.
admin reset 200 "{$both,\"user_id\":\"user02\",\"new_password\":\"$(as_json "$markup")\",\"new_confirmation_password\":\"$sql\"}"
call 200 "$login/api/logon" "{\"password\":\"$(as_json "$markup")\"}" --cert user02.pem --key user02.key
# A certificate of somebody else's, with what it pleases in its name.
browse foreign 403 foreign.answer "$login/"
shown foreign
has R-202 foreign.answer
has '&lt;script&gt;' foreign.answer
# Nothing of it has done anything.
accounts | grep -v '^02583666609' >after
cmp -s before after || { cat after >&2; fail "the accounts have changed"; }
[ "$(books 'PRAGMA integrity_check')" = ok ] || fail "the database is damaged"

# --- who an ID is, nobody is told ---
call 401 "$entry/api/certificate" "{\"corporate_id\":\"$corporation\",\"password\":\"x\"}"
cp answer known
call 401 "$entry/api/certificate" '{"corporate_id":"nobody","password":"x"}'
cmp -s known answer || fail "the answer tells a wrong password from an unknown ID"
call 401 "$entry/api/certificate" "{\"corporate_id\":\"$corporation\",\"user_id\":\"nobody\",\"password\":\"x\"}"
cmp -s known answer || fail "the answer tells that there is no such user"
request mine "/CN=$name"
simpleenroll 401 mine "$corporation:x"
cp answer known
simpleenroll 401 mine nobody:x
cmp -s known answer || fail "EST tells a wrong password from an unknown ID"
page_get guesser 200 "$entry/user"
page_post guesser 401 "$entry/user" "corporate_id=$corporation" user_id=user01 password=x
sed 's/user01/-/g' guesser.answer >known
page_post guesser 401 "$entry/user" "corporate_id=$corporation" user_id=user99 password=x
sed 's/user99/-/g' guesser.answer >unknown
diff known unknown >&2 || fail "the page tells that there is no such user"
run bank unlock $corporation
run bank unlock $corporation user01

# --- sessions that were fixed beforehand ---
cookie() { awk '$6 == "__Host-session" { print $7 }' "$1.cookies"; }
# A session of the attacker's own, in the victim's browser: it is another after the logon.
for place in entry login; do
    victim=victim-$place
    if [ $place = login ]; then
        cp admin.pem $victim.pem && cp admin.key $victim.key
        first=$login/ post=$login/logon inside=$login/menu
    else
        first=$entry/user post=$entry/user inside=$entry/enrol
    fi
    page_get $victim 200 "$first"
    fixed=$(cookie $victim)
    [ ${#fixed} -eq 64 ] || fail "no session for the form at $place"
    cp $victim.cookies planted.cookies
    if [ $place = login ]; then
        page_post $victim 303 "$post" "password=$password"
    else
        page_post $victim 303 "$post" "corporate_id=$corporation" user_id=user01 \
            "password=$(cat user)"
    fi
    [ "$(cookie $victim)" != "$fixed" ] || fail "the session before the logon at $place goes on"
    page_get $victim 200 "$inside"
    cp $victim.cookies own.cookies
    cp planted.cookies $victim.cookies
    page_get $victim 401 "$inside"
    has R-106 $victim.page
    # Not even for a form is it one any more.
    page_get $victim 200 "$first"
    [ "$(cookie $victim)" != "$fixed" ] || fail "the session before the logon is kept at $place"
    # One that the RA has never given out is not taken up.
    rm $victim.cookies
    made_up=$(printf '%064d' 7)
    browse $victim 200 $victim.page "$first" -H "Cookie: __Host-session=$made_up"
    [ "$(cookie $victim)" != "$made_up" ] || fail "a made-up session at $place"
    # Two of them are none.
    rm -f $victim.cookies
    browse $victim 401 $victim.page "$inside" \
        -H "Cookie: __Host-session=$(cookie own); __Host-session=$made_up"
    cp own.cookies $victim.cookies
    # After logging out nobody has it.
    page_get $victim 200 "$inside"
    page_post $victim 303 "${post%/*}/logout"
    cp own.cookies $victim.cookies
    page_get $victim 401 "$inside"
done
# One host's session is none of the other's.
bank_entry person $corporation user01
rm -f admin.cookies
browse admin 401 admin.page "$login/menu" -H "Cookie: __Host-session=$(cookie person)"

# --- the log and the audit log ---
forged='%0A%5B2026-01-01T00%3A00%3A00Z%5D%20certificate%20FORGED%1b%5b2J%e2%80%ae'
for url in "$entry/api/x$forged" "$login/api/logon$forged" "$job/state$forged" \
    "$est/.well-known/est/simpleenroll$forged" "$entry/enrol$forged" "$login/users$forged"; do
    status=$(curl -sS --max-time 60 --cacert "$ca" -o answer -w '%{http_code}' -X POST -d '{}' \
        -H 'Content-Type: application/json' -H "Origin: ${url%%/[aeu.]*}" "$url")
    [ "$status" = 404 ] || fail "status $status: $url"
done
has_not FORGED server.log
if grep -qvE '^(\[[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z\] |demo-ra: |listening on )' server.log; then
    cat server.log >&2
    fail "a line of the log is not the RA's own"
fi
if bank_audit | grep -q FORGED; then fail "the audit log was written into"; fi
[ "$(stat -c %a ra/ra.sqlite)" = 600 ] || fail "others may read the database"

# --- hosts ---
# raw HOST TEXT: what the server answers to this, over TLS for that name.
raw() {
    printf '%b' "$2" | timeout 60 openssl s_client -quiet -connect "127.0.0.1:$port" \
        -servername "$1" -CAfile "$ca" -verify_return_error 2>/dev/null >raw || :
}
end='Connection: close\r\n\r\n'
raw entry.localhost "GET / HTTP/1.1\r\nHost: entry.localhost:$port\r\n$end"
has 'HTTP/1.1 200' raw
# The certificate question is another at "login": what came over "entry" is not answered there.
raw entry.localhost "GET / HTTP/1.1\r\nHost: login.localhost:$port\r\n$end"
has 'HTTP/1.1 421' raw
raw login.localhost "GET /user HTTP/1.1\r\nHost: entry.localhost:$port\r\n$end"
has 'HTTP/1.1 421' raw
raw entry.localhost "GET / HTTP/1.1\r\nHost: evil.example\r\n$end"
has 'HTTP/1.1 404' raw
has_not evil raw
raw entry.localhost "GET / HTTP/1.1\r\n$end"
has 'HTTP/1.1 4' raw
raw entry.localhost "GET https://login.localhost:$port/menu HTTP/1.1\r\nHost: entry.localhost:$port\r\n$end"
has 'HTTP/1.1 404' raw
raw evil.example "GET / HTTP/1.1\r\nHost: entry.localhost:$port\r\n$end"
has_not 'HTTP/1.1 200' raw
# A length and chunks are no request that two readers could read differently.
raw est.localhost "POST /.well-known/certenroll/job/state HTTP/1.1\r\nHost: est.localhost:$port\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}GET /.well-known/est/cacerts HTTP/1.1\r\nHost: est.localhost:$port\r\n$end"
has_not 'HTTP/1.1 200' raw
for method in OPTIONS TRACE CONNECT; do
    status=$(curl -sS --max-time 60 --cacert "$ca" -o answer -D answer-head -w '%{http_code}' \
        -X $method -H 'Origin: https://evil.example' -H 'Access-Control-Request-Method: POST' \
        --request-target / "$entry/")
    [ "$status" -ge 400 ] || fail "$method: $status"
    has_not evil answer
done
browse nobody 401 nobody.page "$entry/enrol/state" -H 'Origin: https://evil.example' -D answer-head
if grep -qi '^access-control' answer-head; then fail "another site may read the answers"; fi
if grep -qi '^\(server\|x-powered-by\):' answer-head; then fail "the server tells what it is made of"; fi
for version in 1.0 1.1; do
    if curl -sS --max-time 60 --cacert "$ca" --tls-max $version --ciphers 'DEFAULT@SECLEVEL=0' \
        -o /dev/null "$entry/" 2>/dev/null; then fail "TLS $version"; fi
done

# What the HTTP library answers by itself.
for request in GARBAGE \
    "GET /$(head -c 40000 /dev/zero | tr '\0' a) HTTP/1.1\\r\\nHost: entry.localhost:$port\\r\\n$end" \
    "POST /user HTTP/1.1\\r\\nHost: entry.localhost:$port\\r\\nContent-Length: -1\\r\\n$end"; do
    raw entry.localhost "$request\\r\\n\\r\\n"
    has_not 'HTTP/1.1 200' raw
    if grep -qi 'microhttpd\|gnutls\|sqlite' raw; then cat raw; fail "it tells what it is made of"; fi
done

# --- when the service fails ---
# broken TABLE: is not there, until "mended" it is.
broken() { sqlite3 -cmd '.timeout 10000' ra/ra.sqlite "ALTER TABLE $1 RENAME TO gone"; }
mended() { sqlite3 -cmd '.timeout 10000' ra/ra.sqlite "ALTER TABLE gone RENAME TO $1"; }
# no_insides FILE
no_insides() {
    if grep -qiE "sql|table|gone|$scratch|\.c:[0-9]|session_|account_" "$1"; then
        cat "$1" >&2
        fail "the answer tells what is inside"
    fi
}
page_get person 200 "$entry/user"
broken session
browse fresh 500 fresh.page "$entry/user"
has 'data-code="R-500"' fresh.page
no_insides fresh.page
page_post person 500 "$entry/user" "corporate_id=$corporation" user_id=user01 "password=$(cat user)"
has 'data-code="R-500"' person.answer
mended session
broken account
call 500 "$entry/api/certificate" "$(credentials $corporation user01)"
is code R-500
no_insides answer
simpleenroll 500 mine "$corporation:x"
no_insides answer
mended account
page_get person 200 "$entry/user"
run bank unlock $corporation user01

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
run bank unlock $corporation user01
at_once 12 guess
[ "$(cat status.? status.?? | grep -o 401 | wc -l)" -eq 5 ] || { cat status.*; fail "not five tries"; }
[ "$(cat status.? status.?? | grep -o 403 | wc -l)" -eq 7 ] || { cat status.*; fail "not seven refusals"; }
page_get person 200 "$entry/user"
page_post person 403 "$entry/user" "corporate_id=$corporation" user_id=user01 "password=$(cat user)"
has R-102 person.answer
# The others are not locked by it: neither the corporation, nor the user at "login".
call 403 "$entry/api/certificate" "$(credentials $corporation)"
is code R-103
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
is code R-207
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
echo "ra-security: ended by$outcomes"
