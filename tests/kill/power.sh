#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# power.sh COMMAND: after a loss of power the journal is an earlier version of itself, while the token
# and the RA are where they are. `resume` comes to the end, or says what is wrong and leaves a pair
# that works. The command (enroll, renew, rekey) is killed as it writes its journal for the nth time,
# or ends; every version that it wrote before is put in its place. Some of them; all with $FULL.
# shellcheck disable=SC2013,SC2046,SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl p11-kit pgrep softhsm2-util
command=$1
test_name=kill-power-$command
without_sanitizers "it starts hundreds of programs"
. "$SOURCE_DIR/tests/kill/world.sh"

enrolment() {
    case $command in
    enroll) enroll "$@" ;;
    *) replaced_by $command "$@" ;;
    esac
}

# begin: the command has come as far as is wanted; its journals are in versions/1, versions/2, ...
begin() {
    in_order=
    case $command in
    enroll) anew ;;
    *) a_pair ;;
    esac
    rm -rf versions
    mkdir -p versions "$state"
    enrolment "$kill_at_call" copies "$state" versions >out 2>err || fail "$command: $(cat out err)"
}

# one_case VERSION
one_case() {
    lost='' doubled='' orphaned='' flaws='' status=0
    begin
    cp -p versions/$1/*.journal "$state" 2>/dev/null || return 0
    resume env >end.out 2>end.err || status=$?
    if [ $status -eq 0 ]; then
        judge 1
    else
        # Then it says so, and a person ends it.
        grep -q 'failed: ' end.out || note lost "resume ended with $status and does not say why"
        clean env >end.out 2>end.err || note lost "clean ended with $?: $(tail -n 2 end.err)"
        look || note lost "the token cannot be read"
        [ $works -eq 1 ] || [ $command = enroll ] || note lost "$works pairs after clean"
        [ -z "$beside" ] || note orphaned "beside: $beside"
        [ "$(journals)" -eq 0 ] || note orphaned "a journal stays"
    fi
    tally "$command, done, and its journal is version $1 (resume: $status)"
}

begin
exist=$(find versions -mindepth 1 -maxdepth 1 | wc -l)
[ $exist -ge 5 ] || fail "only $exist versions of the journal"
step=2
[ -z "${FULL-}" ] || step=1
version=1
while [ $version -le $exist ]; do
    one_case $version
    version=$((version + step))
done
report "$command, its journal replaced by an earlier version"
