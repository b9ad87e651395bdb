#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Another PC, another token: `replace` keeps a valid certificate that is there, enrols where there is
# none, and tells what is to be revoked or has it revoked; `revoke` does that for one certificate;
# `renew` and `rekey` put a new certificate in the place of the old one. What the RA's books say
# counts, not what the program does.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl script softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
cd "$scratch"
softhsm_token new

as_account="--user $account --password-source password"
# Of a name that a shell would not take as it stands: the commands that are told have it, too.
awkward="$scratch/it's\$1\"ca.pem"
cp "$ca" "$awkward"
ra="--url $est --trust-anchor $awkward"
# replace STATUS TOKEN OPTION...
replace() {
    wanted_status=$1 place=$2
    shift 2
    # shellcheck disable=SC2086 # words
    ends "$wanted_status" on "$place" replace $ra $as_account --subject CN=$account \
        --key-type p-256 "$@"
}
# serials TOKEN: of the pairs on it.
serials() {
    on "$1" list --json >list.json || fail "list: $(cat list.json)"
    jq -r '.entries[] | select(.state == "valid" or .state == "due") | .serial' list.json
}
count() { wc -w <<END
$*
END
}
# revoked SERIAL [REASON]: so it is in the RA's books.
revoked() {
    "$demo_ra" certificate list --dir ra >books
    grep -i "$1" books | grep -q "revoked.*${2:-}" || fail "$1 is not revoked (${2:-}): $(cat books)"
}
good() {
    "$demo_ra" certificate list --dir ra >books
    grep -i "$1" books | grep -qv revoked || fail "$1 is not good: $(cat books)"
}

# --- the first one, and the same card in another PC ---

replace 0 customer --json
is '.kept == false and .former == [] and .tell_operator and .state == "CONFIRMED"'
first=$(jq -r .serial out)
[ "$(serials customer)" = "$first" ] || fail "not the one pair: $(cat list.json)"

replace 0 customer
says 'a valid certificate is on the token and is kept' out
says "$first" out
replace 0 customer --json
is ".kept and .serial == \"$first\" and .former == [] and .state == \"valid\""
[ "$(serials customer)" = "$first" ] || fail "not the one pair: $(cat list.json)"

# --- anew on the same token ---

replace 0 customer --anew --json
is ".kept == false and (.former | length == 1) and .former[0].serial == \"$first\""
is '.former[0].revoked == false and (.former[0].command | startswith("certenroll revoke"))'
second=$(jq -r .serial out)
good "$first"
# The command that it tells does it.
jq -r '.former[0].command' out >told
sed "s|^certenroll|'$certenroll'|; s|\$| --yes --pin-source pin --password-source password|" told >told.sh
ends 0 sh told.sh
says revoked out
revoked "$first" superseded
good "$second"

# --- another token; the old one is still here ---

replace 2 new --old-token nonsense
replace 4 new --old-token pkcs11:token=absent
[ "$(count "$(serials new)")" -eq 0 ] || fail "it enrolled in spite of that: $(cat list.json)"
replace 0 new --old-token pkcs11:token=customer
says 'enrolled' out
says 'to be revoked:' out
says "$second" out
says "certenroll revoke" out
third=$(serials new)
good "$second"
replace 0 new --old-token pkcs11:token=customer --anew --revoke --json
is '.former | length == 3 and all(.revoked)'
fourth=$(jq -r .serial out)
revoked "$second" superseded
revoked "$third" superseded
good "$fourth"

# --- the old token is lost: its certificate as a file, or not even that ---

on customer show --label "$account" --pem >pems
openssl x509 -in pems -out lost.pem
softhsm_token fresh
replace 0 fresh
says "No former certificate was seen" out
says "CN=$account" out
fifth=$(serials fresh)
replace 0 fresh --anew --old-certificate lost.pem --json
is '.former | length == 2'
replace 3 fresh --anew --old-certificate nowhere.pem
replace 7 fresh --anew --old-certificate password

# The pair speaks for itself where there is no account.
# shellcheck disable=SC2086
ends 2 on fresh revoke $ra --yes
says '--id, --label or --certificate' err
# shellcheck disable=SC2086
ends 2 on fresh revoke $ra --label "$account" --reason whim
says 'no reason "whim"' err
# shellcheck disable=SC2086
ends 2 on fresh revoke $ra --label "$account" --yes
says 'several certificates match' err
id=$(jq -r ".entries[] | select(.serial == \"$fifth\") | .id" list.json)
# shellcheck disable=SC2086
ends 11 setsid -w "$certenroll" revoke --token pkcs11:token=fresh --module "$SOFTHSM2_MODULE" \
    --pin-source pin $ra --id "$id"
says 'no terminal' err
good "$fifth"
# shellcheck disable=SC2086
ends 0 on fresh revoke $ra --id "$id" --reason keyCompromise --yes --json
is ".serial == \"$fifth\" and .reason == \"keyCompromise\""
revoked "$fifth" keyCompromise
# A second time: that is no failure.
# shellcheck disable=SC2086
ends 0 on fresh revoke $ra $as_account --id "$id" --yes
openssl x509 -in lost.pem -noout -serial >serial
# shellcheck disable=SC2086
ends 2 "$certenroll" revoke $ra --certificate lost.pem --yes
says 'the RA wants to know who asks' err
# shellcheck disable=SC2086
ends 0 "$certenroll" revoke $ra $as_account --certificate lost.pem --yes
says revoked out
revoked "$(cut -d= -f2 serial)"

# in_force: how many certificates are.
in_force() {
    "$demo_ra" certificate list --dir ra >books
    grep "$account" books | grep -cv revoked || :
}
softhsm_token waiting
replace 0 waiting
used=$(serials waiting)
before=$(in_force)

# --- pending: the former one stays in use until then ---

ra_stop
ra_start --hold 3600
replace 10 waiting --anew --no-wait
says 'when the new one is there, not before' out
ends 0 "$certenroll" clean --yes --pin-source pin
says 'perhaps issued, and not revoked: a certificate of CN=' out
replace 10 waiting --anew --no-wait --revoke
says 'They are revoked when the new one is there' out
says 'certenroll resume --name' out
good "$used"
ends 10 "$certenroll" status
says 'to be revoked: serial number' out
says "$used" out
ra_stop
ra_start
# Given up: what the RA issues by now is revoked, the former one is not.
ends 0 "$certenroll" clean --yes --revoke --pin-source pin --password-source password
says 'taken back' out
says 'no longer to be revoked for it: serial number' out
! grep 'not revoked' out || fail "something is in force: $(cat out)"
good "$used"
[ "$(in_force)" -eq "$before" ] || fail "not as before: $(cat books)"

# --- cut off: the same command again goes on, and keeps the promise once ---

right=$as_account
as_account="--user nobody --password-source password"
replace 8 waiting --anew --revoke
as_account=$right
ra_stop
replace 9 waiting --anew --revoke
says 'going on with the enrolment' err
ra_start
replace 0 waiting --anew --revoke --json
is '.going_on.name and (.former | length == 1 and .[0].revoked)'
revoked "$used" superseded
[ "$(in_force)" -eq "$before" ] || fail "not one in the place of one: $(cat books)"
[ "$(count "$(serials waiting)")" -eq 2 ] || fail "not the old and the new one: $(cat list.json)"
[ "$(find state/certenroll -name '*.journal' -o -name '*.hold' | wc -l)" -eq 0 ] ||
    fail "something is left: $(find state/certenroll)"

# --- renew and rekey, with each way to retire ---

softhsm_token cycle
replace 0 cycle --json
old=$(jq -r .serial out) id=$(jq -r .id out)
# shellcheck disable=SC2086
ends 2 on cycle renew $ra --id "$id" --retire never
says '--retire "never"' err
# shellcheck disable=SC2086
ends 0 on cycle renew $ra --id "$id" --json
is ".id == \"$id\" and .serial != \"$old\""
says 'what it replaces is removed' err
renewed=$(jq -r .serial out)
[ "$(serials cycle)" = "$renewed" ] || fail "not the one certificate: $(cat list.json)"

# shellcheck disable=SC2086
ends 0 on cycle rekey $ra --id "$id" --json
is ".id != \"$id\" and .key_type == \"P-256\" and .label == \"$account\""
[ "$(count "$(serials cycle)")" -eq 1 ] || fail "not one pair: $(cat list.json)"
jq -e "[.entries[] | select(.id == \"$id\")] == []" list.json >jq.log || fail "the old key is there"

# shellcheck disable=SC2086
ends 0 on cycle rekey $ra --label "$account" --key-type rsa-2048 --retire keep --json
is ".key_type == \"RSA-2048\" and .label == \"$account\""
[ "$(count "$(serials cycle)")" -eq 2 ] || fail "not two pairs: $(cat list.json)"

id=$(jq -r '.entries[] | select(.key_type == "RSA-2048") | .id' list.json)
# shellcheck disable=SC2086
ends 0 on cycle rekey $ra --id "$id" --retire at-expiry --json
is '.state == "CONFIRMED" and (.retire_at | endswith("Z"))'
[ "$(count "$(serials cycle)")" -eq 3 ] || fail "not three pairs: $(cat list.json)"
# Its time has not come: that is told, is no failure, and needs no PIN.
ends 0 setsid -w "$certenroll" resume
says 'confirmed; the old one is retired on 20' out
ends 0 setsid -w "$certenroll" clean
says 'nothing to clean up' out
[ "$(count "$(serials cycle)")" -eq 3 ] || fail "not three pairs: $(cat list.json)"

# --- what was promised is kept: the RA is away between the proof and the revocation ---

softhsm_token promised
replace 0 promised --json
old=$(jq -r .serial out) id=$(jq -r .id out)
# shellcheck disable=SC2086
ends 0 on promised renew $ra --id "$id" --revoke --json
renewed=$(jq -r .serial out)
revoked "$old" superseded
good "$renewed"
# shellcheck disable=SC2086
ends 0 on promised rekey $ra --id "$id" --revoke --json
revoked "$renewed" superseded
good "$(jq -r .serial out)"
[ "$(count "$(serials promised)")" -eq 1 ] || fail "not one pair: $(cat list.json)"
# shellcheck disable=SC2086
ends 2 on promised replace $ra $as_account --subject CN=nobody --key-type p-256 --ca-names --anew \
    --revoke
says 'no certificate on the token has the subject CN=nobody' err

# One that the RA does not revoke: the new one is in use, what is left to do is told until somebody
# says that it is not to be done.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout foreign.key \
    -out foreign.pem -subj "/CN=$account" -days 9 -set_serial 0x5eed5eed5eed 2>openssl.log
replace 8 promised --anew --old-certificate foreign.pem --revoke
says enrolled out
says 'to be revoked:' out
says 'The certificate with the serial number 5eed5eed5eed, issued by CN=' err
says ': certenroll resume --name' err
ends 10 "$certenroll" status
says 'to be revoked: serial number 5eed5eed5eed' out
ends 10 "$certenroll" status --json
is '[.enrolments[] | select(.to_revoke)] | length == 1 and .[0].state == "CONFIRMED" and
    (.[0].to_revoke | map(.serial) == ["5eed5eed5eed"])'
promised=$(jq -r '.enrolments[] | select(.to_revoke) | .name' out)
ends 8 "$certenroll" resume --pin-source pin --password-source password --json
is '.enrolments[] | select(.to_revoke) | .result == "failed" and (.to_revoke | length == 1)'
ends 8 "$certenroll" clean --yes --pin-source pin --password-source password
says 'serial number 5eed5eed5eed' out
ends 10 "$certenroll" status
if terminal_is_there; then
    terminal_begin "'$certenroll' clean --pin-source pin --password-source password"
    types 'what it replaces' y
    types 'without a revocation' y
    terminal_end 0
    says 'nothing more is to be revoked for it' shown
    says 'not revoked: serial number 5eed5eed5eed' shown
else
    ends 0 "$certenroll" clean --yes --forget "$promised"
fi
ends 0 "$certenroll" status
