#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Attacks on the demo RA by text: of others in every field, in the log and the audit log; and what
# answers tell about an ID, or about what is inside when the service fails. curl is the attacker.
# shellcheck disable=SC2154 # what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util sqlite3
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
export LC_ALL=C
. "$SOURCE_DIR/tests/support/attacker.sh"

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
    answer_is code R-109
    call 403 "$job/state" '{}' -H "Authorization: Bearer $typed"
    answer_is code R-108
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
    answer_is code R-109

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
answer_is code R-500
no_insides answer
simpleenroll 500 mine "$corporation:x"
no_insides answer
mended account
page_get person 200 "$entry/user"
run bank unlock $corporation user01
