#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The PC's clock is behind the bank's: up to two minutes the bank's revocation list is of today all the
# same (the very second is tests/unit/test_crl.c's); past them the person is told, with both times.
# The other way, bank-tools-issuers.sh has the lists.
# shellcheck disable=SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util setsid
scratch_begin open
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/agent.sh"
. "$SOURCE_DIR/tests/support/agent_page.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
export TZ=Asia/Tokyo
cd "$scratch"
. "$SOURCE_DIR/tests/support/bank_tools.sh"
configure "$est" "$entry" "$ca"

# ahead SECONDS: the bank's clock is, and its next list is a new one: it takes an older one for another
# hour, but none that is of another day.
ahead() {
    bank_clock --offset -200000
    run curl -sS --max-time 60 --cacert "$ca" "$entry/crl" -o old.crl
    bank_clock --offset "$1"
}

# --- certenroll-corporate ---

corporate 0 get $with_pin --password-source corporate
for seconds in 60 119; do
    ahead $seconds
    corporate 0 get $with_pin --json
    says_not 'cannot be had' err
    is '.kept and .revoked == []'
done
ahead 125
corporate 0 get $with_pin --json
says 'revocation list of today cannot be had' err
says "the revocation list is not valid yet: it is of " err
says "by this computer's clock it is " err
is '.kept and .revoked == []'

# --- certenroll-agent ---

answers ok "pin $card_pin"
run "$demo_ra" account add --dir ra --password-source user "$corporation" two
bank_clock --reset
collected "$corporation" two
said "Done: the RA has confirmed the certificate \"$corporation two\"."
ahead 60
answers ok "pin $card_pin" ok
collected "$corporation" two
said "The certificate that is there stays."
grep -q 'can go on working: a new one is not needed.$' "$home/pinentry/asked" ||
    fail "it was asked otherwise: $(cat "$home/pinentry/asked")"

# --- revoked ---

for name in "$corporation" "$corporation two"; do
    run "$demo_ra" certificate revoke --dir ra "$(in_force "$name")"
done
answers ok "pin $card_pin"
collected "$corporation" two
said "The token also holds a certificate of this name that was revoked"
said "Done: the RA has confirmed the certificate \"$corporation two\"."
for seconds in 60 119; do
    ahead $seconds
    corporate 8 get $with_pin --password-source corporate
    says_not 'cannot be had' err
    says 'the certificate on the token has been revoked by the bank' err
    says '(R-103)' err
done
echo "revocation-clocks: two minutes are no matter, and more are told"
