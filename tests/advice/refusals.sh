#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Advice about an RA that says no or has no time, followed: what it wants is given, and its operator,
# who is the demo RA at the other address, mends the rest.
# shellcheck disable=SC2086,SC2119,SC2154 # several words; what the kits set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
cd "$scratch"
. "$SOURCE_DIR/tests/support/advice.sh"

on_token="--token pkcs11:token=customer --module $SOFTHSM2_MODULE --pin-source $scratch/pin"
tool() {
    command=$1
    shift
    setsid -w "$certenroll" "$command" $on_token "$@"
}
mkdir -p canned/answers
child "$BUILD_DIR/tests/interop/canned_ra" "$scratch/canned"
await "$child" test -e canned/port || fail "canned_ra: $(cat children.log)"
there="https://est.localhost:$(cat canned/port)"
# it_answers STATUS-LINE [FIELD [REASON]]: whatever it is asked.
it_answers() {
    reason=${3-}
    for path in simpleenroll cacerts revoke; do
        printf 'HTTP/1.1 %s\r\n%bContent-Type: text/plain\r\nContent-Length: %s\r\n\r\n%s' "$1" \
            "${2:+$2\\r\\n}" ${#reason} "$reason" >canned/answers/$path
    done
}
account_options="--user $account --password-source $scratch/password"
# canned [OPTION...]: an enrolment there.
canned() {
    tool enroll --subject CN=$account --key-type p-256 --another --trust-anchor "$ca" \
        --tls-anchor canned/ca.pem --url "$there" "$@"
}
# at_the_other BEGINNING TEXT [OPTION...]: the advice and the command behind the text, with the other
# address.
at_the_other() {
    advises "$1"
    by "$2"
    shift 2
    sh_helps 0 "--url $est --tls-anchor $ca --pin-source pin --password-source password $*"
}

# --- it says no ---

it_answers '400 Bad Request' '' 'This RA is closed.'
fails 8 canned $account_options
at_the_other "Ask the RA's operator about the reason given." 'one of them was wrong: '
it_answers '400 Bad Request'
fails 8 canned $account_options
at_the_other "Ask the RA's operator why" 'one of them was wrong: '
it_answers '500 Internal Server Error'
fails 8 canned $account_options
at_the_other "Try again later, or tell the RA's operator." 'address was wrong: '

# --- it wants to know who asks ---

fails 8 tool enroll --subject CN=$account --key-type p-256 --another --trust-anchor "$ca" --url "$est"
at_the_other 'Give the account that the RA' 'account was wrong: ' "--user $account"
it_answers '401 Unauthorized' 'WWW-Authenticate: Digest realm="here", nonce="1"'
fails 8 canned
at_the_other "Ask the RA's operator for an account" 'account was wrong: ' "--user $account"
it_answers '401 Unauthorized' 'WWW-Authenticate: Bearer'
fails 8 canned $account_options
at_the_other "Ask the RA's operator to ask for the account" 'account was wrong: '

# --- it has no time ---

id=$(tool list --json | jq -r '[.entries[] | select(.state == "valid")][0].id')
it_answers '503 Service Unavailable' 'Retry-After: 1'
fails 8 tool revoke --url "$there" --trust-anchor canned/ca.pem --id "$id" --yes
advises 'The RA is busy: try again at %s'
sleep 1 # as it says
it_answers '200 OK'
helps 0 tool revoke --url "$there" --trust-anchor canned/ca.pem --id "$id" --yes

mkdir batch
printf 'subject,user\nCN=%s,%s\nCN=second,%s\n' $account $account $account >list.csv
batch() { tool batch --another --ca-names --journal batch --trust-anchor "$ca" --password-source password list.csv "$@"; }
it_answers '503 Service Unavailable' 'Retry-After: 1'
fails 8 batch --url "$there" --tls-anchor canned/ca.pem --no-wait
advises 'Run the same batch again at %s.'
sleep 1 # as it says
helps 0 batch --url "$est" --tls-anchor "$ca"

all_followed
