#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A host application that is logged in to the same token keeps working while our library enrols
# there, and after it is unloaded: host_application.c with each kind of software a host may use.
set -eu
: "${BUILD_DIR:?}" "${SOFTHSM2_MODULE:?}"
case "${SANITIZE:-}" in
?*)
    echo "skipped: host-application loads the library into a program that is not built with sanitizers"
    exit 77
    ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

umask 077
mkdir "$scratch/tokens"
printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$scratch/tokens" >"$scratch/softhsm2.conf"
export SOFTHSM2_CONF="$scratch/softhsm2.conf"
echo 1234-host >"$scratch/pin"

for way in pkcs11 gnutls libp11; do
    softhsm2-util --init-token --free --label "host-$way" --pin 1234-host --so-pin 5678-officer \
        >"$scratch/log"
    pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label "host-$way" --login --pin 1234-host \
        --keypairgen --key-type EC:prime256v1 --label host --id 11 >"$scratch/log" 2>&1 ||
        { cat "$scratch/log"; exit 1; }
    "$BUILD_DIR/tests/interop/host_application" "$way" "$SOFTHSM2_MODULE" "host-$way" \
        "$scratch/pin" "$BUILD_DIR/tests/interop/host_plugin.so"
done
