# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# TPM 2.0: swtpm, the resource manager on a message bus of its own, and tpm2-pkcs11.

pin=1234-user so_pin=5678-officer
token_counter="the TPM, TPM2_PT_LOCKOUT_COUNTER"

has_tabrmd() {
    dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.GetNameOwner string:com.intel.tss2.Tabrmd
}

token_start() {
    mkdir "$scratch/tpm" "$scratch/tpm/state" "$scratch/tpm/store"
    child swtpm socket --tpm2 --tpmstate "dir=$scratch/tpm/state" \
        --server "type=unixio,path=$scratch/tpm/swtpm" \
        --ctrl "type=unixio,path=$scratch/tpm/swtpm.ctrl" --flags not-need-init,startup-clear
    child_is test -S "$scratch/tpm/swtpm.ctrl"

    export DBUS_SESSION_BUS_ADDRESS="unix:path=$scratch/tpm/bus"
    child dbus-daemon --session --nofork --nopidfile --address="$DBUS_SESSION_BUS_ADDRESS"
    child_is test -S "$scratch/tpm/bus"
    child tpm2-abrmd --session --allow-root "--tcti=swtpm:path=$scratch/tpm/swtpm"
    child_is has_tabrmd

    export TPM2_PKCS11_STORE="$scratch/tpm/store" TPM2_PKCS11_TCTI=tabrmd:bus_type=session
    export TPM2TOOLS_TCTI=tabrmd:bus_type=session TSS2_LOG=all+NONE
    module=$(library pkcs11/libtpm2_pkcs11.so)
    uri="pkcs11:token=card"
    run pkcs11-tool --module "$module" --init-token --slot-index 0 --label card --so-pin "$so_pin"
    token_unlock
}

# The TPM's own counter: it counts every wrong authorisation, and no right one takes it back.
token_tries() {
    printf '%d\n' "$(tpm2_getcap properties-variable | sed -n 's/^TPM2_PT_LOCKOUT_COUNTER: *//p')"
}

# The lock-out is the TPM's, so its owner ends it; the SO can only set a PIN that is forgotten.
token_unlock() {
    run tpm2_dictionarylockout --clear-lockout
    run pkcs11-tool --module "$module" --token-label card --init-pin --login --login-type so \
        --so-pin "$so_pin" --new-pin "$pin"
}

token_cannot() {
    case $1 in
    "a fork logs out") echo "the module keeps its login over a fork" ;;
    "enrol P-521") echo "tpm2-pkcs11 gives out a malformed CKA_EC_POINT" ;;
    "enrol Ed25519") echo "no CKM_EDDSA" ;;
    "logon by TLS 1.3, RSA") echo "no CKM_RSA_PKCS_PSS" ;;
    "the last try is kept") echo "no flag tells that one try is left" ;;
    "right PIN") echo "no right PIN gives a try back" ;;
    "a counter for each") echo "there is one counter for all that the TPM protects" ;;
    esac
}
