#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Enrolments that do not end in one go: the RA wants time (waited for, or left to `resume`), the
# certificate comes by hand another day, the RA is away, the program is killed while it waits; a
# journal that is torn hinders none of the others. At the end there is one pair and one certificate
# of each.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl script softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
cd "$scratch"
mkdir journal
token="--token pkcs11:token=customer --module $SOFTHSM2_MODULE --pin-source $scratch/pin"
home="--journal $scratch/journal"

# start LABEL OPTION...: the words of an enrolment by the account, beside those before it.
start() {
    label=$1
    shift
    # shellcheck disable=SC2086 # words
    ends "$wanted_status" "$certenroll" enroll $token $home --url "$est" --trust-anchor "$ca" \
        --user $account --password-source "${password:-password}" --subject CN=$account \
        --key-type p-256 --label "$label" --another "$@"
}
echo secret of somebody else >wrong-password # leaves an enrolment unfinished
resume() {
    wanted=$1
    shift
    # shellcheck disable=SC2086
    ends "$wanted" "$certenroll" resume $home --pin-source pin --password-source password "$@"
}

# pairs LABEL: how many pairs bear the label; refuses when anything lies about unpaired.
pairs() {
    # shellcheck disable=SC2086
    "$certenroll" list --json $token $home >list.json || fail "list: $(cat list.json)"
    jq -e '[.entries[] | select(.state | startswith("orphan")) ] == []' list.json >/dev/null ||
        fail "left behind: $(cat list.json)"
    jq --arg bears "$1" '[.entries[] | select(.label == $bears and .state == "valid")] | length' \
        list.json
}
journals() { find journal -name '*.journal' | wc -l; }
issued() { "$demo_ra" certificate list --dir ra | grep -c "$account" || :; }

# --- what makes no sense ---

resume 0
says 'no enrolment is unfinished' out
resume 0 --json
is '.enrolments == []'
resume 6 --name nobody
says 'there is no enrolment "nobody"' err
resume 2 --certificate x
says '--name is missing' err

# --- the RA wants time: --no-wait, and resume before and after it ---

# Long enough for what is looked at meanwhile, on a machine with other work, too.
ra_stop
ra_start --hold $((${SANITIZE:+10} + 6))
wanted_status=10
start later --no-wait --json
is '.state == "PENDING" and (.name | length > 0) and (.retry_at | endswith("Z"))'
name=$(jq -r .name out)
[ "$(journals)" -eq 1 ] || fail "no journal"
[ "$(stat -c %a journal/"$name".journal)" = 600 ] || fail "the journal is open to others"
! grep -aqF -e "$pin" -e "$(cat password)" journal/* || fail "a secret is in the journal"
# shellcheck disable=SC2086
"$certenroll" list $token $home >out
grep -Eq ' later .* unfinished ' out || fail "list does not mark it: $(cat out)"

start second --no-wait
says 'the RA has not decided yet' out
says "certenroll resume --name" out
resume 10 --no-wait
[ "$(grep -c 'come back at' out)" -eq 2 ] || fail "not both are pending: $(cat out)"
[ "$(pairs later)" -eq 0 ] || fail "a certificate before its time"

resume 0 --name "$name"
says 'waiting for the RA until' err
[ "$(grep -c 'waiting for the RA' err)" -le 2 ] || fail "it asks too soon: $(cat err)"
says "$name  CN=$account  enrolled" out
[ "$(pairs later)" -eq 1 ] || fail "not one pair: $(cat list.json)"
resume 0 --json
is '.enrolments | length == 1 and .[0].result == "done" and .[0].state == "CONFIRMED"'
is '.enrolments[0].not_after | length > 0'
[ "$(pairs second)" -eq 1 ] || fail "not one pair: $(cat list.json)"
[ "$(journals)" -eq 0 ] || fail "journals are left: $(ls journal)"
[ "$(issued)" -eq 2 ] || fail "the RA issued $(issued) certificates for 2 keys"

# --- waited for by enroll itself, with and without a terminal ---

wanted_status=0
start waited
says 'waiting for the RA until' err
says 'enrolled' out
[ "$(pairs waited)" -eq 1 ] || fail "not one pair: $(cat list.json)"
if terminal_is_there; then
    script -qec "'$certenroll' enroll $token $home --url $est --trust-anchor $ca --user $account \
        --password-source password --subject CN=$account --key-type p-256 --label shown \
        --another" shown \
        </dev/null >/dev/null || fail "on a terminal: $(cat shown)"
    says 'Ctrl-C ends the waiting' shown
    says 'left' shown
    [ "$(grep -ac 'waiting for the RA until' shown)" -eq 1 ] || fail "not in place: $(cat shown)"
else
    echo "certenroll-resume: NOT CHECKED: there are no terminals here" >&2
fi

# --- killed while it waits, for so long that it does wait here ---

ra_stop
ra_start --hold 3600

# shellcheck disable=SC2086
env --default-signal=INT "$certenroll" enroll $token $home --url "$est" --trust-anchor "$ca" \
    --user $account --password-source password --subject CN=$account --key-type rsa-2048 \
    --label killed --another >killed.out 2>killed.err &
background=$!
await $background grep -q 'waiting for the RA' killed.err || fail "it does not wait: $(cat killed.err)"
grep -q 'certenroll resume' killed.err || fail "no word of resume: $(cat killed.err)"
# Somebody else works on it: that is told, and breaks nothing.
resume 10 --no-wait
says 'failed: another' out
# shellcheck disable=SC2086
ends 0 "$certenroll" clean --yes $home --pin-source pin
says 'left as it is: another thread or process works on' out
kill -INT $background
status=0
wait $background || status=$?
background=
[ $status -eq 11 ] || fail "exit status $status instead of 11 after SIGINT"
says 'To go on: certenroll resume --name' killed.err
resume 10 --no-wait
says 'come back at' out
# shellcheck disable=SC2086
ends 0 "$certenroll" clean --yes $home --pin-source pin
says 'taken back' out
says "perhaps issued, and not revoked: a certificate of CN=$account" out
[ "$(pairs killed)" -eq 0 ] || fail "a pair is left: $(cat list.json)"
[ "$(journals)" -eq 0 ] || fail "journals are left: $(ls journal)"

# --- the RA is away ---

wanted_status=8 password=wrong-password
start away
says ": certenroll resume --name" err
[ "$(grep '^certenroll: ' err | grep -vc '^certenroll: The RA says: ')" -eq 1 ] || fail "not one line of an error: $(cat err)"
start away2 --json
is '.error.class == 8 and (.name | length > 0)'
password=
ra_stop
resume 9
[ "$(grep -c 'failed: ' out)" -eq 2 ] || fail "not both were tried: $(cat out)"
# Found out before a key is made: there is nothing to go on with.
wanted_status=9
start never
says_not "To go on" err
[ "$(journals)" -eq 2 ] || fail "a journal without an RA: $(ls journal)"
ra_start

# One that is torn among them: it is told, and the others come to their end.
head -c 200 "$(find journal -name '*.journal' | head -n 1)" >journal/torn.journal
resume 3 --json
is '[.enrolments[] | select(.result == "done")] | length == 2'
is '.enrolments[] | select(.name == "torn") | .result == "failed" and
    .error.status == "JOURNAL"'
[ "$(pairs away)" -eq 1 ] || fail "not one pair: $(cat list.json)"
[ "$(pairs away2)" -eq 1 ] || fail "not one pair: $(cat list.json)"
[ "$(journals)" -eq 1 ] || fail "journals are left: $(ls journal)"
resume 3
says torn out
rm journal/torn.journal

# --- by hand, over two days ---

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out hand.pem \
    -subj /CN=hand -days 90 -addext keyUsage=critical,keyCertSign 2>openssl.log
printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n' >client.ext
# shellcheck disable=SC2086
ends 10 "$certenroll" enroll --offline $token $home --trust-anchor hand.pem --subject CN=hand \
    --key-type p-256 --out request.pem --json
is '.state == "PENDING" and has("retry_at") == false'
name=$(jq -r .name out)
rm request.pem
# shellcheck disable=SC2086
ends 10 "$certenroll" enroll --offline --no-wait $token $home --trust-anchor hand.pem \
    --subject CN=never --key-type p-256
grep -q 'BEGIN CERTIFICATE REQUEST' out || fail "no request: $(cat out)"
says 'waits for its certificate' out
# shellcheck disable=SC2086
ends 10 "$certenroll" resume $home --pin-source pin
[ "$(grep -c 'waits for its certificate' out)" -eq 2 ] || fail "not both wait: $(cat out)"
resume 10 --name "$name" --out request.pem
says "certenroll resume --name $name --journal $scratch/journal --certificate FILE" out
openssl x509 -req -in request.pem -CA hand.pem -CAkey ca.key -days 60 -extfile client.ext \
    -out certificate.pem 2>openssl.log || fail "$(cat openssl.log)"
: >empty.pem
resume 7 --name "$name" --certificate empty.pem
resume 7 --name "$name" --certificate hand.pem
[ "$(pairs hand)" -eq 0 ] || fail "a wrong certificate was taken"
resume 0 --name "$name" --certificate certificate.pem
[ "$(pairs hand)" -eq 1 ] || fail "not one pair: $(cat list.json)"
# shellcheck disable=SC2086
ends 0 "$certenroll" clean --yes $home --pin-source pin
[ "$(journals)" -eq 0 ] || fail "journals are left: $(ls journal)"

# --- a PIN is for one token, a password for one account ---

softhsm_token other 9999-other
printf %s 9999-other >other-pin
wanted_status=8 password=wrong-password
start one
# shellcheck disable=SC2086
ends 8 "$certenroll" enroll --token pkcs11:token=other --module "$SOFTHSM2_MODULE" \
    --pin-source other-pin $home --url "$est" --trust-anchor "$ca" --user $account \
    --password-source wrong-password --subject CN=$account --key-type p-256
password=
resume 2
says '--pin-source is for one token' err
resume 0 --token pkcs11:token=customer --module "$SOFTHSM2_MODULE"
[ "$(grep -c enrolled out)" -eq 1 ] || fail "not the one on that token: $(cat out)"
ends 0 "$certenroll" resume --journal journal --pin-source other-pin --password-source password
[ "$(journals)" -eq 0 ] || fail "journals are left: $(ls journal)"

# --- without --journal: the user's state directory ---

home=
wanted_status=8 password=wrong-password
start nowhere
password=
[ "$(find state/certenroll -name '*.journal' | wc -l)" -eq 1 ] || fail "not in the state directory"
resume 0
[ "$(find state/certenroll -name '*.journal' | wc -l)" -eq 0 ] || fail "it is still there"

# --- the same command again ---

home="--journal $scratch/journal"
# again STATUS OPTION...: the same enrolment each time.
again() {
    wanted=$1
    shift
    # shellcheck disable=SC2086
    ends "$wanted" "$certenroll" enroll --token pkcs11:token=again --module "$SOFTHSM2_MODULE" \
        --pin-source pin $home --trust-anchor "$ca" --password-source "${password:-password}" \
        --subject CN=$account --key-type p-256 "$@"
}
# keys: how many are on that token, with a certificate or without.
keys() {
    on again list --json $home >list.json || fail "list: $(cat list.json)"
    jq "[.entries[] | select(.label == \"$account\") | .id] | unique | length" list.json
}
one() {
    [ "$(keys)" -eq 1 ] || fail "not one key: $(cat list.json)"
    [ "$(journals)" -le 1 ] || fail "more than one journal: $(ls journal)"
}
softhsm_token again
again 8 --url "$est" --user nobody
says_not 'going on' err
one
name=$(basename "$(find journal -name '*.journal')" .journal)
ra_stop
again 9 --url "$est" --user $account
says "going on with the enrolment $name, begun 20" err
one
# The address was wrong, and so is the account. What may be in force at the former one is told first.
again 9 --url https://est.localhost:1 --user nobody
says "going on with the enrolment $name" err
says "$est may have issued a certificate of CN=$account, for the key with the SHA-256" err
one
ra_start
again 8 --url "$est" --user nobody
one
again 0 --url "$est" --user $account --json
says "https://est.localhost:1 may have issued a certificate of CN=$account" err
says_not "$est may have issued" err
is ".going_on.name == \"$name\" and (.going_on.begun_at | endswith(\"Z\"))"
is '.former_urls | length == 1 and .[0].url == "https://est.localhost:1" and
    (.[0].key_sha256 | length == 64)'
one
[ "$(journals)" -eq 0 ] || fail "a journal is left: $(ls journal)"
[ "$(jq '[.entries[] | select(.state == "valid")] | length' list.json)" -eq 1 ] ||
    fail "not one pair: $(cat list.json)"

# A valid pair is told before a second one is made; with --another it is made.
again 6 --url "$est" --user $account
says "is on the token already: its CKA_ID is $(jq -r '.entries[] | select(.state == "valid") | .id' list.json)" err
again 6 --url "$est" --user $account --json
is '.error.status == "EXISTS" and .error.class == 6'
one
password=wrong-password
again 8 --url "$est" --user $account --another
again 8 --url "$est" --user $account --another
password=
says_not 'going on' err
[ "$(keys)" -eq 3 ] || fail "not beside the first: $(cat list.json)"
[ "$(journals)" -eq 2 ] || fail "not two journals: $(ls journal)"

# What dead programs have left beside the journals goes; the second comes to its end.
: >journal/0.lock
: >journal/0.journal.new
resume 0
[ "$(keys)" -eq 3 ] || fail "not three pairs: $(cat list.json)"
[ -z "$(ls journal)" ] || fail "something is left: $(ls journal)"
left=$(find state/certenroll -name '*.hold' -o -name '*.sent')
[ -z "$left" ] || fail "something is left: $left"
: >journal/1.lock
ends 0 "$certenroll" clean --yes $home --pin-source pin
[ -z "$(ls journal)" ] || fail "something is left: $(ls journal)"
