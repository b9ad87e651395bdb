#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bank's pages up to the certificate, with curl as the browser: what each says in both languages,
# what its headers and cookies are, and what it refuses. The keys are files here: tokens have tests of
# their own.
# shellcheck disable=SC2154 # what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util tidy
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
. "$SOURCE_DIR/tests/support/pages.sh"

# --- headers and cookies ---
browser entry
both 200 "$entry/"
for id in get-corporate get-user logon; do has "id=\"$id\"" body; done
[ -z "$(cookie __Host-session)" ] || fail "a session is begun where there is no form"
both 200 "$entry/corporate"
both 200 "$entry/user"
browser headers
ask 200 "$entry/user?lang=ja"
[ "$(grep -ci '^Set-Cookie: __Host-\(session\|lang\)=' head)" -eq 2 ] || fail "not two cookies"
for asset in style.css script.js icon.svg; do
    ask 200 "$entry/$asset"
    cmp -s body "$SOURCE_DIR/tools/demo-ra/pages/$asset" || fail "$asset is another"
done
both 404 "$entry/none"
refused R-301
ask 405 -X DELETE "$entry/corporate"
refused R-302
has 'Allow: GET, HEAD, POST' head
ask 303 "$entry/enrol/execute"
goes_to /enrol
ask 401 "$entry/enrol"
refused R-106
ask 200 -I "$entry/corporate"

# --- what a POST has to bring ---
browser corporate
get 200 "$entry/corporate"
both 200 "$entry/corporate"
as_form="--data-urlencode corporate_id=$corporation --data-urlencode password@corporate"
for way in "-H Origin:https://evil.example" "-H Origin:null" "-H Origin:$login" \
    "-H Origin:${entry}0" "-H Origin:http://${entry#https://}" "" "-H Sec-Fetch-Site:same-site" \
    "-H Sec-Fetch-Site:cross-site -H Origin:$entry" "-H Sec-Fetch-Site:none"; do
    # shellcheck disable=SC2086 # several words
    ask 403 $way -d "csrf=$(csrf)" $as_form "$entry/corporate"
    refused R-107
done
# shellcheck disable=SC2086
for token in '' -dcsrf= -dcsrf=0 "-dcsrf=$(csrf)0" "-dcsrf=$(csrf | tr 0-9a-f 1-9a-f0)"; do
    ask 403 -H "Origin: $entry" $token $as_form "$entry/corporate"
    refused R-107
done
own=$(csrf)
browser other
get 200 "$entry/corporate"
# shellcheck disable=SC2086
ask 403 -H "Origin: $entry" -d "csrf=$own" $as_form "$entry/corporate"
refused R-107
browser without-cookie
# shellcheck disable=SC2086
ask 401 -H "Origin: $entry" -d "csrf=$own" $as_form "$entry/corporate"
refused R-106

browser corporate
# malformed CURL-ARGUMENT...: what would be R-101 if it were looked at.
malformed() {
    ask 400 -H "Origin: $entry" -d "csrf=$(csrf)" -d corporate_id=nobody "$@" "$entry/corporate"
    refused R-109
}
ask 401 -H "Origin: $entry" -d "csrf=$(csrf)" -d corporate_id=nobody -d password=%e5%8d%b0 \
    "$entry/corporate"
refused R-101
malformed -d password=x -d password=x
malformed -d password=x -d corporate_id=nobody
malformed -d 'password=%ff'
malformed -d 'password=%c0%af'
malformed -d 'password=%ed%a0%80'
malformed -d 'password=a%0d%0ab'
malformed -d 'password=%c2%9b'
malformed -d 'password=x%00'
malformed -d 'password=%zz'
malformed -d 'password=%4'
malformed -d password
malformed -d password=x -d password2
malformed -d password=x -d a=1 -d b=1 -d c=1 -d d=1 -d e=1 -d f=1 -d g=1 -d h=1 -d i=1 -d j=1
malformed -d password=x -H 'Content-Type: text/plain'
ask 400 -H "Origin: $entry" -F "csrf=$(csrf)" -F corporate_id=nobody -F password=x \
    "$entry/corporate"
refused R-109
malformed -d "password=$(head -c 1100 /dev/zero | tr '\0' a)"
head -c 9000 /dev/zero | tr '\0' a >long
ask 413 -H "Origin: $entry" --data-binary @long "$entry/corporate"
refused R-303
head -c 80000 /dev/zero | tr '\0' a >long
ask 413 -H "Origin: $entry" --data-binary @long "$entry/corporate"
refused R-303
post 400 "$entry/corporate" corporate_id= password=x
refused R-109
has 'id="corporate_id-error"' body
has 'aria-describedby="corporate_id-hint corporate_id-error"' body
page en
post 400 "$entry/corporate" "corporate_id=$corporation user01" password=x
refused R-109

# --- the corporation collects its certificate ---
get 200 "$entry/corporate"
before=$(cookie __Host-session)
post 401 "$entry/corporate" "corporate_id=$corporation" password=wrong
refused R-101
page en
has "value=\"$corporation\"" body
has '<a href="#password">' body
cp body known
post 401 "$entry/corporate" "corporate_id=9$corporation" password=wrong
sed "s/9$corporation/$corporation/" body >unknown
cmp -s known unknown || fail "the page tells an unknown ID from a wrong password"
post_corporate 303 "$entry/corporate"
goes_to /enrol
after=$(cookie __Host-session)
case $before/$after in
*/ | /* | "$before/$before") fail "the session was not renewed at logon" ;;
esac
browser fixed
ask 401 -H "Cookie: __Host-session=$before" "$entry/enrol"
refused R-106
ask 401 -H "Cookie: __Host-session=$after; __Host-session=$after" "$entry/enrol"
ask 200 -H "Cookie: __Host-session=$(echo "$after" | tr 0-9a-f 1-9a-f0)" "$entry/corporate"
[ "$(cookie __Host-session)" != "$(echo "$after" | tr 0-9a-f 1-9a-f0)" ] ||
    fail "a session that somebody else has named is begun"

browser corporate
both 200 "$entry/enrol"
[ "$(state)" = none ] || fail "a job is there before it has begun"
has 'name="number" value=""' body
post 403 "$entry/enrol/execute" number=
refused R-108
page en
post 403 "$entry/enrol/cancel"

launch "$corporation"
polled created
both 200 "$entry/enrol"
post 403 "$entry/enrol/execute" number=
refused R-108
get 200 "$entry/enrol"
launch "$corporation" # again: this one counts
redeem
[ "$(answer name)" = "$corporation" ] || fail "the job is another's"
polled redeemed
ask 200 "$entry/enrol/state"
[ "$(jq -r .number body)" = "$number" ] || fail "page and program do not have the same number"
both 200 "$entry/enrol"
has ">$number</output>" body
# Only the page that shows the number, and only this session's, executes.
ask 403 -H "Origin: $entry" -d "number=$number" "$entry/enrol/execute"
refused R-107
post 403 "$entry/enrol/execute" number=000000x
refused R-108
browser second
get 200 "$entry/corporate"
post_corporate 303 "$entry/corporate"
former=$(cookie __Host-session)
get 200 "$entry/corporate"
post_corporate 303 "$entry/corporate"
browser former
ask 401 -H "Cookie: __Host-session=$former" "$entry/enrol"
refused R-106
browser second
get 200 "$entry/enrol"
post 403 "$entry/enrol/execute" "number=$number"
refused R-108
browser corporate
polled redeemed
post 303 "$entry/enrol/execute" "number=$number"
goes_to /enrol
polled executed
both 200 "$entry/enrol"
post 403 "$entry/enrol/execute" "number=$number"
refused R-108
ask 303 "$entry/done"
goes_to /enrol

# What the program may say goes to the page as text.
call 200 "$est/.well-known/certenroll/job/fail" '{"reason":"CANCELLED"}' -H "$with_token"
polled failed
both 200 "$entry/enrol"
launch "$corporation"
get 200 "$entry/enrol"
post 303 "$entry/enrol/cancel"
polled cancelled
both 200 "$entry/enrol"
launch "$corporation"
bank_clock --offset 601
polled expired
both 200 "$entry/enrol"
bank_clock --reset

get 200 "$entry/enrol"
enrolled corporation "$corporation"
both 200 "$entry/done"
has "$login/?lang=en" body
post 403 "$entry/enrol/launch"
refused R-103
get 200 "$entry/done"
post 303 "$entry/logout"
goes_to /logged-out
both 200 "$entry/logged-out"
get 401 "$entry/done"
browser late
get 200 "$entry/corporate"
post_corporate 403 "$entry/corporate"
refused R-103
page en

pages_end "$after"
