#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Advice about enrolments, followed: what stopped them is put right, and by the printed command they
# come to their end or are given up. The journals' directory has a name that a shell would take apart.
# shellcheck disable=SC2086,SC2119,SC2154 # several words; what the kits set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl pkcs11-tool softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
cd "$scratch"
. "$SOURCE_DIR/tests/support/advice.sh"

journals="$scratch/it's here"
token="--token pkcs11:token=customer --module $SOFTHSM2_MODULE --pin-source $scratch/pin"
secrets="--pin-source $scratch/pin --password-source $scratch/password"
run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout foreign.key \
    -out foreign.pem -subj /CN=foreign -days 9

# certenroll COMMAND OPTION...: setsid, so that nobody can be asked.
tool() {
    command=$1
    shift
        setsid -w "$certenroll" "$command" $token --journal "$journals" "$@"
}
# first OPTION...: a first enrolment, by what is not said otherwise.
first() {
    for option in "--url $est" "--trust-anchor $ca" "--user $account" "--key-type p-256" \
        "--subject CN=$account"; do
        case " $* " in
        *" ${option%% *} "*) ;;
        *) set -- "$@" $option ;;
        esac
    done
    tool enroll "$@"
}
known="--password-source $scratch/password"
none_left() {
    [ -z "$(find "$journals" -name '*.journal')" ] || fail "journals are left: $(ls "$journals")"
}
last_id() { tool list --json | jq -r '[.entries[] | select(.state != "ca")][-1].id'; }
ids() { tool list --json | jq -r '[.entries[] | select(.state != "ca") | .id] | unique | length'; }

# --- nobody is there to ask for the password ---

fails 11 first
advises 'Start again when you are ready.'
by 'To go on: '
sh_helps 0 "$secrets"
none_left
fails 11 first --another
advises '%sTo go on: %s'
by 'To go on: '
sh_helps 0 "$secrets"
none_left

# --- a pair is there already ---

fails 6 first $known
advises 'Use it. Or have another'
helps 0 first $known --another
fails 6 first $known
by 'Or renew it: '
printed=$(printf '%s' "$printed" | sed "s|--id [0-9a-f]*|--id $(last_id)|; s|URL|$est|; s|FILE|$ca|")
sh_helps 0 "$token"
none_left

# --- what was wrong is said anew ---

fails 8 first $known --another --user nobody
advises 'Check the account and password'
by 'account was wrong: '
sh_helps 0 "$secrets --user $account"
none_left
fails 8 first $known --another --user nobody
advises '%sTo go on, %s: %s'
by 'account was wrong: '
sh_helps 0 "$secrets --user $account"
none_left

echo wrong >wrong-password
fails 8 first --another --password-source wrong-password
by 'account was wrong: '
sh_helps 0 "$secrets"
none_left

fails 9 first $known --another --url https://localhost:1
advises 'Check the connection and the RA'
helps 0 first $known --another
tool clean --yes $known >/dev/null
fails 9 first $known --another --tls-anchor foreign.pem
advises "Check the RA's address and the trust anchor"
helps 0 first $known --another
tool clean --yes $known >/dev/null

fails 7 first $known --another --subject CN=somebody
advises 'The certificate is kept. Where the CA decides'
by 'accept them: '
until_text '. Else'
sh_helps 0 "$secrets"
none_left
fails 7 first $known --another --subject CN=somebody
by 'accept them: '
until_text ' --ca-names'
sh_helps 0 "$secrets --subject CN=$account"
none_left
fails 7 first $known --another --subject CN=somebody
by 'give it up: '
sh_helps 0 "$secrets --yes"
none_left

fails 7 first $known --another --trust-anchor foreign.pem --tls-anchor "$ca"
advises 'The certificate is kept. Check with the CA'
by 'with that one: '
printed=$(printf '%s' "$printed" | sed "s|FILE|$ca|")
sh_helps 0 "$secrets"
none_left

# --- one that is not finished is in the way ---

softhsm_token fresh
token="--token pkcs11:token=fresh --module $SOFTHSM2_MODULE --pin-source $scratch/pin"
fails 11 first
fails 2 first $known --key-type p-384
advises 'Take it to its end: %s'
by 'Take it to its end: '
until_text '. Or give'
sh_helps 0 "$secrets"
none_left
fails 11 first --another
name=$(basename "$(find "$journals" -name '*.journal')" .journal)
id=$(sed -n 's/^id: //p' "$journals/$name.journal")
fails 10 tool remove --id "$id" --yes
by 'Or give it up: '
until_text '..'
printed=${printed%.}
sh_helps 0 "$secrets --yes"
none_left
[ "$(ids)" -eq 1 ] || fail "what was given up is on the token"

# --- its key is gone ---

fails 11 first --another
name=$(basename "$(find "$journals" -name '*.journal')" .journal)
id=$(sed -n 's/^id: //p' "$journals/$name.journal")
for type in privkey pubkey; do
    run pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label fresh --login --pin "$pin" \
        --delete-object --type $type --id "$id"
done
fails 6 tool resume --name "$name" $known
advises 'Give it up, then begin again'
by 'begin again: '
sh_helps 0 "$secrets --yes"
fails 0 first $known --another
none_left

# --- a journal that cannot be read ---

fails 11 first --another
journal=$(find "$journals" -name '*.journal')
cp "$journal" whole
head -c 200 whole >"$journal"
fails 3 tool resume $known
advises 'Restore the file from a backup.'
cp whole "$journal"
helps 0 tool resume $known
none_left
head -c 200 whole >"$journal"
fails 3 tool resume $known
by 'by hand: '
sh_helps 0 --yes
fails 0 tool resume $known
says 'no enrolment is unfinished' said

# with_sum FILE: the journal, whose last line is the sum of the others.
with_sum() {
    sed '$d' "$1" >unsummed
    { cat unsummed && printf 'sha256: %s\n' "$(sha256sum <unsummed | cut -d' ' -f1)"; } >summed
    cat summed >"$1"
}
fails 11 first --another
journal=$(find "$journals" -name '*.journal')
cp "$journal" whole
sed -i 's/^anchor: .*/anchor: AAAA/' "$journal"
with_sum "$journal"
fails 3 tool resume $known
advises 'Restore the file from a backup, or remove it and what'
cp whole "$journal"
helps 0 tool resume $known
none_left

# --- what is to be retired has no successor any more ---

softhsm_token single
fresh=$token
token="--token pkcs11:token=single --module $SOFTHSM2_MODULE --pin-source $scratch/pin"
fails 0 first $known
old=$(last_id)
fails 0 tool rekey --id "$old" --url "$est" --trust-anchor "$ca" --retire at-expiry
journal=$(find "$journals" -name '*.journal')
id=$(sed -n 's/^id: //p' "$journal")
sed -i 's/^retire-at: .*/retire-at: 2026-01-01T00:00:00Z/' "$journal"
with_sum "$journal"
for type in cert privkey pubkey; do
    run pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label single --login --pin "$pin" \
        --delete-object --type $type --id "$id"
done
fails 6 tool resume $known
advises 'Enrol again first. Or keep the old one'
by 'this enrolment alone: '
sh_helps 0 --yes
fails 0 tool resume $known
says 'no enrolment is unfinished' said
token=$fresh

# --- usages that the CA does not give ---

fails 7 first $known --another --eku codeSigning
advises 'The certificate is kept. Where its usages'
by 'by --eku or --key-usage: '
until_text '. Else'
sh_helps 0 "$secrets --eku clientAuth"
none_left

# --- which one ---

fails 6 tool resume --name nobody
advises 'Those that are unfinished are listed by'
by 'listed by: '
sh_helps 0 "$token"
says 'no enrolment is unfinished' said

fails 11 first --another
name=$(basename "$(find "$journals" -name '*.journal')" .journal)
fails 4 "$certenroll" resume --name "$name" --journal "$journals" $known \
    --token pkcs11:token=customer --module "$SOFTHSM2_MODULE" --pin-source pin
advises 'Insert the token that the enrolment was begun on.'
helps 0 tool resume --name "$name" $known
none_left

all_followed
