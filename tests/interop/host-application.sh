#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A host application that is logged in to the same token keeps working while our library enrols
# there, and after it is unloaded: host_application.c with each kind of software a host may use.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
without_sanitizers "the library is loaded into a program that is not built with sanitizers"
scratch_begin
. "$SOURCE_DIR/tests/support/softhsm.sh"

softhsm_begin
echo 1234-host >"$scratch/pin"

for way in pkcs11 gnutls libp11; do
    softhsm_token "host-$way" 1234-host
    run pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label "host-$way" --login --pin 1234-host \
        --keypairgen --key-type EC:prime256v1 --label host --id 11
    "$BUILD_DIR/tests/interop/host_application" "$way" "$SOFTHSM2_MODULE" "host-$way" \
        "$scratch/pin" "$BUILD_DIR/tests/interop/host_plugin.so"
done
