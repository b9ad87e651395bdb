#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# commands.sh COMMAND: it is killed before, within and after its system calls, the token lives on, and
# then it is ended, in one pass by `certenroll resume`, in another by the same command again. At the
# end there is one pair (or none), one certificate in force, what was promised to be revoked is, and
# no file is left.
#
#     COMMAND  enroll | renew | rekey | replace | clean | remove | batch, of certenroll;
#              corporate-get | corporate-renew | user-get, of the bank's tools, which have no resume
#
# Some points, and all of them with $FULL; SEED=N: others; POINT="MOMENT NUMBER PASS": that one.
# shellcheck disable=SC2013,SC2046,SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl p11-kit pgrep softhsm2-util
command=$1
test_name=kill-$command
without_sanitizers "it starts hundreds of programs"
world=ra passes='by_the_same by_resume'
case $command in
corporate-* | user-*)
    needs curl
    world=bank passes=by_the_same
    ;;
esac
. "$SOURCE_DIR/tests/kill/world.sh"

# --- what each command begins with, does and ends with ---

wanted=1
case $command in
enroll)
    begin() { anew; }
    go() { enroll "$@"; }
    ;;
renew | rekey)
    begin() { a_pair; }
    go() { replaced_by $command "$@"; }
    ;;
replace)
    # The pair that is there stays on the token.
    begin() {
        in_order=
        : >stays
        a_pair
        cp there stays
    }
    go() {
        "$@" "$certenroll" replace $token --url "$est" --trust-anchor "$ca" --user $account \
            --password-source password --subject CN=$account --key-type p-256 --anew --revoke \
            </dev/null
    }
    ;;
remove)
    wanted=0
    # Its certificate stays in force: having it revoked is another command.
    begin() {
        in_order=
        a_pair
        sort all before -o earlier
    }
    go() { remove "$@"; }
    ;;
clean)
    # Of an enrolment that the RA has answered, whose answer is not in the journal.
    wanted=0
    anew
    enroll "$kill_at_call" list calls >out 2>err || fail "an enrolment: $(cat out err)"
    begin() {
        anew
        enroll "$kill_at_call" before $asked >out 2>err || :
    }
    for asked in $(awk '$2 == "rename" { print ++n ":rename" }' calls | sort -nr); do
        begin
        ! grep -qsx 'state: SUBMITTED' "$state"/*.journal || break
    done
    go() { clean "$@"; }
    ;;
batch)
    wanted=3
    for user in u1 u2 u3; do
        run "$demo_ra" account add --dir ra --password-source password $account $user
        echo "CN=$account $user,$account $user,p-256"
    done >rows
    { echo subject,user,key_type && cat rows; } >list.csv
    begin() {
        anew
        rm -rf of-the-batch
    }
    # Its journals stay, so that it knows what is done.
    home="--journal of-the-batch"
    go() {
        "$@" "$certenroll" batch $token $home --url "$est" --trust-anchor "$ca" \
            --password-source password list.csv </dev/null
    }
    ;;
corporate-*)
    sed "s|token=customer|token=card|; s|$SOFTHSM2_MODULE|$module|" "$config" >card.json
    me="--config card.json --corporate-id $corporation --pin-source pin"
    corporate() { # corporate COMMAND PREFIX...
        action=$1
        shift
        setsid -w "$@" "$BUILD_DIR/tools/bank/certenroll-corporate" $action $me \
            $(test $action = renew || echo --password-source corporate) </dev/null
    }
    # An order that the branch received three weeks ago.
    begin() {
        anew
        bank_clock --offset -1814400
        run bank reissue $corporation
        bank_clock --reset
        [ $command = corporate-get ] || {
            corporate get env >out 2>err || fail "the certificate before: $(cat out err)"
            look
            cp there before
        }
    }
    go() { corporate ${command#corporate-} "$@"; }
    ;;
user-get)
    sed "s|token=customer|token=card|; s|$SOFTHSM2_MODULE|$module|" "$config" >card.json
    bank_user
    ordered=1
    # As the administrator does; what was there is revoked.
    begin() {
        anew
        [ -n "$ordered" ] || call 200 "$login/api/reissue" "$(jq -cn --arg p "$(cat corporate)" \
            --arg c "$(cat corporate-confirmation)" --arg u $user \
            '{password: $p, confirmation_password: $c, user_id: $u}')" --cert admin.pem --key admin.key
        ordered=
    }
    go() {
        setsid -w "$@" "$BUILD_DIR/tools/bank/certenroll-user" get --config card.json \
            --corporate-id $corporation --user-id $user --pin-source pin --password-source user </dev/null
    }
    ;;
esac

# --- a case ---

# is_done: what the command is for is there.
is_done() {
    look && [ $works -eq $wanted ] || return 1
    case $command in
    renew | rekey | replace | corporate-renew) ! cmp -s there before ;;
    esac
}

# ends_well WHAT COMMAND...
ends_well() {
    what=$1 status=0
    shift
    "$@" >end.out 2>end.err || status=$?
    [ $status -eq 0 ] || note lost "$what ended with $status: $(tail -n 2 end.err)"
}

# by_resume, by_the_same: how it is ended.
by_resume() {
    ends_well resume resume env
    # What was to be cleaned up may have come to its end instead.
    [ $command != clean ] || { look && due=$works && [ $works -le 1 ] && [ "$(journals)" -eq 0 ] && return; }
    is_done || [ -n "$lost" ] || ends_well "the command after resume" go env
}
by_the_same() {
    status=0
    go env >end.out 2>end.err || status=$?
    [ $status -eq 0 ] || had_ended $status || note lost "the same again ended with $status: $(tail -n 2 end.err)"
}
# had_ended STATUS: nothing was unfinished, and what is there is told.
had_ended() { [ "$was_left" -eq 0 ] && is_done; }

# promised: what replaces has it revoked.
promised() {
    [ $command = replace ] || return 0
    jq -r 'select(.state == "revoked") | .serial | ascii_downcase | sub("^0+"; "")' books >revoked
    grep -qxFf before revoked || note orphaned "$(cat before) is not revoked"
}

# one_case PASS MOMENT NUMBER KIND
one_case() {
    lost='' doubled='' orphaned='' flaws=''
    begin
    status=0
    go "$kill_at_call" $2 $3 >killed.out 2>killed.err || status=$?
    if [ $status -ne 137 ]; then
        missed=$((missed + 1))
    fi
    was_left=$(journals) due=$wanted
    $1
    judge $due
    promised
    tally "$command killed $2 call $3 ($4), then $1"
    in_order=1
    [ -z "$flaws" ] || in_order=
}

begin
status=0
go "$kill_at_call" list calls >out 2>err || status=$?
[ $status -eq 0 ] || fail "$command, left alone, ended with $status: $(cat out err)"
judge $wanted
promised
[ -z "$flaws" ] || fail "$command, left alone$flaws"
exist=$(every_point calls | wc -l)
if [ -n "${POINT-}" ]; then
    set -- $POINT
    one_case ${3:-by_resume} $1 $2 -
else
    if [ -n "${FULL-}" ]; then every_point calls; else some_points calls ${POINTS:-5}; fi >points
    number=0
    while read -r moment call kind <&3; do
        number=$((number + 1))
        # The one and the other, or in turn.
        if [ -n "${FULL-}" ] || [ $world = bank ]; then now=$passes
        elif [ $((number % 2)) -eq 0 ]; then now=by_resume
        else now=by_the_same
        fi
        for pass in $now; do
            one_case $pass $moment $call $kind
        done
    done 3<points
fi
report "$command killed at its system calls"
