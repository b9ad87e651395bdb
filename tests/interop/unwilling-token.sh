#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll on a token that counts PIN tries, is full, or cannot do what is asked (the shim in
# front of SoftHSM, which itself never locks and never fills up): one line, the right exit status,
# and not one try more than the person spent.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl softhsm2-util
scratch_begin
cd "$scratch"
evidence=err
. "$SOURCE_DIR/tests/support/softhsm.sh"

softhsm_begin
softhsm_token card 1234-card
export SHIM_MODULE="$SOFTHSM2_MODULE" SHIM_LOG="$scratch/calls" SHIM_CONTROL="$scratch/control"
shim=$BUILD_DIR/tests/shim/certenroll-shim.so
echo 1234-card >right
echo 4321-card >wrong

# the_token LINE...: what the shim is to do from now on.
the_token() {
   printf '%s\n' "$@" >control
   : >calls
}

# refused STATUS TEXT PIN-FILE COMMAND...: this exit status, this text in the one line on stderr.
refused() {
   wanted=$1 text=$2 pin=$3 status=0
   shift 3
   "$BUILD_DIR/tools/certenroll/certenroll" "$@" --module "$shim" --token pkcs11:token=card \
       --pin-source "$pin" >out 2>err </dev/null || status=$?
   [ $status -eq "$wanted" ] || fail "$*: exit status $status instead of $wanted"
   [ "$(grep -c '^certenroll: ' err)" -eq 1 ] || fail "$*: not one line on stderr"
   grep -qF -e "$text" err || fail "$*: the line does not say \"$text\""
}

# called FUNCTION TIMES
called() {
   times=$(grep -c "^$1 " calls || :)
   [ "$times" -eq "$2" ] || fail "$1 was called $times times instead of $2"
}

# left TRIES: the counter, as the shim keeps it.
left() {
   grep -q "^pin-tries $1/3" control || fail "not $1 tries left but $(cat control)"
}

the_token 'pin-tries 3/3'
refused 5 'since the last right one' wrong list
called C_Login 1
left 2
refused 5 'one try is left' wrong list
left 1

the_token 'pin-tries 1/3' # the last one is not spent, though the PIN is right
refused 5 'one PIN try left; it was not spent' right list
called C_Login 0
left 1
refused 5 'locked' wrong list --allow-final-try # now the person has agreed
called C_Login 1
left 0
: >calls
refused 5 'locked' right list --allow-final-try
called C_Login 0

the_token 'flags +USER_PIN_LOCKED'
refused 5 'locked' right list
called C_Login 0
the_token 'flags +USER_PIN_TO_BE_CHANGED'
refused 5 'must be changed' right list
called C_Login 0

the_token 'fail C_GenerateKeyPair 0x31' # CKR_DEVICE_MEMORY
refused 6 'CKR_DEVICE_MEMORY' right keygen --key-type p-256 --label full
the_token 'fail C_GenerateKeyPair 0x70' # CKR_MECHANISM_INVALID
refused 6 'Ed25519' right keygen --key-type ed25519 --label cannot
the_token 'fail C_GenerateKeyPair 0x80000123' # a vendor's own
refused 6 '0x80000123' right keygen --key-type p-256 --label vendor
the_token 'fail C_GenerateKeyPair 0x32' # CKR_DEVICE_REMOVED
refused 4 'CKR_DEVICE_REMOVED' right keygen --key-type p-256 --label gone

# Full when the certificate is to be written: the key pair is there already, nothing else.
the_token '#'
"$BUILD_DIR/tools/certenroll/certenroll" csr --module "$shim" --token pkcs11:token=card \
   --pin-source right --key-type p-256 --label late --subject CN=late --out request.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
   -subj /CN=CA -days 2 2>/dev/null
printf 'extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n' >leaf.cnf
openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -days 1 -extfile leaf.cnf \
   -out certificate.pem 2>/dev/null
the_token 'fail C_CreateObject 0x31'
refused 6 'CKR_DEVICE_MEMORY' right install --trust-anchor ca.pem certificate.pem
the_token '#'
"$BUILD_DIR/tools/certenroll/certenroll" list --json --module "$shim" --token pkcs11:token=card \
   --pin-source right >out 2>err
[ "$(jq '.entries | length' out)" -eq 1 ] || fail "a full token was changed"
[ "$(jq -r '.entries[0].state' out)" = orphan-key ] || fail "not the key alone: $(cat out)"

# Four enrolments that are to be taken back, and a wrong PIN for all of them: one try, also where the
# token does not count aloud.
the_token '#'
for name in a b c d; do
   status=0
   "$BUILD_DIR/tools/certenroll/certenroll" enroll --offline --no-wait --module "$shim" \
       --token pkcs11:token=card --pin-source right --trust-anchor ca.pem --subject CN=$name \
       --key-type p-256 --journal journals >out 2>err </dev/null || status=$?
   [ $status -eq 10 ] || fail "by hand: exit status $status instead of 10: $(cat err)"
done
the_token 'flags -USER_PIN_COUNT_LOW'
status=0
"$BUILD_DIR/tools/certenroll/certenroll" clean --yes --module "$shim" --journal journals \
   --pin-source wrong >out 2>err </dev/null || status=$?
[ $status -eq 5 ] || fail "clean with a wrong PIN: exit status $status"
called C_Login 1
echo "unwilling-token: no try wasted, nothing left behind"
