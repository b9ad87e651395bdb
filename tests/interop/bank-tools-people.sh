#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll-corporate and certenroll-user, and people: in Japanese, and at the terminal, which shows
# no secret.
# shellcheck disable=SC2086,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"
export TZ=Asia/Tokyo
cd "$scratch"
. "$SOURCE_DIR/tests/support/bank_tools.sh"

both_collected
echo 'new password of user01' >new
echo 'new confirmation of user01' >new-confirmation
corporate 0 reset user01 $admin --new-password-source new \
    --new-confirmation-password-source new-confirmation
echo 'a wrong one' >wrong

# --- in Japanese ---

hiragana=$(printf '\343\201')
# With the build's own catalogues, for nothing is installed.
ja="env LC_ALL=ja_JP.UTF-8 CATALOGUES=$BUILD_DIR/locale
    LD_PRELOAD=$BUILD_DIR/tests/interop/build_catalogues.so"
if [ -z "${SANITIZE:-}" ] && [ -e "$BUILD_DIR/locale/ja/LC_MESSAGES/certenroll-tools.mo" ]; then
    ends 0 setsid -w $ja "$corporate_tool" users $me $with_pin --password-source corporate
    says '利用者ID' out
    grep -q 'user01 *○ *有効 .*年.*月.*日' out || fail "no line in Japanese: $(cat out)"
    ends 0 setsid -w $ja "$user_tool" get $me --user-id user01 $with_pin --for both
    says '手順 5' out
    says '再発行は要りません' out
    ends 8 setsid -w $ja "$user_tool" logon $me --user-id user01 $with_pin --password-source wrong
    says 'R-101' err
    grep -q '暗証番号' err || fail "the bank does not speak Japanese: $(cat err)"
    run bank reissue $corporation
    ends 8 setsid -w $ja "$corporate_tool" logon $me $with_pin --password-source corporate
    says 'R-206' err
    ends 10 setsid -w $ja "$corporate_tool" get --again $me $with_pin --password-source corporate
    says R-104 err
    grep -q '20[0-9][0-9]年.*月.*日.*12:00' err || fail "no hour in Japanese: $(cat err)"
    bank_clock --offset -1814400
    run bank reissue $corporation
    bank_clock --reset
    ends 0 setsid -w $ja "$corporate_tool" get $me $with_pin --password-source corporate --for corporate
    says '手順 2（完了）' out
    for program in corporate user; do
        ends 0 setsid -w $ja "$BUILD_DIR/tools/bank/certenroll-$program" get --help
        # Each line has hiragana: bytes E3 81.
        [ "$(grep -c '^  --' out)" -eq "$(grep '^  --' out | LC_ALL=C grep -c "$hiragana")" ] ||
            fail "not all in Japanese: $(cat out)"
    done
fi

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
