#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Advice of certenroll-agent, followed, with the bank's pages: each time the person ends with the
# certificate on the card, or keeps the one that is there.
# shellcheck disable=SC2119,SC2154 # what bank.sh, ra.sh and agent.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl readelf softhsm2-util pkcs11-tool setsid
scratch_begin open
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/agent.sh"
. "$SOURCE_DIR/tests/support/agent_page.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
configure "$est" "$entry" "$ca"
cd "$scratch"
. "$SOURCE_DIR/tests/support/advice.sh"
run "$demo_ra" account add --dir "$scratch/ra" --password-source "$scratch/user" "$corporation" two

# ends_with STATUS COMMAND...: what it has said is in `said`.
ends_with() {
    wanted=$1 status=0
    shift
    "$@" || status=$?
    cp "$agent_log" said
    [ $status -eq "$wanted" ] || fail "exit status $status instead of $wanted: $(cat said)"
}
# changed FILTER: the launch file as the jq filter makes it.
changed() {
    jq -c "$1" page.cenroll >"$home/x.cenroll"
    give "$home/x.cenroll"
}
# collecting_helps: with the file that the page gives out now.
collecting_helps() {
    answers ok "pin $card_pin" ok # the last one keeps what is there
    collected "$corporation" two
    cp "$agent_log" said
    ! instance_of "$advice" said || fail "followed, and advised again \"$advice\": $(cat said)"
    printf '%s\n' "$advice" >>followed
}

# --- the launch file ---

launch "$corporation" two
changed '.expires = "2026-01-01T00:00:00Z"'
ends_with 2 agent "$home/x.cenroll"
advises 'Get a new one from the page'
collecting_helps
changed '.job = 7'
ends_with 2 agent "$home/x.cenroll"
advises "Get the file from your bank's page"
collecting_helps
cp -p "$home/ra.json" ra.good
jq -c '.ras[0].est = "https://est.localhost:1"' ra.good >"$home/ra.json"
launch "$corporation" two
ends_with 2 agent "$home/x.cenroll"
advises 'Do not trust the page that it came from, unless'
cp -p ra.good "$home/ra.json" # the administrator adds that bank
collecting_helps

# --- the person ---

if [ "$(id -u)" = 0 ]; then
    launch "$corporation" two
    as_root() {
        env -i HOME="$home" LC_ALL=C.UTF-8 LD_LIBRARY_PATH="$home/bin" ASAN_OPTIONS="$person_asan" \
            "$home/bin/certenroll-agent" --config "$home/ra.json" "$home/x.cenroll" >"$agent_log" 2>&1
    }
    ends_with 2 as_root
    advises 'Log on as an ordinary user'
    collecting_helps
else
    echo "advice-agent: NOT CHECKED: what root is told" >&2
    echo 'Log on as an ordinary user, and open the file there.' >>followed
fi

# The set-user-ID bit gives another's rights; the loader's option stands for the library's path, of
# which such a program is told nothing, and the sanitizers not of theirs either.
if [ "$(id -u)" = 0 ] && [ -z "${SANITIZE-}" ]; then
    launch "$corporation" two
    chmod 755 "$home" "$home/bin" "$home"/bin/*
    loader=$(readelf -l "$home/bin/certenroll-agent" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
    with_rights() {
        setpriv --ruid="$person" --euid=1 --rgid="$person" --egid="$person" --clear-groups env -i \
            HOME="$home" LC_ALL=C.UTF-8 XDG_STATE_HOME="$home/rights" "$loader" \
            --library-path "$home/bin" "$home/bin/certenroll-agent" --config "$home/ra.json" \
            "$home/x.cenroll" >"$agent_log" 2>&1
    }
    ends_with 2 with_rights
    advises "Have the system's administrator take the set-user-ID bit"
    collecting_helps
else
    echo "advice-agent: NOT CHECKED: another's rights" >&2
    echo "Have the system's administrator take the set-user-ID bit and the like off it." >>followed
fi

# --- pinentry ---

launch "$corporation" two
jq -c 'del(.pinentry)' ra.good >"$home/ra.json"
begin_agent
comes "the agent shows no number" number_is_shown
execute
ends_with 11 wait "$background"
background=
advises 'Install pinentry and name it'
cp -p ra.good "$home/ra.json"
collecting_helps
answers die
launch "$corporation" two
begin_agent
comes "the agent shows no number" number_is_shown
execute
ends_with 3 wait "$background"
background=
advises 'Look at \"pinentry\" in the configuration.'
collecting_helps

# --- consent ---

answers cancel
launch "$corporation" two
begin_agent
comes "the agent shows no number" number_is_shown
execute
ends_with 11 wait "$background"
background=
advises "Nothing was changed. Begin again on the bank's page."
collecting_helps

all_followed
