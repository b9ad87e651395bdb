#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# company.sh at-once|in-turn: two commands on one pair of one token, started at once; or the second
# when the first was killed at one of its states. Then `resume`, and `clean` for what is left. Never are
# two certificates in force, no working pair is lost but what a command said to have removed, and
# every journal ends.
#
# Each pair of enroll, renew, rekey, replace, remove, clean, resume and batch; of those at once every
# second round with kills at random, every second with SoftHSM in the commands' own process, and every
# third with another directory for the second's journals. A part of them, and all of them with $FULL;
# SEED=N: others; PAIR="FIRST SECOND": those.
# shellcheck disable=SC2013,SC2046,SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl p11-kit pgrep softhsm2-util
way=$1
test_name=kill-company-$way
without_sanitizers "it starts hundreds of programs"
. "$SOURCE_DIR/tests/kill/world.sh"
seed=${SEED:-1}
echo "company $way: SEED=$seed"

# chance N: a number below N, in $drawn.
chance() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 65536 % $1))
}

replace() {
    "$@" "$certenroll" replace $token $home --url "$est" --trust-anchor "$ca" --user $account \
        --password-source password --subject CN=$account --key-type p-256 --anew --revoke </dev/null
}
batch() {
    "$@" "$certenroll" batch $token ${home:---journal of-the-batch} --url "$est" \
        --trust-anchor "$ca" --password-source password list.csv </dev/null
}
renew() { replaced_by renew "$@"; }
rekey() { replaced_by rekey "$@"; }
printf 'subject,user,key_type\nCN=%s,%s,p-256\n' $account $account >list.csv
commands='enroll renew rekey replace remove clean resume batch'

# begin: one pair; where one of the two is for what is unfinished, an unfinished re-key of it.
begin() {
    home='' in_order=''
    rm -rf of-the-batch elsewhere
    a_pair
    case " $* " in
    *' clean '* | *' resume '*)
        rekey "$kill_at_call" before $asked >out 2>err || :
        [ "$(journals)" -eq 1 ] || fail "nothing is unfinished: $(cat out err)"
        ;;
    esac
}
# The write of a re-key's journal after which the RA has the request.
in_order=
a_pair
rekey "$kill_at_call" list calls >out 2>err || fail "a re-key: $(cat out err)"
for asked in $(awk '$2 == "rename" { print ++n ":rename" }' calls | sort -nr); do
    begin
    rekey "$kill_at_call" before $asked >out 2>err || :
    ! grep -qsx 'state: SUBMITTED' "$state"/*.journal || break
done

# ends_all: what a person does who finds all this.
ends_all() {
    for home in '' '--journal elsewhere' '--journal of-the-batch'; do
        [ -z "$home" ] || [ -d "${home#--journal }" ] || continue
        resume env >resume.out 2>&1 || :
        clean env >clean.out 2>&1 || note lost "clean $home: $(tail -n 2 clean.out)"
    done
    home=
}
unfinished() {
    find "$state" elsewhere of-the-batch -name '*.journal' -exec \
        grep -LxE 'state: (CONFIRMED|RETIRED)' {} + 2>/dev/null | wc -l
}

# judge_company: $removals commands have said that they removed something. What `replace` leaves and
# had revoked is no pair of ours.
judge_company() {
    look || { note lost "the token cannot be read: $(cat list.err)" && return; }
    books
    sort there | comm -12 - in-force >in-use
    [ -s in-use ] || [ $removals -gt 0 ] || note lost "no working pair: $(paste -s -d ';' objects)"
    # What was removed stays in force until it is revoked.
    [ "$(wc -l <in-force)" -le $((1 + removals)) ] || note doubled "in force: $(paste -s -d ' ' in-force)"
    [ "$(wc -l <in-use)" -le 1 ] || note doubled "in use: $(paste -s -d ' ' in-use)"
    [ -z "$beside" ] || note orphaned "beside: $beside"
    [ "$(unfinished)" -eq 0 ] || note orphaned "unfinished: $(find "$state" elsewhere -name '*.journal')"
}
# has_removed COMMAND STATUS
has_removed() {
    case $1 in
    remove) [ $2 -ne 0 ] || removals=$((removals + 1)) ;;
    esac
}

# beside FIRST SECOND ROUND
beside() {
    lost='' doubled='' orphaned='' flaws='' removals=0
    begin $1 $2
    round=$3 first_by=env second_by=env how="$1 beside $2, round $3"
    if [ $((round % 2)) -eq 0 ]; then
        how="$how, in-process"
        token="--token pkcs11:token=card --module $SOFTHSM2_MODULE --pin-source $scratch/pin"
        SOFTHSM2_CONF=$scratch/card/softhsm2.conf
    fi
    if [ $((round / 2 % 2)) -eq 0 ]; then
        chance 900
        first_by="$kill_at_call after $((drawn + 1))"
        chance 900
        second_by="$kill_at_call before $((drawn + 1))"
        how="$how, killed: ${first_by#"$kill_at_call "}, ${second_by#"$kill_at_call "}"
    fi
    ($1 $first_by >first.out 2>first.err) &
    one=$!
    [ $((round % 3)) -ne 0 ] || home='--journal elsewhere'
    ($2 $second_by >second.out 2>second.err) &
    two=$!
    home='' status=0
    wait $one || status=$?
    has_removed $1 $status
    how="$how: $status"
    status=0
    wait $two || status=$?
    has_removed $2 $status
    how="$how $status"
    ends_all
    judge_company
    SOFTHSM2_CONF=$scratch/softhsm2.conf
    token="--token pkcs11:token=card --module $module --pin-source $scratch/pin"
    tally "$how"
}

# after FIRST SECOND CALL: the first is killed before this call.
after() {
    lost='' doubled='' orphaned='' flaws='' removals=0 status=0
    begin $1 $2
    $1 "$kill_at_call" before $3 >first.out 2>first.err || status=$?
    has_removed $1 $status
    how="$1 killed before call $3 ($status), then $2"
    status=0
    $2 env >second.out 2>second.err || status=$?
    has_removed $2 $status
    ends_all
    judge_company
    tally "$how: $status"
}

# states COMMAND: the calls by which it writes its states down, in `states`.
states() {
    begin $1
    $1 "$kill_at_call" list calls >out 2>err || :
    awk '$2 == "rename" || $2 == "unlink" { print ++n[$2] ":" $2 }' calls >states
}

rounds=${ROUNDS:-1} number=0
[ -z "${FULL-}" ] || rounds=20
try() {
    if [ $way = at-once ]; then
        round=0
        while [ $round -lt $rounds ]; do
            round=$((round + 1))
            beside $1 $2 $((round + number))
        done
        return
    fi
    states $1
    [ -s states ] || return 0 # refused at once: a pair is there
    if [ -z "${FULL-}" ]; then # one of them
        chance "$(wc -l <states)"
        sed -n "$((drawn + 1))p" states >state-wanted
        mv state-wanted states
    fi
    while read -r call <&4; do
        after $1 $2 $call
    done 4<states
}

if [ -n "${PAIR-}" ]; then
    try $PAIR
else
    for first in $commands; do
        for second in $commands; do
            # At once it is the same who is named first; a clean-up or `remove` has no states.
            if [ $way = at-once ]; then
                case "$commands " in *"$second "*"$first "*) [ $first = $second ] || continue ;; esac
            else
                case $first in clean | remove | resume | batch) continue ;; esac
            fi
            number=$((number + 1))
            [ -n "${FULL-}" ] || [ $((number % 3)) -eq $((${SEED:-1} % 3)) ] || continue
            try $first $second
        done
    done
fi
report "two commands $way"
