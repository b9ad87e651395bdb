#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bank's issuing CA alone as the trust anchor, not the root above it: what the bank has revoked
# is known to be revoked, and is kept neither by certenroll-agent nor by certenroll-corporate.
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

issuing=$scratch/ra/issuing-ca.pem
[ "$(openssl x509 -in "$issuing" -noout -subject | sed 's/^subject//')" != \
    "$(openssl x509 -in "$issuing" -noout -issuer | sed 's/^issuer//')" ] ||
    fail "that is no intermediate"
configure "$est" "$entry" "$issuing"
jq --arg a "$issuing" '.ras[0].trust_anchor = $a' "$config" >issuing.json
mv issuing.json "$config"

# revoke NAME [USER]: what the bank's books have of it in force
revoke() {
    for serial in $(in_force "$*"); do
        run "$demo_ra" certificate revoke --dir ra "$serial"
    done
}

# --- certenroll-agent ---

run "$demo_ra" account add --dir ra --password-source user "$corporation" two
answers ok "pin $card_pin"
collected "$corporation" two
said "Done: the RA has confirmed the certificate \"$corporation two\"."
answers ok "pin $card_pin" ok
collected "$corporation" two
said "The certificate that is there stays."
grep -q 'can go on working: a new one is not needed.$' "$home/pinentry/asked" ||
    fail "it was asked otherwise: $(cat "$home/pinentry/asked")"
revoke "$corporation two"
answers ok "pin $card_pin"
collected "$corporation" two
not_said "The token already holds a certificate of this name that is valid until"
said "The token also holds a certificate of this name that was revoked"
said "Done: the RA has confirmed the certificate \"$corporation two\"."

# --- certenroll-corporate ---

corporate 0 get $with_pin --password-source corporate
corporate 0 get $with_pin --json
says_not 'cannot be had' err
is '.kept and .revoked == []'
revoke "$corporation"
# It is not kept: a new one is asked for, which nobody has ordered.
corporate 8 get $with_pin --password-source corporate
says 'the certificate on the token has been revoked by the bank' err
says_not 'cannot be had' err
says '(R-103)' err
bank_clock --offset -1814400
run bank reissue "$corporation"
bank_clock --reset
corporate 0 get $with_pin --password-source corporate --json
says 'the certificate on the token has been revoked by the bank' err
is '.kept == false and (.revoked | length) == 1'
corporate 0 get $with_pin --json
is '.kept and (.revoked | length) == 1'
echo "revocation-anchor: what is revoked under an intermediate as the anchor is not kept"
