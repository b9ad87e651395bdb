#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo RA seen by curl and OpenSSL alone: who has which certificate revoked, and what such a one
# is still good for; accounts that are gone, and clocks that are wrong.
# shellcheck disable=SC2046,SC2154 # $(with NAME) is several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl openssl softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
cd "$scratch"
. "$SOURCE_DIR/tests/support/est.sh"

request rsa -newkey rsa:2048
request p384 -newkey ec -pkeyopt ec_paramgen_curve:P-384
request rekey -newkey ed25519
for name in rsa p384 rekey; do enrolled $name; done
same_name rekey rekey
request user -newkey ed25519
enrolled user "$account suzuki"
foreign_certificate
head -c 70000 /dev/zero >large

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

est_end
