#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll-agent killed before, within and after its system calls, the token living on; then the
# person starts again from the bank's page. At the end there is one pair, one certificate in force, and
# no file is left. Some points, and all of them with $FULL; SEED=N: others.
# shellcheck disable=SC2013,SC2046,SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl p11-kit pgrep softhsm2-util
test_name=kill-agent
without_sanitizers "it starts hundreds of programs"
scratch_begin open
world=bank
. "$SOURCE_DIR/tests/kill/world.sh"
. "$SOURCE_DIR/tests/support/agent.sh"
. "$SOURCE_DIR/tests/support/agent_page.sh"
card=$module
configure "$est" "$entry" "$ca"
sed -i "s|$SOFTHSM2_MODULE|$card|" "$home/ra.json"
cp "$kill_at_call" "$home/bin/"
chmod 755 "$home/bin/kill_at_call"
# p11-kit server lets in one user alone, and the agent keeps no P11_KIT_SERVER_ADDRESS: the person has
# another server, where p11-kit looks by itself.
mkdir -p "$home/run/p11-kit"
if [ -n "$drop" ]; then
    SOFTHSM2_CONF=$scratch/card/softhsm2.conf child p11-kit server --foreground --user nobody \
        --provider "$SOFTHSM2_MODULE" --name "$home/run/p11-kit/pkcs11" pkcs11:token=card
    await $child test -S "$home/run/p11-kit/pkcs11" || fail "p11-kit server does not start"
else
    ln -s "$scratch/p11-kit.socket" "$home/run/p11-kit/pkcs11"
fi
give "$home/run"
export XDG_STATE_HOME=$home/state
state=$home/state/certenroll

# begin: nobody has a certificate of this name.
users=0
begin() {
    anew
    users=$((users + 1))
    run "$demo_ra" account add --dir ra --password-source user $corporation u$users
}

# collect PREFIX...: from the page to the agent's end, in $ended.
has_a_number_or_ended() { number_is_shown || is_gone $background; }
collect() {
    answers ok "pin $pin" ok ok
    launch $corporation u$users
    rm -f "$agent_log"
    exec_agent "XDG_RUNTIME_DIR=$home/run" "$@" \
        "$home/bin/certenroll-agent" --config "$home/ra.json" "$home/x.cenroll" &
    background=$!
    await '' has_a_number_or_ended || fail "the agent neither shows a number nor ends"
    if number_is_shown; then
        page_get page 200 "$entry/enrol"
        page_post page 303 "$entry/enrol/execute" \
            "number=$(sed -n 's/.*<output id="number"[^>]*>\([^<]*\)<.*/\1/p' page.page)"
    fi
    ended=0
    wait $background 2>/dev/null || ended=$?
    background=
}

# over: the job of an agent that was killed. What was issued and not confirmed, the RA revokes after ten
# minutes.
page_is_revoked() { page_is revoked; }
over() {
    case $(state) in
    created | redeemed | executed)
        page_get page 200 "$entry/enrol"
        page_post page 303 "$entry/enrol/cancel"
        ;;
    issued)
        bank_clock --offset 660
        await '' page_is_revoked || fail "the certificate is not revoked"
        bank_clock --reset
        ;;
    esac
}

# one_case MOMENT NUMBER KIND
one_case() {
    lost='' doubled='' orphaned='' flaws=''
    begin
    collect "$home/bin/kill_at_call" $1 $2
    [ $ended -eq 137 ] || missed=$((missed + 1))
    over
    collect
    # What is there already may be kept.
    [ $ended -eq 0 ] || note lost "the agent again ended with $ended: $(tail -n 2 "$agent_log")"
    judge 1
    tally "agent killed $1 call $2 ($3), then begun again from the page"
}

begin
collect "$home/bin/kill_at_call" list "$home/state-calls"
[ $ended -eq 0 ] || fail "the agent, left alone, ended with $ended: $(cat "$agent_log")"
judge 1
[ -z "$flaws" ] || fail "the agent, left alone$flaws"
cp "$home/state-calls" calls
exist=$(every_point calls | wc -l)
if [ -n "${FULL-}" ]; then every_point calls; else some_points calls ${POINTS:-3}; fi >points
while read -r moment call kind <&3; do
    one_case $moment $call $kind
done 3<points
report "certenroll-agent killed at its system calls"
