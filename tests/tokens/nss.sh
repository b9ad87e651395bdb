# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# NSS's softokn, the token of Firefox and Thunderbird. It will not start without an init string,
# which only p11-kit's configuration can give it: a private one is put over the system's.

pin=1234-user so_pin=
namespaces=--mount

token_start() {
    softokn=$(library libsoftokn3.so nss/libsoftokn3.so)
    mkdir "$scratch/nss" "$scratch/modules"
    run certutil -N -d "sql:$scratch/nss" -f "$scratch/pin"
    cat >"$scratch/modules/nss.module" <<END
module: $softokn
x-init-reserved: configdir='sql:$scratch/nss' certPrefix='' keyPrefix='' secmod='secmod.db' flags=
END
    mount --bind "$scratch/modules" /usr/share/p11-kit/modules
    module=
    reader_module=$(library p11-kit-proxy.so)
    reader_slot="NSS Certificate DB"
    uri="pkcs11:token=NSS%20Certificate%20DB"
}

token_cannot() {
    case $1 in
    "enrol Ed25519") echo "no CKM_EDDSA" ;;
    "a wrong PIN costs one try" | "wrong PINs waste no try") echo "it does not count tries" ;;
    "the last try is kept" | "a locked PIN is told") echo "it never locks" ;;
    "the SO resets the PIN") echo "its SO PIN is empty and only good before the first PIN" ;;
    esac
}
