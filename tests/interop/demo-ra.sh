#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo RA seen by curl and OpenSSL alone: what it issues, what it refuses and how it says so,
# who may log on, and where a client certificate is asked for.
# shellcheck disable=SC2046 # $(with NAME) is several words
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl openssl softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
cd "$scratch"
run "$demo_ra" account add --dir ra --password-source password $account suzuki
password=$(cat password)

# serve OPTION...: the RA anew, with these options.
serve() {
    kill $server
    wait $server || fail "the RA did not end cleanly"
    ra_serve "$@"
    ra_ready
}

# ask WANTED-STATUS CURL-ARGUMENT...: the answer is in body and head.
ask() {
    wanted=$1
    shift
    status=$(curl -sS --max-time 60 --cacert "$ca" -o body -D head -w '%{http_code}' "$@") ||
        fail "curl $*"
    [ "$status" = "$wanted" ] || { cat body >&2; fail "status $status instead of $wanted: $*"; }
}

has() {
    grep -qiF -e "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is not in $2"; }
}

# request NAME OPENSSL-ARGUMENT...: key and certification request, the latter in base64.
request() {
    name=$1
    shift
    run openssl req -new -nodes -subj /CN=anything -keyout "$name.key" -outform DER \
        -out "$name.der" "$@"
    openssl base64 -A -in "$name.der" -out "$name.b64"
}

# post WANTED-STATUS OPERATION FILE CURL-ARGUMENT...
post() {
    wanted_status=$1 operation=$2 file=$3
    shift 3
    ask "$wanted_status" -H 'Content-Type: application/pkcs10' --data-binary "@$file" "$@" \
        "$est/.well-known/est/$operation"
}

# enrolled NAME [USER [PASSWORD]]: NAME.pem, from NAME.b64.
enrolled() {
    post 200 simpleenroll "$1.b64" -u "${2:-$account}:${3:-$password}"
    keep "$1"
}

# keep NAME: the answer's end-entity certificate as NAME.pem.
keep() {
    has 'application/pkcs7-mime' head
    has 'Content-Length:' head
    [ "$(wc -l <body)" -eq 0 ] || fail "the answer's base64 is wrapped"
    openssl base64 -d -A -in body | openssl pkcs7 -inform DER -print_certs |
        openssl x509 -out "$1.pem"
    run openssl verify -x509_strict -purpose sslclient -CAfile "$ca" -untrusted ra/issuing-ca.pem \
        "$1.pem"
    [ ! -e "$1.key" ] ||
        [ "$(openssl x509 -in "$1.pem" -noout -pubkey)" = "$(openssl pkey -in "$1.key" -pubout)" ] ||
        fail "the certificate $1 is for another key"
}

# subject NAME, as one line
subject() { openssl x509 -in "$1.pem" -noout -subject -nameopt RFC2253; }

# --- EST: what is issued ---
ask 200 "$est/.well-known/est/cacerts"
[ "$(openssl base64 -d -A -in body | openssl pkcs7 -inform DER -print_certs |
    grep -c 'BEGIN CERT')" -eq 2 ] || fail "cacerts is not root and issuing CA"
ask 204 "$est/.well-known/est/csrattrs"

request rsa -newkey rsa:2048 -addext keyUsage=digitalSignature,keyEncipherment
request p256 -newkey ec -pkeyopt ec_paramgen_curve:P-256
request p384 -newkey ec -pkeyopt ec_paramgen_curve:P-384
request p521 -newkey ec -pkeyopt ec_paramgen_curve:P-521
request ed25519 -newkey ed25519
for name in rsa p256 p384 p521 ed25519; do
    enrolled $name
    [ "$(subject $name)" = "subject=CN=$account" ] || fail "$name: another subject"
    openssl x509 -in $name.pem -noout -text >text
    has 'TLS Web Client Authentication' text
    has 'CA:FALSE' text
done
openssl x509 -in rsa.pem -noout -ext keyUsage >text
has 'Key Encipherment' text

# The same key again: the same certificate, also when eight ask at once, wrapped or not.
cp p256.pem first.pem
openssl base64 -in p256.der -out p256.b64
enrolled p256
cmp -s first.pem p256.pem || fail "another certificate for the same key"
request race -newkey ed25519
requests=
for i in 1 2 3 4 5 6 7 8; do
    curl -sS --cacert "$ca" -H 'Content-Type: application/pkcs10' --data-binary @race.b64 \
        -u "$account:$password" -o "race.$i" "$est/.well-known/est/simpleenroll" &
    requests="$requests $!"
done
for i in $requests; do wait "$i" || fail "a request of eight at once"; done
for i in 2 3 4 5 6 7 8; do
    cmp -s race.1 race.$i || fail "eight at once got different certificates"
done
[ -s race.1 ] || fail "eight at once got nothing"

request user -newkey ed25519
enrolled user "$account suzuki"
[ "$(subject user)" = "subject=CN=$account suzuki" ] || fail "the user's subject"
post 403 simpleenroll user.b64 -u "$account:$password"
has 'another account' body

# --- EST: what is refused ---
refused() {
    request "$@"
    post 400 simpleenroll "$1.b64" -u "$account:$password"
    [ "$(wc -l <body)" -eq 1 ] || fail "$1: the reason is not one line"
    has 'text/plain; charset=utf-8' head
}
refused weak -newkey rsa:1024
has 'too weak' body
refused exponent -newkey rsa:2048 -pkeyopt rsa_keygen_pubexp:3
has 'exponent' body
refused other-curve -newkey ec -pkeyopt ec_paramgen_curve:secp256k1
refused explicit -newkey ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit
refused ca -newkey ed25519 -addext basicConstraints=CA:TRUE
has 'certification authority' body
refused signer -newkey ed25519 -addext keyUsage=digitalSignature,keyCertSign
has 'certification authority' body
refused ed448 -newkey ed448

not_a_request() {
    post 400 simpleenroll "$1" -u "$account:$password"
}
size=$(wc -c <ed25519.der)
{ head -c $((size - 1)) ed25519.der && printf '\252'; } | openssl base64 -A -out forged
not_a_request forged
has 'signature' body
cat ed25519.der p384.der | openssl base64 -A -out two
not_a_request two
head -c 100 ed25519.der | openssl base64 -A -out half
not_a_request half
echo '*****' >garbage
not_a_request garbage
: >nothing
not_a_request nothing
head -c 70000 /dev/zero >large
post 413 simpleenroll large -u "$account:$password"
post 413 simpleenroll large -u "$account:$password" -H 'Transfer-Encoding: chunked'
post 200 simpleenroll ed25519.b64 -u "$account:$password" -H 'Transfer-Encoding: chunked'
ask 415 --data-binary @ed25519.b64 -u "$account:$password" "$est/.well-known/est/simpleenroll"
ask 405 "$est/.well-known/est/simpleenroll"
has 'Allow: POST' head
ask 404 "$est/.well-known/est/nothing"

# --- passwords ---
post 401 simpleenroll ed25519.b64
has 'WWW-Authenticate: Basic' head
post 401 simpleenroll ed25519.b64 -u nobody:x
cp body unknown
for i in 1 2 3 4 5; do
    post 401 simpleenroll ed25519.b64 -u "$account suzuki:wrong"
    cmp -s body unknown || fail "the text tells an unknown account from a wrong password"
done
post 403 simpleenroll user.b64 -u "$account suzuki:$password"
has 'locked' body
run "$demo_ra" account unlock --dir ra $account suzuki
enrolled user "$account suzuki"

# --- re-enrolment ---
again() {
    wanted_again=$1 with=$2 file=$3
    post "$wanted_again" simplereenroll "$file" --cert "$with.pem" --key "$with.key"
}
same_name() {
    run openssl req -new -key "$1.key" -subj "/CN=$account" -outform DER -out "$2.der"
    openssl base64 -A -in "$2.der" -out "$2.b64"
}
# answered NAME: the certificate in the answer is NAME.pem.
answered() {
    openssl base64 -d -A -in body | openssl pkcs7 -inform DER -print_certs |
        openssl x509 -out answered.pem
    cmp -s answered.pem "$1.pem" || fail "asked again, another certificate than $1"
}
same_name p256 renewal
again 200 p256 renewal.b64
keep renewal
cp p256.key renewal.key
cmp -s p256.pem renewal.pem && fail "renewed with the same certificate"
again 200 p256 renewal.b64
answered renewal
again 400 p256 p256.b64
has 'subject differs' body
run openssl req -new -newkey ed25519 -nodes -keyout rekey.key -subj "/CN=$account" -outform DER \
    -out rekey.der
openssl base64 -A -in rekey.der -out rekey.b64
again 200 renewal rekey.b64
keep rekey
# The answer was lost, and the predecessor is superseded by now.
again 200 renewal rekey.b64
answered rekey
# Its new key was lost too: another one, and both are remembered.
run openssl req -new -newkey ed25519 -nodes -keyout rekey2.key -subj "/CN=$account" -outform DER \
    -out rekey2.der
openssl base64 -A -in rekey2.der -out rekey2.b64
again 200 renewal rekey2.b64
keep rekey2
again 200 renewal rekey.b64
answered rekey
again 200 renewal rekey2.b64
answered rekey2
same_name user stolen
again 403 rekey stolen.b64
has 'another account' body
post 403 simplereenroll renewal.b64

# --- logon ---
# logon WANTED-STATUS VERDICT CURL-ARGUMENT...: under TLS 1.2 and 1.3.
logon() {
    logon_status=$1 verdict=$2
    shift 2
    for version in '--tlsv1.2 --tls-max 1.2' '--tlsv1.3'; do
        # shellcheck disable=SC2086 # two words
        ask "$logon_status" $version "$@" "$login/"
        has "X-Certenroll-Logon: $verdict" head
    done
}
with() { echo "--cert $1.pem --key $1.key"; }

for name in rsa p256 p384 p521 ed25519 rekey user; do
    logon 200 ok $(with $name)
    has "$account" body
done
has 'suzuki' body
ask 200 $(with user) -H 'Accept-Language: fr, ja;q=0.9, en;q=0.5' "$login/"
has '利用者ログオン' body
has '契約法人ID' body
for weights in 'en;q=0.25,ja;q=0.5 ja' 'ja;q=1e300,en;q=0.001 en' 'ja;q=0.5,en;q=1.001 ja' \
    'ja;q=0.999,en;q=1.000 en'; do
    ask 200 $(with user) -H "Accept-Language: ${weights% *}" "$login/"
    has "<html lang=\"${weights#* }\">" body
done
ask 200 $(with user) -H 'Accept-Language: ja' "$login/?lang=en"
has 'User logon' body
for field in 'Cache-Control: no-store' "Content-Security-Policy: default-src 'none'" \
    'Referrer-Policy: same-origin' 'Strict-Transport-Security: max-age=' \
    'X-Content-Type-Options: nosniff'; do
    has "$field" head
done

logon 403 none
has 'No certificate was presented' body
# A CA of the same name, and markup in the name of the holder.
run openssl req -x509 -new -nodes -newkey ed25519 -keyout false-ca.key -out false-ca.pem \
    -subj '/C=JP/O=Demo Bank/CN=Demo Bank Issuing CA'
run openssl req -new -nodes -newkey ed25519 -keyout foreign.key -out foreign.csr \
    -subj '/CN=<script>alert(1)<\/script>'
run openssl x509 -req -in foreign.csr -CA false-ca.pem -CAkey false-ca.key -out foreign.pem
logon 403 foreign $(with foreign)
has '&lt;script&gt;' body
grep -q '<script>alert' body && fail "markup from a certificate is in the page"
again 403 foreign renewal.b64
logon 403 unknown --cert ra/server.pem --key ra/server.key

# --- where a certificate is asked for, and by whom ---
for version in tls1_2 tls1_3; do
    for host in entry login est; do
        openssl s_client -connect "127.0.0.1:$port" -servername $host.localhost -$version \
            -CAfile "$ca" </dev/null >"$host.$version" 2>&1 || fail "TLS handshake with $host"
        has 'Verify return code: 0 (ok)' "$host.$version"
    done
    has 'No client certificate CA names sent' entry.$version
    grep -q 'Requested Signature Algorithms' entry.$version && fail "entry asks for a certificate"
    has 'Acceptable client certificate CA names' login.$version
    has 'Requested Signature Algorithms' est.$version
done
if openssl s_client -connect "127.0.0.1:$port" -servername login.localhost -tls1_1 \
    -cipher DEFAULT@SECLEVEL=0 </dev/null >old 2>&1; then
    fail "TLS 1.1 is spoken"
fi
ask 200 "$entry/"
ask 404 "$entry/none"
ask 405 -X POST -d x "$entry/"
ask 421 -H 'Host: login.localhost' "$entry/"
ask 404 -H 'Host: other.localhost' "$entry/"
ask 404 -k --resolve "other.localhost:$port:127.0.0.1" "https://other.localhost:$port/"

# --- the list of what was issued ---
serial() { openssl x509 -in "$1.pem" -noout -serial | cut -d= -f2; }
key_hash() {
    openssl x509 -in "$1.pem" -noout -pubkey | openssl pkey -pubin -outform DER |
        openssl dgst -sha256 -r | cut -d' ' -f1
}
# listed NAME STATE [REASON [PREDECESSOR]]: the one line about it, in both forms.
listed() {
    "$demo_ra" certificate list --dir ra >issued
    [ "$(grep -c "^$(serial "$1")" issued)" -eq 1 ] || fail "$1 is not listed once"
    before=-
    [ -z "${4-}" ] || before=$(serial "$4")
    [ "$(grep "^$(serial "$1")" issued | cut -f 3,6-8 | tr '\t' ' ')" = \
        "$(key_hash "$1") $2 ${3:--} $before" ] || { cat issued >&2; fail "$1 is listed otherwise"; }
    "$demo_ra" certificate list --dir ra --json >issued
    grep "\"serial\":\"$(serial "$1")\"" issued | grep -q "\"state\":\"$2\"" ||
        { cat issued >&2; fail "$1 is listed otherwise in JSON"; }
}
listed rsa valid
listed p256 superseded
listed renewal superseded - p256
listed rekey valid - renewal
listed rekey2 valid - renewal
cp ra/ra.sqlite before
[ "$("$demo_ra" certificate list --dir ra $account suzuki | wc -l)" -eq 1 ] ||
    fail "not one certificate of the user's"
[ "$("$demo_ra" certificate list --dir ra | wc -l)" -eq \
    "$("$demo_ra" certificate list --dir ra --json | grep -c '^{.*}$')" ] ||
    fail "the list differs from that in JSON"
cmp -s before ra/ra.sqlite || fail "listing changes the database"

# --- revocation ---
# revoke WANTED-STATUS NAME REASON CURL-ARGUMENT...
revoke() {
    wanted_revoke=$1
    openssl x509 -in "$2.pem" -outform DER | openssl base64 -A | tr '+/' '-_' | tr -d = >revoked.b64
    printf 'certificate=%s&reason=%s' "$(cat revoked.b64)" "$3" >form
    shift 3
    ask "$wanted_revoke" --data-binary @form "$@" "$est/.well-known/certenroll/revoke"
}
request lost -newkey ed25519
enrolled lost
request worn -newkey ed25519
enrolled worn
request other -newkey ed25519
enrolled other

# Nobody, a wrong password, a stranger with a password or a certificate; and none of it does harm.
revoke 401 lost keyCompromise
has 'WWW-Authenticate: Basic' head
revoke 401 lost keyCompromise -u "$account:wrong"
revoke 403 lost keyCompromise -u "$account suzuki:$password"
cp body not-yours
revoke 403 lost keyCompromise $(with user)
cmp -s body not-yours || fail "by password and by certificate the texts differ"
revoke 403 foreign keyCompromise -u "$account:$password"
cmp -s body not-yours || fail "the text tells a foreign certificate from another account's"
revoke 403 lost keyCompromise $(with foreign)
listed lost valid

# What is no such request.
revoke 400 lost cACompromise -u "$account:$password"
has 'privilegeWithdrawn' body
revoke 400 lost removeFromCRL -u "$account:$password"
revoke 400 lost '' -u "$account:$password"
# not_a_form BODY
not_a_form() {
    printf %s "$1" >form
    ask 400 --data-binary @form -u "$account:$password" "$est/.well-known/certenroll/revoke"
}
encoded=$(cat revoked.b64)
for form in '' "certificate=$encoded" 'reason=superseded' "$encoded" \
    "certificate=$encoded&reason=superseded&reason=superseded" \
    "certificate=$encoded&reason=superseded&more=1" "certificate=$encoded&reason=superseded&" \
    "certificate=$encoded=&reason=superseded" "certificate=+$encoded&reason=superseded" \
    "certificate=${encoded}AAAA&reason=superseded" 'certificate=&reason=superseded' \
    'certificate=AAAA&reason=superseded' 'certificate=A&reason=superseded'; do
    not_a_form "$form"
done
{ printf 'certificate=%s' "$encoded" && printf '\000' && printf '&reason=superseded'; } >form
ask 400 --data-binary @form -u "$account:$password" "$est/.well-known/certenroll/revoke"
ask 415 --data-binary @form -H 'Content-Type: text/plain' -u "$account:$password" \
    "$est/.well-known/certenroll/revoke"
ask 413 --data-binary @large -u "$account:$password" "$est/.well-known/certenroll/revoke"
ask 405 -u "$account:$password" "$est/.well-known/certenroll/revoke"
has 'Allow: POST' head
ask 404 --data-binary @form "$login/.well-known/certenroll/revoke"
listed lost valid

# By password; it is refused at once, and asking again does no harm nor changes the reason.
logon 200 ok $(with lost)
revoke 200 lost keyCompromise -u "$account:$password"
logon 403 revoked $(with lost)
post 403 simpleenroll lost.b64 -u "$account:$password"
listed lost revoked keyCompromise
revoke 200 lost superseded -u "$account:$password"
listed lost revoked keyCompromise
# By a certificate: another of the account's, then itself, then again as if the answer was lost.
revoke 200 worn cessationOfOperation $(with other)
logon 403 revoked $(with worn)
listed worn revoked cessationOfOperation
revoke 200 other superseded $(with other)
logon 403 revoked $(with other)
revoke 200 other superseded $(with other)
listed other revoked superseded
# A revoked certificate revokes no others.
revoke 403 rsa superseded $(with other)
has 'revoked' body
revoke 403 rsa superseded $(with lost)
listed rsa valid
# By the operator.
request lapsed -newkey ed25519
enrolled lapsed
run "$demo_ra" certificate revoke --dir ra --reason affiliationChanged "$(serial lapsed)"
logon 403 revoked $(with lapsed)
listed lapsed revoked affiliationChanged

# --- revoked, gone, out of time ---
run "$demo_ra" certificate revoke --dir ra "$(serial p384)"
listed p384 revoked unspecified
logon 403 revoked $(with p384)
same_name p384 revoked
again 403 p384 revoked.b64
post 403 simpleenroll p384.b64 -u "$account:$password"
has 'generate a new key' body
again 403 rekey revoked.b64
has 'generate a new key' body
run "$demo_ra" account remove --dir ra $account suzuki
logon 403 unknown $(with user)
post 401 simpleenroll user.b64 -u "$account suzuki:$password"

serve --clock-offset 40000000
logon 403 expired $(with rsa)
has 'expired' body
again 403 rekey rekey.b64
serve --clock-offset -40000000
logon 403 expired $(with rsa)
has 'not valid yet' body
serve --validity-days 3
logon 200 ok $(with rsa)
request short -newkey ed25519
enrolled short
run openssl x509 -in short.pem -noout -checkend 172800
openssl x509 -in short.pem -noout -checkend 345600 >/dev/null && fail "--validity-days 3 is longer"

# --- requests that wait ---
# waits FORM LEAST MOST: the answer is 202, and its Retry-After so many seconds away.
waits() {
    after=$(sed -n 's/^Retry-After: //Ip' head | tr -d '\r')
    case $1 in
    seconds) left=$after ;;
    date)
        [ "$(LC_ALL=C date -u -d "$after" '+%a, %d %b %Y %H:%M:%S GMT')" = "$after" ] ||
            fail "\"$after\" is no HTTP date"
        left=$(($(date -u -d "$after" +%s) - $(date -u +%s)))
        ;;
    esac
    if [ "$left" -lt "$2" ] || [ "$left" -gt "$3" ]; then
        fail "Retry-After: $after is $left seconds away"
    fi
}
# In the past, so that what is issued in the end is valid by the computer's clock.
serve --clock-offset -3600
request early -newkey ed25519
enrolled early
request patient -newkey ed25519
same_name early patient-again
serve --clock-offset -3600 --hold 3600
post 202 simpleenroll patient.b64 -u "$account:$password"
waits seconds 3590 3600
again 202 early patient-again.b64
waits seconds 3590 3600
enrolled early
# A restart does not make it wait anew.
serve --clock-offset -1800 --hold 3600 --retry-after date
post 202 simpleenroll patient.b64 -u "$account:$password"
waits date 1700 1800
again 202 early patient-again.b64
waits date 1700 1800
serve --clock-offset -1 --hold 3600 --retry-after seconds
request late -newkey ed25519
post 202 simpleenroll late.b64 -u "$account:$password"
waits seconds 3590 3600
serve --hold 3600
enrolled patient
again 200 early patient-again.b64
keep patient-again
post 200 simpleenroll patient.b64 -u "$account:$password"
answered patient
again 200 early patient-again.b64
answered patient-again
post 202 simpleenroll late.b64 -u "$account:$password"
serve
enrolled late

# --- calls that cannot be done ---
# unable WANTED-EXIT-STATUS ARGUMENT...: one line on stderr, and this exit status.
unable() {
    wanted=$1
    shift
    status=0
    timeout 60 "$demo_ra" "$@" </dev/null >out 2>err || status=$?
    [ $status -eq "$wanted" ] || { cat err >&2; fail "exit status $status, not $wanted: $*"; }
    [ "$(wc -l <err)" -eq 1 ] || { cat err >&2; fail "not one line: $*"; }
}
echo wrong-pin >wrong
unable 2
unable 2 nothing
unable 2 serve --dir ra --port 65536
unable 2 init --dir ra --ca-token pkcs11:token=bank --pin-source pin
unable 2 account add --dir ra --password-source password $account
unable 2 account add --dir ra --password-source password nobody user
unable 2 account add --dir ra --password-source password '<b>'
unable 2 account unlock --dir ra nobody
unable 2 certificate revoke --dir ra 00
unable 2 certificate revoke --dir ra --reason because "$(serial rsa)"
has 'privilegeWithdrawn' err
unable 2 certificate revoke --dir ra
unable 2 certificate list
unable 2 certificate list --dir ra nobody
unable 2 certificate nothing --dir ra
unable 3 certificate list --dir nowhere
unable 2 serve --dir ra --hold -1
unable 2 serve --dir ra --hold soon
unable 2 serve --dir ra --retry-after never
for command in 'init --dir other --ca-token pkcs11:token=bank --pin' 'serve --dir ra --pin' \
    'account add --dir ra --password'; do
    for value in ' 1234-secret' '=1234-secret'; do
        # shellcheck disable=SC2086 # several words
        unable 2 $command$value
        has "--${command##* --}-source" err
        grep -q 1234-secret err && fail "a secret is in the refusal"
    done
done
unable 3 account add --dir nowhere --password-source password $account
unable 3 serve --dir nowhere --pin-source pin
unable 3 serve --dir ra --pin-source nowhere
unable 3 serve --dir ra --pin-source pin --port "$port" --ready-file ready
[ -e ready ] || fail "a server that could not start took the ready file of another"
# Exit status 3 and not 5: before the token is opened.
unable 3 init --dir password --ca-token pkcs11:token=bank --module "$SOFTHSM2_MODULE" \
    --pin-source wrong
has 'no directory' err
unable 5 serve --dir ra --pin-source wrong
unable 4 init --dir other --ca-token pkcs11:token=nothing --module "$SOFTHSM2_MODULE" --pin-source pin

# typed WANTED-EXIT-STATUS KEYS: what becomes of "serve" when its PIN prompt is answered so.
typed() {
    wanted=$1 keys=$2 status=0
    : >typescript
    {
        for i in $(seq 200); do
            if grep -q PIN typescript; then break; fi
            sleep 0.05
        done
        # shellcheck disable=SC2059 # the format is the keys
        printf "$keys"
        sleep 1 # script types end-of-file behind it
    } | timeout 60 script -qefc "$demo_ra serve --dir ra" typescript >out 2>&1 || status=$?
    [ $status -eq "$wanted" ] || { cat out >&2; fail "exit status $status, not $wanted: $keys"; }
}
if command -v script >/dev/null; then
    typed 130 '\003'      # Ctrl-C
    typed 11 '12\004\004' # the input ends in the middle of a line
    typed 5 'wrong-pin\n'
fi

[ "$(find ra -name 'server.key' -perm 600)" ] || fail "the TLS key is readable by others"
grep -qF -e "$password" -e "$pin" server.log && fail "a secret is in the log"
kill $server
wait $server || fail "the RA did not end cleanly"
server=
[ ! -e ready ] || fail "the ready file was left behind"
