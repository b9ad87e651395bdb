#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Advice of certenroll's commands, followed: what was missing is given, what was wrong is said
# otherwise, and the CA's operator, here OpenSSL, issues what was asked for.
# shellcheck disable=SC2086,SC2119,SC2154 # several words; what the kits set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
cd "$scratch"
. "$SOURCE_DIR/tests/support/advice.sh"

on_token="--token pkcs11:token=customer --module $SOFTHSM2_MODULE --pin-source $scratch/pin"
at_ra="--url $est --trust-anchor $ca --password-source password"
# tool COMMAND OPTION...: on the token, so that nobody can be asked.
tool() {
    command=$1
    shift
    setsid -w "$certenroll" "$command" $on_token "$@"
}
enrol p-256 one
enrol p-256 two
first_id() { tool list --json | jq -r '[.entries[] | select(.label == "one")][0].id'; }
one=$(first_id)

# --- what is given ---

fails 2 tool list --nonsense
advises '\"%s%s%s --help\" lists'
quoted
sh_helps 0
says '--days' said
asked="--subject CN=$account --key-type p-256 --another"
fails 2 tool enroll $asked --trust-anchor "$ca" --url "https://somebody:secret@${est#https://}"
advises 'Give the account by itself'
helps 0 tool enroll $asked $at_ra --user $account
echo nothing >nothing.pem
fails 7 tool enroll $asked --trust-anchor nothing.pem --url "$est" --user $account
advises "Give the CA's certificate as its operator published it"
helps 0 tool enroll $asked $at_ra --user $account
fails 3 tool enroll $asked --trust-anchor missing.pem --url "$est" --user $account
advises 'Look at the file or directory named'
helps 0 tool enroll $asked $at_ra --user $account
fails 8 tool enroll $asked --trust-anchor "$ca" --url "$est/.well-known/est/nowhere" --user $account \
    --password-source password
advises 'Check the EST address'
by 'one of them was wrong: '
sh_helps 0 "--url $est --pin-source pin --password-source password"

# --- revoking ---

fails 2 tool revoke --url "$est" --trust-anchor "$ca" --id "$one" --reason stolen --yes
advises 'Choose unspecified, keyCompromise'
helps 0 tool revoke --url "$est" --trust-anchor "$ca" --id "$one" --reason superseded --yes
fails 7 tool revoke $at_ra --user $account --certificate nothing.pem --yes
advises 'Give a certificate in PEM or DER.'
tool show --pem --label two >two.pem
helps 0 tool revoke $at_ra --user $account --certificate two.pem --yes
enrol p-256 twin
enrol p-256 twin
fails 2 tool revoke --url "$est" --trust-anchor "$ca" --label twin --yes
advises 'Select one by --id, or give it'
tool list --json | jq -r '.entries[] | select(.label == "twin") | .id' >twins
helps 0 tool revoke --url "$est" --trust-anchor "$ca" --id "$(head -n 1 twins)" --yes
tool show --pem --id "$(tail -n 1 twins)" >twin.pem
helps 0 tool revoke $at_ra --user $account --certificate twin.pem --yes

# --- one key made for nothing ---

fails 3 tool csr --key-type p-256 --label asked --subject CN=asked --out nowhere/request.pem
advises 'The new key %s stays on the token'
id=$(sed -n 's/.*The new key \([0-9a-f]*\) stays.*/\1/p' said)
helps 0 tool csr --id "$id" --subject CN=asked --out request.pem

# --- the CA's operator has sent something else ---

run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout hand.key \
    -out hand.pem -subj /CN=hand -days 90 -addext keyUsage=critical,keyCertSign
printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n' >client.ext
begin_by_hand() {
    fails 10 tool enroll --offline --no-wait --trust-anchor hand.pem --subject "CN=$1" \
        --key-type p-256 --out request.pem --json
    name=$(jq -r .name out)
}
begin_by_hand hand
by_hand() { tool resume --name "$name" --certificate "$@"; }
run openssl x509 -req -in request.pem -CA hand.pem -CAkey hand.key -days 60 -extfile client.ext \
    -out right.pem
fails 7 by_hand nothing.pem
advises "Ask the CA's operator; no certificate was written."
helps 7 by_hand hand.key
advises 'Give the certificate itself'
helps 0 by_hand right.pem
begin_by_hand late
cat >ca.cnf <<END
[ca]
default_ca = hand
[hand]
database = issued.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
[any]
commonName = supplied
END
: >issued.txt
echo 1000 >serial
run openssl ca -batch -notext -config ca.cnf -in request.pem -cert hand.pem -keyfile hand.key \
    -extfile client.ext -startdate 20200101000000Z -enddate 20210101000000Z -out late.pem
run openssl x509 -req -in request.pem -CA hand.pem -CAkey hand.key -days 60 -extfile client.ext \
    -out right.pem
fails 7 by_hand late.pem
advises 'The certificate is kept. Set this'
helps 0 by_hand right.pem

# --- an anchor of former times ---

run openssl req -new -key hand.key -subj /CN=hand -out hand.csr
printf 'basicConstraints=critical,CA:TRUE\n' >ca.ext
run openssl ca -batch -notext -config ca.cnf -selfsign -in hand.csr -keyfile hand.key \
    -extfile ca.ext -startdate 20200101000000Z -enddate 20210101000000Z -out former.pem
fails 7 tool enroll $asked --trust-anchor former.pem --tls-anchor "$ca" --url "$est" --user $account
advises "Set this computer's clock right"
helps 0 tool enroll $asked $at_ra --user $account

# --- which one ---

begun() { # USER: nobody can be asked for its password
    fails 11 tool enroll $asked --url "$est" --trust-anchor "$ca" --user "$1"
}
run "$demo_ra" account add --dir ra --password-source password $account suzuki
begun $account
begun "$account suzuki"
fails 2 "$certenroll" resume --pin-source pin --password-source password
advises 'Name one enrolment by --name.'
"$certenroll" status --json $on_token >status.json || :
for name in $(jq -r '.enrolments[].name' status.json); do
    helps 0 "$certenroll" resume --pin-source pin --password-source password --ca-names --name "$name"
done
softhsm_token other
begun $account
fails 11 setsid -w "$certenroll" enroll --token pkcs11:token=other --module "$SOFTHSM2_MODULE" \
    --pin-source pin $asked --url "$est" --trust-anchor "$ca" --user $account
fails 2 "$certenroll" resume --pin-source pin --password-source password
advises 'Name one of them by --token.'
helps 0 "$certenroll" resume $on_token --password-source password
helps 0 "$certenroll" resume --token pkcs11:token=other --module "$SOFTHSM2_MODULE" \
    --pin-source pin --password-source password

# --- somebody else is at it ---

ra_stop
ra_start --hold 3600
asked="--subject CN=$account --key-type p-256"
"$certenroll" enroll --token pkcs11:token=other --module "$SOFTHSM2_MODULE" --pin-source pin \
    --another $asked $at_ra --user $account >waiting.out 2>waiting.err &
background=$!
await $background grep -q 'waiting for the RA' waiting.err || fail "it does not wait: $(cat waiting.err)"
fails 10 "$certenroll" resume --pin-source pin --password-source password --no-wait
advises 'Wait until the other one has finished'
stop $background
background=
helps 10 "$certenroll" resume --pin-source pin --password-source password --no-wait
name=$(basename "$(find state/certenroll -name '*.journal')" .journal)
id=$(sed -n 's/^id: //p' "state/certenroll/$name.journal")
fails 0 "$certenroll" clean --yes --pin-source pin
softhsm_token empty
"$certenroll" enroll --token pkcs11:token=empty --module "$SOFTHSM2_MODULE" --pin-source pin \
    $asked $at_ra --user $account >waiting.out 2>waiting.err &
background=$!
await $background grep -q 'waiting for the RA' waiting.err || fail "it does not wait: $(cat waiting.err)"
fails 10 "$certenroll" enroll --token pkcs11:token=empty --module "$SOFTHSM2_MODULE" --pin-source pin \
    $asked $at_ra --user $account --journal elsewhere --no-wait
advises 'Wait until it has ended, then try again'
stop $background
background=
fails 0 "$certenroll" clean --yes --pin-source pin
helps 10 "$certenroll" enroll --token pkcs11:token=empty --module "$SOFTHSM2_MODULE" --pin-source pin \
    $asked $at_ra --user $account --journal elsewhere --no-wait
ra_stop
ra_start

# --- where journals are ---

mkdir open
chmod 777 open
fails 3 tool resume --journal open
advises "Take the others' right to write away"
chmod go-w open
helps 0 tool resume --journal open

# --- a list ---

batch() { tool batch $at_ra --another "$@"; }
printf 'subject,user\nCN=%s,%s\n' $account $account >list.csv
fails 2 batch list.csv
advises "Name a directory of this list's own"
helps 0 batch --journal batch list.csv
printf 'subject,key_type,user\nCN=%s,p-257,%s\n' $account $account >list.csv
fails 2 batch --journal batch2 list.csv
advises 'Nothing was started. Correct the list.'
printf 'subject,key_type,user\nCN=%s,p-384,%s\n' $account $account >list.csv
helps 0 batch --journal batch2 list.csv

# --- replacing ---

replace() { tool replace $at_ra --user $account --key-type p-256 --revoke "$@"; }
fails 2 replace --subject CN=nobody --ca-names --anew
advises 'Name the certificate that is to be revoked by --old-certificate'
enrol p-256 last
tool list --json | jq -r '[.entries[] | select(.label == "last")][0].id' >last
tool show --pem --id "$(cat last)" >last.pem
helps 0 replace --subject CN=nobody --ca-names --old-certificate last.pem

# One that another CA has issued: the RA does not revoke it. Its operator is told, and the person says
# so.
run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout foreign.key \
    -out foreign.pem -subj "/CN=$account" -days 9
fails 8 replace --subject CN=$account --anew --old-certificate foreign.pem
advises 'The certificate with the serial number %s, issued by %s, is still to be revoked. %s'
if terminal_is_there; then
    terminal_begin "'$certenroll' clean --pin-source pin --password-source password"
    types 'what it replaces' y
    types 'without a revocation' y
    terminal_end 0
    helps 0 tool resume
else
    echo "advice-tool: NOT CHECKED: there are no terminals here" >&2
    printf '%s\n' "$advice" >>followed
fi

# --- the machine ---

mkdir broken
cp "$(library libz.so.1)" broken/libcurl.so.4
again="--subject CN=$account --key-type p-256 --another $at_ra --user $account"
fails 3 env LD_LIBRARY_PATH="$scratch/broken" "$certenroll" enroll $on_token $again
advises 'Install libcurl with OpenSSL'
rm broken/libcurl.so.4
helps 0 env LD_LIBRARY_PATH="$scratch/broken" "$certenroll" enroll $on_token $again
: >file
fails 3 env XDG_STATE_HOME="$scratch/file" "$certenroll" enroll $on_token $again
advises 'Set XDG_STATE_HOME to a directory of your own.'
helps 0 env XDG_STATE_HOME="$scratch/state2" "$certenroll" enroll $on_token $again

all_followed
