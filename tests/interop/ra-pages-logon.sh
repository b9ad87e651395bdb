#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bank's pages for those who have a certificate, with curl as the browser: the logon, the
# administrator's users, locks and time; in both languages, and what they refuse.
# shellcheck disable=SC2154 # what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util tidy
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
. "$SOURCE_DIR/tests/support/pages.sh"

browser collecting
get 200 "$entry/corporate"
post_corporate 303 "$entry/corporate"
get 200 "$entry/enrol"
enrolled corporation "$corporation"

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

pages_end "$after" "$stolen"
