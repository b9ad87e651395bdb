#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/examples/collect.c, a program that is not ours as far as the component for RAs goes: it collects
# a certificate from the bank's page by a launch file, with prompts of its own; a person who refuses, a
# wrong PIN, a certificate that is there already. And the program shows no secret.
# shellcheck disable=SC2154 # what bank.sh and terminal.sh set
set -eu
for tool in curl jq openssl pkcs11-tool script softhsm2-util; do
    command -v $tool >/dev/null || { echo "skipped: ra-component: no $tool"; exit 77; }
done
. "${SOURCE_DIR:?}/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
cd "$scratch"
terminal_is_there || { echo "skipped: ra-component: no terminal"; exit 77; }
LC_ALL=C.UTF-8
export LC_ALL

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

keys() {
    pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label customer --login --pin "$pin" \
        --list-objects --type privkey 2>/dev/null | grep -c "label: *$corporation\$" || :
}

question="Put \"$corporation\" from Demo Bank on the token customer? [y/N] "
bank_entry page "$corporation"

# --- a person who does not agree ---

begin
types "$question" n
terminal_end 11
terminal_shows "you did not agree"
[ "$(page_state)" = failed ] || fail "the page says $(page_state)"
[ "$(keys)" -eq 0 ] || fail "a key was made all the same"

# --- one who does, and mistypes the PIN ---

begin
types "$question" y
types "PIN of customer: " 0000-wrong
types "That was wrong. PIN of customer: " "$pin"
terminal_end 0
terminal_shows "Done: the RA has confirmed the certificate \"$corporation\"."
[ "$(page_state)" = confirmed ] || fail "the page says $(page_state)"
[ "$(keys)" -eq 1 ] || fail "not one key: $(keys)"
bank_audit | grep -q "job-confirmed.*$corporation" || fail "the audit log lacks the confirmation"
if grep -aqF -e "$pin" -e "$(jq -r .code page.cenroll)" shown; then
    fail "a secret is on the terminal: $(cat shown)"
fi
find "$XDG_STATE_HOME" -name '*.journal' | grep -q . && fail "a journal is left"

# --- it is there already: kept where the program does not ask ---

run "$demo_ra" account add --dir "$scratch/ra" --password-source "$scratch/user" "$corporation" two
rm -f page.cookies
bank_entry page "$corporation" two
question="Put \"$corporation two\" from Demo Bank on the token customer? [y/N] "
for end in "Done: the RA has confirmed" "The certificate that is there stays."; do
    begin
    types "$question" y
    types "PIN of customer: " "$pin"
    terminal_end 0
    terminal_shows "$end"
    again=${again-}x
    [ "$again" != x ] || bank_entry page "$corporation" two
done
[ "$(page_state)" = failed ] || fail "the page says $(page_state)"
echo "ra-component: collected by a program of its own prompts"
