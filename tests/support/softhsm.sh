# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# SoftHSM tokens for scripts. Read by `.`, after test.sh.
: "${SOFTHSM2_MODULE:?}"

# softhsm_at DIRECTORY: a configuration, softhsm2.conf, and its tokens in there.
softhsm_at() {
    mkdir -p "$1/tokens"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' \
        "$1/tokens" >"$1/softhsm2.conf"
}

# softhsm_begin [DIRECTORY]: whatever is run from now on has these tokens; in $scratch, unless told.
softhsm_begin() {
    softhsm_at "${1:-$scratch}"
    export SOFTHSM2_CONF="${1:-$scratch}/softhsm2.conf"
}

# softhsm_token LABEL [PIN]: a new one, with that PIN or $pin.
softhsm_token() {
    run softhsm2-util --init-token --free --label "$1" --pin "${2:-$pin}" --so-pin 5678-officer
}
