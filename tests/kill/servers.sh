#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# servers.sh ra|token COMMAND: the RA, or the token's server, is killed at its system calls while an
# enrolment (enroll, renew, rekey) is at work, and started again; then it is ended by `resume`, or by
# the same command again. Some points, and all of them with $FULL; SEED=N: others.
#
# SoftHSM that is killed while it writes an object leaves its file without ID and label: that is
# counted by itself, and is no failure of ours unless it is taken for a pair.
# shellcheck disable=SC2013,SC2046,SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl p11-kit pgrep softhsm2-util
server_hit=$1 command=$2
test_name=kill-server-$server_hit-$command
without_sanitizers "it starts hundreds of programs"
. "$SOURCE_DIR/tests/kill/world.sh"

# serve MODE ARGUMENT, serve: with kill_at_call around it, or not.
case $server_hit in
ra)
    served=$demo_ra
    serve() {
        ra_stop
        demo_ra=$served
        if [ $# -gt 0 ]; then
            printf '#!/bin/sh\nexec "%s" %s %s "%s" "$@"\n' "$kill_at_call" "$1" "$2" "$served" >traced-ra
            chmod +x traced-ra
            demo_ra=$scratch/traced-ra
        fi
        ra_start
        demo_ra=$served
    }
    ;;
token)
    serve() {
        server_stop
        server_start ${1:+"$kill_at_call" "$@"}
    }
    ;;
esac

enrolment() {
    case $command in
    enroll) enroll "$@" ;;
    *) replaced_by $command "$@" ;;
    esac
}
begin() {
    case $command in
    enroll) anew ;;
    *) a_pair ;;
    esac
}

# How many calls it makes until it is ready, and until the enrolment is done.
begin
serve list calls
until_ready=$(wc -l <calls)
enrolment env >out 2>err || fail "$command, left alone: $(cat out err)"
await '' test "$(wc -l <calls)" -gt $until_ready
tail -n +$((until_ready + 1)) calls >calls-of-it
serve
exist=$(every_point calls-of-it | wc -l)

# one_case END MOMENT NUMBER KIND
one_case() {
    lost='' doubled='' orphaned='' flaws='' status=0
    begin
    serve $2 $3
    enrolment env >killed.out 2>killed.err || status=$?
    [ $status -ne 0 ] || missed=$((missed + 1))
    serve
    was_left=$(journals)
    status=0
    if [ $1 = resume ]; then
        resume env >end.out 2>end.err || status=$?
        [ $status -eq 0 ] || note lost "resume ended with $status: $(tail -n 2 end.err)"
        look || :
        [ "$was_left" -ne 0 ] || is_done || enrolment env >end.out 2>end.err ||
            note lost "the command ended with $?: $(tail -n 2 end.err)"
    else
        enrolment env >end.out 2>end.err || status=$?
        [ $status -eq 0 ] || { [ "$was_left" -eq 0 ] && is_done; } ||
            note lost "the same again ended with $status: $(tail -n 2 end.err)"
    fi
    judge 1
    tally "$command, its $server_hit killed $2 call $3 ($4), then $1"
    in_order=1
    [ -z "$flaws" ] || in_order=
}
is_done() {
    look && [ $works -eq 1 ] || return 1
    [ $command = enroll ] || ! cmp -s there before
}

in_order=
if [ -n "${FULL-}" ]; then every_point calls-of-it; else some_points calls-of-it ${POINTS:-3}; fi >points
number=0
while read -r moment call kind <&3; do
    number=$((number + 1))
    if [ $((number % 2)) -eq 0 ]; then one_case resume $moment $call $kind; else
        one_case again $moment $call $kind
    fi
done 3<points
report "$command, its $server_hit killed at its system calls"
