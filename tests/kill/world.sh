# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2086,SC2119,SC2120,SC2154,SC2164
# The token "card" behind `p11-kit server`, so that it lives on when who works with it dies, a demo
# RA, and a judge of how a case ends. Read by `.`, after test.sh;
# works in $scratch, and sets
#
#     kill_at_call
#     token   the options that say which token
#     state   where the journals are
# shellcheck source=tests/support/ra.sh
. "$SOURCE_DIR/tests/support/${world:-ra}.sh"
cd "$scratch"

kill_at_call=$BUILD_DIR/tests/kill/kill_at_call
state=$XDG_STATE_HOME/certenroll
"$kill_at_call" before 1 true 2>kill.log || [ $? -ne 77 ] || skipped "$(cat kill.log)"

# --- the token ---

softhsm_at "$scratch/card"
SOFTHSM2_CONF=$scratch/card/softhsm2.conf softhsm_token card
cp -rp card/tokens blank

# server_start [PREFIX...]
server_start() {
    rm -f p11-kit.socket
    # A group: it has a process for each client.
    SOFTHSM2_CONF=$scratch/card/softhsm2.conf child setsid "$@" p11-kit server --foreground \
        --provider "$SOFTHSM2_MODULE" --name "$scratch/p11-kit.socket" pkcs11:token=card
    token_server=$child
    await $token_server test -S p11-kit.socket || fail "p11-kit server does not start"
}
# The process of a client that is gone may still be at work: it is ended with the server.
server_stop() {
    kill -KILL -- -$token_server 2>/dev/null || kill -KILL $token_server 2>/dev/null || :
    wait $token_server 2>/dev/null || :
}
at_end server_stop
server_start
export P11_KIT_SERVER_ADDRESS="unix:path=$scratch/p11-kit.socket"
module=$(library pkcs11/p11-kit-client.so)
token="--token pkcs11:token=card --module $module --pin-source $scratch/pin"

# token_is DIRECTORY: the token as it was when its files were copied there, once it has ended what it
# was at for clients that are dead.
token_is_idle() { ! pgrep -P $token_server >pgrep.log; }
token_is() {
    await '' token_is_idle || fail "the token does not end: $(cat pgrep.log)"
    rm -rf card/tokens
    cp -rp "$1" card/tokens
}

# --- the judge ---

journals() { find "$state" -name '*.journal' 2>/dev/null | wc -l; }

# look: what the token holds of end entities, a line each: STATE DUPLICATE SERIAL ID; sets $works to
# how many of them are pairs that work, but for those with the serial numbers in `stays`, and $beside
# to what else there is.
: >stays
look() {
    "$certenroll" list --json $token >list.json 2>list.err || return 1
    jq -r '.entries[] | select(.state != "ca") | [.state, .duplicate_id // false,
        (.serial // "-" | ascii_downcase | sub("^0+"; "")), .id // "-"] | join(" ")' list.json >objects
    works=0 beside='' id=''
    : >there
    stay=$(wc -l <stays)
    while read -r object_state duplicate serial object_id; do
        case $object_state,$duplicate in
        valid,false | due,false)
            if grep -qx "$serial" stays; then
                stay=$((stay - 1))
            else
                works=$((works + 1)) id=$object_id
                echo "$serial" >>there
            fi
            ;;
        *) beside="$beside $object_id is $object_state, duplicate: $duplicate" ;;
        esac
    done <objects
}

# books: the RA's, of the accounts at hand; `in-force` has the serial numbers of what is in force and
# was not replaced, but for those of earlier cases.
books() {
    "$demo_ra" certificate list --dir ra --json >books || fail "books: $(cat books)"
    # What the RA calls superseded it has not revoked: without its successor it is what is in use.
    jq -rs '. as $all | .[] | select(.state == "valid" or (.state == "superseded" and
        (.serial as $serial | [$all[] | select(.predecessor == $serial)] |
            length > 0 and all(.[]; .state == "revoked")))) |
        .serial | ascii_downcase | sub("^0+"; "")' books | sort >all
    comm -23 all earlier >in-force
}
: >earlier
# forget: what is in force now is an earlier case's.
forget() {
    books
    cp all earlier
}

flaws='' lost='' doubled='' orphaned=''
# note lost|doubled|orphaned WHAT
note() {
    eval "$1=1"
    flaws="$flaws; $2"
}

# judge WANTED: so many pairs, each with a certificate that is in force, none beside them in force,
# and nothing else: no object, no journal, no file.
judge() {
    if ! look; then
        note lost "the token cannot be read: $(cat list.err)"
        return
    fi
    [ $stay -eq 0 ] || note lost "a pair that was to stay is gone"
    [ $works -ge "$1" ] || note lost "$works pairs instead of $1"
    [ $works -le "$1" ] || note doubled "$works pairs instead of $1"
    [ -z "$beside" ] || note orphaned "beside: $beside"
    books
    sort there | cmp -s - in-force || {
        flaw="in force $(paste -s -d ' ' in-force), on the token $(paste -s -d ' ' there)"
        if [ "$(wc -l <in-force)" -gt "$1" ]; then note doubled "$flaw"; else note orphaned "$flaw"; fi
    }
    # An ID that was about to be sent may have been: its record stays for a day (docs/journal.md).
    left=$(find "$XDG_STATE_HOME" -type f ! -name agent.log ! -name '*.sent' -printf '%P ' 2>/dev/null) || :
    [ -z "$left" ] || note orphaned "left: $left"
}

# --- commands ---

home= # where their journals are, when it is not the user's directory
clean_revokes=
! "$certenroll" clean --help | grep -qe --revoke ||
    clean_revokes="--revoke --password-source password"

# Each takes what it is started by: `env`, or kill_at_call and what that is to do.
enroll() {
    "$@" "$certenroll" enroll $token $home --url "$est" --trust-anchor "$ca" --user $account \
        --password-source password --subject CN=$account --key-type "${key_type:-p-256}" </dev/null
}
replaced_by() { # replaced_by renew|rekey PREFIX...
    operation=$1
    shift
    "$@" "$certenroll" $operation $token $home --url "$est" --trust-anchor "$ca" --id $present </dev/null
}
resume() { "$@" "$certenroll" resume $home --pin-source pin --password-source password </dev/null; }
clean() { "$@" "$certenroll" clean $home --pin-source pin --yes $clean_revokes </dev/null; }
remove() { "$@" "$certenroll" remove $token --id $present --yes </dev/null; }

# anew: an empty token, nothing in the state directory.
anew() {
    token_is blank
    rm -rf "$XDG_STATE_HOME"
    forget
}
# a_pair: and a first certificate on it. What the last case has ended with does, too.
in_order=
a_pair() {
    if [ -z "$in_order" ]; then
        anew
        enroll env >out 2>err || fail "the enrolment before: $(cat out err)"
        look || fail "$(cat list.err)"
    fi
    present=$id
    cp there before
}

# --- points ---

# every_point FILE: of the calls in FILE (`kill_at_call list`) each point, as "MOMENT NUMBER KIND".
every_point() {
    awk '{ print "before", $1, $2; if ($3 == "half") print "within", $1, $2; print "after", $1, $2 }' "$1"
}
# some_points FILE COUNT: so many of them, of each kind in turn, spread over the whole.
some_points() {
    every_point "$1" | awk -v wanted="$2" -v seed="${SEED:-1}" '
        { if (!($3 in count)) kinds[++kind_count] = $3; points[$3, count[$3]++] = $0 }
        END {
            for (turn = 0; wanted > 0 && turn < NR; turn++)
                for (k = 1; k <= kind_count && wanted > 0; k++) {
                    n = count[kinds[k]]
                    if (turn >= n) continue
                    at = int(((turn + 1) * 0.618034 + seed * 0.377 + k * 0.29) % 1 * n)
                    while ((k, at) in taken) at = (at + 1) % n
                    taken[k, at] = 1
                    print points[kinds[k], at]
                    wanted--
                }
        }'
}

tried=0 converged=0 count_lost=0 count_doubled=0 count_orphaned=0 missed=0
# tally WHAT: the case has been judged.
tally() {
    tried=$((tried + 1))
    [ -z "$lost" ] || count_lost=$((count_lost + 1))
    [ -z "$doubled" ] || count_doubled=$((count_doubled + 1))
    [ -z "$orphaned" ] || count_orphaned=$((count_orphaned + 1))
    [ -n "$flaws" ] || { converged=$((converged + 1)) && return; }
    echo "$1$flaws" >&2
}

# report WHAT: the last word, and whether all converged; $exist points exist, where that is known.
report() {
    echo "$1:${exist:+ $exist points exist,} points tried: $tried ($missed not reached), converged:" \
        "$converged, lost: $count_lost, orphaned: $count_orphaned, doubled: $count_doubled"
    [ $tried -gt 0 ] && [ $converged -eq $tried ]
}
