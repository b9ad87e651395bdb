#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
# What certenroll-agent refuses, one by one, with what it says: launch files, RAs, persons,
# environments. The RA here says what the test wants (canned_ra).
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl readelf setsid softhsm2-util
scratch_begin open
umask 022 # the person, and others, run what is made for them
. "$SOURCE_DIR/tests/support/agent.sh"
. "$SOURCE_DIR/tests/support/canned_ra.sh"
origin=$est
configure "$est" "$entry" "$ca"

job=0123456789abcdef0123456789abcdef
code=fedcba9876543210fedcba9876543210
soon=$(date -u -d '+5 minutes' +%Y-%m-%dT%H:%M:%SZ)

# launch [NAME=VALUE...]: a good launch file, with these members otherwise ("NAME=" as JSON).
launch() {
    jq -cn --arg o "$origin" --arg j $job --arg c $code --arg e "$soon" \
        '{version: 1, origin: $o, job: $j, code: $c, expires: $e}' >"$home/x.cenroll"
    for change in "$@"; do
        jq -c --argjson v "${change#*=}" ".[\"${change%%=*}\"] = \$v" "$home/x.cenroll" >"$home/y"
        mv "$home/y" "$home/x.cenroll"
    done
    give "$home/x.cenroll"
}

# refuses CLASS TEXT [FILE]: with that exit status, that text, and nothing sent.
refuses() {
    : >"$scratch/ra/requests"
    status=0
    agent "${3:-$home/x.cenroll}" || status=$?
    [ $status -eq "$1" ] || fail "exit status $status instead of $1: $(cat "$agent_log")"
    said "$2"
    [ ! -s "$scratch/ra/requests" ] || fail "something was sent: $(cat "$scratch/ra/requests")"
}

# --- launch files ---

launch 'expires="2026-01-01T00:00:00Z"'
refuses 2 "the launch file has expired"
for when in '"2126-01-01"' '"2126-01-01T00:00:00Z "' '"2126-02-30T00:00:00Z"' 4923590400; do
    launch "expires=$when"
    refuses 2 "the launch file's \"expires\" is not what it should be"
done
launch
printf '%4096s' "" >>"$home/x.cenroll"
refuses 2 "is longer than 4096 bytes"
launch 'job=["0123456789abcdef0123456789abcdef"]'
refuses 2 "the launch file is nested too deeply"
printf '%2000s' "" | tr ' ' '[' >"$home/x.cenroll"
refuses 2 "the launch file is nested too deeply"
launch
sed -i 's/^{/{"version":1,/' "$home/x.cenroll"
give "$home/x.cenroll"
refuses 2 "duplicate object key"
launch 'module="/tmp/evil.so"'
refuses 2 "the launch file has an unknown member, \"module\""
launch
jq -c 'del(.code)' "$home/x.cenroll" >"$home/y"
mv "$home/y" "$home/x.cenroll"
give "$home/x.cenroll"
refuses 2 "the launch file lacks the member \"code\""
launch 'version=2'
refuses 2 "the launch file is of another version"
launch 'version="1"'
refuses 2 "the launch file's \"version\" is not what it should be"
for value in '"0123456789ABCDEF0123456789abcdef"' '"0123"' 7 '"../../../../../../../../../../../"'; do
    launch "job=$value"
    refuses 2 "the launch file's \"job\" is not what it should be"
done
launch 'code=null'
refuses 2 "the launch file's \"code\" is not what it should be"
launch
printf '{"version":1,"origin":"\377\376"}' >"$home/x.cenroll"
refuses 2 "unable to decode byte 0xff"
printf '{"version":1,"origin":"a\\u0000b"}' >"$home/x.cenroll"
refuses 2 "the launch file is not readable"
printf '[]' >"$home/x.cenroll"
refuses 2 "it is no JSON object"
: >"$home/x.cenroll"
refuses 2 "the launch file is not readable"

launch
ln -s x.cenroll "$home/link.cenroll"
refuses 2 "link.cenroll is a symbolic link" "$home/link.cenroll"
as_person mkfifo "$home/fifo.cenroll"
refuses 2 "fifo.cenroll is not a regular file" "$home/fifo.cenroll"
refuses 2 "is not a regular file" "$home"
refuses 2 "is not a regular file" /dev/zero
refuses 3 "cannot read $home/none.cenroll" "$home/none.cenroll"
if [ "$(id -u)" = 0 ]; then
    chown 1:1 "$home/x.cenroll"
    refuses 2 "x.cenroll belongs to somebody else"
fi

# --- RAs ---

for other in "https://est.localhost.example:$port" "http://est.localhost:$port" \
    "https://est.localhost:$((port + 1))" "https://EST.localhost:$port" "$origin/" \
    "https://user@est.localhost:$port" "https://est.localhost:0$port" "https://entry.localhost:$port" \
    "https://еst.localhost:$port" "$origin#" " $origin" ""; do
    launch "origin=$(jq -cn --arg o "$other" '$o')"
    refuses 2 "which is not in the configuration"
done
launch 'origin="https://\u202egro.elpmaxe\u0007\n"'
refuses 2 "which is not in the configuration"
said "the launch file is for https://???gro.elpmaxe??, which"

# --- configurations ---

launch
chmod 666 "$home/ra.json"
refuses 2 "ra.json could have been changed by others"
chmod 644 "$home/ra.json"
chmod 622 "$home/ca.pem"
refuses 2 "ca.pem could have been changed by others"
chmod 644 "$home/ca.pem"

# configuration TEXT JQ-FILTER: changed by that, it is refused with that.
configuration() {
    cp -p "$home/ra.json" "$home/ra.good"
    jq -c "$2" "$home/ra.good" >"$home/ra.json"
    refuses 2 "$1"
    mv "$home/ra.good" "$home/ra.json"
}
configuration "the configuration has an unknown member, \"modul\"" '.modul = "x"'
configuration "the configuration's RA has an unknown member, \"crl\"" '.ras[0].crl = "x"'
configuration "the configuration lacks the member \"ras\"" 'del(.ras)'
configuration "the configuration's \"ras\" is no list of RAs" '.ras = []'
configuration "the configuration's \"version\" is not 1" '.version = 2'
configuration "the configuration's \"module\" is no absolute path" '.module = "evil.so"'
configuration "the configuration's \"pinentry\" is no absolute path" '.pinentry = "pinentry"'
configuration "the configuration's \"key_type\" is no key type" '.key_type = "rsa-512"'
configuration "the configuration's \"token\" is no PKCS#11 URI" '.token = "card"'
for bad in http://est.localhost https://EST.localhost https://est.localhost/ https://est.localhost:0 \
    https://est.localhost:99999 https:// https://a@b; do
    configuration "the configuration's \"est\" is not of the form" ".ras[0].est = \"$bad\""
done

# --- persons ---

launch
if [ "$(id -u)" = 0 ]; then
    status=0
    env -i HOME="$home" XDG_STATE_HOME="$scratch/rootstate" LC_ALL=C.UTF-8 \
        LD_LIBRARY_PATH="$home/bin" ASAN_OPTIONS="$person_asan" \
        "$home/bin/certenroll-agent" --config "$home/ra.json" "$home/x.cenroll" \
        >"$agent_log" 2>&1 || status=$?
    [ $status -eq 2 ] || fail "run as root: exit status $status"
    said "the agent does not run as root"
    [ ! -e "$scratch/rootstate" ] || fail "root wrote a log"
fi

# With another person's rights, as the set-user-ID bit gives them; and another group's. Such a program
# finds its library by the loader's option alone, and the sanitizers do not read theirs, without which
# they cannot run here.
if [ "$(id -u)" = 0 ] && [ -z "${SANITIZE:-}" ]; then
    loader=$(readelf -l "$home/bin/certenroll-agent" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
    for rights in "--ruid=$person --euid=1 --rgid=$person --egid=$person" \
        "--reuid=$person --rgid=$person --egid=1"; do
        status=0
        # shellcheck disable=SC2086 # several words
        setpriv $rights --clear-groups env -i HOME="$home" LC_ALL=C.UTF-8 \
            XDG_STATE_HOME="$home/rights" "$loader" \
            --library-path "$home/bin" "$home/bin/certenroll-agent" --config "$home/ra.json" \
            "$home/x.cenroll" >"$agent_log" 2>&1 || status=$?
        [ $status -eq 2 ] || fail "with $rights: exit status $status: $(cat "$agent_log")"
        said "the agent does not run with rights that you do not have yourself"
        [ ! -e "$home/rights" ] || fail "a log was written with another's rights"
    done
fi

# --- tokens ---

cp -p "$home/ra.json" "$home/ra.good"
jq -c '.token = "pkcs11:token=other"' "$home/ra.good" >"$home/ra.json"
refuses 4 "no token"
mv "$home/ra.good" "$home/ra.json"

# --- answers ---

# reply CALL STATUS BODY [FIELD]: what the RA says to that call.
reply() {
    printf 'HTTP/1.1 %s\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n%s' \
        "$2" "${4:-}" "$(printf %s "$3" | wc -c)" "$3" >"$scratch/ra/answers/$1"
}
redeemed() {
    jq -cn --arg n "${1:-0258366660019 user01}" --arg d "${2:-482913}" --argjson e "$(($(date +%s) + 300))" \
        '{version: 1, token: "t0ken", number: $d, name: $n, kind: "user", expires: $e}'
}
reply state 200 '{"state":"redeemed"}'
reply fail 200 '{"state":"failed"}'

# fails CLASS TEXT: with that exit status and text, after something was sent.
fails() {
    : >"$scratch/ra/requests"
    status=0
    agent "$home/x.cenroll" || status=$?
    [ $status -eq "$1" ] || fail "exit status $status instead of $1: $(cat "$agent_log")"
    said "$2"
}
sent() { grep -qF -- "$1" "$scratch/ra/requests" || fail "not sent: $1"; }
not_sent() { ! grep -qF -- "$1" "$scratch/ra/requests" || fail "sent: $1"; }

reply redeem 403 '{"error":{"code":"R-108","en":"It is over.","ja":"終わりました。"}}'
fails 8 "the RA says no (R-108): HTTP 403. "
said 'The RA says: "It is over."'
sent "POST /.well-known/certenroll/job/redeem HTTP/1.1 {\"version\":1,\"job\":\"$job\",\"code\":\"$code\"}"
not_sent job/fail

# In Japanese, with the build's own catalogues.
cp -R "$BUILD_DIR/locale" "$home/locale"
cp "$BUILD_DIR/tests/interop/build_catalogues.so" "$home/bin/"
chmod -R a+rX "$home/locale" "$home/bin"
for language in ja ja_JP.UTF-8; do
    status=0
    run_agent LC_ALL=$language LD_PRELOAD="$home/bin/build_catalogues.so" CATALOGUES="$home/locale" \
        "$home/bin/certenroll-agent" --config "$home/ra.json" "$home/x.cenroll" || status=$?
    [ $status -eq 8 ] || fail "in $language: exit status $status: $(cat "$agent_log")"
    said "アプリケーションを起動しました。"
    said "標準ユーザーで動作しています。"
    said "処理できませんでした: RA が受け付けませんでした (R-108)（HTTP 403）。"
    said "終わりました。"
done

# Text that would act on the terminal, in whatever member it comes.
reply redeem 403 '{"error":{"code":"R-1\u001b[2J","en":"a\u001b[31mb\n[2026/01/01 00:00:00 +0000] forged\u202ec\u0085"}}'
fails 8 'The RA says: "a?[31mb [2026/01/01 00:00:00 +0000] forged?c?"'
[ "$(grep -c '^\[' "$agent_log")" -eq "$(wc -l <"$agent_log")" ] || fail "a line was forged"
reply redeem 403 "{\"error\":{\"code\":\"R-108\",\"en\":\"$(printf '%5000s' "" | tr ' ' x)\"}}"
fails 8 "xxxxxxxxxx"
[ "$(wc -c <"$agent_log")" -lt 3000 ] || fail "a long text was not cut"

reply redeem 200 "$(redeemed)" 'Location: /elsewhere\r\n'
sed -i 's/200/307/' "$scratch/ra/answers/redeem"
fails 8 "the RA redirects, which is not followed"
not_sent elsewhere
reply redeem 500 ''
fails 8 "the RA says no: HTTP 500"
reply redeem 200 '{"version":1'
fails 8 "the RA's answer is not readable"
reply redeem 200 '[[[[[[[[]]]]]]]]'
fails 8 "the RA's answer is nested too deeply"
sed -i 's/json/xml/' "$scratch/ra/answers/redeem"
fails 8 "the RA's answer is no JSON"
for name in '0258366660019\nuser01' 'user01\u202e' 'a,OU=b' ' a' '山田' "$(printf '%65s' "" | tr ' ' a)"; do
    reply redeem 200 "$(redeemed x | jq -c --argjson n "\"$name\"" '.name = $n')"
    fails 8 "the RA's \"name\" is not what it should be"
done
for number in 48291 4829130 48291a '１２３４５６'; do
    reply redeem 200 "$(redeemed "" "$number")"
    fails 8 "the RA's \"number\" is not what it should be"
done
reply redeem 200 "$(redeemed | jq -c '.expires = "soon"')"
fails 8 "the RA's \"expires\" is not what it should be"

# --- waiting ---

reply redeem 200 "$(redeemed)"
for end in "cancelled:11:it was cancelled on the bank's page" \
    "expired:11:nobody pressed \"Execute\"" "revoked:8:the RA has come to an end" \
    "failed:8:the RA has come to an end" "toast:8:the RA has come to an end"; do
    reply state 200 "{\"state\":\"${end%%:*}\"}"
    rest=${end#*:}
    fails "${rest%%:*}" "${rest#*:}"
    said "The number on the page must be this one: 482913"
done
not_said t0ken
not_said "$code"
sent '/job/fail HTTP/1.1 {"reason":"SERVER"}'
reply redeem 200 "$(redeemed | jq -c '.expires -= 331')" # the RA never says that it is over
reply state 200 '{"state":"redeemed"}'
fails 11 "nobody pressed \"Execute\""
reply redeem 200 "$(redeemed)"

# --- consent, PIN ---

# stops CLASS TEXT: and no certificate was asked for.
stops() {
    fails "$@"
    not_sent simpleenroll
}

reply state 200 '{"state":"executed"}'
answers cancel
stops 11 "you did not agree"
sent '/job/fail HTTP/1.1 {"reason":"CANCELLED"}'
grep -q "SETDESC .*Demo Bank (est.localhost:$port)%0ACertificate: 0258366660019 user01%0AToken: card, serial number [0-9a-f]\{16\}" \
    "$home/pinentry/asked" || fail "consent was asked for something else: $(cat "$home/pinentry/asked")"
answers ok cancel
stops 11 "you did not agree"
answers ok 'pin 1' 'pin wrong-2' 'pin wrong%2D3' "pin $card_pin"
stops 5 "PIN"
[ "$(cat "$home/pinentry/answers")" = "pin $card_pin" ] || fail "more than three PINs were asked for"
grep -q 'SETERROR That was not the PIN' "$home/pinentry/asked" || fail "a wrong PIN was not told"
sent '/job/fail HTTP/1.1 {"reason":"PIN_INCORRECT"}'
answers ok die
stops 3 "pinentry cannot be spoken to"
answers die
stops 3 "pinentry cannot be spoken to"
chmod 777 "$home/pinentry/pinentry"
stops 2 "pinentry could have been changed by others"
chmod 755 "$home/pinentry/pinentry"
jq -c 'del(.pinentry)' "$home/ra.json" >"$home/y"
cp -p "$home/ra.json" "$home/ra.good"
mv "$home/y" "$home/ra.json"
stops 11 "there is neither pinentry nor a terminal to ask you by"
mv "$home/ra.good" "$home/ra.json"

# --- another CA, an RA that stalls ---

cp -p "$home/ca.pem" "$home/ca.good"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null \
    -subj "/O=Test/CN=Canned CA" -days 2 -out "$home/ca.pem" 2>/dev/null
fails 9 "est.localhost"
[ ! -s "$scratch/ra/requests" ] || fail "something was sent to the RA of another CA"
mv "$home/ca.good" "$home/ca.pem"

: >"$scratch/ra/answers/redeem.stall"
started=$(date +%s)
fails 9 "est.localhost"
[ $(($(date +%s) - started)) -lt 180 ] || fail "the agent waited for ever"
rm "$scratch/ra/answers/redeem.stall"

# --- the log, the environment ---

log=$home/state/certenroll/agent.log
[ "$(stat -c %a "$log")" = 600 ] || fail "the log's mode is $(stat -c %a "$log")"
grep -q '^\[[0-9/]\{10\} [0-9:]\{8\} [+-][0-9]\{4\}\] It runs as a standard user\.$' "$log" ||
    fail "the log's lines are not what they should be"
! grep -q -e t0ken -e "$code" -e "$card_pin" "$log" || fail "a secret is in the log"
as_person sh -c "yes 'a line' | head -c 400000 >'$log'"
answers cancel
fails 11 "you did not agree"
[ -s "$log.1" ] || fail "the log before is not kept"
[ "$(stat -c %s "$log")" -lt 4096 ] || fail "the log was not begun anew"
rm "$log"
ln -s "$home/elsewhere" "$log"
answers cancel
fails 11 "The log cannot be written to $log"
[ ! -e "$home/elsewhere" ] || fail "the log went through a symbolic link"
rm "$log"

# What a hostile environment would load, trust, or write: witness.so tells who has loaded it, and
# pinentry in what environment it was started, which is the agent's.
cp "$BUILD_DIR/tests/interop/witness.so" "$home/bin/"
seen=$home/bin/witness.so.seen
cat >"$home/trap.cnf" <<END
openssl_conf = init
[init]
providers = providers
[providers]
trap = trap
[trap]
module = $home/bin/witness.so
activate = 1
END
chmod 644 "$home/trap.cnf"
chmod 755 "$home/bin/witness.so"
hostile="OPENSSL_CONF=$home/trap.cnf OPENSSL_MODULES=$home OPENSSL_ENGINES=$home PATH=$home IFS=x
    SSL_CERT_FILE=$home/none.pem SSL_CERT_DIR=$home SSLKEYLOGFILE=$home/keys BASH_ENV=$home/none
    CURL_CA_BUNDLE=$home/none.pem CURL_HOME=$home P11_KIT_STRICT=1 P11_KIT_DEBUG=all ENV=$home/none
    GCONV_PATH=$home LOCPATH=$home NLSPATH=$home TMPDIR=$home MALLOC_TRACE=$home/malloc
    OPENSC_CONF=$home/none GNUTLS_SYSTEM_PRIORITY_FILE=$home/none XDG_CONFIG_HOME=$home"
# shellcheck disable=SC2086 # several words
run_agent $hostile /usr/bin/openssl list -providers || : # the trap is a good one
grep -qx 'loaded openssl' "$seen" || fail "OpenSSL does not load witness.so: $(cat "$agent_log")"
for more in "" "LD_PRELOAD=$home/bin/witness.so"; do
    rm -f "$seen" "$home/pinentry/environment"
    answers cancel
    status=0
    # shellcheck disable=SC2086
    run_agent $hostile $more "$home/bin/certenroll-agent" --config "$home/ra.json" \
        "$home/x.cenroll" || status=$?
    [ $status -eq 11 ] || fail "in a hostile environment: $status, $(cat "$agent_log")"
    # Whoever may preload something into the agent is the person; pinentry is spared.
    [ "$(cat "$seen" 2>/dev/null)" = "${more:+loaded certenroll-agent}" ] ||
        fail "the environment was obeyed: $(cat "$seen")"
    grep -qx "HOME=$home" "$home/pinentry/environment" || fail "pinentry has no HOME"
    grep -qx 'PATH=/usr/bin:/bin' "$home/pinentry/environment" || fail "pinentry has another PATH"
    # The shell that pinentry is here sets PWD, OLDPWD, SHLVL and _.
    if grep -vE '^(HOME|XDG_STATE_HOME|LC_ALL|SOFTHSM2_CONF|PATH|PWD|OLDPWD|SHLVL|_)=' \
        "$home/pinentry/environment"; then
        fail "the environment went on to pinentry"
    fi
done
[ ! -e "$home/keys" ] || fail "TLS keys were written out"
echo "agent: every refusal is made, and told"
