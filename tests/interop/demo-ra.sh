#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo RA seen by curl and OpenSSL alone: what it issues, what it refuses and how it says so,
# who may log on, and where a client certificate is asked for.
# shellcheck disable=SC2046,SC2154 # $(with NAME) is several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl openssl softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
cd "$scratch"
. "$SOURCE_DIR/tests/support/est.sh"

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
foreign_certificate
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

est_end
