#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Advice of certenroll-corporate and certenroll-user, followed, at the demo RA.
# shellcheck disable=SC2086,SC2119,SC2154 # several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl jq openssl softhsm2-util
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
export TZ=Asia/Tokyo
cd "$scratch"
. "$SOURCE_DIR/tests/support/bank_tools.sh"
. "$SOURCE_DIR/tests/support/advice.sh"

export SHIM_MODULE="$SOFTHSM2_MODULE" SHIM_LOG="$scratch/calls" SHIM_CONTROL="$scratch/control"
: >calls
the_token() { printf '%s\n' "$@" >control; }
the_token '#'
shim=$BUILD_DIR/tests/shim/certenroll-shim.so
sed "s|\"module\": \"[^\"]*\"|\"module\": \"$shim\"|" "$config" >shimmed.json
echo 5678-officer >so
echo "$pin" >new

# asked STATUS PROGRAM COMMAND OPTION...: fails so, with nobody to be asked.
asked() {
    wanted_status=$1 program=$2
    shift 2
    fails "$wanted_status" setsid -w "$program" "$@"
}
# now PROGRAM COMMAND OPTION...: and it helps.
now() { helps 0 setsid -w "$@"; }
# printed_now OPTION...: the printed command does.
printed_now() { helps 0 env PATH="$BUILD_DIR/tools/bank:$PATH" setsid -w sh -c "$printed $*"; }

# --- the configuration, and the command line ---

at_bank="--config $config --corporate-id $corporation $with_pin --password-source corporate"
bank_user # by another PC, with a software key
bank_clock --offset -1814400
run bank reissue $corporation
bank_clock --reset
asked 3 "$corporate_tool" get --config "$scratch/nowhere.json" --corporate-id $corporation
advises "Have your system's administrator set up %s"
cp "$config" "$scratch/nowhere.json"
helps 6 setsid -w "$corporate_tool" status --config "$scratch/nowhere.json" --corporate-id $corporation
chmod 666 "$scratch/nowhere.json"
asked 2 "$corporate_tool" status --config "$scratch/nowhere.json" --corporate-id $corporation
advises 'It must belong to root or to you'
chmod 600 "$scratch/nowhere.json"
helps 6 setsid -w "$corporate_tool" status --config "$scratch/nowhere.json" --corporate-id $corporation
asked 2 "$corporate_tool" status $me --ra Elsewhere
advises 'Choose one by --ra'
helps 6 setsid -w "$corporate_tool" status $me --ra 'Demo Bank'
asked 2 "$user_tool" --for corporate --config "$config"
advises 'Use certenroll-corporate there.'
now "$corporate_tool" --for corporate $me

# --- a certificate is there to be collected ---

asked 11 "$corporate_tool" get $me $with_pin
advises 'Name one by %s.'
now "$corporate_tool" get $at_bank
asked 6 "$corporate_tool" logon $at_bank --token pkcs11:token=bank
advises 'Insert the right token, or get one'
now "$corporate_tool" logon $at_bank
asked 2 "$corporate_tool" reissue user99 $me $admin
advises '\"%s users\" lists them.'
quoted
printed_now $at_bank
says user01 said
now "$corporate_tool" reissue user01 $me $admin
user_at_bank="$me --user-id user01 $with_pin"
asked 6 "$user_tool" logon $user_at_bank --password-source user
advises 'Insert the right token, or get one'
by 'get one: '
printed_now $user_at_bank --password-source user
now "$user_tool" logon $user_at_bank --password-source user

# --- renewing ---

ra_stop
asked 9 "$user_tool" renew $user_at_bank
advises 'The present pair is untouched unless'
ra_start
by 'To go on: '
printed_now $user_at_bank
now "$corporate_tool" reissue user01 $me $admin # which revokes the one on the token
asked 8 "$user_tool" renew $user_at_bank
advises 'The present pair is untouched. If the bank'
by 'ordered, then: '
printed_now $user_at_bank --password-source user
now "$user_tool" renew $user_at_bank

# --- a collection that was interrupted before it was confirmed ---

if [ -z "${SANITIZE-}" ]; then # what kills it would come before the sanitizers' library
    run setsid -w "$corporate_tool" register user02 $me $admin --new-password-source user \
        --new-confirmation-password-source user-confirmation
    softhsm_token crash
    crash_user="$me --user-id user02 $with_pin --token pkcs11:token=crash"
    reissue() { run setsid -w "$corporate_tool" reissue user02 $me $admin; }
    number=24
    until grep -qs '^state: CONFIRMED' "$XDG_STATE_HOME"/certenroll/*.journal; do
        rm -rf "$XDG_STATE_HOME/certenroll"
        reissue
        run softhsm2-util --delete-token --token crash
        softhsm_token crash
        setsid -w env LD_PRELOAD="$BUILD_DIR/tests/shim/certenroll-crash-points.so" \
            CRASH_POINT="network before $number" CRASH_JOURNALS="$XDG_STATE_HOME/certenroll" \
            "$user_tool" get $crash_user --password-source user >out 2>err </dev/null || :
        number=$((number + 8))
        [ $number -lt 2000 ] || fail "it never dies before it confirms"
    done
    asked 2 "$user_tool" renew $crash_user
    advises 'Have it finished first'
    by 'finished first: '
    printed_now $crash_user --password-source user
    now "$user_tool" renew $crash_user
else
    echo 'Have it finished first: %s get' >>followed
fi

# --- PINs: these programs change none, certenroll does ---

shimmed="--config $scratch/shimmed.json --corporate-id $corporation"
card="--token pkcs11:token=customer --module $shim"
logon() { setsid -w "$corporate_tool" logon $shimmed --pin-source pin --password-source corporate "$@"; }
the_token 'flags +USER_PIN_LOCKED'
fails 5 logon
advises "Have the PIN unblocked with the token's SO PIN (PUK)."
run "$certenroll" token pin --unblock $card --so-pin-source so --new-pin-source new
the_token '#'
helps 0 logon
the_token 'flags +USER_PIN_TO_BE_CHANGED'
fails 5 logon
advises "Change the PIN with the token's own tool"
run "$certenroll" token pin $card --pin-source pin --new-pin-source new
the_token '#'
helps 0 logon
the_token 'flags -USER_PIN_INITIALIZED'
fails 5 logon
advises "Set the token's first user PIN"
run "$certenroll" token pin --unblock $card --so-pin-source so --new-pin-source new
the_token '#'
helps 0 logon
the_token 'pin-tries 1/3'
fails 5 logon
advises 'Make sure of the PIN; then allow the last try'
helps 0 logon --allow-final-try

all_followed
