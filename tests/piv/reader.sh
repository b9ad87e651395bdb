# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
# For scripts: pcscd with a virtual reader, and PIV cards that are put into it and pulled. Read by
# `.`; wants $scratch and $BUILD_DIR.
#
# pcscd's socket is at one place in the file system, compiled in, and vpcd listens on all addresses
# of the machine. So the script runs in a mount namespace where that place is its own, and pcscd and
# the card have a network namespace to themselves: several can run beside each other, and beside the
# machine's own pcscd. Root may do that, others where the kernel has user namespaces for them.
#
#     piv_namespace "$@"   goes on in such a mount namespace: the script starts again. First of all
#     piv_reader           starts pcscd
#     piv_insert NAME [OPTION...]
#                          the card of that name is in the reader, as it was when it was pulled, or
#                          a new one; with these options of certenroll-piv-card
#     piv_pull             the card is gone, in the middle of whatever it does
#     piv_pulled           waits until the card is gone by itself, by one of its options --pull-...
#     piv_apdus            how many commands the cards have had
#     piv_end              stops what was started

piv_pcscd=
piv_card=

piv_namespace() {
    [ -z "${PIV_NAMESPACE:-}" ] || return 0
    piv_user=
    [ "$(id -u)" -eq 0 ] || piv_user="--user --map-root-user"
    # shellcheck disable=SC2086
    unshare $piv_user --mount --net true || {
        echo "failed: piv: a mount and a network namespace of our own are refused here" >&2
        exit 1
    }
    # shellcheck disable=SC2086
    PIV_NAMESPACE=entered exec unshare $piv_user --mount sh "$0" "$@"
}

piv_fail() {
    echo "failed: piv: $*" >&2
    sed 's/^/  /' "$scratch/piv/pcscd.log" "$scratch/piv/card.log" >&2
    exit 1
}

# piv_until WHAT PROCESS TEST...: a minute at most.
piv_until() {
    what=$1 process=$2 tries=0
    shift 2
    until [ "$@" ]; do
        if [ $tries -ge 3000 ] || ! kill -0 "$process" 2>/dev/null; then
            piv_fail "$what has ended, or is not ready after a minute"
        fi
        sleep 0.02
        tries=$((tries + 1))
    done
}

# The first of these files that is there.
piv_find() {
    for file; do
        [ ! -e "$file" ] || { echo "$file" && return; }
    done
    piv_fail "there is no $1"
}

# ykcs11 looks only at readers with such a name. The machine's own USB readers are not for us.
piv_reader() {
    mkdir -p "$scratch/piv/readers" "$scratch/piv/no-usb"
    : >"$scratch/piv/pcscd.log"
    : >"$scratch/piv/card.log"
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir /run/pcscd
    vpcd=$(piv_find /usr/lib/pcsc/drivers/serial/libifdvpcd.so \
        /usr/lib/*/pcsc/drivers/serial/libifdvpcd.so)
    printf '%s\n' 'FRIENDLYNAME "Yubico YubiKey"' 'DEVICENAME /dev/null:0x8C7B' "LIBPATH $vpcd" \
        'CHANNELID 0x8C7B' >"$scratch/piv/readers/vpcd"
    polkit= # there is no system bus in here to ask
    ! pcscd --help | grep -q -e --disable-polkit || polkit=--disable-polkit
    PCSCLITE_HP_DROPDIR="$scratch/piv/no-usb" setpriv --pdeathsig KILL -- unshare --net -- \
        pcscd --foreground --config "$scratch/piv/readers" $polkit >>"$scratch/piv/pcscd.log" 2>&1 &
    piv_pcscd=$!
    piv_until pcscd $piv_pcscd -S /run/pcscd/pcscd.comm
}

piv_insert() {
    name=$1
    shift
    rm -f "$scratch/piv/ready"
    nsenter --net="/proc/$piv_pcscd/ns/net" -- setpriv --pdeathsig KILL -- \
        "$BUILD_DIR/tests/piv/certenroll-piv-card" --state "$scratch/piv/$name" \
        --ready-file "$scratch/piv/ready" --apdu-log "$scratch/piv/apdus" \
        --count-file "$scratch/piv/count" "$@" >>"$scratch/piv/card.log" 2>&1 &
    piv_card=$!
    piv_until "the card" $piv_card -e "$scratch/piv/ready"
}

piv_pulled() {
    ! wait "$piv_card" 2>/dev/null || piv_fail "the card has ended by itself"
    piv_card=
}

piv_pull() {
    kill -KILL "$piv_card" && piv_pulled
}

piv_apdus() { cat "$scratch/piv/count" 2>/dev/null || echo 0; }

piv_end() {
    [ -z "$piv_card" ] || ! kill -KILL "$piv_card" 2>/dev/null || wait "$piv_card" 2>/dev/null || :
    [ -z "$piv_pcscd" ] || ! kill "$piv_pcscd" 2>/dev/null || wait "$piv_pcscd" || :
    piv_card='' piv_pcscd=''
}
