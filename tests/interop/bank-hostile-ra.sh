#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll-corporate and certenroll-user, and an RA that says what the test wants (canned_ra): text
# that would act on the terminal, redirects, answers that are none, certificates of others. What is
# refused leaves nothing on the token and no journal.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl setsid softhsm2-util pkcs11-tool
scratch_begin
cd "$scratch"
. "$SOURCE_DIR/tests/support/softhsm.sh"
. "$SOURCE_DIR/tests/support/canned_ra.sh"

softhsm_begin
softhsm_token customer 1234-user
printf 1234-user >pin
echo 'secret of user01' >password
cp "$ca" ca.pem
cat >ra.json <<END
{ "version": 1,
  "ras": [ { "name": "Demo Bank", "entry": "$entry", "login": "$entry", "est": "$est",
             "trust_anchor": "$scratch/ca.pem" } ],
  "token": "pkcs11:token=customer", "module": "$SOFTHSM2_MODULE" }
END

# reply CALL STATUS BODY [FIELD]: what the RA says to that call.
reply() {
    printf 'HTTP/1.1 %s\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n%s' \
        "$2" "${4:-}" "$(printf %s "$3" | wc -c)" "$3" >"ra/answers/$1"
}
# get CLASS TEXT [OPTION...]: what it says on its way down, in err.
get() {
    wanted=$1 text=$2 status=0
    shift 2
    : >ra/requests
    setsid -w "$BUILD_DIR/tools/bank/certenroll-user" get --config ra.json --corporate-id 0258366660019 \
        --user-id user01 --pin-source pin --password-source password "$@" >out 2>err </dev/null ||
        status=$?
    [ $status -eq "$wanted" ] || fail "exit status $status instead of $wanted: $(cat out err)"
    grep -qF -e "$text" out err || fail "it does not say \"$text\": $(cat out err)"
    # No byte of it acts on the terminal, and every line is the program's own.
    if LC_ALL=C grep -q '[[:cntrl:]]' err || grep -q 'secret of' out err; then
        od -c err >&2
        fail "what the RA said went through"
    fi
    if grep -q '^forged' err; then fail "a line was forged: $(cat err)"; fi
    pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label customer --login --pin 1234-user \
        --list-objects >objects 2>/dev/null
    [ ! -s objects ] || fail "the token has changed: $(cat objects)"
    [ -z "$(find state -name '*.journal' 2>/dev/null)" ] || fail "a journal is left"
}
sent() { grep -qF -e "$1" ra/requests || fail "not sent: $1: $(cat ra/requests)"; }

# --- text of the RA ---
reply certificate 403 '{"error":{"code":"R-103","en":"There is nothing.","ja":"ありません。"}}'
get 8 'the RA says no (R-103): HTTP 403. '
get 8 'The RA says: "There is nothing."'
sent '"password":"secret of user01"'
reply certificate 403 '{"error":{"code":"R-1\u001b[2J","en":"a\u001b[31mb\nforged\u202ec\u0085\u200bd","ja":"x"}}'
get 8 'a?[31mb forged'
get 8 'a?[31mb forged' --json
jq -e '.error.ra_words == "a?[31mb forged?c??d" and .error.why == "HTTP 403"' out >parsed ||
    fail "the RA's words are not apart: $(cat out)"
reply certificate 403 "{\"error\":{\"code\":\"R-108\",\"en\":\"$(printf '%5000s' "" | tr ' ' x)\"}}"
get 8 xxxxxxxxxx
[ "$(wc -c <err)" -lt 3000 ] || fail "a long text was not cut"

# --- answers that are none ---
reply certificate 307 '{}' 'Location: /elsewhere\r\n'
get 8 redirects
if grep -q elsewhere ra/requests; then fail "the password went elsewhere"; fi
reply certificate 500 ''
get 8 'HTTP 500'
reply certificate 503 '' 'Retry-After: 7200\r\n'
get 8 'The RA is busy: try again at '
reply certificate 200 '{"job":"x"'
get 8 'not readable'
reply certificate 200 '{"job":"x","job":"y"}'
get 8 'not readable'
reply certificate 200 '[[[[[[[[[[]]]]]]]]]]'
get 8 'nested too deeply'
job() { jq -cn --arg n "$1" --arg j "$2" '{job: $j, token: "t0ken", name: $n, expires: 4000000000}'; }
for name in '0258366660019 user02' 0258366660019 '0258366660019 user01,O=x' ''; do
    reply certificate 200 "$(job "$name" 0123456789abcdef0123456789abcdef)"
    get 8 "the bank's answer is not about this certificate"
    if grep -q simpleenroll ra/requests; then fail "a certificate was asked for in the name of $name"; fi
done

# --- another CA ---
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null \
    -subj "/O=Test/CN=Canned CA" -days 2 -out ca.pem 2>/dev/null
get 9 entry.localhost
[ ! -s ra/requests ] || fail "a password was sent to the RA of another CA"
echo "bank-hostile-ra: everything is refused, and told"
