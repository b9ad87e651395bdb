#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bank's pages, with curl as the browser: what each says in both languages, what its headers and
# cookies are, and what it refuses. The keys are files here: tokens have tests of their own.
# shellcheck disable=SC2154 # what bank.sh and ra.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util tidy
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
for name in corporate user; do # without a newline, as people type them
    printf %s "$(cat $name)" >typed
    mv typed $name
done

has() {
    grep -qiF -e "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is not in $2"; }
}

has_not() {
    ! grep -qiF -e "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is in $2"; }
}

# --- a browser ---
# A browser is a directory with its cookies and, where it has one, the certificate it shows to
# "login". What it got last is in head and body.
browser=
with= # CURL-ARGUMENT..., without spaces

# browser NAME [CERTIFICATE]: from now on this one.
browser() {
    browser=browsers/$1 with=
    mkdir -p "$browser"
    [ -z "${2-}" ] || with="--cert $2.pem --key $2.key"
}

# guarded: what every answer brings, whatever it is, and how it sets cookies.
guarded() {
    for field in 'Cache-Control: no-store' "Content-Security-Policy: default-src 'none'; " \
        "frame-ancestors 'none'" 'Cross-Origin-Opener-Policy: same-origin' \
        'Cross-Origin-Resource-Policy: same-origin' 'X-Content-Type-Options: nosniff' \
        'X-Frame-Options: DENY' 'Permissions-Policy: camera=()' 'Referrer-Policy: same-origin' \
        'Strict-Transport-Security: max-age='; do
        has "$field" head
    done
    if grep -qiE '^(server|x-powered-by|access-control-.*):|unsafe' head; then
        cat head >&2
        fail "a header that should not be there"
    fi
    grep -qiE '^(content-type: [a-z]+/|content-length: 0)' head || fail "no type: $(cat head)"
    if grep -i '^set-cookie:' head |
        grep -qviE '^Set-Cookie: __Host-(session|lang)=[0-9a-z]*; Path=/; Secure; HttpOnly; SameSite=Strict(; Max-Age=[0-9]+)?.?$'
    then
        cat head >&2
        fail "a cookie is not kept to this host and out of scripts"
    fi
}

# ask WANTED-STATUS CURL-ARGUMENT...
ask() {
    wanted=$1
    shift
    # shellcheck disable=SC2086 # several words
    status=$(curl -sS --max-time 60 --cacert "$ca" -b "$browser/cookies" -c "$browser/cookies" \
        -o body -D head -w '%{http_code}' $with "$@") || fail "curl $*"
    [ "$status" = "$wanted" ] || { cat head body >&2; fail "status $status, not $wanted: $*"; }
    guarded
    code=$(sed -n 's/.*<main[^>]* data-code="\([^"]*\)".*/\1/p' body)
}

# get WANTED-STATUS URL: its page is the one whose forms are posted next.
get() {
    wanted_get=$1
    shift
    ask "$wanted_get" "$@"
    cp body "$browser/page"
}

csrf() { sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' "$browser/page" | head -n 1; }

origin() { echo "$1" | sed 's|\(https://[^/]*\).*|\1|'; }

# post WANTED-STATUS URL NAME=VALUE...: as the form of the browser's page.
post() {
    wanted_post=$1 url=$2
    shift 2
    for pair; do
        shift
        set -- "$@" --data-urlencode "$pair"
    done
    ask "$wanted_post" -H "Origin: $(origin "$url")" --data-urlencode "csrf=$(csrf)" "$@" "$url"
}

# refused CODE: what was answered last tells it.
refused() {
    [ "$code" = "$1" ] || { cat body >&2; fail "the page says $code, not $1"; }
}

goes_to() {
    has "Location: $1" head
    grep -qi "^Location: $1.\$" head || { cat head >&2; fail "goes elsewhere than $1"; }
}

cookie() { awk -v name="$1" '$6 == name { print $7 }' "$browser/cookies"; }
state() { sed -n 's/.*<main[^>]* data-state="\([^"]*\)".*/\1/p' body; }

# --- a page as such ---
# What people read, but for names and numbers.
words_left() {
    sed -e '/<nav class="languages"/,/<\/nav>/d' -e 's/<code>[^<]*<\/code>//g' -e 's/<[^>]*>//g' \
        -e "s/$corporation//g" -e 's/user01//g' -e 's/[0-9A-F]\{20,\}//g' body
}

# page LANGUAGE: what every page keeps to.
page() {
    has "<html lang=\"$1\">" body
    has "Content-Language: $1" head
    has '<a class="skip" href="#main">' body
    if tidy -q -e -utf8 body 2>&1 | # it does not know these attributes of HTML's today
        grep -v 'proprietary attribute "\(aria-current\|autofocus\|autocapitalize\)"'; then
        cat body >&2
        fail "the page is no valid HTML"
    fi
    grep -qE ' (style|on[a-z]+)=|javascript:|<style|<script>' body && fail "inline style or script"
    case $1 in
    en) words_left | tr -d '○–' | LC_ALL=C grep '[^ -~]' && fail "not all of it is English" ;;
    ja) words_left | grep -E '[A-Za-z]{4}' && fail "not all of it is Japanese" ;;
    esac
    sed -n 's/.*<input [^>]* id="\([^"]*\)".*/\1/p' body >fields
    while read -r id; do
        grep -q "<label[^>]* for=\"$id\"\|<label class=\"check\"><input [^>]* id=\"$id\"" body ||
            fail "the field $id has no label"
    done <fields
    grep -q 'type="password"' body || return 0
    case $1 in
    en) has 'After 5 wrong passwords' body ;;
    ja) has '5回間違えると' body ;;
    esac
}

# both STATUS URL: in both languages; English stays.
both() {
    case $2 in
    *\?*) both_url="$2&lang=" ;;
    *) both_url="$2?lang=" ;;
    esac
    get "$1" "${both_url}ja"
    page ja
    get "$1" "${both_url}en"
    page en
    get "$1" "$2"
    has '<html lang="en">' body # the cookie remembers it
}

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
post_corporate() { post "$@" "corporate_id=$corporation" "password=$(cat corporate)"; }
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

# launch: what the program is started with; job and code.
launch() {
    post 200 "$entry/enrol/launch"
    has 'Content-Type: application/vnd.certenroll.launch+json' head
    has "Content-Disposition: attachment; filename=\"$1.cenroll\"" head
    [ "$(wc -c <body)" -le 4096 ] || fail "the launch file is too large"
    [ "$(jq -r 'keys_unsorted | join(" ")' body)" = 'version origin job code expires' ] ||
        fail "the launch file has other members"
    [ "$(jq -r .origin body)" = "$est" ] || fail "the launch file is for another RA"
    job=$(jq -r .job body) secret=$(jq -r .code body)
}

# agent CALL JSON [CURL-OPTION...]: what the program does.
agent() {
    what=$1 json=$2
    shift 2
    call 200 "$est/.well-known/certenroll/job/$what" "$json" "$@"
}
redeem() {
    agent redeem "{\"version\":1,\"job\":\"$job\",\"code\":\"$secret\"}"
    token=$(answer token) number=$(answer number)
    with_token="Authorization: Bearer $token"
}

# polled STATE: what the page's script gets, and the page's own state.
polled() {
    ask 200 "$entry/enrol/state"
    [ "$(jq -r .state body)" = "$1" ] || { cat body >&2; fail "the script is not told \"$1\""; }
    get 200 "$entry/enrol"
    [ "$(state)" = "$1" ] || { cat body >&2; fail "the page does not say \"$1\""; }
}

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

# enrolled NAME ID: the whole way from the launch file to the certificate NAME.pem.
enrolled() {
    launch "$2"
    redeem
    get 200 "$entry/enrol"
    post 303 "$entry/enrol/execute" "number=$number"
    request "$1" "/CN=$2"
    simpleenroll 200 "$1" "$job:$token"
    keep_certificate "$1"
    polled issued
    agent confirm '{}' -H "$with_token" --cert "$1.pem" --key "$1.key"
    ask 303 "$entry/enrol"
    goes_to /done
}
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

# --- the corporation logs on ---
browser nobody
both 403 "$login/"
refused R-201
has 'X-Certenroll-Logon: none' head
has_not 'type="password"' body
browser admin corporation
both 200 "$login/"
has 'X-Certenroll-Logon: ok' head
has "$corporation" body
for path in menu users users/new users/change?id=user01 users/reset?id=user01 home renewal; do
    ask 401 "$login/$path"
    refused R-106
done
get 200 "$login/?lang=ja"
post 401 "$login/logon" password=wrong
refused R-101
page ja
has 'href="/?lang=en"' body # a language for what was posted goes back to the form
post 400 "$login/logon" password=
refused R-109
before=$(cookie __Host-session)
get 200 "$login/?lang=en"
post 303 "$login/logon" "password@corporate"
goes_to /menu
after=$(cookie __Host-session)
[ "$before" != "$after" ] || fail "the session was not renewed at logon"
browser fixed corporation
ask 401 -H "Cookie: __Host-session=$before" "$login/menu"
browser admin corporation
both 200 "$login/menu"
has 'id="users"' body
both 200 "$login/users"
both 200 "$login/renewal"
ask 303 "$login/"
goes_to /menu
ask 403 "$login/home"
refused R-207

# --- users ---
both 200 "$login/users/new"
register() {
    post "$1" "$login/users/new" "user_id=$2" "new_password=$3" "new_confirmation_password=$4" \
        "confirmation_password=$5"
}
confirmation=$(cat corporate-confirmation)
register 401 user01 'password of user01' 'confirmation of user01' wrong
refused R-105
page en
has 'value="user01"' body
has_not 'password of user01' body
register 400 user01 short 'confirmation of user01' "$confirmation"
refused R-109
has 'id="new_password-error"' body
register 400 user01 'password of user01' 'password of user01' "$confirmation"
refused R-109
has 'id="new_confirmation_password-error"' body
page en
for typed in 'user 01' 'ｕｓｅｒ' ''; do
    register 400 "$typed" 'password of user01' 'confirmation of user01' "$confirmation"
    refused R-109
done
register 303 user01 'password of user01' 'confirmation of user01' "$confirmation"
goes_to '/users/registered?id=user01'
both 200 "$login/users/registered?id=user01"
get 200 "$login/users/new"
register 409 user01 'password of user01' 'confirmation of user01' "$confirmation"
refused R-110
page en
both 200 "$login/users"
has 'data-user="user01" data-state="waiting"' body
has '○' body
has '/users/change?id=user01' body
for path in change changed reset reset-done registered; do
    for id in '' ?id= ?id=nobody ?id=user01%00 ?id=user01%20 ?id=USER01 ?id=%ff \
        '?id=%27+OR+%271%27%3D%271' '?id=%3Cscript%3E'; do
        ask 404 "$login/users/$path$id"
        refused R-301
        has_not '<script>' body
    done
done

# collected NAME: the user's certificate by the pages.
collected() {
    browser "by-$1"
    get 200 "$entry/user"
    post 303 "$entry/user" "corporate_id=$corporation" user_id=user01 password@user
    get 200 "$entry/enrol"
    enrolled "$1" "$corporation user01"
    both 200 "$entry/done"
}
collected user01

# --- the user logs on, and stays out of the corporation's pages ---
browser user user01
both 200 "$login/"
post 401 "$login/logon" password@corporate # the corporation's: right, and of no use
refused R-101
post 303 "$login/logon" password@user
goes_to /home
both 200 "$login/home"
both 200 "$login/renewal"
for path in menu users users/new users/change?id=user01 users/reset?id=user01; do
    ask 403 "$login/$path"
    refused R-207
done
post 403 "$login/users/change?id=user01" reissue=yes "confirmation_password=$confirmation"
refused R-207
# A session belongs to the certificate that it was begun with.
stolen=$(cookie __Host-session)
browser thief corporation
ask 401 -H "Cookie: __Host-session=$stolen" "$login/home"
refused R-106
browser without
ask 403 -H "Cookie: __Host-session=$stolen" "$login/home"
refused R-201

# Another corporation's administrator does not get to see this one's users.
run bank register --name 'Another Co., Ltd.' 0258366660035
browser other-admin
get 200 "$entry/corporate"
post 303 "$entry/corporate" corporate_id=0258366660035 password@corporate
get 200 "$entry/enrol"
enrolled other 0258366660035
browser other-admin other
get 200 "$login/"
post 303 "$login/logon" password@corporate
get 200 "$login/users"
has_not 'data-user=' body
ask 404 "$login/users/change?id=user01"
for path in change reset; do
    post 404 "$login/users/$path?id=user01" reissue=yes "confirmation_password=$confirmation" \
        new_password=12345678 new_confirmation_password=123456789
    refused R-301
done

# --- the administrator has the user's certificate revoked and reissued ---
browser admin corporation
both 200 "$login/users"
has 'data-user="user01" data-state="valid"' body
both 200 "$login/users/change?id=user01"
has 'href="/users/change?id=user01&amp;lang=ja"' body
change() { post "$1" "$login/users/change?id=user01" "confirmation_password=$2" ${3+"$3"}; }
change 400 "$confirmation"
refused R-109
has 'id="reissue-error"' body
page en
change 401 wrong reissue=yes
refused R-105
has ' checked' body
page en
browser user user01
ask 200 "$login/home" # nothing has happened yet
browser admin corporation
change 303 "$confirmation" reissue=yes
goes_to '/users/changed?id=user01'
both 200 "$login/users/changed?id=user01"
both 200 "$login/users"
has 'data-user="user01" data-state="waiting"' body
browser user user01
both 403 "$login/home"
refused R-206
has 'X-Certenroll-Logon: revoked' head
both 403 "$login/"
has "$entry/?lang=en" body
collected again
browser admin corporation
ask 303 "$login/users/changed?id=user01" # the page is true no longer
goes_to '/users/change?id=user01'

# --- passwords: locked, and set anew ---
# On "login" a try counts only with the certificate: strangers lock nobody out.
browser stranger
for i in 1 2 3 4 5 6; do
    ask 403 -H "Origin: $login" -d "csrf=$i" -d password=wrong "$login/logon"
    refused R-201
done
browser stranger again
get 200 "$login/"
browser by-password
get 200 "$entry/user"
for i in 1 2 3 4 5; do
    post 401 "$entry/user" "corporate_id=$corporation" user_id=user01 password=wrong
    refused R-101
done
post 403 "$entry/user" "corporate_id=$corporation" user_id=user01 password@user
refused R-102
page en
browser user again
get 200 "$login/"
post 303 "$login/logon" password@user
goes_to /home
get 200 "$login/home"
post 303 "$login/logout"
get 200 "$login/"
for i in 1 2 3 4 5; do
    post 401 "$login/logon" password=wrong
    refused R-101
done
post 403 "$login/logon" password@user
refused R-102
page en
browser admin corporation
both 200 "$login/users"
has 'password locked' body
both 200 "$login/users/reset?id=user01"
reset() {
    post "$1" "$login/users/reset?id=user01" "new_password=$2" "new_confirmation_password=$3" \
        "confirmation_password=$4"
}
reset 401 'new of user01' 'newer of user01' wrong
refused R-105
reset 400 'new of user01' 'new of user01' "$confirmation"
refused R-109
page en
reset 303 'new of user01' 'newer of user01' "$confirmation"
goes_to '/users/reset-done?id=user01'
both 200 "$login/users/reset-done?id=user01"
browser user again
get 200 "$login/"
post 401 "$login/logon" password@user
post 303 "$login/logon" 'password=new of user01'
goes_to /home

# --- path tricks ---
browser admin corporation
for path in //users /./users /x/../users /users/ /users/. '/users;x' /USERS '/users%00' \
    '/users%00.css' '/style.css/../users' '/..%2fetc/passwd' '/%2e%2e/%2e%2e/etc/passwd' \
    '/users%2Fnew' "/$(head -c 5000 /dev/zero | tr '\0' a)"; do
    # The library decodes escapes before it compares: this one is /users/new itself.
    if [ "$path" = '/users%2Fnew' ]; then
        ask 200 --path-as-is "$login$path"
    else
        ask 404 --path-as-is "$login$path"
        refused R-301
    fi
done
browser user again
ask 403 --path-as-is "$login/users%2Fnew"
refused R-207

# --- time ---
browser admin corporation
bank_clock --offset 901
ask 401 "$login/menu"
refused R-106
bank_clock --offset 29462400 # 341 days
get 200 "$login/"
post 303 "$login/logon" password@corporate
goes_to /renewal
both 200 "$login/renewal"
has 'expires soon' body
bank_clock --offset 34560000 # 400 days
both 403 "$login/"
refused R-203
has 'X-Certenroll-Logon: expired' head
bank_clock --reset

# --- orders that take effect later ---
run bank reissue "$corporation"
browser early
get 200 "$entry/corporate"
post_corporate 403 "$entry/corporate"
refused R-104
page en
has ', 12:00 JST' body
get 200 "$entry/corporate?lang=ja"
post_corporate 403 "$entry/corporate"
page ja
has '日 12:00' body

for secret in "$(cat corporate)" "$confirmation" "$(cat user)" "$after" "$stolen"; do
    grep -qF -e "$secret" server.log && fail "a secret is in the log"
done
kill $server
wait $server || { cat server.log >&2; fail "the RA did not end cleanly"; }
server=
