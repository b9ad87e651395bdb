#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Public scanners on the demo RA: sslscan on its TLS, wapiti on the pages of both hosts, for
# somebody without a certificate, for one who collects one, at the logon, for a user and for an
# administrator who are logged on. Every finding that is not in $known is a failure.
# shellcheck disable=SC2154 # what bank.sh and ra.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util setpriv sslscan /usr/bin/python3
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"

# Findings that are none, as "category: what", with the reason.
cat >known <<'END'
HTTP Secure Headers: X-XSS-Protection is not set
END
# X-XSS-Protection: browsers have dropped the filter that it switches on, which was a hole by
# itself; the Content-Security-Policy does its work.

# --- TLS ---
# seen PATTERN: what sslscan tells of the RA.
seen() { sed -n "s/$1/\1/p" tls; }
for host in entry login est; do
    run timeout 120 sslscan --no-colour --sni-name=$host.localhost "127.0.0.1:$port"
    cp run.log tls
    [ "$(seen '^\([ST][SL][SL]v[0-9.]*\) *enabled.*' | xargs)" = 'TLSv1.2 TLSv1.3' ] ||
        { cat tls >&2; fail "$host: other versions than TLS 1.2 and 1.3"; }
    seen '^\(Preferred\|Accepted\) .*' | grep -q . || fail "$host: sslscan has found no cipher"
    grep -E '^(Preferred|Accepted) ' tls |
        grep -vE ' TLSv1\.3 .* TLS_| TLSv1\.2 .* ECDHE-[A-Z]+-[A-Z0-9]+-(GCM|CCM|POLY1305)' &&
        fail "$host: a cipher without forward secrecy or authenticated encryption"
    grep -E 'ecure session renegotiation supported|Compression enabled|[^t] vulnerable' tls &&
        fail "$host: TLS can do what it should not"
done

# --- pages ---
command -v wapiti >/dev/null || skipped "no wapiti (TLS was looked at)"
# What the scanner fills into password fields: so it gets beyond what these protect.
printf 'Letm3in_' >corporate-confirmation
run bank reset "$corporation"
bank_user
bank_user user02
collect user "$corporation" "$user"
run openssl req -x509 -new -nodes -subj /CN=scan -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
    -keyout proxy.key -out proxy.pem -days 2
cat proxy.key >>proxy.pem

# Later versions crawl with several requests at once, each of which would begin a session.
single=
! wapiti --help 2>&1 | grep -q -e --tasks || single='--tasks 1'
# Left out: blindsql waits for functions that SQLite does not have, brute_login_form would lock, and
# the others have long lists of other people's software, or download them.
attacks=crlf,csrf,exec,file,redirect,sql,ssrf,xss,permanentxss,xxe
resources=backup,cookieflags,csp,htaccess,http_headers,methods

proxy_start() {
    rm -f proxy-port
    setpriv --pdeathsig KILL -- /usr/bin/python3 -B "$SOURCE_DIR/tests/support/scan_proxy.py" \
        "$port" "$ca" proxy.pem proxy-port "$@" >"$name.requests" 2>"$name.refused" &
    background=$!
    await "$background" test -e proxy-port ||
        fail "the proxy has ended, or is not ready: $(cat "$name.refused")"
    proxy=http://127.0.0.1:$(cat proxy-port)
}

proxy_stop() {
    stop "$background"
    background=
}

# scan NAME ORIGIN MODULES WAPITI-ARGUMENT...: with the certificate $certificate.pem and the session
# of the browser $session, where there are such. The report is NAME.json.
certificate='' session=''
scan() {
    name=$1 origin=$2 modules=$3
    shift 3
    # shellcheck disable=SC2086 # two words or none
    proxy_start ${certificate:+$certificate.pem $certificate.key}
    [ -z "$session" ] || set -- "$@" \
        -H "Cookie: $(awk '$6 == "__Host-session" { print $6 "=" $7 }' "$session.cookies")"
    mkdir "scan-$name"
    # Reports to nobody, and asks the proxy where it would ask its makers' server.
    # shellcheck disable=SC2086 # two words or none
    HOME=$scratch/scan-$name setpriv --pdeathsig TERM -- timeout 600 wapiti -u "$origin/" \
        --scope domain -m "$modules" -p "$proxy" --endpoint "$proxy/" --no-bugreport \
        -H "Origin: $origin" -t 30 --max-scan-time 60 --max-attack-time 12 \
        --store-session "scan-$name" --store-config "scan-$name" -f json \
        -o "$name.json" -v 1 $single "$@" >"$name.log" 2>&1 || {
        cat "$name.log" >&2
        fail "wapiti has not done its work: $name"
    }
    proxy_stop
    ! grep -e Traceback -e '^  File "' "$name.log" || fail "wapiti has failed in the middle: $name"
    # The scanner asks a proxy for whole URLs, and for / to see that it is there.
    ! grep '^refused: [A-Z]* /[^ ]' "$name.refused" ||
        fail "the RA has fetched what a request named"
    judge
}

# What was found, less what is known.
judge() {
    jq -r '.vulnerabilities + .anomalies | to_entries[] | .key as $key | .value[] |
        "\($key): \(.info)\t\(.method) \(.path) \(.parameter)"' "$name.json" >found
    grep -vF -f known found >new || :
    [ ! -s new ] || {
        cat new >&2
        jq -r '.vulnerabilities + .anomalies | .[][] | .http_request' "$name.json" >&2
        fail "wapiti has found something: $name"
    }
}

# reached LINE...: that the scan went there, or it has proven nothing.
reached() {
    for line; do
        grep -q "^${line}[ ?]" "$name.requests" || {
            cat "$name.log" >&2
            fail "the scanner has not come to $line: $name"
        }
    done
}

scan stranger "$entry" "$attacks,$resources"
reached 'GET /' 'POST /corporate' 'POST /user'

bank_entry collector "$corporation" user02
session=collector
scan collector "$entry" "$attacks" -s "$entry/enrol" -d 1 -r lang
reached 'GET /enrol' 'POST /enrol/launch'
page_get collector 200 "$entry/enrol" # to the end it was the one who had logged on

session='' certificate=user
scan logon "$login" "$attacks" -r lang
reached 'GET /' 'POST /logon'
run bank unlock "$corporation" "$user"

page_get user 200 "$login/"
page_post user 303 "$login/logon" "password=$(cat user)"
session=user
scan user "$login" "$attacks,$resources" -s "$login/home" -s "$login/renewal"
reached 'GET /home' 'GET /renewal'
page_get user 200 "$login/home"

# Confirmation passwords are left alone: five wrong ones, and all the rest would be refused.
certificate=admin session=admin
scan admin "$login" "$attacks,$resources" --skip confirmation_password -r lang \
    -s "$login/users" -s "$login/users/new" -s "$login/users/none" \
    -s "$login/users/change?id=user02" -s "$login/users/reset?id=user02"
reached 'GET /menu' 'GET /users' 'POST /users/new' 'POST /users/change' 'POST /users/reset'
page_get admin 200 "$login/menu"
bank_audit >audit
grep -q 'passwords-reset.*by' audit || fail "the scanner has not set a password anew"
kill "$server"
wait "$server" || { cat server.log >&2; fail "the RA did not end cleanly"; }
server=

wc -l ./*.requests | sed 's/^/requests: /'
