#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll-agent and the bank's pages, curl being the browser: from the launch file to the confirmed
# certificate on the card; keeping what is there; what is cancelled, raced for, broken off, revoked.
# shellcheck disable=SC2154 # what bank.sh, ra.sh and agent.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl perl softhsm2-util pkcs11-tool setsid
scratch_begin open
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/agent.sh"
. "$SOURCE_DIR/tests/support/agent_page.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
configure "$est" "$entry" "$ca"
cd "$scratch"

# How many objects of this kind the card has: "Certificate Object", "Private Key Object".
count() { card_objects | grep -c "^$1" || :; }
has_pairs() {
    [ "$(count 'Private Key Object')" -eq "$1" ] ||
        fail "not $1 keys: $(card_objects)"
    [ "$(card_objects | grep -c "label: *$name\$")" -ge $(($1 * 3)) ] || [ "$1" -eq 0 ] ||
        fail "not $1 pairs of $name: $(card_objects)"
}

# --- a corporation's first certificate ---

# witness.so tells who listens, from the beginning to the end: a program that does, and the agent.
cp "$BUILD_DIR/tests/interop/witness.so" "$home/bin/"
chmod 755 "$home/bin/witness.so"
listening=$home/bin/witness.so.seen
env LD_PRELOAD="$home/bin/witness.so" perl -MIO::Socket::INET \
    -e 'IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die'
grep -qx 'listen perl' "$listening" || fail "nobody would see the agent listen"
rm "$listening"

name=$corporation
answers ok "pin $card_pin"
launch "$corporation"
begin_agent LD_PRELOAD="$home/bin/witness.so"
comes "the agent shows no number" number_is_shown
execute
end_agent 0
said "The certificate is on the token."
said "Done: the RA has confirmed the certificate \"$corporation\"."
has_pairs 1
[ "$(cat "$listening")" = "loaded certenroll-agent" ] || fail "the agent listens: $(cat "$listening")"
[ ! -s "$home/pinentry/answers" ] || fail "not every question was asked"
page_is confirmed || fail "the page says $(state)"
page_get page 303 "$entry/enrol" # to the page that says that it is done
bank_audit >"$scratch/audit"
for event in redeemed executed issued confirmed; do
    grep -q "job-$event.*$corporation" "$scratch/audit" ||
        fail "the audit log lacks $event: $(cat "$scratch/audit")"
done
find "$home/state/certenroll" -name '*.journal' | grep -q . && fail "a journal is left"

# --- a launch file works once, and for one of two agents ---

agent "$home/x.cenroll" && fail "a launch file was used twice"
said "(R-108)"

run "$demo_ra" account add --dir "$scratch/ra" --password-source "$scratch/user" "$corporation" two
answers ok "pin $card_pin"
launch "$corporation" two
begin_agent
first=$background first_log=$agent_log
agent_log=$home/second.out
begin_agent
comes "neither agent is refused" grep -qs R-108 "$first_log" "$agent_log"
# Which of them was first is not ours to say.
if grep -q R-108 "$first_log"; then
    loser=$first
else
    loser=$background background=$first agent_log=$first_log
fi
status=0
wait "$loser" || status=$?
[ $status -eq 8 ] || fail "the second agent: exit status $status"
comes "the agent shows no number" number_is_shown
execute
end_agent 0
name="$corporation two"
card_objects | grep -q "label: *$name\$" || fail "no pair of $name: $(card_objects)"

# --- it is there already: kept, or not ---

answers ok "pin $card_pin" ok
before=$(card_objects)
collected "$corporation" two
said "The token already holds a certificate of this name that is valid until"
said "The certificate that is there stays."
[ "$(card_objects)" = "$before" ] || fail "the card has changed"
page_is failed || fail "the page says $(state)"
bank_audit | grep "job-failed.*$name" | grep -q CANCELLED || fail "the bank was not told"
grep -q 'SETDESC .*can go on working: a new one is not needed.$' "$home/pinentry/asked" ||
    fail "it was asked otherwise: $(cat "$home/pinentry/asked")"
answers ok "pin $card_pin" cancel
launch "$corporation" two
begin_agent
comes "the agent shows no number" number_is_shown
execute
end_agent 11
[ "$(card_objects)" = "$before" ] || fail "the card has changed"
answers ok "pin $card_pin" no
collected "$corporation" two
said "Done: the RA has confirmed the certificate \"$name\"."
[ "$(count 'Private Key Object')" -eq 3 ] || fail "not 3 keys: $(card_objects)"

# Revoked: not offered.
"$demo_ra" certificate list --dir "$scratch/ra" --json "$corporation" two |
    jq -r '.. | .serial? // empty' >"$scratch/serials"
while read -r serial; do
    "$demo_ra" certificate revoke --dir "$scratch/ra" "$serial" >/dev/null 2>&1 || :
done <"$scratch/serials"
answers ok "pin $card_pin"
collected "$corporation" two
said "The token also holds a certificate of this name that was revoked"
said "Done: the RA has confirmed"

# --- cancelled, ended ---

answers
launch "$corporation" two
begin_agent
comes "the agent shows no number" number_is_shown
page_post page 303 "$entry/enrol/cancel"
end_agent 11
said "it was cancelled on the bank's page"

again
begin_agent
comes "the agent shows no number" number_is_shown
kill "$background"
end_agent 11
said "the agent was ended"
page_is failed || fail "the page says $(state)"

# A newer launch file ends the one before.
again
begin_agent
comes "the agent shows no number" number_is_shown
page_get page 200 "$entry/enrol"
bank_launch page
end_agent 11

# --- without pinentry: on a terminal ---

run "$demo_ra" account add --dir "$scratch/ra" --password-source "$scratch/user" "$corporation" tty
jq -c 'del(.pinentry)' "$home/ra.json" >"$home/console.json"
chmod 644 "$home/console.json"
give "$home/console.json"
if terminal_is_there; then
    launch "$corporation" tty
    terminal_begin "setpriv $(person_words) '$home/bin/certenroll-agent' \
        --config '$home/console.json' --hold '$home/x.cenroll'"
    terminal_shows 'The number on the page must be this one'
    page_get page 200 "$entry/enrol"
    page_post page 303 "$entry/enrol/execute" "number=$(sed -n \
        's/.*<output id="number"[^>]*>\([^<]*\)<.*/\1/p' "$scratch/page.page")"
    types 'Put it on the token? [y/N]' y
    types 'PIN: ' wrong-pin
    types 'PIN: ' "$card_pin" 2
    types 'Press Enter' ''
    terminal_end 0
    terminal_shows "Done: the RA has confirmed the certificate \"$corporation tty\"."
    ! grep -aq -e wrong-pin -e "$card_pin" shown || fail "a PIN is shown"
else
    echo "agent-flow: there are no terminals here: the console was left out"
fi

# --- the RA dies and comes back while the agent waits ---

answers ok "pin $card_pin" no
launch "$corporation" two
begin_agent
comes "the agent shows no number" number_is_shown
kill -KILL "$server"
wait "$server" || :
server=
comes "the agent does not notice" grep -q "The RA cannot be reached; trying again." "$agent_log"
ra_start
execute
end_agent 0
said "Done: the RA has confirmed"

# --- killed anywhere ---
# By a library that ends the agent before the Nth change of the journals' directory. What was issued
# and not confirmed the RA revokes after ten minutes; whatever is left on the card, the next run
# gets on with it.

run "$demo_ra" account add --dir "$scratch/ra" --password-source "$scratch/user" "$corporation" dead
name="$corporation dead"
keys=$(count 'Private Key Object')
cp "$BUILD_DIR/tests/shim/certenroll-crash-points.so" "$home/bin/"
chmod 755 "$home/bin/certenroll-crash-points.so"

number_is_shown_or_dead() { number_is_shown || ! kill -0 "$background" 2>/dev/null; }

# Kills one there: $ended_in is the job's state by then, which is over afterwards.
kill_at() {
    answers ok "pin $card_pin" no
    launch "$corporation" dead
    begin_agent LD_PRELOAD="$home/bin/certenroll-crash-points.so" \
        CRASH_JOURNALS="$home/state/certenroll" CRASH_POINT="journal before $1"
    comes "the agent shows no number" number_is_shown_or_dead
    if number_is_shown; then execute; fi
    end_agent 137
    ended_in=$(state)
    case $ended_in in
    created | redeemed | executed)
        page_get page 200 "$entry/enrol"
        page_post page 303 "$entry/enrol/cancel"
        ;;
    issued)
        bank_clock --offset 660
        comes "the certificate is not revoked" page_is revoked
        bank_clock --reset
        ;;
    confirmed) ;;
    *) fail "the page says $ended_in" ;;
    esac
}
objects() { card_objects | grep -c "label: *$name\$" || :; }

seen=
point=22 step=3
until case $seen in *confirmed*) true ;; *) false ;; esac do
    [ $point -le 150 ] || fail "the agent is never killed at the end: $seen"
    kill_at $point
    last=$ended_in-$(objects)
    seen="$seen $last"
    [ "$last" != issued-3 ] || step=1
    point=$((point + step))
done
for kind in executed-0 executed-2 issued-2 issued-3 confirmed-3; do
    case $seen in *$kind*) ;; *) fail "no kill left $kind: $seen" ;; esac
done
[ "$(count 'Private Key Object')" -eq $((keys + 1)) ] || fail "more than one key is left: $seen"

# The RA had heard of the last one, and its certificate is as good as any.
answers ok "pin $card_pin" ok
collected "$corporation" dead
said "The certificate that is there stays."
[ "$(objects)" -eq 3 ] || fail "not one pair: $(card_objects)"
echo "agent-flow: every flow ends as it should"
