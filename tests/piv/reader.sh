# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# For scripts: pcscd with a virtual reader, and PIV cards that are put into it and pulled. Read by
# `.`, after test.sh.
#
# pcscd's socket is at one place in the file system, compiled in, and vpcd listens on all addresses
# of the machine. So the script runs in a mount namespace where that place is its own, and pcscd and
# the card have a network namespace to themselves: several can run beside each other, and beside the
# machine's own pcscd.
#
#     $piv_probe           what in_namespace --mount has to try for them
#     piv_reader           starts pcscd
#     piv_insert NAME [OPTION...]
#                          the card of that name is in the reader, as it was when it was pulled, or
#                          a new one; with these options of certenroll-piv-card
#     piv_pull             the card is gone, in the middle of whatever it does
#     piv_pulled           waits until the card is gone by itself, by one of its options --pull-...
#     piv_apdus            how many commands the cards have had

piv_pcscd=
piv_card=

piv_probe='mount -t tmpfs -o mode=755 tmpfs /run && unshare --net true'

piv_fail() {
    evidence="children.log piv/card.log"
    fail "piv: $*"
}

# ykcs11 looks only at readers with such a name. The machine's own USB readers are not for us.
piv_reader() {
    at_end piv_end
    mkdir -p "$scratch/piv/readers" "$scratch/piv/no-usb"
    : >"$scratch/piv/card.log"
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir /run/pcscd
    vpcd=$(library pcsc/drivers/serial/libifdvpcd.so)
    printf '%s\n' 'FRIENDLYNAME "Yubico YubiKey"' 'DEVICENAME /dev/null:0x8C7B' "LIBPATH $vpcd" \
        'CHANNELID 0x8C7B' >"$scratch/piv/readers/vpcd"
    polkit= # there is no system bus in here to ask
    ! pcscd --help | grep -q -e --disable-polkit || polkit=--disable-polkit
    PCSCLITE_HP_DROPDIR="$scratch/piv/no-usb" child unshare --net -- \
        pcscd --foreground --config "$scratch/piv/readers" $polkit
    piv_pcscd=$child
    await $piv_pcscd test -S /run/pcscd/pcscd.comm || piv_fail "pcscd has ended, or is not ready"
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
    await $piv_card test -e "$scratch/piv/ready" || piv_fail "the card has ended, or is not ready"
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
}
