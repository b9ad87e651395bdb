# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# A smart card by PC/SC: the PIV card of tests/piv behind pcscd and Yubico's ykcs11. Its socket has a
# fixed place, so it gets a mount namespace of its own.

# shellcheck source=tests/piv/reader.sh
. "$SOURCE_DIR/tests/piv/reader.sh"

pin=123456
so_pin=010203040506070801020304050607080102030405060708 # the management key
puk=12345678
namespaces="--mount" probe=$piv_probe
token_counter="the card's memory"

token_start() {
    piv_reader
    piv_insert card --serial 1000001
    module=$(library libykcs11.so)
    uri="pkcs11:token=YubiKey%20PIV%20%231000001"
    reader_slot="YubiKey PIV #1000001"
}

# What the card keeps without power. (VERIFY without data tells no number while the PIN is verified.)
token_tries() { awk '$1 == "pin" { print $3 - $2 }' "$scratch/piv/card"; }

token_apdus() { piv_apdus; }

# By the PUK: the management key has no say in PINs.
token_unlock() {
    run yubico-piv-tool -a unblock-pin -P "$puk" -N "$pin"
}

# Slot 9c.
token_careful_key() {
    run pkcs11-tool --module "$module" --login --login-type so --so-pin "$so_pin" --keypairgen \
        --key-type EC:prime256v1 --id 2
    echo 02
}

token_cannot() {
    case $1 in
    "a fork logs out") echo "the module keeps its login over a fork" ;;
    "CA certificate"*) echo "a certificate has a place in a key's slot only" ;;
    "old key pair"*) echo "C_DestroyObject says CKR_OK to a private key and leaves it there" ;;
    "a key alone"*) echo "ykcs11 puts a certificate of its own beside a new key" ;;
    "enrol P-521") echo "PIV has P-256 and P-384 only" ;;
    "enrol Ed25519") echo "no CKM_EDDSA" ;;
    "Japanese label kept") echo "ykcs11 names objects after their slot" ;;
    "certificate of 60 KB") echo "an object has 3 KB at most" ;;
    esac
}
