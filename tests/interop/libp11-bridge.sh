#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs that are built on libp11 and enrol through libcertenroll-libp11: docs/examples/libp11.c, and
# the cases of libp11_bridge.c. libp11 is loaded with p11-kit's proxy, and once with the module itself;
# behind both is the shim, which counts logins and pulls tokens.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq pkcs11-tool pkg-config softhsm2-util
bridge=${BUILD_DIR:?}/tests/interop/libp11_bridge
[ -x "$bridge" ] || skipped "built without libp11"
# p11-kit's configuration is at a fixed place: a private one is put over it.
. "$SOURCE_DIR/tests/support/namespace.sh"
in_namespace --mount "mount --bind /tmp /usr/share/p11-kit/modules" "$@"
. "$SOURCE_DIR/tests/support/ra.sh"
proxy=$(pkg-config --variable=proxy_module p11-kit-1)
shim=$BUILD_DIR/tests/shim/certenroll-shim.so
export SHIM_MODULE="$SOFTHSM2_MODULE" SHIM_LOG="$scratch/calls" SHIM_CONTROL="$scratch/control"
: >"$SHIM_CONTROL"

# configured MODULE...: p11-kit's configuration holds these modules and no others.
mkdir "$scratch/modules"
mount --bind "$scratch/modules" /usr/share/p11-kit/modules
configured() {
    rm -f "$scratch"/modules/*
    for module; do
        echo "module: $module" >"$scratch/modules/$(basename "$module" .so).module"
    done
}
configured "$shim"

# calls FUNCTION [CK_RV]
calls() { grep -c "^$1 ${2:-}" "$SHIM_LOG" || :; }

# try MODULE CASE
try() {
    : >"$SHIM_LOG"
    : >"$SHIM_CONTROL"
    status=0
    timeout 120 "$bridge" "$2" "$1" "$scratch" "$est" "$ca" $account >"$scratch/said" 2>&1 ||
        status=$?
    [ $status -eq 0 ] || {
        cat "$scratch/said" >&2
        fail "$2 with $(basename "$1"): exit status $status"
    }
    cat "$scratch/said"
}

# A second key under the CKA_ID of a pair, as scripts that are run again leave it.
doubled=$(printf doubled | od -An -tx1 | tr -d ' \n')
run "$certenroll" enroll --token pkcs11:token=customer --module "$SOFTHSM2_MODULE" \
    --pin-source "$scratch/pin" --url "$est" --trust-anchor "$ca" --user $account \
    --password-source "$scratch/password" --subject "CN=$account" \
    --key-type rsa-2048 --id "$doubled"
run pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label customer --login --pin "$pin" \
    --keypairgen --key-type rsa:2048 --label doubled --id "$doubled"

# Only now, for pkcs11-tool goes by how a label begins.
for label in mixed "customer 2" Customer custome "customer;model=%20" "顧客 & 100%"; do
    softhsm_token "$label"
done

try "$proxy" logged-in
[ "$(calls C_Login)" -eq 1 ] || fail "logged-in: $(calls C_Login) logins instead of the application's"
[ "$(calls C_Logout)" -eq 0 ] || fail "logged-in: somebody has logged out"
try "$proxy" logged-out
[ "$(calls C_Login 0x00000000)" -eq 1 ] || fail "logged-out: not one login"
[ "$(calls C_Logout)" -eq 0 ] || fail "logged-out: somebody has logged out"
try "$proxy" renews
ra_stop
ra_start --validity-days 700
SECOND_TIME=1 try "$proxy" renews
for case in logs-out grows similar wrong order pulled ed25519; do
    try "$proxy" $case
done

# libp11 with the module itself instead of the proxy.
for case in logged-in logged-out; do
    try "$shim" $case
done

configured "$shim" "$SOFTHSM2_MODULE"
try "$proxy" twice
configured "$shim"

# --- the example: enrols once, then finds ---

for time in first second; do
    "$BUILD_DIR/docs/examples/example-libp11" "$proxy" "customer 2" "$est" "$ca" $account \
        "CN=$account" "$scratch/pin" "$scratch/password" >"$scratch/said" 2>&1 ||
        fail "the example, for the $time time: $(cat "$scratch/said")"
    [ "$(cat "$scratch/said")" = "CN=$account" ] || fail "the example says $(cat "$scratch/said")"
done
"$certenroll" list --json --token "pkcs11:token=customer%202" --module "$SOFTHSM2_MODULE" \
    --pin-source "$scratch/pin" >"$scratch/list.json"
[ "$(jq '[.entries[] | select(.state == "valid")] | length' "$scratch/list.json")" -eq 1 ] ||
    fail "the example has not enrolled once: $(cat "$scratch/list.json")"
