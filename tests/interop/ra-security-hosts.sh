#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Attacks on the demo RA by sessions that were fixed beforehand, and by hosts that are mixed up. curl
# and openssl are the attacker.
# shellcheck disable=SC2154 # what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util sqlite3
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
export LC_ALL=C
. "$SOURCE_DIR/tests/support/attacker.sh"

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
