#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The RA's clock and this computer's differ: a certificate that begins in a moment is waited for, one
# that begins later is kept and given up at will, and in no case is a second one asked for. The
# demo RA dates its certificates back by a minute.
# shellcheck disable=SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
cd "$scratch"

# ahead SECONDS: the RA's clock is.
ahead() { run "$demo_ra" clock --dir ra --offset "$1"; }
enroll() {
    on customer enroll --url "$est" --trust-anchor "$ca" --user $account --password-source password \
        --subject CN=$account --key-type p-256 --another "$@"
}
issued() { grep -c '] certificate [0-9A-F]* issued' server.log || :; }
issued_are() { [ "$(issued)" -eq "$1" ] || fail "$(issued) certificates were issued instead of $1"; }

ahead 65
ends 0 enroll
says 'not valid yet by this computer' err
says 'waiting' err
issued_are 1
ends 10 enroll --no-wait # whoever does not wait finds it kept
issued_are 2
name=$(basename "$(find state -name '*.journal')" .journal)
ends 0 on customer resume --name "$name"
issued_are 2

# Six minutes: more than a person sits through in a test. It is told until when.
ahead 420
ends 10 enroll --no-wait
issued_are 3
name=$(basename "$(find state -name '*.journal')" .journal)
ends 10 on customer resume --name "$name" --no-wait --password-source password
issued_are 3
ends 0 on customer clean --name "$name" --yes --revoke --password-source password
issued_are 3

# A day: no waiting helps, and the clock is named.
ahead 86400
ends 7 enroll
says "this computer's clock is" err
says "behind the RA's" err
issued_are 4
name=$(basename "$(find state -name '*.journal')" .journal)
ends 7 on customer resume --name "$name" --password-source password
issued_are 4
ends 0 on customer clean --name "$name" --yes --revoke --password-source password
grep -q 'revoked' server.log || fail "nothing was revoked: $(cat server.log)"

# The RA is behind: what it issues has begun.
ahead -360
ends 0 enroll
issued_are 5
[ -z "$(find state -name '*.journal')" ] || fail "journals are left: $(find state)"
echo "clocks: the RA ahead by 65 s, 7 minutes and a day, behind by 6 minutes: one certificate each"
