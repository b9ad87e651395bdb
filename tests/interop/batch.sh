#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll batch with the demo RA: many subjects on two tokens, from CSV and from JSON; a batch
# that is killed in the middle, stopped by its RA, its account or its network, goes on at the next
# run, and every row ends with one key and one certificate; lists that are wrong start nothing; a
# wrong PIN costs one try.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
: "${SOURCE_DIR:?}"
needs jq mkfifo script softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
cd "$scratch"

shim=$BUILD_DIR/tests/shim/certenroll-shim.so
export SHIM_MODULE="$SOFTHSM2_MODULE" SHIM_LOG="$scratch/calls" SHIM_CONTROL="$scratch/control"
echo '#' >control
: >calls

printf %s 8642-card-b >pin-b
softhsm_token card-a
softhsm_token card-b 8642-card-b
b="pkcs11:token=card-b?pin-source=$scratch/pin-b"

user=1
while [ $user -le 16 ]; do
    run "$demo_ra" account add --dir ra --password-source password "$account" "u$user"
    user=$((user + 1))
done

# batch LIST JOURNAL OPTION...: on card-a, unless the list has another token.
as=
batch() {
    list=$1 journal=$2
    shift 2
    $as "$certenroll" batch --module "$shim" --token pkcs11:token=card-a \
        --pin-source "$scratch/pin" --url "$est" --trust-anchor "$ca" --password-source password \
        --ca-names --journal "$journal" "$@" "$list"
}

# ends STATUS COMMAND...: with that exit status; output in out and err.
ends() {
    wanted=$1 status=0
    shift
    "$@" >out 2>err </dev/null || status=$?
    [ $status -eq "$wanted" ] || {
        sed 's/^/  /' out err >&2
        fail "$*: exit status $status instead of $wanted"
    }
}

# so FILTER: the jq filter is true for what was put out with --json.
so() {
    jq -e "$1" out >/dev/null || { cat out err >&2; fail "not so: $1"; }
}

# lines TIMES TEXT: as many lines of what was put out have this text.
lines() {
    count=$(grep -cF -e "$2" out || :)
    [ "$count" -eq "$1" ] || { cat out err >&2; fail "\"$2\" in $count lines instead of $1"; }
}

keys() {
    "$certenroll" list --json --module "$SOFTHSM2_MODULE" --token "pkcs11:token=card-$1" \
        --pin-source "$2" --journal "$scratch/no-journals" |
        jq '[.entries[] | select(.state != "ca")]' >"keys-$1"
}

# holds ON-CARD-A ON-CARD-B: so many keys, each with its certificate, and the RA has issued as many.
holds() {
    keys a pin
    keys b pin-b
    for card in a b; do
        wanted=$1
        shift
        [ "$(jq length keys-$card)" -eq "$wanted" ] ||
            fail "not $wanted keys on card-$card but $(cat keys-$card)"
        jq -e 'all(.state == "valid" and (.duplicate_id | not)) and (map(.id) | unique | length) == length' keys-$card \
            >/dev/null || fail "a key without its own certificate on card-$card: $(cat keys-$card)"
    done
    issued=$("$demo_ra" certificate list --dir ra | grep -c " u" || :)
    [ "$issued" -eq $(($(jq length keys-a) + $(jq length keys-b))) ] ||
        fail "the RA has issued $issued certificates"
}

# --- a list as a spreadsheet exports it: byte order mark, CR LF, quotation marks ---

# row SUBJECT LABEL KEY-TYPE ALT-NAMES TOKEN USER
row() { printf '"%s","%s",%s,%s,%s,%s\r\n' "$@"; }
{
    printf '\357\273\277subject,label,key_type,alt_names,token,user\r\n'
    row 'CN=鈴木 花子,OU=経理部,O=例株式会社,C=JP' '鈴木 ""花子""' '' email:hanako@example.jp '' "$account u1"
    row 'CN=佐藤 一郎,O=例株式会社,C=JP' 佐藤 p-256 '' "$b" "$account u2"
    row 'CN=高橋 次郎,O=例株式会社,C=JP' 高橋 p-384 'dns:a.example;dns:b.example' '' "$account u3"
    row 'CN=田中 さくら,O=例株式会社,C=JP' 田中 '' '' "$b" "$account u4"
    row 'CN=伊藤 三郎,O=例株式会社,C=JP' '' '' '' '' "$account u5"
    row 'CN=渡辺 葵,O=例株式会社,C=JP' 渡辺 '' '' '' "$account nobody"
    row 'CN=山本 蓮,O=例株式会社,C=JP' 山本 rsa-2048 '' '' "$account u7"
    row 'CN=中村 陽菜,O=例株式会社,C=JP' 中村 '' '' "$b" "$account u8"
    row 'CN=小林 湊,O=例株式会社,C=JP' 小林 '' '' "$b" "$account u9"
    row 'CN=加藤 凛,O=例株式会社,C=JP' 加藤 '' '' '' "$account u10"
    row 'CN=吉田 結衣,O=例株式会社,C=JP' 吉田 '' '' "$b" "$account u11"
    row 'CN=山田 大翔,O=例株式会社,C=JP' 山田 '' '' "$b" "$account u12"
} >list.csv

# --- killed in the middle, between two calls of the token ---

# What is stopped would not end.
go_on() { [ -z "$batch_pid" ] || kill -CONT "$batch_pid" 2>/dev/null || :; }

mkfifo told
as='exec' # so that $! is not a shell that waits for it
batch list.csv finished >told 2>err &
as=
batch_pid=$!
background=$batch_pid
exec 3<told
for wanted in 1 2 3; do
    read -r line <&3 || { cat err >&2; fail "the batch ended before result line $wanted"; }
done
kill -STOP $batch_pid
at_end go_on
calls=$(wc -l <calls)
echo "kill-before $((calls + 3))" >control
kill -CONT $batch_pid
status=0
{ wait $batch_pid || status=$?; } 2>notice # the shell tells of the signal
batch_pid= background=
exec 3<&-
[ $status -eq 137 ] || fail "the batch was not killed but ended with $status"
case $line in 'line 4: CN=高橋'*': enrolled') ;; *) fail "not the third row: $line" ;; esac
echo '#' >control

ends 8 batch list.csv finished
lines 12 'line '
[ "$(grep -c 'enrolled$' out)" -eq 11 ] || fail "not 11 rows enrolled: $(cat out)"
grep -q '^line 7: CN=渡辺 葵,O=例株式会社,C=JP: failed: ' out || fail "no line for the bad account"
grep -q 'already enrolled$' out || fail "the killed run has left nothing"

# Nothing more is done, but for the row that failed: it is asked for again, with the same key.
cp out before
ends 8 batch list.csv finished
lines 11 'already enrolled'
lines 1 'failed'

sed "s/$account nobody/$account u6/" list.csv >right.csv
ends 0 batch right.csv finished
lines 11 'already enrolled'
lines 12 'enrolled'
holds 6 6

# A certificate that does not fit the list was issued all the same: once the list's settings are
# right, the same key and certificate are asked for, not others.
printf 'subject,label,user\nCN=別の名前,別,%s u16\n' "$account" >misnamed.csv
issued() { "$demo_ra" certificate list --dir "$scratch/ra" --json $account u16 | grep -c serial; }
ends 7 "$certenroll" batch --module "$shim" --token pkcs11:token=card-b --pin-source pin-b \
    --url "$est" --trust-anchor "$ca" --password-source password --journal misnamed misnamed.csv
[ "$(issued)" -eq 1 ] || fail "not one certificate issued: $(issued)"
ends 0 "$certenroll" batch --module "$shim" --token pkcs11:token=card-b --pin-source pin-b \
    --url "$est" --trust-anchor "$ca" --password-source password --journal misnamed --ca-names \
    misnamed.csv
[ "$(issued)" -eq 1 ] || fail "another certificate was issued: $(issued)"
[ "$(find misnamed -name '*.journal' | wc -l)" -eq 1 ] || fail "not one journal: $(ls misnamed)"
holds 6 7

# --- the same list as JSON is the same batch ---

jq -Rn --arg b "$b" --arg a "$account" '
    [["CN=鈴木 花子,OU=経理部,O=例株式会社,C=JP", "鈴木 \"花子\"", null, ["email:hanako@example.jp"], null, "u1"],
     ["CN=佐藤 一郎,O=例株式会社,C=JP", "佐藤", "p-256", [], $b, "u2"],
     ["CN=高橋 次郎,O=例株式会社,C=JP", "高橋", "P-384", ["dns:a.example", "dns:b.example"], null, "u3"]]
    | map({subject: .[0], label: .[1], key_type: .[2], alt_names: .[3], token: .[4],
           user: ($a + " " + .[5])})' >list.json
cp keys-a keys-before
: >calls
ends 0 batch list.json finished --json --report report.json
so 'length == 3 and all(.result == "already-enrolled" and .status == "OK" and .class == 0)'
so 'map(.line) == [2, 12, 20]'
so '.[0].subject == "CN=鈴木 花子,OU=経理部,O=例株式会社,C=JP" and .[0].label == "鈴木 \"花子\""'
so 'all((.id | length == 40) and (.serial | length > 8) and (.not_after | endswith("Z")) and .name)'
cmp -s out report.json || fail "the report is not what was put out"
! grep -q C_Login calls || fail "a PIN was asked for, though nothing was to be done"
holds 6 7
cmp -s keys-a keys-before || fail "the keys are others now"

# --- a journal that was altered: its row alone is refused ---

name=$(jq -r '.[1].name' report.json)
cp "finished/$name.journal" sound
printf x >>"finished/$name.journal"
ends 3 batch list.json finished --json
so 'map(.result) == ["already-enrolled", "failed", "already-enrolled"]'
so '.[1].status == "JOURNAL"'
mv sound "finished/$name.journal"

# --- the RA wants time: the others go on, then it is asked again ---

ra_stop
ra_start --hold 6
printf 'subject,user\nCN=u13,%s u13\nCN=u14,%s u14\n' "$account" "$account" >held.csv
ends 10 batch held.csv held --no-wait --json
so 'length == 2 and all(.result == "pending" and .class == 10 and (.retry_at | endswith("Z")))'
ends 0 batch held.csv held
lines 2 ': enrolled'
grep -q 'waiting until' err || fail "not told that it waits"
holds 8 7
ra_stop
ra_start

# --- no RA: after three in a row the rest is left; the next run makes up for it ---

{
    echo subject,user
    for user in 15 16 15,O=b 16,O=b 15,O=c; do
        echo "\"CN=u$user\",$account u${user%%,*}"
    done
} >lost.csv
lost() { batch lost.csv lost-journals "$@"; }
there=$est
est=https://localhost:9
ends 9 lost
lines 3 ': failed: '
lines 2 ': not tried: '
est=$there
echo secret of somebody else >wrong-password
refused() {
    "$certenroll" batch --module "$shim" --token pkcs11:token=card-a --pin-source pin --url "$est" \
        --trust-anchor "$ca" --password-source wrong-password --ca-names --journal lost-journals \
        lost.csv
}
ends 8 refused # two accounts, one try each: five would lock them
lines 2 ': failed: '
lines 3 'has not let the account'
ends 0 lost
lines 5 ': enrolled'
holds 13 7

# --- two at once: each row is one's or the other's, or is told of and done by the next run.
# SoftHSM answers CKR_GENERAL_ERROR when it finds another process in the middle of a write. ---

# stands STATUS FILE: none of the tool's own faults, and no signal.
stands() {
    if [ "$1" -eq 1 ] || [ "$1" -gt 11 ]; then
        cat "$2" err >&2
        fail "one of two ended with $1"
    fi
}
{
    echo subject,user
    for user in 1 2 3 4 5 6 7 8; do echo "\"CN=u$user,O=twice\",$account u$user"; done
} >both.csv
batch both.csv both >other 2>&1 &
other=$!
status=0
batch both.csv both >out 2>err || status=$?
stands $status out
status=0
wait $other || status=$?
stands $status other
ends 0 batch both.csv both
lines 8 'enrolled'
holds 21 7

# --- a valid pair for the subject is told; a second one is made on purpose alone ---

jq '[{subject: .[0].subject, user: $user}]' --arg user "$account u1" keys-a >again.json
ends 6 batch again.json again
lines 1 'is on the token already: its CKA_ID is'
holds 21 7
ends 0 batch again.json again --another
lines 1 ': enrolled'
holds 22 7

# --- the terminal: a bar, and results of which each has its line ---

script -qec "'$certenroll' batch --module '$shim' --token pkcs11:token=card-a --pin-source pin \
    --url '$est' --trust-anchor '$ca' --password-source password --ca-names --journal finished \
    right.csv" typescript </dev/null >/dev/null || fail "the batch on a terminal: $(cat typescript)"
grep -q '\[#*\.*\] [0-9]*/12 ' typescript || fail "no progress bar: $(cat typescript)"
[ "$(grep -c 'line [0-9]*: .*already enrolled.$' typescript)" -eq 12 ] ||
    fail "not a line each: $(cat typescript)"

# --- lists that are wrong: each line is told of, nothing is started ---

# wrong LINE TEXT: so it is said of the list on standard input.
wrong() {
    cat >wrong.csv
    : >calls
    ends 2 batch wrong.csv wrong-journals
    grep -qF "wrong.csv, line $1: $2" err || { cat err >&2; fail "not said of line $1: $2"; }
    [ ! -s out ] || fail "results of a list that is wrong"
    [ ! -s calls ] || fail "the token was used for a list that is wrong"
    [ ! -e wrong-journals ] || fail "journals of a list that is wrong"
}
printf 'subject,label\nCN=a,"x\nCN=b,y\n' | wrong 2 'a quotation mark opens here'
printf 'subject,label\nCN=a,x"y\n' | wrong 2 'a quotation mark within a field'
printf 'subject,label\nCN=a,"x"y\n' | wrong 2 'a quotation mark within a field'
printf 'subject\nCN=a\rCN=b\n' | wrong 2 'a carriage return'
printf 'label,user\nx,y\n' | wrong 1 'the column "subject" is missing'
printf 'subject,colour\nCN=a,red\n' | wrong 1 'there is no column "colour"'
printf 'subject,subject\nCN=a,CN=b\n' | wrong 1 'the column "subject" is there twice'
printf 'subject,label\nCN=a\nCN=b,x,y\n' | wrong 2 '1 fields, but there are 2 columns'
printf 'subject,label\nCN=a,x\nCN=b,x,y\n' | wrong 3 '3 fields, but there are 2 columns'
printf 'subject,label\n,x\n' | wrong 2 'the subject is missing'
printf 'subject\n"CN=a\n\nCN=b"\nnonsense\n' | wrong 5 ''
grep -q 'line 2: ' err || fail "only one of two bad lines was told of"
printf 'subject,key_type\nCN=a,rsa-512\n' | wrong 2 'there is no key type "rsa-512"'
printf 'subject,alt_names\nCN=a,bogus:x\n' | wrong 2 ''
printf 'subject,token\nCN=a,card\n' | wrong 2 'the token "card" is no PKCS#11 URI'
printf 'subject,password_source\nCN=a,fd:0\n' | wrong 2 'password_source must be the name of a file'
printf 'subject,label\nCN=a,x\nCN=b,x\nCN=a,x\n' | wrong 4 'the same subject, token and label as in line 2'
printf 'subject\nCN=a\0\n' | wrong 2 'there is a NUL byte'
printf 'subject\nCN=\216\251\n' | wrong 2 'this is not UTF-8'
{ echo subject; printf 'CN=%05000d\n' 1; } | wrong 2 'subject is longer than 4096 bytes'
printf '[{"subject": "CN=a"},\n {"subject": "CN=b", "subject": "CN=c"}]' | wrong 2 'this is no JSON'
printf '[{"subject": "CN={[a"},\n\n {"label": "x"}]' | wrong 3 'the subject is missing'
printf '[{"subject": "CN=a",\n "colour": "red"}]' | wrong 1 'there is no member "colour"'
printf '[{"subject": "CN=a", "alt_names": "dns:a"}]' | wrong 1 'alt_names must be an array'
printf '[{"subject": ["CN=a"]}]' | wrong 1 'subject must be a text'
printf '[{"subject": "CN=a"}, 7]' | wrong 1 'element 2 of the array is no object'
printf '{"subject": "CN=a"}' | wrong 1 'the list must be an array'
{ echo subject; seq 1 100001 | sed 's/^/CN=/'; } | wrong 100002 'a list may have 100000 rows'
dd if=/dev/zero bs=1048576 count=17 2>/dev/null | tr '\0' '\n' >long.csv
ends 2 batch long.csv wrong-journals
grep -q 'longer than 16 MiB' err || fail "a list that is too long"
ends 2 batch /dev/null wrong-journals
grep -q 'nobody' err || fail "an empty list"
ends 2 "$certenroll" batch --url "$est" --trust-anchor "$ca" list.csv
grep -q -e '--journal is missing' err || fail "a batch without journals"

# --- a wrong PIN: one try, whatever the list says ---

echo 4321-wrong >wrong-pin
a2='pkcs11:token=card-a;manufacturer=SoftHSM%20project' # card-a once more

# one_try FAILED NOT-TRIED: that many rows of pin.csv, and one login.
one_try() {
    echo 'pin-tries 3/3' >control
    : >calls
    ends 5 "$certenroll" batch --module "$shim" --token pkcs11:token=card-a \
        --pin-source wrong-pin --url "$est" --trust-anchor "$ca" --user "$account u1" \
        --password-source password --journal pin-journals pin.csv
    lines "$1" ': failed: '
    lines "$2" ': not tried: '
    [ "$(grep -c '^C_Login ' calls)" -eq 1 ] || fail "a wrong PIN was tried again: $(cat out)"
    grep -q '^pin-tries 2/3' control || fail "more than one try is spent: $(cat control)"
    [ -z "$(find pin-journals -name '*.journal' 2>/dev/null)" ] || fail "journals without a PIN"
}
printf 'subject,token\nCN=a,\nCN=b,\nCN=c,%s\nCN=d,pkcs11:token=card-b\n' "$a2" >pin.csv
one_try 1 3
printf 'subject,token\nCN=a,pkcs11:token=card-a?pin-source=wrong-pin\n' >pin.csv
printf 'CN=b,%s?pin-source=wrong-pin\nCN=c,%s\n' "$a2" "$a2" >>pin.csv
one_try 1 2
echo '#' >control
holds 22 7
echo "batch: 12 rows on two tokens, killed and taken up again: one key and one certificate each"
