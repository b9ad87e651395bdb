#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/examples/collect.c, a program that is not ours as far as the component for RAs goes: it collects
# a certificate from the bank's page by a launch file, with prompts of its own; a person who refuses, a
# wrong PIN, a certificate that is there already. And the program shows no secret.
# shellcheck disable=SC2154 # what bank.sh and terminal.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl perl pkcs11-tool script softhsm2-util
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
cd "$scratch"
needs_terminal

# begin: the page's launch file, opened with the program; the page's Execute once it shows the number.
begin() {
    bank_launch page
    terminal_begin "$BUILD_DIR/docs/examples/example-collect $config $scratch/page.cenroll"
    terminal_shows "The page has to show "
    page_get page 200 "$entry/enrol"
    shown_number=$(sed -n 's/.*<output id="number"[^>]*>\([^<]*\)<.*/\1/p' page.page)
    terminal_shows "The page has to show $shown_number."
    page_post page 303 "$entry/enrol/execute" "number=$shown_number"
}

page_state() {
    browse page 200 page.state "$entry/enrol/state"
    jq -r .state page.state
}

# keys NAME: how many the token has.
keys() {
    pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label customer --login --pin "$pin" \
        --list-objects --type privkey 2>/dev/null | grep -c "label: *$1\$" || :
}

question="Put \"$corporation\" from Demo Bank on the token customer? [y/N] "
bank_entry page "$corporation"

# --- a person who does not agree ---

begin
types "$question" n
terminal_end 11
terminal_shows "you did not agree"
[ "$(page_state)" = failed ] || fail "the page says $(page_state)"
[ "$(keys "$corporation")" -eq 0 ] || fail "a key was made all the same"

# --- one who does, and mistypes the PIN ---

begin
types "$question" y
types "PIN of customer: " 0000-wrong
types "That was wrong. PIN of customer: " "$pin"
terminal_end 0
terminal_shows "Done: the RA has confirmed the certificate \"$corporation\"."
[ "$(page_state)" = confirmed ] || fail "the page says $(page_state)"
[ "$(keys "$corporation")" -eq 1 ] || fail "not one key"
bank_audit | grep -q "job-confirmed.*$corporation" || fail "the audit log lacks the confirmation"
if grep -aqF -e "$pin" -e "$(jq -r .code page.cenroll)" shown; then
    fail "a secret is on the terminal: $(cat shown)"
fi
find "$XDG_STATE_HOME" -name '*.journal' | grep -q . && fail "a journal is left"

# --- it is there already: kept where the program does not ask ---

run "$demo_ra" account add --dir "$scratch/ra" --password-source "$scratch/user" "$corporation" two
name="$corporation two"
journals=$XDG_STATE_HOME/certenroll

# collects TEXT: all of it, for user "two", to this end. A journal of the pair as it is before the RA's
# confirmation is heard is in `saved`, where there was one.
collects() {
    rm -f page.cookies
    bank_entry page "$corporation" two
    begin
    types "Put \"$name\" from Demo Bank on the token customer? [y/N] " y
    perl -e '
        my ($program, $journals, $saved) = @ARGV;
        while (kill 0, $program) {
            for my $file (glob "$journals/collect-*.journal") {
                open(my $in, "<", $file) or next;
                my $text = join "", <$in>;
                next unless $text =~ /^state: CONFIRMED/m;
                open(my $out, ">", $saved) or die;
                print $out $text;
                exit;
            }
            select(undef, undef, undef, 0.001);
        }' "$background" "$journals" "$scratch/saved" &
    saver=$!
    types "PIN of customer: " "$pin"
    terminal_end 0
    terminal_shows "$1"
    wait $saver
}

collects "Done: the RA has confirmed the certificate \"$name\"."
[ -s saved ] || fail "no journal was seen"
journal=$journals/$(sed -n 's/^name: //p' saved).journal
[ ! -e "$journal" ] || fail "a journal is left"
collects "The certificate that is there stays."
[ "$(page_state)" = failed ] || fail "the page says $(page_state)"

# --- the RA's confirmation was not heard ---

# While nobody can say whether the pair was revoked, nobody knows it to be confirmed.
cp saved "$journal"
cp "$config" good.json
jq '.ras[0].entry = "https://entry.localhost:1"' good.json >"$config"
collects "The certificate that is there stays."
[ -e "$journal" ] || fail "the journal of a pair that may not be confirmed is gone"
mv good.json "$config"
collects "The certificate that is there stays."
[ ! -e "$journal" ] || fail "the journal of a pair that is good has stayed"

# What the RA has revoked goes.
cp saved "$journal"
serial=$("$demo_ra" certificate list --dir "$scratch/ra" --json "$corporation" two |
    jq -r '[.. | .serial? // empty][0]')
run "$demo_ra" certificate revoke --dir "$scratch/ra" "$serial"
collects "Done: the RA has confirmed the certificate \"$name\"."
terminal_shows "An earlier attempt was broken off: what it left on the token is removed."
[ ! -e "$journal" ] || fail "a journal is left"
[ "$(keys "$name")" -eq 1 ] || fail "the revoked pair is still there"
echo "ra-component: collected by a program with prompts of its own"
