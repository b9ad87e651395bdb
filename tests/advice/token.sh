#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Advice about tokens and their PINs, followed: SoftHSM behind the shim, which is the card that is
# pulled, counts, fills up, lies or has a module that does not start. "#" in its control file is what
# follows: the card is put back, served, or another one.
# shellcheck disable=SC2086,SC2119,SC2154 # several words; what the kits set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl pkcs11-tool softhsm2-util
scratch_begin
cd "$scratch"
: >server.log
. "$SOURCE_DIR/tests/support/softhsm.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
. "$SOURCE_DIR/tests/support/advice.sh"

certenroll=$BUILD_DIR/tools/certenroll/certenroll
shim=$BUILD_DIR/tests/shim/certenroll-shim.so
softhsm_begin
pin=7391-first
export SHIM_MODULE="$SOFTHSM2_MODULE" SHIM_LOG="$scratch/calls" SHIM_CONTROL="$scratch/control"
: >calls
echo 7391-first >pin
echo 7391-other >other
echo 7391-wrong >wrong
echo 5678-officer >so
echo abc >short
the_token() { printf '%s\n' "$@" >control; }
the_token '#'
softhsm_token card

# card COMMAND OPTION...: on the token behind the shim. With --token or --pin-source it is by these.
card() {
    for option in "--token pkcs11:token=card" "--pin-source pin"; do
        case " $* " in
        *" ${option%% *} "*) ;;
        *) set -- "$@" $option ;;
        esac
    done
    setsid -w "$certenroll" "$@" --module "$shim"
}
more="--token pkcs11:token=card --module $shim"
keygen() { card keygen --key-type p-256 --label "$@"; }

# --- which token ---

fails 4 "$certenroll" list --module none.so --pin-source pin
advises "Check the PKCS#11 module's path"
helps 0 card list
fails 4 card list --token pkcs11:token=cart
advises 'Insert the token, or correct its URI'
fails 0 "$certenroll" tokens --module "$shim"
says 'pkcs11:' said
fails 4 card list --token pkcs11:token=cart
helps 0 card list
softhsm_token twin
fails 4 card list --token pkcs11:manufacturer=SoftHSM%20project
advises 'Name one token by its serial number'
serial=$("$certenroll" tokens --json --module "$shim" | jq -r '.tokens[] | select(.label == "card").serial')
helps 0 card list --token "pkcs11:serial=$serial"
fails 2 card list --token 'pkcs11:token=card?pin-value=7391-first'
advises 'Treat that PIN as seen by others'
helps 0 "$certenroll" list --module "$shim" --token "pkcs11:token=card?pin-source=$scratch/pin"

# --- a module that does not start ---

the_token 'fail C_Initialize 0x5'
fails 4 card list
advises 'The module is there: check its own configuration'
the_token '#'
helps 0 card list
the_token 'null C_DestroyObject'
fails 4 card list
advises "Ask the module's maker"
the_token '#'
helps 0 card list
the_token 'fail C_Initialize 0x7'
fails 4 card list
advises 'The module may need an init string, as'
the_token '#'
helps 0 card list

# --- the PIN ---

the_token 'pin-tries 3/3'
fails 5 card list --pin-source wrong
advises 'Check the PIN before you try again'
helps 0 card list
fails 5 card list --pin-source wrong
fails 5 card list --pin-source wrong
fails 5 card list
advises 'Make sure of the PIN; then give --allow-final-try'
helps 0 card list --allow-final-try
the_token 'flags +USER_PIN_LOCKED'
fails 5 card list
advises '\"certenroll token pin --unblock\" sets a new one'
quoted
sh_helps 0 "$more --so-pin-source so --new-pin-source pin"
the_token '#'
helps 0 card list
the_token 'flags -USER_PIN_INITIALIZED'
fails 5 card list
advises '\"certenroll token pin --unblock\" sets the first one'
quoted
sh_helps 0 "$more --so-pin-source so --new-pin-source pin"
the_token 'flags +USER_PIN_TO_BE_CHANGED'
fails 5 card list
advises '\"certenroll token pin\" changes'
quoted
sh_helps 0 "$more --pin-source pin --new-pin-source other"
the_token '#'
fails 0 card token pin --pin-source other --new-pin-source pin
fails 5 card token pin --new-pin-source short
advises "Check the PIN's length and characters."
helps 0 card token pin --new-pin-source pin
fails 2 setsid -w "$certenroll" token pin --module "$shim" --token "pkcs11:token=card?pin-source=$scratch/pin" \
    --new-pin-source pin
advises 'Leave it out, and give --pin-source.'
helps 0 card token pin --new-pin-source pin
the_token 'fail C_SetPIN 0x5 once'
fails 6 card token pin --new-pin-source pin
advises 'Some tokens answer so to a wrong PIN'
helps 0 card token pin --new-pin-source pin
fails 2 card list --pin 7391
advises 'Use %s, or let it be asked'
helps 0 card list

# What came with the token is SoftHSM's own tool; and whoever issued it initialises it anew.
unblock() {
    setsid -w "$certenroll" token pin --unblock $more --so-pin-source so --new-pin-source pin
}
the_token 'flags +SO_PIN_LOCKED'
fails 5 unblock
advises 'Ask whoever issued the token'
the_token '#'
run softhsm2-util --init-token --token card --label card --pin "$pin" --so-pin 5678-officer
helps 0 unblock
the_token 'fail C_Login 0xa4'
fails 5 unblock
advises 'The SO PIN is locked as well'
the_token '#'
helps 0 unblock
the_token 'fail C_InitPIN 0x54'
fails 6 unblock
advises 'Use the tool that came with the token.'
the_token '#'
run softhsm2-util --init-token --token card --label card --pin "$pin" --so-pin 5678-officer
helps 0 card list

# --- a token that is to be initialised ---

init() {
    setsid -w "$certenroll" token init --module "$shim" --label card --so-pin-source so \
        --new-pin-source pin --yes "$@"
}
fails 2 init --token pkcs11:token=card
advises 'Name an empty token, or give --erase'
helps 0 init --token pkcs11:token=card --erase
fails 11 setsid -w "$certenroll" token init $more --label card --so-pin-source so \
    --new-pin-source pin --erase
advises 'Give --yes'
helps 0 init --token pkcs11:token=card --erase
the_token 'fail C_InitPIN 0x5 once'
fails 6 init --token pkcs11:token=card --erase
advises 'The token is initialised and has no user PIN yet'
helps 0 unblock
helps 0 card list
empty=$("$certenroll" tokens --json --module "$shim" | jq -r '.tokens[] | select(.label == "").uri')
fails 6 card list --token "$empty"
advises '\"certenroll token init\" initialises it'
quoted
sh_helps 0 "--module $shim --token '$empty' --label empty --new-so-pin-source so --new-pin-source pin"
helps 0 card list --token pkcs11:token=empty

# --- keys ---

the_token 'fail C_GenerateKeyPair 0x5'
fails 6 keygen one
advises 'Try again; if it stays so'
the_token '#'
helps 0 keygen one
the_token 'fail C_GenerateKeyPair 0x70'
fails 6 keygen two
advises 'Choose another key type, or another token.'
the_token '#'
helps 0 keygen two
the_token 'fail C_GenerateKeyPair 0x31'
fails 6 keygen three
advises 'Remove objects that are no longer needed'
the_token '#'
id=$(card list --json | jq -r '[.entries[] | select(.label == "two")][0].id')
fails 0 card remove --id "$id" --yes
helps 0 keygen three
the_token 'fail C_FindObjectsInit 0x32'
fails 4 card list
advises 'Put the same token back'
the_token '#'
helps 0 card list
the_token 'fail C_DestroyObject 0x5' 'fail C_GetAttributeValue 0x5'
fails 6 keygen four
advises 'Where it is there, remove it'
the_token '#'
by 'remove it: '
sh_helps 0 "$more --pin-source pin --yes"
helps 0 keygen four
the_token 'flags +WRITE_PROTECTED'
fails 6 keygen five
advises 'Initialise the token or lift its write protection.'
the_token '#'
helps 0 keygen five
the_token 'lie generate-existing'
fails 6 keygen six
advises 'Nothing was removed. Have the token and its PKCS#11 module looked at, or use another token;'
the_token '#'
helps 0 keygen six
fails 6 card show --label six --token pkcs11:token=twin # it is on the other one
advises '\"certenroll list\" shows'
quoted
sh_helps 0 "$more --pin-source pin"
says six said
helps 0 card show --label six
fails 2 card keygen --key-type dsa --label seven
advises 'Choose rsa-2048'
helps 0 card keygen --key-type p-256 --label seven
fails 0 keygen seven
fails 2 card csr --label seven --subject CN=seven --out request.pem
advises 'Select one by --id.'
id=$(card list --json | jq -r '[.entries[] | select(.label == "seven")][0].id')
helps 0 card csr --id "$id" --subject CN=seven --out request.pem


# --- CKA_IDs, and keys that are not ours ---

fails 0 keygen eight --id beef
fails 6 keygen nine --id beef
advises 'Choose another CKA_ID'
helps 0 keygen nine --id beef01
foreign() {
    run pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label card --login --pin "$pin" "$@"
}
foreign --keypairgen --key-type EC:prime256v1 --id beef --label beside
fails 6 card remove --id beef --yes
advises 'Remove the one that is not wanted'
foreign --delete-object --type privkey --id beef --label beside
foreign --delete-object --type pubkey --id beef --label beside
helps 0 card remove --id beef --yes
foreign --keypairgen --key-type EC:prime256v1 --id beef02 --label loose --extractable
run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
    -subj /CN=CA -days 2
by_hand() {
    card enroll --offline --no-wait --trust-anchor ca.pem --subject CN=loose --key-type p-256 \
        --out request.pem "$@"
}
fails 6 by_hand --id beef02
advises 'Do not use this token for keys that must stay'
helps 10 by_hand --id beef02 --token pkcs11:token=twin

# --- a card has no room for a certificate as large as that ---

card csr --key-type p-256 --label large --subject CN=large --out large.csr >/dev/null
printf 'keyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n' >small.cnf
{ cat small.cnf && printf '1.3.6.1.4.1.55555.1=ASN1:UTF8String:%2500s\n' x | tr ' ' x; } >large.cnf
for size in large small; do
    run openssl x509 -req -in large.csr -CA ca.pem -CAkey ca.key -days 1 -extfile $size.cnf \
        -out $size.pem
done
the_token 'fail C_CreateObject 0x5'
fails 6 card install --trust-anchor ca.pem large.pem
advises 'Cards have room for certificates of 2 to 3 KB.'
the_token '#'
helps 0 card install --trust-anchor ca.pem small.pem

all_followed
