#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll-corporate and certenroll-user against the real demo RA: the two flows without a browser,
# what is refused and when, what an interrupted run leaves, and what a person is told in both
# languages. The RA's books count, not what the programs say.
# shellcheck disable=SC2086,SC2154 # several words; what bank.sh and ra.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
export TZ=Asia/Tokyo
cd "$scratch"

corporate_tool=$BUILD_DIR/tools/bank/certenroll-corporate
user_tool=$BUILD_DIR/tools/bank/certenroll-user
me="--config $config --corporate-id $corporation"
with_pin="--pin-source pin"

# ends STATUS COMMAND...: without a terminal, into `out` and `err`; its exit status is this one.
ends() {
    wanted=$1 status=0
    shift
    setsid -w "$@" >out 2>err </dev/null || status=$?
    [ $status -eq "$wanted" ] ||
        fail "$*: exit status $status instead of $wanted: $(cat out err "$scratch/server.log")"
}
# corporation STATUS COMMAND [OPTION...], user the same
corporate() {
    wanted_status=$1
    shift
    ends "$wanted_status" "$corporate_tool" "$@" $me
}
user() {
    wanted_status=$1
    shift
    ends "$wanted_status" "$user_tool" "$@" $me --user-id user01
}
says() { grep -qF -e "$1" "$2" || fail "$2 does not say \"$1\": $(cat out err)"; }
says_not() { ! grep -qF -e "$1" "$2" || fail "$2 says \"$1\": $(cat out err)"; }
is() { jq -e "$1" out >jq.log 2>&1 || fail "not so: $1: $(cat out err)"; }

# pairs: how many keys and certificates of end entities the customer's token holds.
pairs() {
    "$certenroll" list --json --token pkcs11:token=customer --module "$SOFTHSM2_MODULE" \
        --pin-source pin >list.json || fail "list: $(cat list.json)"
    jq -r '[.entries[] | select(.state != "ca")] | length' list.json
}
holds() { [ "$(pairs)" -eq "$1" ] || fail "the token holds $(pairs) pairs, not $1: $(cat list.json)"; }
journals() { find "$XDG_STATE_HOME" -name '*.journal' 2>/dev/null | wc -l; }
# in_force NAME: the serial numbers of a name that are in force, by the books
in_force() {
    "$demo_ra" certificate list --dir ra --json >books || fail "books"
    jq -r --arg n "$1" 'select(.account == $n and .state != "revoked") | .serial' books
}

# --- the command line ---

ends 2 "$corporate_tool" steps
says '--for is missing' err
ends 2 "$corporate_tool" --for nobody --config "$config"
says '--for "nobody" is not corporate, user or both' err
ends 2 "$user_tool" --for corporate --config "$config"
says 'Use certenroll-corporate there.' err
ends 2 "$user_tool" get --config "$config"
says '--corporate-id is missing' err
ends 2 "$user_tool" get --config "$config" --corporate-id 1 --user-id 'a b'
says '--user-id has 1 to 31 letters' err
ends 2 "$corporate_tool" reissue --config "$config"
says 'the USER is missing' err
ends 2 "$corporate_tool" reissue 'a/b' --config "$config"
says 'USER has 1 to 31 letters' err
ends 2 "$corporate_tool" logon --password 'corporate password'
says 'every user of this computer can read' err
says_not 'corporate password' err
ends 2 "$corporate_tool" logon --confirmation-password-source x
says 'there is no option' err
ends 2 "$corporate_tool" fly
says 'there is no command "fly"' err
ends 3 "$corporate_tool" get --config nowhere.json --corporate-id 1
ends 2 "$corporate_tool" get --config "$config" --ra Elsewhere --corporate-id 1
says 'Choose one by --ra: "Demo Bank"' err
corporate 2 get --key-type rsa-17
says 'there is no key type "rsa-17"' err
corporate 2 status --days x --json
jq -e '.error.status == "ARGUMENT"' out >jq.log || fail "no JSON: $(cat out err)"
for program in corporate user; do
    ends 0 "$BUILD_DIR/tools/bank/certenroll-$program" --help
    says 'renew' out
    ends 0 "$BUILD_DIR/tools/bank/certenroll-$program" get --help
    says '--again' out
    ends 0 "$BUILD_DIR/tools/bank/certenroll-$program" --version
done

# Both pages of the manual have every option and command.
for program in corporate user; do
    : >told
    for command in steps get logon renew status users register reissue reset; do
        "$BUILD_DIR/tools/bank/certenroll-$program" $command --help 2>/dev/null >out || continue
        echo $command >>told
        grep -o '^  --[a-z-]*' out | sed 's/^  --//' | grep -vx -e help -e version >>told
    done
    [ "$(wc -l <told)" -ge 40 ] || fail "the help tells nothing: $(cat told)"
    for page in "$SOURCE_DIR/docs/man/certenroll-$program.1" "$SOURCE_DIR/docs/man/ja/certenroll-$program.1"; do
        sed 's/\\-/-/g' "$page" >manual
        sort -u told | while read -r word; do
            grep -qwe "$word" manual || fail "$page does not tell of $word"
        done
    done
done

# --- nothing is there: said before any password or PIN ---

for command in logon users 'register user01' 'reissue user01' 'reset user01' renew; do
    corporate 6 $command
    says "there is no certificate of \"$corporation\" on the token \"customer\"" err
    says 'certenroll-corporate get' err
done
user 6 logon
says "there is no certificate of \"$corporation user01\"" err
corporate 6 status
corporate 6 status --json
is '.state == "none"'
corporate 0 --for both
says 'steps 1 to 5' out
says 'step 1 (next)' out
says 'step 5 (later)' out
says "certenroll-user get --corporate-id $corporation --user-id USER" out
corporate 0 --for corporate
says_not 'step 3' out
user 0 --for user
says_not 'step 2' out
says 'step 3 (next)' out
says "certenroll-corporate reissue user01 --corporate-id $corporation" out

# --- the corporation, on its first PC ---

# Another PC, with software keys: there the administrator has registered user01.
bank_user
corporate 8 get $with_pin --password-source corporate
says '(R-103)' err
[ "$(in_force "$corporation" | wc -l)" -eq 1 ] || fail "not the one certificate: $(cat books)"

# --- an interrupted collection ---

# reissue_user: as the administrator does; what was there is revoked.
reissue_user() {
    call 200 "$login/api/reissue" "$(jq -cn --arg p "$(cat corporate)" --arg u "$1" \
        --arg c "$(cat corporate-confirmation)" \
        '{password: $p, confirmation_password: $c, user_id: $u}')" --cert admin.pem --key admin.key
}
new_token() {
    run softhsm2-util --delete-token --token crash
    softhsm_token crash
}
on_crash="--token pkcs11:token=crash $me --user-id user02 $with_pin"
# again: into `out`, for user02
again() {
    setsid -w "$@" "$user_tool" get $on_crash --password-source user </dev/null >out 2>err
}
# killed CLASS MOMENT NUMBER: the program dies at this operation. Then a second run has to end as if
# there had been no first: one pair, one certificate in force, no journal. Returns 1 when there is
# no such operation.
killed() {
    reissue_user user02
    new_token
    status=0
    again env LD_PRELOAD="$BUILD_DIR/tests/shim/certenroll-crash-points.so" \
        CRASH_POINT="$1 $2 $3" CRASH_JOURNALS="$XDG_STATE_HOME/certenroll" 2>killed.log || status=$?
    [ $status -ne 0 ] || return 1
    [ $status -eq 137 ] || fail "killed $*: exit status $status: $(cat out err)"
    [ "$(journals)" -eq 0 ] || left=$((left + 1))
    again env || fail "after it was killed $*: $(cat out err)"
    "$certenroll" list --json --token pkcs11:token=crash --module "$SOFTHSM2_MODULE" \
        --pin-source pin >list.json || fail "list: $(cat list.json)"
    jq -e '[.entries[] | select(.state != "ca")] | length == 1 and .[0].state == "valid"' list.json \
        >jq.log || fail "killed $*: not the one pair: $(cat list.json)"
    jq -r '.entries[] | select(.state != "ca").serial | ascii_downcase' list.json >there
    in_force "$corporation user02" | tr '[:upper:]' '[:lower:]' >valid
    cmp -s there valid || fail "killed $*: on the token $(cat there), in force $(cat valid)"
    [ "$(journals)" -eq 0 ] || fail "killed $*: a journal stays"
    ends 0 "$user_tool" logon --token pkcs11:token=crash $me --user-id user02 $with_pin \
        --password-source user
}
# unconfirmed: a certificate on the token that the bank has not been told the arrival of
unconfirmed() {
    number=8
    until grep -qs '^state: CONFIRMED' "$XDG_STATE_HOME"/certenroll/*.journal; do
        rm -rf "$XDG_STATE_HOME/certenroll"
        reissue_user user02
        new_token
        again env LD_PRELOAD="$BUILD_DIR/tests/shim/certenroll-crash-points.so" \
            CRASH_POINT="network before $number" CRASH_JOURNALS="$XDG_STATE_HOME/certenroll" \
            2>killed.log || :
        number=$((number + 8))
        [ $number -lt 2000 ] || fail "it never dies before it confirms"
    done
}
# unheard: the same journal again, as if the bank's confirmation had never come
unheard() {
    rm -rf "$XDG_STATE_HOME/certenroll"
    cp -rp unconfirmed "$XDG_STATE_HOME/certenroll"
}
# renewal_killed: a renewal by the present pair of user02 that was begun
renewal_killed() {
    number=1
    until [ "$(journals)" -eq 1 ]; do
        status=0
        setsid -w env LD_PRELOAD="$BUILD_DIR/tests/shim/certenroll-crash-points.so" \
            CRASH_POINT="journal after $number" CRASH_JOURNALS="$XDG_STATE_HOME/certenroll" \
            "$user_tool" renew $on_crash </dev/null >out 2>err || status=$?
        [ $status -eq 137 ] || fail "exit status $status of what is killed: $(cat out err)"
        number=$((number + 1))
    done
}
# every CLASS MOMENT STEP: at each STEP-th operation.
every() {
    number=1
    while killed "$1" "$2" $number; do
        number=$((number + $3))
        [ $number -lt 2000 ] || fail "it never comes to its end"
        points=$((points + 1))
    done
}
if [ -z "${SANITIZE:-}" ]; then # what is preloaded would come before the sanitizers
    bank_user user02
    softhsm_token crash
    points=0 left=0
    every journal after 4
    every network before 5
    echo "bank-tools: killed at $points points, $left of them with a journal left"
    [ $points -ge 12 ] || fail "too few points"
    [ $left -ge 6 ] || fail "too few points with something left"

    # What the bank has not confirmed: it is told what to do, before the bank revokes it.
    unconfirmed
    cp -rp "$XDG_STATE_HOME/certenroll" unconfirmed
    ends 2 "$user_tool" renew $on_crash
    says 'its collection was interrupted. Have it finished first: certenroll-user get' err
    [ "$(journals)" -eq 1 ] || fail "a renewal was begun"
    ends 10 "$user_tool" status $on_crash
    ends 0 "$user_tool" logon $on_crash --password-source user
    says 'begin it again: certenroll-user get' out
    again env || fail "it is not confirmed: $(cat out err)"

    # It has confirmed it, and nobody heard. Then it is kept, unless it was revoked since and the
    # new one collected elsewhere.
    unheard
    again env || fail "it is not kept: $(cat out err)"
    says 'is on the token and is kept' out
    [ "$(journals)" -eq 0 ] || fail "a journal stays"
    unheard
    reissue_user user02
    collect elsewhere $corporation user02
    ends 8 "$user_tool" get $on_crash --password-source user
    says 'has been revoked by the bank' err
    says '(R-103)' err
    says_not 'is kept' out
    [ "$(journals)" -eq 0 ] || fail "a journal stays"

    # A renewal by a pair that was revoked since: it is over, and hinders no other.
    reissue_user user02
    again env || fail "no new one: $(cat out err)"
    renewal_killed
    reissue_user user02
    ends 8 "$user_tool" renew $on_crash
    says 'have a new one ordered, then: certenroll-user get' err
    [ "$(journals)" -eq 0 ] || fail "a journal stays"
    again env || fail "no new one: $(cat out err)"
    renewal_killed
    reissue_user user02
    again env || fail "no new one: $(cat out err)"
    ends 0 "$user_tool" renew $on_crash
    says '- nothing can come of it' err
    [ "$(journals)" -eq 0 ] || fail "a journal stays"
    ends 0 "$user_tool" logon $on_crash --password-source user
fi

# --- the PC is replaced: steps 1 and 2 ---

run bank reissue $corporation
[ -z "$(in_force "$corporation")" ] || fail "the former certificate is in force"
corporate 10 get $with_pin --password-source corporate
says '(R-104)' err
grep -q '20[0-9][0-9].*12:00' err || fail "no date and hour: $(cat err)"
corporate 10 get $with_pin --password-source corporate --json
is '.error.code == "R-104"'
holds 0

# The order comes into effect: one that the branch received three weeks ago.
bank_clock --offset -1814400
run bank reissue $corporation
bank_clock --reset

echo 'a wrong one' >wrong
corporate 8 get $with_pin --password-source wrong
says '(R-101)' err
corporate 11 get $with_pin
says 'Name one by --password-source' err
corporate 3 get $with_pin --password-source nowhere
holds 0
corporate 0 get --for both $with_pin --password-source corporate
says "the certificate of \"$corporation\" is on the token, and the bank has confirmed it" out
says 'step 2 (done)' out
says 'step 3 (next)' out
says '- key and certificate are proven' err
grep -q 'valid until .*20[0-9][0-9]-.*JST' out || fail "no date with a zone: $(cat out)"
holds 1
bank_audit | tail -n 1 | grep -q "job-confirmed.$corporation" || fail "not confirmed: $(bank_audit)"
[ "$(journals)" -eq 0 ] || fail "a journal stays"

# It is there: kept, without a password.
corporate 0 get $with_pin
says 'is on the token and is kept' out
says 'no reissue is needed' out
corporate 0 get $with_pin --json
is '.kept and .state == "valid" and (.not_after | endswith("Z"))'
holds 1
corporate 0 status
corporate 0 --for corporate
says 'no reissue is needed' out
corporate 0 --for both --json
is '[.steps[].state] == ["done", "done", "next", "later", "later"]'

# --- logging on ---

corporate 0 logon $with_pin --password-source corporate
says "logged on at Demo Bank as $corporation" out
corporate 0 logon $with_pin --password-source corporate --json
is ".name == \"$corporation\" and .state == \"valid\""
corporate 8 logon $with_pin --password-source wrong
says '(R-101)' err
corporate 8 logon $with_pin --password-source wrong --json
is '.error.code == "R-101" and .error.class == 8'
corporate 11 logon $with_pin
corporate 5 logon --pin-source wrong --password-source corporate

# PIN and passwords from one pipe, in the order of the questions.
{ cat pin; echo; cat corporate; } >lines
setsid -w "$corporate_tool" logon $me --pin-source fd:3 --password-source fd:3 3<lines >out 2>err ||
    fail "secrets from a pipe: $(cat out err)"

# --- steps 3 and 4 ---

corporate 0 users $with_pin --password-source corporate
says 'user01' out
grep -q 'user01 *○ *waiting' out || fail "no circle for what can be collected: $(cat out)"
admin="$with_pin --password-source corporate --confirmation-password-source corporate-confirmation"
corporate 2 reissue user99 $admin
says 'has no user "user99"' err
corporate 8 reissue user01 $with_pin --password-source corporate \
    --confirmation-password-source wrong
says '(R-105)' err
corporate 11 reissue user01 $with_pin --password-source corporate
says 'waiting to be collected' err
corporate 0 reissue user01 $admin
says 'a certificate is ordered for user "user01"' out
says 'It can be collected now.' out
says "certenroll-user get --corporate-id $corporation --user-id user01" out

# --- step 5 ---

user 8 get $with_pin --password-source wrong
says '(R-101)' err
user 0 get --for both $with_pin --password-source user
says 'Everything is there.' out
holds 2
user 0 logon $with_pin --password-source user --json
is ".name == \"$corporation user01\""
corporate 0 users $with_pin --password-source corporate --json
is '.users[] | select(.user_id == "user01") | .state == "valid" and .circle'
user 0 status --json
is '.state == "valid" and .interrupted == false and .certificates == 1'
user 10 status --days 4000
says 'certenroll-user renew' out

# --- another's certificate ---

# On a token that has the corporation's alone, a user is refused before anything is asked.
ends 6 "$user_tool" logon $me --user-id user02 --password-source user
says "there is no certificate of \"$corporation user02\"" err
grep -q "it has those of .*\"$corporation user01\"" err || fail "the others are not told: $(cat err)"
# A certificate of the same name by another CA, with its key on the token.
softhsm_token other
on_other="--token pkcs11:token=other --module $SOFTHSM2_MODULE --pin-source pin"
run "$certenroll" csr $on_other --key-type p-256 --label x --subject "CN=$corporation" --out other.csr
run openssl req -x509 -new -nodes -newkey ed25519 -keyout false-ca.key -out false-ca.pem \
    -subj '/CN=Demo Bank Root CA'
printf 'extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n' >extensions
run openssl x509 -req -in other.csr -CA false-ca.pem -CAkey false-ca.key -out other.pem \
    -extfile extensions
run "$certenroll" install $on_other --trust-anchor false-ca.pem other.pem
bank_audit | grep -c logon- >before
corporate 6 logon --token pkcs11:token=other $with_pin --password-source corporate
says 'is not one of Demo Bank' err
corporate 6 users --token pkcs11:token=other
[ "$(bank_audit | grep -c logon-)" -eq "$(cat before)" ] || fail "a password was sent"

# issued NAME SUBJECT DAYS: a pair on that token, by that CA
issued() {
    run "$certenroll" csr $on_other --key-type p-256 --label "$1" --subject "$2" --out "$1.csr"
    run openssl x509 -req -in "$1.csr" -CA false-ca.pem -CAkey false-ca.key -days "$3" \
        -out "$1.pem" -extfile extensions
    run "$certenroll" install $on_other --trust-anchor false-ca.pem "$1.pem"
}
# A name is no part of a command unless it can be an ID.
issued odd "CN=$corporation \$(id)" 30
corporate 0 --for both --token pkcs11:token=other
says '--user-id USER' out
says_not 'id)' out

# --- the revocation list: of another bank, with that CA ---

mkdir www
run openssl req -new -nodes -newkey ed25519 -keyout www.key -out www.csr -subj /CN=localhost
echo subjectAltName=DNS:localhost >extensions.www
run openssl x509 -req -in www.csr -CA false-ca.pem -CAkey false-ca.key -out www.pem \
    -extfile extensions.www
(cd www && exec setpriv --pdeathsig KILL -- openssl s_server -accept localhost:0 -WWW \
    -cert ../www.pem -key ../www.key >../www.log 2>&1 </dev/null) &
background=$!
await $background grep -q '^ACCEPT' www.log || fail "openssl s_server: $(cat www.log)"
www="https://localhost:$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' www.log)"
cat >www.json <<END
{ "version": 1,
  "ras": [ { "name": "Other Bank", "entry": "$www", "login": "$www", "est": "$www",
             "trust_anchor": "$scratch/false-ca.pem" } ],
  "token": "pkcs11:token=other", "module": "$SOFTHSM2_MODULE" }
END
printf '[ca]\ndefault_ca=x\n[x]\ndatabase=index\ndefault_md=default\ndefault_crl_days=1\n' >ca.cnf
: >index
# listed REASON: "newer" is on the list of today.
listed() {
    : >index
    run openssl ca -config ca.cnf -cert false-ca.pem -keyfile false-ca.key -revoke newer.pem \
        -crl_reason "$1"
    run openssl ca -config ca.cnf -cert false-ca.pem -keyfile false-ca.key -gencrl -out list.pem
    run openssl crl -in list.pem -outform DER -out www/crl
}
get_other="$corporate_tool get --json --config www.json --corporate-id $corporation $with_pin"
issued newer "CN=$corporation" 60
# best FILE: the pair that is to be used has this certificate.
best() {
    is ".kept and .serial == \"$(openssl x509 -in "$1" -noout -serial | sed 's/.*=//' |
        tr '[:upper:]' '[:lower:]')\""
}

# Without a list nothing is held against anything; the person is told.
ends 0 $get_other
says 'revocation list of today cannot be had' err
is '.revoked == []'
best newer.pem
listed keyCompromise
ends 0 $get_other
says_not 'cannot be had' err
is '.revoked | length == 1'
best other.pem
# What is on hold is of no use now, and may be again.
listed certificateHold
ends 0 $get_other
is '.revoked == []'
best other.pem
# A list that is no longer of today says nothing; nor does one by another key.
listed keyCompromise
run openssl ca -config ca.cnf -cert false-ca.pem -keyfile false-ca.key -gencrl -out list.pem \
    -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z
run openssl crl -in list.pem -outform DER -out www/crl
ends 0 $get_other
says 'revocation list of today cannot be had' err
is '.revoked == []'
best newer.pem
run openssl req -x509 -new -nodes -newkey ed25519 -keyout impostor.key -out impostor.pem \
    -subj '/CN=Demo Bank Root CA'
run openssl ca -config ca.cnf -cert impostor.pem -keyfile impostor.key -gencrl -out list.pem
run openssl crl -in list.pem -outform DER -out www/crl
ends 0 $get_other
is '.revoked == []'
best newer.pem
stop $background
background=

# --- renewal ---

first=$(in_force "$corporation user01")
user 0 renew $with_pin
says 'renewed' out
says '- what it replaces is removed' err
holds 2
user 0 logon $with_pin --password-source user --json
is ".serial != \"$first\""
user 0 renew $with_pin --key-type rsa-2048 --json
is '.key_type == "RSA-2048"'
holds 2
user 0 logon $with_pin --password-source user

# --- new passwords ---

echo 'new password of user01' >new
echo 'new confirmation of user01' >new-confirmation
corporate 0 reset user01 $admin --new-password-source new \
    --new-confirmation-password-source new-confirmation
says 'are set anew' out
user 8 logon $with_pin --password-source user
user 0 logon $with_pin --password-source new
echo short >short
corporate 8 reset user01 $admin --new-password-source short \
    --new-confirmation-password-source new-confirmation
says '(R-109)' err
user 0 logon $with_pin --password-source new

# --- one more user ---

corporate 0 register user03 $admin --new-password-source new \
    --new-confirmation-password-source new-confirmation
says 'user "user03" is registered' out
corporate 8 register user03 $admin --new-password-source new \
    --new-confirmation-password-source new-confirmation
says '(R-110)' err
corporate 0 users --json $with_pin --password-source corporate
is '.users[] | select(.user_id == "user03") | .state == "waiting"'

# --- revoked by the bank: the same token takes a new one ---

revoked=$(in_force "$corporation user01" | tr '[:upper:]\n' '[:lower:] ')
corporate 0 reissue user01 $admin
says 'valid, valid until' err
says 'is revoked, and a new one is ordered' out
user 8 logon $with_pin --password-source new
says '(R-206)' err
user 0 get $with_pin --password-source new --json
says 'has been revoked by the bank' err
is ".kept == false and (.serial as \$new | \"$revoked\" | contains(\$new | ascii_downcase) | not)"
is '.revoked | length == 1'
user 0 logon $with_pin --password-source new

# The revoked pair is in every picker still: nobody is there to be asked, so the command is told.
count=$(pairs)
user 0 get $with_pin
says 'Older ones of this name stay on the token (1)' out
remove=$(sed -n 's/.*To remove it: certenroll \(remove .*\)/\1/p' out)
[ -n "$remove" ] || fail "no command to remove it: $(cat out)"
ends 11 sh -c "'$certenroll' $remove --pin-source pin"
says 'Give --yes' err
holds "$count"
ends 0 sh -c "'$certenroll' $remove --pin-source pin --yes --json"
is ".private_key_stays == false and (.removed | length) == 1
    and (.removed[0].serial as \$old | \"$revoked\" | contains(\$old | ascii_downcase))"
holds $((count - 1))
ends 6 sh -c "'$certenroll' $remove --pin-source pin --yes"
says 'no key matches' err
user 0 get $with_pin --json
is '.revoked == []'
user 0 get $with_pin
says_not 'Older ones' out
user 0 logon $with_pin --password-source new

# --- in Japanese ---

hiragana=$(printf '\343\201')
# With the build's own catalogues, for nothing is installed.
ja="env LC_ALL=ja_JP.UTF-8 CATALOGUES=$BUILD_DIR/locale
    LD_PRELOAD=$BUILD_DIR/tests/interop/build_catalogues.so"
if [ -z "${SANITIZE:-}" ] && [ -e "$BUILD_DIR/locale/ja/LC_MESSAGES/certenroll-tools.mo" ]; then
    ends 0 $ja "$corporate_tool" users $me $with_pin --password-source corporate
    says '利用者ID' out
    grep -q 'user01 *○ *有効 .*年.*月.*日' out || fail "no line in Japanese: $(cat out)"
    ends 0 $ja "$user_tool" get $me --user-id user01 $with_pin --for both
    says '手順 5' out
    says '再発行は要りません' out
    ends 8 $ja "$user_tool" logon $me --user-id user01 $with_pin --password-source wrong
    says 'R-101' err
    grep -q '暗証番号' err || fail "the bank does not speak Japanese: $(cat err)"
    run bank reissue $corporation
    ends 8 $ja "$corporate_tool" logon $me $with_pin --password-source corporate
    says 'R-206' err
    ends 10 $ja "$corporate_tool" get --again $me $with_pin --password-source corporate
    grep -q 'R-104.*20[0-9][0-9]年.*月.*日.*12:00' err || fail "no hour in Japanese: $(cat err)"
    bank_clock --offset -1814400
    run bank reissue $corporation
    bank_clock --reset
    ends 0 $ja "$corporate_tool" get $me $with_pin --password-source corporate --for corporate
    says '手順 2（完了）' out
    for program in corporate user; do
        ends 0 $ja "$BUILD_DIR/tools/bank/certenroll-$program" get --help
        # Each line has hiragana: bytes E3 81.
        [ "$(grep -c '^  --' out)" -eq "$(grep '^  --' out | LC_ALL=C grep -c "$hiragana")" ] ||
            fail "not all in Japanese: $(cat out)"
    done
fi

# --- locked ---

for _ in 1 2 3 4; do
    corporate 8 logon $with_pin --password-source wrong
    says '(R-101)' err
done
corporate 8 logon $with_pin --password-source wrong
corporate 8 logon $with_pin --password-source corporate
says '(R-102)' err
run bank unlock $corporation
corporate 0 logon $with_pin --password-source corporate

# --- at the terminal ---

needs_terminal "the rest passed"
# typed STATUS: the program has ended, and the terminal has shown no secret.
typed() {
    terminal_end "$1"
    for secret in pin corporate corporate-confirmation new newer; do
        ! grep -aqF -e "$(cat $secret)" shown || fail "a secret is shown on the terminal"
    done
}
echo 'newer password 1' >newer

terminal_begin "'$corporate_tool' --config '$config'"
types 'What is this PC for' both
types 'Corporate ID:' $corporation
typed 0
grep -aq 'step 5' shown || fail "no overview: $(cat shown)"

terminal_begin "'$user_tool' logon --config '$config'"
types 'Corporate ID:' $corporation
types 'User ID:' user01
types 'PIN of the token' "$pin"
types 'User password' "$(cat new)"
typed 0
grep -aq 'logged on at Demo Bank' shown || fail "not logged on: $(cat shown)"

# A name that is not on the token: nothing secret is asked for.
terminal_begin "'$user_tool' logon --config '$config' --corporate-id $corporation"
types 'User ID:' nobody
typed 6
! grep -aq 'PIN of\|password' shown || fail "a secret is asked for: $(cat shown)"

terminal_begin "'$corporate_tool' reset user01 $me"
types 'PIN of the token' "$pin"
types 'Corporate password' "$(cat corporate)"
types 'Corporate confirmation password' "$(cat corporate-confirmation)"
types 'New user password' "$(cat newer)"
types 'Once more' "$(cat newer)"
types 'New user confirmation password' "$(cat new-confirmation)"
types 'Once more' "$(cat new-confirmation)" 2
typed 0
user 0 logon $with_pin --password-source newer

terminal_begin "'$corporate_tool' reset user01 $me $with_pin --password-source corporate \
    --confirmation-password-source corporate-confirmation"
types 'New user password' "$(cat new)"
types 'Once more' "$(cat newer)"
typed 11
user 0 logon $with_pin --password-source newer

# What the bank has revoked goes when the person says so, and only then.
corporate 0 reissue user01 $admin
count=$(pairs)
get_again="'$user_tool' get --for both $me --user-id user01 $with_pin --password-source newer"
terminal_begin "$get_again"
types 'Nobody can bring it back. [y/N]' n
typed 0
grep -aq 'To remove it: certenroll remove --id' shown || fail "no command: $(cat shown)"
holds $((count + 1))
terminal_begin "$get_again"
types 'Nobody can bring it back. [y/N]' y
typed 0
grep -aq 'It is removed.' shown || fail "not removed: $(cat shown)"
! grep -aq 'Older ones' shown || fail "it is told of: $(cat shown)"
holds "$count"
user 0 logon $with_pin --password-source newer
