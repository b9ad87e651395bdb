# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# For the scripts that run certenroll-agent with the bank's page, curl being the browser "page". Read
# by `.` after bank.sh and agent.sh; works in $scratch, and the agent is $background.

# The job's state as the page's script asks for it.
state() {
    browse page 200 page.state "$entry/enrol/state"
    jq -r .state "$scratch/page.state"
}

# comes WHAT COMMAND...: until it succeeds.
comes() {
    what=$1
    shift
    await '' "$@" || fail "$what: $(cat "$agent_log")"
}

page_is() { [ "$(state)" = "$1" ]; }

# launch ID [USER]: somebody is logged on, and the file is downloaded.
launch() {
    rm -f "$scratch/page.cookies"
    bank_entry page "$@"
    again
}
again() {
    bank_launch page
    cp "$scratch/page.cenroll" "$home/x.cenroll"
    give "$home/x.cenroll"
}

# begin_agent [NAME=VALUE...]: in the background.
begin_agent() {
    rm -f "$agent_log"
    exec_agent "$@" "$home/bin/certenroll-agent" --config "$home/ra.json" "$home/x.cenroll" &
    background=$!
}
end_agent() {
    ended=0
    wait "$background" || ended=$?
    background=
    [ $ended -eq "$1" ] || fail "exit status $ended instead of $1: $(cat "$agent_log")"
}

number_is_shown() { grep -qs 'must be this one: [0-9]\{6\}$' "$agent_log"; }
# The number of the page, which is the agent's.
execute() {
    page_is redeemed || fail "the page says $(state)"
    page_get page 200 "$entry/enrol"
    shown=$(sed -n 's/.*<output id="number"[^>]*>\([^<]*\)<.*/\1/p' "$scratch/page.page")
    said "must be this one: $shown"
    page_post page 303 "$entry/enrol/execute" "number=$shown"
}

# collected ID [USER]: all of it, the page's side and the agent's, with the answers given before.
collected() {
    launch "$@"
    begin_agent
    comes "the agent shows no number" number_is_shown
    execute
    end_agent 0
}
