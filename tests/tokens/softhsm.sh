# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# SoftHSM 2: a token in files, within the process that uses it.

pin=1234-user so_pin=5678-officer

token_start() {
    module=$SOFTHSM2_MODULE
    uri="pkcs11:token=card"
    softhsm_begin "$scratch/card"
    softhsm_token card
}

token_cannot() {
    case $1 in
    "a wrong PIN costs one try" | "wrong PINs waste no try") echo "it does not count tries" ;;
    "the last try is kept" | "a locked PIN is told") echo "it never locks" ;;
    esac
}

token_unlock() {
    run pkcs11-tool --module "$module" --token-label card --init-pin --login --login-type so \
        --so-pin "$so_pin" --new-pin "$pin"
}
