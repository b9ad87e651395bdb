#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `list` calls each thing on a token, what `status` ends with for a timer, and what `clean`
# takes away: what unfinished enrolments have left, nothing that anybody else has put there.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs certtool jq openssl pkcs11-tool script softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
cd "$scratch"
day=86400

# status_is STATUS OPTION...: without any PIN.
status_is() {
    wanted_status=$1
    shift
    ends "$wanted_status" setsid -w "$certenroll" status --module "$SOFTHSM2_MODULE" \
        --token pkcs11:token=customer "$@"
}
enroll() {
    label=$1
    shift
    # shellcheck disable=SC2086
    ends 0 on customer enroll --url "$est" --trust-anchor "$ca" --user $account --another \
        --password-source password --subject CN=$account --key-type p-256 --label "$label" "$@"
}
# mark LABEL: what `list` calls it.
mark() {
    on customer list --json >list.json || fail "list: $(cat list.json)"
    jq -r --arg bears "$1" '.entries[] | select(.label == $bears) | .state' list.json
}

# --- an empty token, no token, no such token ---

status_is 0
says 'no certificate is due or expired, and no enrolment is unfinished' out
status_is 0 --json
is '.certificates == [] and .enrolments == []'
ends 4 "$certenroll" status --module "$SOFTHSM2_MODULE" --token pkcs11:token=absent
status_is 2 --days soon
says '--days "soon"' err

# --- valid, due by --days, expired, and the pair that has taken its place ---

enroll long
[ "$(mark long)" = valid ] || fail "not valid: $(cat list.json)"
status_is 0
status_is 10 --days 400
says 'due' out
status_is 0 --days 0
on customer list --days 400 >out
grep -Eq ' long .* due +CN=' out || fail "list --days: $(cat out)"

# By the RA's clock a day and a bit ago, for two days: it ends within the day.
id=$(jq -r '.entries[] | select(.label == "long") | .id' list.json)
ends 0 on customer revoke --url "$est" --tls-anchor "$ca" --id "$id" --yes
run pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label customer --login --pin "$pin" \
    --delete-object --type cert --id "$id"
[ "$(mark long)" = orphan-key ] || fail "no orphan key: $(cat list.json)"
run pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label customer --login --pin "$pin" \
    --delete-object --type privkey --id "$id"
ra_stop
ra_start --validity-days 2 --clock-offset -$((day + 60))
enroll short
[ "$(mark short)" = due ] || fail "not due: $(cat list.json)"
status_is 10
says 'due' out
says "CN=$account" out
status_is 10 --json
is '.certificates | map(select(.state == "due" and .superseded == false)) | length == 1'
status_is 0 --days 0

# One that has run out is put there by other software: our own gates would not let it in.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
    -subj /CN=ca -days 400 2>openssl.log
on customer keygen --key-type rsa-2048 --label old --id 0b01 >out
on customer csr --id 0b01 --subject CN=old >old.csr
# issue YEAR NAME: NAME.der, for the key "old", until that year's end.
issue() {
    printf 'activation_date = "2020-01-01 00:00:00"\nexpiration_date = "%s-12-31 00:00:00"\n' "$1" >template
    certtool --generate-certificate --load-request old.csr --load-ca-certificate ca.pem \
        --load-ca-privkey ca.key --template template --outder --outfile "$2.der" 2>certtool.log ||
        fail "no certificate: $(cat certtool.log)"
}
put() {
    run pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label customer --login --pin "$pin" \
        --write-object "$@"
}
[ "$(mark old)" = orphan-key ] || fail "no orphan key: $(cat list.json)"
issue 2020 old
put old.der --type cert --id 0b01 --label old
[ "$(mark old)" = expired ] || fail "not expired: $(cat list.json)"
status_is 7
says 'expired' out
status_is 7 --json
is '.certificates | map(select(.state == "expired" and .superseded == false)) | length == 1'

# A valid one of the same name beside it: nobody needs to act on the old one.
issue $(($(date +%Y) + 1)) renewed
put renewed.der --type cert --id 0b01 --label renewed
[ "$(mark renewed)" = valid ] || fail "not valid: $(cat list.json)"
status_is 10 --json
is '.certificates | map(select(.state == "expired" and .superseded)) | length == 1'

openssl x509 -in ca.pem -outform DER -out other.der
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout lone.key -outform DER \
    -out lone.der -subj /CN=lone -days 400 -addext basicConstraints=CA:FALSE 2>openssl.log
put other.der --type cert --label other
put lone.der --type cert --id 0b02 --label lone
[ "$(mark other)" = ca ] || fail "no CA: $(cat list.json)"
[ "$(mark lone)" = orphan-certificate ] || fail "no orphan certificate: $(cat list.json)"

# Two keys under one ID, as other software makes them. (Private EC keys of SoftHSM do not say whose
# public key is theirs: such twins cannot be told apart, and are not listed.)
run pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label customer --login --pin "$pin" \
    --keypairgen --key-type RSA:2048 --id 0b01 --label twin
on customer list >out
grep -q 'orphan key, duplicate ID' out || fail "no duplicate ID: $(cat out)"
grep -q 'valid, duplicate ID' out || fail "no duplicate ID: $(cat out)"
[ "$(mark twin)" = orphan-key ] || fail "no orphan key: $(cat list.json)"
jq -e '[.entries[] | select(.duplicate_id)] | length >= 2' list.json >jq.log ||
    fail "no duplicate ID: $(cat list.json)"

# --- unfinished ---

echo secret of somebody else >wrong-password
# shellcheck disable=SC2086
ends 8 on customer enroll --url "$est" --trust-anchor "$ca" --user $account \
    --password-source wrong-password --subject CN=$account --key-type p-256 --label begun --another
ra_stop
[ "$(mark begun)" = unfinished ] || fail "not unfinished: $(cat list.json)"
status_is 10 --days 0
says 'enroll' out
status_is 10 --days 0 --json
is '.enrolments | length == 1 and .[0].unfinished and .[0].operation == "enroll"'
name=$(jq -r '.enrolments[0].name' out)

# Journals that cannot be read hinder neither list nor the certificates of status.
echo 'not a journal' >state/certenroll/broken.journal
status_is 3 --days 0 --json
is '.enrolments | map(select(.name == "broken")) | .[0].error.status == "JOURNAL"'
status_is 3 --days 0
says broken out
on customer list --journal /dev/null/none >out 2>err || fail "list without journals: $(cat err)"
grep -q ' begun ' out || fail "list without journals: $(cat out)"

# --- clean ---

ends 11 setsid -w "$certenroll" clean --pin-source pin
says 'there is no terminal to ask on' err
[ "$(mark begun)" = unfinished ] || fail "it was done all the same: $(cat list.json)"

if terminal_is_there; then
    # answer LINES: to the questions of clean, on a terminal.
    answer() {
        terminal_begin "'$certenroll' clean --pin-source pin"
        said=0
        for line; do
            said=$((said + 1))
            types 'y/N' "$line" $said
        done
        terminal_end 0
    }
    answer n ''
    says "$name" shown
    says "CN=$account" shown
    says 'What it has left on a token is not known' shown
    [ "$(grep -ac 'left as it is' shown)" -eq 2 ] || fail "an answer was not heeded: $(cat shown)"
    [ "$(mark begun)" = unfinished ] || fail "it was done all the same: $(cat list.json)"
else
    echo "certenroll-status: NOT CHECKED: there are no terminals here" >&2
fi

# Everything goes that the enrolment made, and nothing else.
on customer list --json >list.json
jq '[.entries[] | select(.label != "begun")] | sort_by(tojson)' list.json >before
ends 0 "$certenroll" clean --yes --pin-source pin --json
is '.journals | length == 2 and (map(.result) | sort == ["abandoned", "removed"])'
# The RA was away: whether it has heard of it, nobody knows.
is ".journals[] | select(.result == \"abandoned\") | .not_revoked | length == 1 and
    .[0].url == \"$est\" and .[0].subject == \"CN=$account\" and (.[0].key_sha256 | length == 64)"
[ -z "$(mark begun)" ] || fail "the key is still there: $(cat list.json)"
jq '.entries | sort_by(tojson)' list.json >after
cmp -s before after || fail "something else has changed: $(diff before after)"
ends 0 "$certenroll" clean
says 'there is nothing to clean up' out
[ "$(find state/certenroll -name '*.journal' | wc -l)" -eq 0 ] || fail "journals are left"

# A token that is lost: nothing is to be taken back from it, and its journal goes by name alone.
softhsm_token lost
ends 10 on lost enroll --offline --no-wait --trust-anchor "$ca" --subject CN=$account --key-type p-256
ends 10 "$certenroll" status --token pkcs11:token=lost --module "$SOFTHSM2_MODULE" --json
name=$(jq -r '.enrolments[0].name' out)
run softhsm2-util --delete-token --token lost
ends 4 "$certenroll" clean --yes --pin-source pin
ends 6 "$certenroll" clean --yes --forget nobody
says 'there is no enrolment "nobody"' err
ends 11 setsid -w "$certenroll" clean --forget "$name"
ends 2 "$certenroll" clean --yes --revoke --forget "$name"
ends 0 "$certenroll" clean --yes --forget "$name"
says 'the journal is removed' out
says "perhaps issued, and not revoked: a certificate of CN=$account, for the key with the SHA-256" out
says "tell this to the RA's operator" out
[ "$(find state/certenroll -name '*.journal' | wc -l)" -eq 0 ] || fail "the journal is left"

# --- a key pair that a token may have made for a call whose answer was lost ---

softhsm_token late
"$certenroll" tokens --module "$SOFTHSM2_MODULE" --json >out
serial=$(jq -r '.tokens[] | select(.label == "late") | .serial' out)
uri=$(jq -r '.tokens[] | select(.label == "late") | .uri' out)
# written ID: as a process writes it down that has sent the ID (lib/journal/sent_ids.c).
written() {
    mkdir -p state/certenroll/tokens
    file=state/certenroll/tokens/$(printf '\0\004late\0\020%s\0\004sent' "$serial" |
        openssl dgst -sha256 -r | cut -d' ' -f1).sent
    (
        umask 077
        printf 'certenroll-sent 1\nlabel: late\nserial: %s\nuri: %s\nmodule: %s\n%s %s\n' \
            "$serial" "$uri" "$SOFTHSM2_MODULE" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >"$file"
    )
}
[ ${#serial} -eq 16 ] || fail "another serial number than SoftHSM's: $serial"
id=0102030405060708090a0b0c0d0e0f1011121314
written $id
ends 10 "$certenroll" status --token pkcs11:token=late --module "$SOFTHSM2_MODULE"
says "$id" out
says 'A key generation was cut off there' out
ends 10 "$certenroll" status --token pkcs11:token=late --module "$SOFTHSM2_MODULE" --json
is ".unsettled | length == 1 and .[0].id == \"$id\" and .[0].token == \"late\" and
    .[0].token_serial == \"$serial\" and (.[0].since | endswith(\"Z\"))"
status_is 0 --days 0 --json
is '.unsettled == []'

# Nothing bears it yet: it may still come, so that it stays written down.
ends 0 "$certenroll" resume --pin-source pin --json
is '.leftovers == []'
[ -e "$file" ] || fail "it is forgotten"
on late keygen --key-type p-256 --label late --id $id >out
ends 0 "$certenroll" resume --pin-source pin
says 'token "late": key pairs and half objects that dead programs had left there, removed: 1' out
[ ! -e "$file" ] || fail "it is still written down: $(cat "$file")"
on late list --json >out
is '.entries == []'
ends 0 "$certenroll" status --token pkcs11:token=late --module "$SOFTHSM2_MODULE"
on late keygen --key-type p-256 --label late --id $id >out
written $id
ends 0 "$certenroll" clean --token pkcs11:token=late --module "$SOFTHSM2_MODULE" --pin-source pin --json
is '.journals == [] and (.leftovers | length == 1 and .[0].removed == 1 and .[0].token == "late")'
on late list --json >out
is '.entries == []'

# A PIN that may be another token's is tried on neither.
written $id
other=$(dirname "$file")/$(printf '%064d' 0).sent
sed 's/^label: late/label: other/' "$file" >"$other"
chmod 600 "$other"
ends 0 "$certenroll" resume --pin-source pin --json
is '.leftovers | length == 2 and all(.error.what == "--pin-source may be for another token")'
rm "$other"

# A token that is not there is passed over, and told.
run softhsm2-util --delete-token --token late
ends 0 "$certenroll" clean --pin-source pin --json
is '.leftovers | length == 1 and .[0].error.class == 4'
ends 0 "$certenroll" resume --pin-source pin
says 'token "late": what dead programs may have left there was not looked after' out
