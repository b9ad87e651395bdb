# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# For scripts: SoftHSM tokens "bank" and "customer" and a running demo RA with one account, in the
# scratch directory, which is made where there is none yet. Read by `.`, after test.sh; sets
#
#     certenroll  demo_ra  pin  account  entry  login  est  port  ca
# shellcheck source=tests/support/softhsm.sh
. "$SOURCE_DIR/tests/support/softhsm.sh"

certenroll=$BUILD_DIR/tools/certenroll/certenroll
demo_ra=$BUILD_DIR/tools/demo-ra/demo-ra
account=0258366660019
pin=1234-user
server=
port= # any
[ -n "$scratch" ] || scratch_begin

ra_stop() {
    stop $server
    server=
}
at_end ra_stop

softhsm_begin
printf %s "$pin" >"$scratch/pin" # without a newline: libp11 would take it for a part of the PIN
echo "secret of the account" >"$scratch/password"
softhsm_token bank
softhsm_token customer

run "$demo_ra" init --dir "$scratch/ra" --ca-token pkcs11:token=bank --module "$SOFTHSM2_MODULE" \
    --pin-source "$scratch/pin"
run "$demo_ra" account add --dir "$scratch/ra" --password-source "$scratch/password" $account

ready() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$scratch/ready"; }

# ra_serve [OPTION...]: `demo-ra serve` in the background, as $server. It ends with this shell,
# whatever ends that: the kernel kills it.
ra_serve() {
    setpriv --pdeathsig KILL -- "$demo_ra" serve --dir "$scratch/ra" --pin-source "$scratch/pin" \
        --ready-file "$scratch/ready" "$@" >>"$scratch/server.log" 2>&1 &
    server=$!
}

ra_ready() {
    await $server test -e "$scratch/ready" ||
        fail "the demo RA has ended, or is not ready: $(cat "$scratch/server.log")"
    port=$(ready port) entry=$(ready entry) login=$(ready login) est=$(ready est)
}

# ra_start [OPTION...]: serves with these options of `demo-ra serve`; after ra_stop at the same
# address as before.
# shellcheck disable=SC2120
ra_start() {
    rm -f "$scratch/ready" "$scratch/server.log"
    ra_serve ${port:+--port "$port"} "$@"
    ra_ready
}
# shellcheck disable=SC2119
ra_start
ca=$scratch/ra/ca.pem

# has TEXT FILE, has_not TEXT FILE: with $letters=-i in either case, as headers may be written.
letters=
has() { grep -qF $letters -e "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is not in $2"; }; }
has_not() { ! grep -qF $letters -e "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is in $2"; }; }

# enrol KEY-TYPE LABEL: a certificate for the account onto the customer's token.
enrol() {
    run "$certenroll" enroll --another --token pkcs11:token=customer --module "$SOFTHSM2_MODULE" \
        --pin-source "$scratch/pin" --url "$est" --trust-anchor "$ca" --user $account \
        --password-source "$scratch/password" --subject "CN=$account" --key-type "$1" --label "$2"
}
