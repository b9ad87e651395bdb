# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# p11-kit remoting: SoftHSM in another process, behind a socket.

# shellcheck source=tests/tokens/softhsm.sh
. "$SOURCE_DIR/tests/tokens/softhsm.sh"

token_start() {
    softhsm_begin "$scratch/card"
    softhsm_token card
    child p11-kit server --foreground \
        --provider "$SOFTHSM2_MODULE" --name "$scratch/p11-kit.socket" "pkcs11:token=card"
    child_is test -S "$scratch/p11-kit.socket"
    # The RA goes on with a configuration of its own: here SoftHSM is out of reach.
    unset SOFTHSM2_CONF
    export P11_KIT_SERVER_ADDRESS="unix:path=$scratch/p11-kit.socket"
    module=$(library pkcs11/p11-kit-client.so)
    uri="pkcs11:token=card"
}

token_cannot() {
    case $1 in
    "enrol Ed25519") echo "p11-kit passes no Ed25519 mechanism on" ;;
    "a wrong PIN costs one try" | "wrong PINs waste no try") echo "SoftHSM behind it does not count tries" ;;
    "the last try is kept" | "a locked PIN is told") echo "SoftHSM behind it never locks" ;;
    esac
}
