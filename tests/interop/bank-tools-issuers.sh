#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll-corporate and certenroll-user, and certificates that are not theirs: of another name, by
# another CA, or on the revocation list of today. No password is sent for any of them.
# shellcheck disable=SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
export TZ=Asia/Tokyo
cd "$scratch"
. "$SOURCE_DIR/tests/support/bank_tools.sh"

both_collected

# --- another's certificate ---

# On a token that has the corporation's alone, a user is refused before anything is asked.
ends 6 setsid -w "$user_tool" logon $me --user-id user02 --password-source user
says "there is no certificate of \"$corporation user02\"" err
grep -q "it has those of .*\"$corporation user01\"" err || fail "the others are not told: $(cat err)"
# A certificate of the same name by another CA, with its key on the token.
softhsm_token other
on_other="--token pkcs11:token=other --module $SOFTHSM2_MODULE --pin-source pin"
run "$certenroll" csr $on_other --key-type p-256 --label x --subject "CN=$corporation" --out other.csr
run openssl req -x509 -new -nodes -newkey ed25519 -keyout false-ca.key -out false-ca.pem \
    -subj '/CN=Demo Bank Root CA'
printf 'extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n' >extensions
run openssl x509 -req -in other.csr -CA false-ca.pem -CAkey false-ca.key -out other.pem \
    -extfile extensions
run "$certenroll" install $on_other --trust-anchor false-ca.pem other.pem
bank_audit | grep -c logon- >before
corporate 6 logon --token pkcs11:token=other $with_pin --password-source corporate
says 'is not one of Demo Bank' err
corporate 6 users --token pkcs11:token=other
[ "$(bank_audit | grep -c logon-)" -eq "$(cat before)" ] || fail "a password was sent"

# issued NAME SUBJECT DAYS: a pair on that token, by that CA
issued() {
    run "$certenroll" csr $on_other --key-type p-256 --label "$1" --subject "$2" --out "$1.csr"
    run openssl x509 -req -in "$1.csr" -CA false-ca.pem -CAkey false-ca.key -days "$3" \
        -out "$1.pem" -extfile extensions
    run "$certenroll" install $on_other --trust-anchor false-ca.pem "$1.pem"
}
# A name is no part of a command unless it can be an ID.
issued odd "CN=$corporation \$(id)" 30
corporate 0 --for both --token pkcs11:token=other
says '--user-id USER' out
says_not 'id)' out

# --- the revocation list: of another bank, with that CA ---

mkdir www
run openssl req -new -nodes -newkey ed25519 -keyout www.key -out www.csr -subj /CN=localhost
echo subjectAltName=DNS:localhost >extensions.www
run openssl x509 -req -in www.csr -CA false-ca.pem -CAkey false-ca.key -out www.pem \
    -extfile extensions.www
(cd www && exec setpriv --pdeathsig KILL -- openssl s_server -accept localhost:0 -WWW \
    -cert ../www.pem -key ../www.key >../www.log 2>&1 </dev/null) &
background=$!
await $background grep -q '^ACCEPT' www.log || fail "openssl s_server: $(cat www.log)"
www="https://localhost:$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' www.log)"
cat >www.json <<END
{ "version": 1,
  "ras": [ { "name": "Other Bank", "entry": "$www", "login": "$www", "est": "$www",
             "trust_anchor": "$scratch/false-ca.pem" } ],
  "token": "pkcs11:token=other", "module": "$SOFTHSM2_MODULE" }
END
printf '[ca]\ndefault_ca=x\n[x]\ndatabase=index\ndefault_md=default\ndefault_crl_days=1\n' >ca.cnf
: >index
# listed REASON: "newer" is on the list of today.
listed() {
    : >index
    run openssl ca -config ca.cnf -cert false-ca.pem -keyfile false-ca.key -revoke newer.pem \
        -crl_reason "$1"
    run openssl ca -config ca.cnf -cert false-ca.pem -keyfile false-ca.key -gencrl -out list.pem
    run openssl crl -in list.pem -outform DER -out www/crl
}
get_other="$corporate_tool get --json --config www.json --corporate-id $corporation $with_pin"
issued newer "CN=$corporation" 60
# best FILE: the pair that is to be used has this certificate.
best() {
    is ".kept and .serial == \"$(openssl x509 -in "$1" -noout -serial | sed 's/.*=//' |
        tr '[:upper:]' '[:lower:]')\""
}

# Without a list nothing is held against anything; the person is told.
ends 0 setsid -w $get_other
says 'revocation list of today cannot be had' err
is '.revoked == []'
best newer.pem
listed keyCompromise
ends 0 setsid -w $get_other
says_not 'cannot be had' err
is '.revoked | length == 1'
best other.pem
# What is on hold is of no use now, and may be again.
listed certificateHold
ends 0 setsid -w $get_other
is '.revoked == []'
best other.pem
# A list that is no longer of today says nothing; nor does one by another key.
listed keyCompromise
run openssl ca -config ca.cnf -cert false-ca.pem -keyfile false-ca.key -gencrl -out list.pem \
    -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z
run openssl crl -in list.pem -outform DER -out www/crl
ends 0 setsid -w $get_other
says 'revocation list of today cannot be had' err
is '.revoked == []'
best newer.pem
# A PC's clock may be ahead of the bank's by two minutes (behind it: revocation-clocks.sh): the new list
# was due so many seconds ago.
due() {
    run openssl ca -config ca.cnf -cert false-ca.pem -keyfile false-ca.key -gencrl -out list.pem \
        -crl_lastupdate 20200101000000Z \
        -crl_nextupdate "$(date -u -d "-$1 seconds" +%Y%m%d%H%M%SZ)"
    run openssl crl -in list.pem -outform DER -out www/crl
    ends 0 setsid -w $get_other
}
for seconds in 60 100; do # the call may take a while
    due $seconds
    says_not 'cannot be had' err
    is '.revoked | length == 1'
    best other.pem
done
due 125
says 'revocation list of today cannot be had' err
says "a new one was due at " err
says "by this computer's clock it is " err
is '.revoked == []'
best newer.pem
run openssl req -x509 -new -nodes -newkey ed25519 -keyout impostor.key -out impostor.pem \
    -subj '/CN=Demo Bank Root CA'
run openssl ca -config ca.cnf -cert impostor.pem -keyfile impostor.key -gencrl -out list.pem
run openssl crl -in list.pem -outform DER -out www/crl
ends 0 setsid -w $get_other
is '.revoked == []'
best newer.pem
stop $background
background=
