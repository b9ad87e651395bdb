#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll-corporate and certenroll-user against the real demo RA: the two flows without a browser,
# and what is refused and when. The RA's books count, not what the programs say.
# shellcheck disable=SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
export TZ=Asia/Tokyo
cd "$scratch"
. "$SOURCE_DIR/tests/support/bank_tools.sh"

# --- the command line ---

ends 2 setsid -w "$corporate_tool" steps
says '--for is missing' err
ends 2 setsid -w "$corporate_tool" --for nobody --config "$config"
says '--for "nobody" is not corporate, user or both' err
ends 2 setsid -w "$user_tool" --for corporate --config "$config"
says 'Use certenroll-corporate there.' err
ends 2 setsid -w "$user_tool" get --config "$config"
says '--corporate-id is missing' err
ends 2 setsid -w "$user_tool" get --config "$config" --corporate-id 1 --user-id 'a b'
says '--user-id has 1 to 31 letters' err
ends 2 setsid -w "$corporate_tool" reissue --config "$config"
says 'the USER is missing' err
ends 2 setsid -w "$corporate_tool" reissue 'a/b' --config "$config"
says 'USER has 1 to 31 letters' err
ends 2 setsid -w "$corporate_tool" logon --password 'corporate password'
says 'every user of this computer can read' err
says_not 'corporate password' err
ends 2 setsid -w "$corporate_tool" logon --confirmation-password-source x
says 'there is no option' err
ends 2 setsid -w "$corporate_tool" fly
says 'there is no command "fly"' err
ends 3 setsid -w "$corporate_tool" get --config nowhere.json --corporate-id 1
ends 2 setsid -w "$corporate_tool" get --config "$config" --ra Elsewhere --corporate-id 1
says 'Choose one by --ra: "Demo Bank"' err
corporate 2 get --key-type rsa-17
says 'there is no key type "rsa-17"' err
corporate 2 status --days x --json
jq -e '.error.status == "ARGUMENT"' out >jq.log || fail "no JSON: $(cat out err)"
for program in corporate user; do
    ends 0 setsid -w "$BUILD_DIR/tools/bank/certenroll-$program" --help
    says 'renew' out
    ends 0 setsid -w "$BUILD_DIR/tools/bank/certenroll-$program" get --help
    says '--again' out
    ends 0 setsid -w "$BUILD_DIR/tools/bank/certenroll-$program" --version
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
# The bank is asked for its list once, and the token for its PIN; the certificates are looked at before
# that, and once more with their keys.
corporate 0 get $with_pin --log trace
logged() { [ "$(grep -c "$2" err)" -eq "$1" ] || fail "not $1 of \"$2\": $(cat err)"; }
logged 1 'GET .*/crl: HTTP 200'
logged 1 'logging in to "customer"'
logged 2 "certificate of .* label \"$corporation\""
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
ends 11 setsid -w sh -c "'$certenroll' $remove --pin-source pin"
says 'Give --yes' err
holds "$count"
ends 0 setsid -w sh -c "'$certenroll' $remove --pin-source pin --yes --json"
is ".private_key_stays == false and (.removed | length) == 1
    and (.removed[0].serial as \$old | \"$revoked\" | contains(\$old | ascii_downcase))"
holds $((count - 1))
ends 6 setsid -w sh -c "'$certenroll' $remove --pin-source pin --yes"
says 'no key matches' err
user 0 get $with_pin --json
is '.revoked == []'
user 0 get $with_pin
says_not 'Older ones' out
user 0 logon $with_pin --password-source new

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
