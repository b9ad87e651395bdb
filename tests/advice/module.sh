#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Advice about modules of p11-kit's configuration, followed: it is at a fixed place, and a private one
# is put over it.
# shellcheck disable=SC2119
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs softhsm2-util
. "$SOURCE_DIR/tests/support/namespace.sh"
in_namespace --mount "mount --bind /tmp /usr/share/p11-kit/modules" "$@"
scratch_begin
cd "$scratch"
: >server.log
. "$SOURCE_DIR/tests/support/softhsm.sh"
. "$SOURCE_DIR/tests/support/outcome.sh"
. "$SOURCE_DIR/tests/support/advice.sh"

softhsm_begin
pin=7391-first
echo "$pin" >pin
softhsm_token card
mkdir modules
mount --bind "$scratch/modules" /usr/share/p11-kit/modules
# configured LINE...: the one module's file.
configured() {
    printf '%s\n' "module: $SOFTHSM2_MODULE" "$@" >modules/card.module
}
list() {
    setsid -w "$BUILD_DIR/tools/certenroll/certenroll" list --pin-source pin \
        --token 'pkcs11:token=card?module-name=card'
}

# SoftHSM takes no init string.
configured 'x-init-reserved: configDir=here'
fails 4 list
advises "Check x-init-reserved in the module's"
configured
helps 0 list

all_followed
