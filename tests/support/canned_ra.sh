# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# For scripts: an RA that says what the test wants (tests/interop/canned_ra.c), on any port. Read by
# `.`, after test.sh and once there is $scratch; it takes its answers from $scratch/ra/answers and
# writes what it was asked into $scratch/ra/requests. Sets
#
#     port  entry  est  ca
mkdir -p "$scratch/ra/answers"
child "$BUILD_DIR/tests/interop/canned_ra" "$scratch/ra"
await "$child" test -e "$scratch/ra/port" || fail "canned_ra: $(cat "$scratch/children.log")"
port=$(cat "$scratch/ra/port")
entry=https://entry.localhost:$port est=https://est.localhost:$port ca=$scratch/ra/ca.pem
