# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034
# For the scripts of tests/interop: SoftHSM tokens "bank" and "customer" and a running demo RA with
# one account, in a scratch directory that goes away at the end, where journals go, too. Read by
# `.`; sets
#
#     scratch  certenroll  demo_ra  pin  account  entry  login  est  port  ca
: "${BUILD_DIR:?}" "${SOURCE_DIR:?}" "${SOFTHSM2_MODULE:?}"

certenroll=$BUILD_DIR/tools/certenroll/certenroll
demo_ra=$BUILD_DIR/tools/demo-ra/demo-ra
account=0258366660019
pin=1234-user
server=
background= # a process of the test's own, which is ended with it
port= # any
scratch=$(mktemp -d "${TMPDIR:-/tmp}/interop.XXXXXX")

ra_stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
    [ -z "$server" ] || wait "$server" || :
    server=
}

ra_end() {
    status=$?
    trap - EXIT
    [ -z "$background" ] || kill "$background" 2>/dev/null || :
    ra_stop
    rm -rf "$scratch"
    exit $status
}
trap ra_end EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "failed: $*" >&2
    exit 1
}

# run COMMAND...: its output is shown when it fails.
run() {
    "$@" >"$scratch/run.log" 2>&1 || {
        cat "$scratch/run.log" >&2
        fail "$*"
    }
}

umask 077
mkdir "$scratch/tokens"
export SOFTHSM2_CONF="$scratch/softhsm2.conf"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' \
    "$scratch/tokens" >"$SOFTHSM2_CONF"
printf %s "$pin" >"$scratch/pin" # without a newline: libp11 would take it for a part of the PIN
echo "secret of the account" >"$scratch/password"
# Journals belong to the test, never to the person who runs it.
export XDG_STATE_HOME="$scratch/state"
for label in bank customer; do
    run softhsm2-util --init-token --free --label $label --pin "$pin" --so-pin 5678-officer
done

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

# ra_start [OPTION...]: serves with these options of `demo-ra serve`; after ra_stop at the same
# address as before.
# shellcheck disable=SC2120
ra_start() {
    rm -f "$scratch/ready" "$scratch/server.log"
    ra_serve ${port:+--port "$port"} "$@"
    tries=0
    until [ -e "$scratch/ready" ]; do
        if [ $tries -ge 1200 ] || ! kill -0 $server 2>/dev/null; then
            cat "$scratch/server.log" >&2
            fail "the demo RA has ended, or is not ready after a minute"
        fi
        sleep 0.05
        tries=$((tries + 1))
    done
    port=$(ready port) entry=$(ready entry) login=$(ready login) est=$(ready est)
}
# shellcheck disable=SC2119
ra_start
ca=$scratch/ra/ca.pem

# enrol KEY-TYPE LABEL: a certificate for the account onto the customer's token.
enrol() {
    run "$certenroll" enroll --token pkcs11:token=customer --module "$SOFTHSM2_MODULE" \
        --pin-source "$scratch/pin" --url "$est" --trust-anchor "$ca" --user $account \
        --password-source "$scratch/password" --subject "CN=$account" --key-type "$1" --label "$2"
}
