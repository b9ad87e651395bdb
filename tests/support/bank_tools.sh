# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# For the scripts bank-tools*.sh: certenroll-corporate and certenroll-user for the corporation and
# user01, on the token "customer". Read by `.` in $scratch, after bank.sh and outcome.sh; sets
#
#     corporate_tool  user_tool
#     me        the options that say who, of the corporation
#     with_pin  the option with the token's PIN
#     admin     those of what an administrator does

corporate_tool=$BUILD_DIR/tools/bank/certenroll-corporate
user_tool=$BUILD_DIR/tools/bank/certenroll-user
me="--config $config --corporate-id $corporation"
with_pin="--pin-source pin"
admin="$with_pin --password-source corporate --confirmation-password-source corporate-confirmation"

# corporation STATUS COMMAND [OPTION...], user the same
corporate() {
    wanted_status=$1
    shift
    ends "$wanted_status" setsid -w "$corporate_tool" "$@" $me
}
user() {
    wanted_status=$1
    shift
    ends "$wanted_status" setsid -w "$user_tool" "$@" $me --user-id user01
}

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

# both_collected: the certificates of the corporation and of user01 are on the token, after an order
# that the branch received three weeks ago.
both_collected() {
    bank_user
    bank_clock --offset -1814400
    run bank reissue $corporation
    bank_clock --reset
    corporate 0 get $with_pin --password-source corporate
    user 0 get $with_pin --password-source user
    holds 2
}
