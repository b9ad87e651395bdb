#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is the card of tests/piv a PIV card? Asked by software that is not ours: Yubico's module and tool,
# and OpenSC's module. Its counters are those of the card, its memory outlives being pulled at any
# moment; how many commands (APDUs) each step takes is printed.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
. "$SOURCE_DIR/tests/support/namespace.sh"
. "$SOURCE_DIR/tests/piv/reader.sh"
in_namespace --mount "$piv_probe" "$@"
scratch_begin
cd "$scratch"
evidence=out

pin=123456 puk=12345678 serial=1000001 label="YubiKey PIV #1000001"
so_pin=010203040506070801020304050607080102030405060708 # the management key

run() { "$@" >out 2>&1 || fail "$*"; }
refused() { ! "$@" >out 2>&1 || fail "not refused: $*"; }
says() { grep -q -e "$1" out || fail "\"$1\" was not said"; }

ykcs11() { pkcs11-tool --module "$module" "$@"; }
opensc() { pkcs11-tool --module "$opensc_module" "$@"; }
as_so() { ykcs11 --login --login-type so --so-pin $so_pin "$@"; }
as_user() { ykcs11 --login --pin $pin "$@"; }

# What the card itself says, asked by Yubico's tool.
tries_are() {
    run yubico-piv-tool -a status
    says "PIN tries left:.*$1\$"
}

# cost WHAT COMMAND...: prints the commands to the card and the time it took.
cost() {
    what=$1 apdus=$(piv_apdus) from=$(date +%s%N)
    shift
    run "$@"
    to=$(date +%s%N)
    echo "$what: $(($(piv_apdus) - apdus)) APDUs, $(((to - from) / 1000000)) ms"
}

piv_reader
piv_insert card --serial $serial
module=$(library libykcs11.so)
opensc_module=$(library opensc-pkcs11.so)

cost "C_Initialize, slot list" ykcs11 --list-slots
says "token label *: $label\$"
says "serial num *: $serial\$"
tries_are 3

# A certificate of no matter whom: the card does not look into it.
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj "/CN=CA" -days 1 2>/dev/null

echo "to be signed" >data

# public_key ID KIND: into public.pem. ykcs11 2.2 shows the curve of EC keys by its parameters, once
# the process that generated them is gone; pkcs11-tool can show these, but not write all of them.
public_key() {
    ykcs11 --read-object --type pubkey --id "$1" -o public.der >out 2>&1 || {
        run ykcs11 --list-objects --type pubkey
        point=$(awk -v id="0$1" '/EC_POINT:/ { point = substr($2, 5) }
            $1 == "ID:" && $2 == id { print point }' out)
        printf 'asn1=SEQUENCE:key\n[key]\na=SEQUENCE:algorithm\nb=FORMAT:HEX,BITSTRING:%s
[algorithm]\na=OID:id-ecPublicKey\nb=OID:%s\n' "$point" "${2#EC:}" >public.cnf
        run openssl asn1parse -genconf public.cnf -noout -out public.der
    }
    case $2 in
    rsa:*) run openssl pkey -pubin -inform DER -in public.der -out public.pem ;;
    EC:*) run openssl ec -pubin -inform DER -in public.der -param_enc named_curve -out public.pem ;;
    esac
}

# certify: a certificate for public.pem into leaf.der.
certify() {
    run openssl req -new -key ca.key -subj "/CN=card holder" -out leaf.csr
    run openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -force_pubkey public.pem \
        -set_serial "0x$(openssl rand -hex 8)" -outform DER -out leaf.der
}

# verified WHO: the signature is that of public.pem.
verified() {
    openssl dgst -sha256 -verify public.pem -signature signature data >out 2>&1 ||
        fail "the signature by $1 is wrong"
    rm signature
}

mechanism_of() {
    case $1 in
    rsa:*) echo SHA256-RSA-PKCS ;;
    *) echo ECDSA-SHA256 ;;
    esac
}

# sign_with ID KIND [OPTION...]: by ykcs11.
sign_with() {
    id=$1 kind=$2
    shift 2
    ykcs11 "$@" --sign --mechanism "$(mechanism_of "$kind")" --signature-format openssl --id "$id" \
        --input-file data --output-file signature
}

# --- each kind of key: generated, certified, read back, used; and the same by OpenSC ---

for kind in rsa:2048 EC:secp384r1 EC:prime256v1; do
    cost "$kind: login, key generation" as_so --keypairgen --key-type $kind --id 1
    public_key 1 $kind
    certify
    cost "$kind: login, certificate write" as_so --write-object leaf.der --type cert --id 1
    run ykcs11 --read-object --type cert --id 1 -o read.der
    cmp leaf.der read.der || fail "the certificate is not the one that was written"
    cost "$kind: login, signature" sign_with 1 $kind --login --pin $pin
    verified "ykcs11, $kind"

    run opensc --read-object --type cert --id 1 -o read.der
    cmp leaf.der read.der || fail "OpenSC reads another certificate"
    cost "$kind: OpenSC: login, signature" opensc --login --pin $pin --sign --id 1 \
        --mechanism "$(mechanism_of $kind)" --signature-format openssl -i data -o signature
    verified "OpenSC, $kind"
done

# --- who may do what ---

refused sign_with 1 EC:prime256v1
refused as_user --keypairgen --key-type EC:prime256v1 --id 2
wrong=$(echo $so_pin | tr 1 9)
refused ykcs11 --login --login-type so --so-pin "$wrong" --keypairgen --key-type EC:prime256v1 --id 2
says CKR_PIN_INCORRECT
run as_so --keypairgen --key-type EC:prime256v1 --id 2
public_key 2 EC:prime256v1
run sign_with 2 EC:prime256v1 --login --pin $pin # the PIN each time
verified "slot 9c"

# sends APDU...: the card's status words, one after the other, into words. By a driver that asks the
# card nothing of its own in between.
sends() {
    # shellcheck disable=SC2046
    run opensc-tool --card-driver default $(printf ' --send-apdu %s' "$@")
    sed -n 's/^Received (SW1=0x\(..\), SW2=0x\(..\)).*/\1\2/p' out | tr '\n' ' ' >words
}
select=00a4040005a000000308
verify=0020008008313233343536ffff
sign_9c=0087119c267c2482008120$(openssl rand -hex 32)00
sends $select "$sign_9c" $verify "$sign_9c" "$sign_9c" $verify $select "$sign_9c"
[ "$(cat words)" = "9000 6982 9000 9000 6982 9000 9000 6982 " ] || fail "slot 9c: $(cat words)"

# Only the management key's owner generates and writes; one guess a challenge.
ask=0087039b047c02800000
guess=0087039b167c148008000000000000000081080000000000000000
generate=0047009a05ac0380011100
write=00db3fff095c035fc1055302ffff
sends $select $generate $write $guess $ask $guess $guess $generate $write
[ "$(cat words)" = "9000 6982 6982 6985 9000 6982 6985 6982 6982 " ] ||
    fail "the management key: $(cat words)"

# Key agreement.
run as_so --keypairgen --key-type EC:secp384r1 --id 3
public_key 3 EC:secp384r1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out peer.key
openssl pkey -in peer.key -pubout -outform DER -out peer.der
openssl pkeyutl -derive -inkey peer.key -peerkey public.pem -out agreed
run as_user --derive --mechanism ECDH1-DERIVE --id 3 --input-file peer.der --output-file secret
cmp agreed secret || fail "another secret was agreed on"

# --- the PIN's tries: one for each wrong one, whoever sends it; locked; unblocked by the PUK ---

run yubico-piv-tool "-k$so_pin" -a verify-pin -P $pin -a pin-retries --pin-retries 5 --puk-retries 3
tries_are 5
refused ykcs11 --login --pin 999999 --list-objects
says CKR_PIN_INCORRECT
tries_are 4
refused opensc --login --pin 999999 --list-objects
says CKR_PIN_INCORRECT
tries_are 3
run as_user --list-objects
tries_are 5
for left in 4 3; do
    refused ykcs11 --login --pin 999999 --list-objects
    tries_are $left
done
piv_pull
piv_insert card # with the tries it had
tries_are 3
for left in 2 1 0; do
    refused ykcs11 --login --pin 999999 --list-objects
    tries_are $left
done
refused as_user --list-objects
says CKR_PIN_LOCKED
refused yubico-piv-tool -a unblock-pin -P 00000000 -N 654321
refused as_user --list-objects
run yubico-piv-tool -a unblock-pin -P $puk -N 654321
tries_are 5
refused as_user --list-objects
tries_are 4
run yubico-piv-tool -a change-pin -P 654321 -N $pin
run as_user --list-objects

# --- pulled at any moment: the card is what it was before or after, never in between ---

# A wrong PIN is paid for, also when nobody hears the answer.
piv_pull
piv_insert card --pull-with 20
refused ykcs11 --login --pin 999999 --list-objects
piv_pulled
piv_insert card
tries_are 4
run as_user --list-objects

# The commands that write, of a key generation: the key, and ykcs11's own certificate for it. What
# was carried out is kept, though nobody heard of it; what was not is not.
public_key 1 EC:prime256v1
for pull in before:47 with:47 before:db with:db; do
    mv public.pem before.pem
    piv_pull
    piv_insert card --pull-${pull%:*} ${pull#*:}
    as_so --keypairgen --key-type EC:prime256v1 --id 1 >out 2>&1 || :
    piv_pulled
    piv_insert card
    public_key 1 EC:prime256v1
    if cmp -s public.pem before.pem; then
        [ $pull = before:47 ] || fail "the new key is lost: pulled $pull"
    else
        [ $pull != before:47 ] || fail "a key from nowhere"
    fi
    run sign_with 1 EC:prime256v1 --login --pin $pin
    verified "the card pulled $pull"
done

# --- another card, a small one ---

piv_pull
piv_insert other --serial 2000002 --memory 1000
run ykcs11 --list-slots
says "token label *: YubiKey PIV #2000002\$"
tries_are 3
refused ykcs11 --read-object --type cert --id 1 -o read.der
run as_so --keypairgen --key-type EC:prime256v1 --id 1
head -c 600 /dev/urandom >large
run yubico-piv-tool "-k$so_pin" -a write-object --id 0x5fff10 -f binary -i large
refused yubico-piv-tool "-k$so_pin" -a write-object --id 0x5fff11 -f binary -i large

# --- and the first one again ---

piv_pull
piv_insert card
run ykcs11 --list-slots
says "token label *: $label\$"
rm -f signature
public_key 1 EC:prime256v1
run sign_with 1 EC:prime256v1 --login --pin $pin
verified "the first card"

# Nothing secret in what the card says of itself.
! grep -v -E '^[0-9a-f]{2} [0-9a-f]{4} [0-9a-f]{4}$' piv/apdus || fail "more in the log than headers"
[ ! -s piv/card.log ] || fail "the card complained: $(cat piv/card.log)"
