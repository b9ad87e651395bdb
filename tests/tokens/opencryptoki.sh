# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# opencryptoki's software token behind pkcsslotd. Its paths, its socket and its shared memory have
# fixed names: it gets a mount and an IPC namespace of its own.

pin=1234user so_pin=76543210 # 4 to 8 characters
namespaces="--mount --ipc"
token_counter="the flags of C_GetTokenInfo"

token_start() {
    mkdir -p "$scratch/ock/lib/swtok/TOK_OBJ"
    cp -r --preserve=mode /etc/opencryptoki "$scratch/ock/etc" # newer versions have more files there
    printf 'version opencryptoki-3.1\nslot 0\n{\nstdll = libpkcs11_sw.so\n}\n' \
        >"$scratch/ock/etc/opencryptoki.conf"
    mount --bind "$scratch/ock/etc" /etc/opencryptoki
    mount --bind "$scratch/ock/lib" /var/lib/opencryptoki
    mount -t tmpfs tmpfs /dev/shm
    mount -t tmpfs tmpfs /run
    mkdir -p /run/lock/opencryptoki/swtok /run/opencryptoki # /var/lock leads to the first
    slotd_people
    child pkcsslotd -f
    child_is slotd_listens

    module=$(library pkcs11/libopencryptoki.so)
    uri="pkcs11:token=card"
    run pkcs11-tool --module "$module" --init-token --slot-index 0 --label card --so-pin 87654321
    run pkcs11-tool --module "$module" --slot-index 0 --login --login-type so --so-pin 87654321 \
        --change-pin --new-pin "$so_pin"
    token_unlock
    run pkcs11-tool --module "$module" --slot-index 0 --list-mechanisms
    cp "$scratch/run.log" "$scratch/ock/mechanisms"
}

# Who owns what. Versions from 3.23 on become the user pkcsslotd; those before give everything to the
# group alone, and in a user namespace only our own can be given.
slotd_people() {
    if id pkcsslotd >/dev/null 2>&1; then
        grep -q ' 4294967295$' /proc/self/uid_map ||
            skipped "its pkcsslotd becomes another user, which takes root"
        chmod 755 /run/lock
        chown -R pkcsslotd:pkcs11 /run/lock/opencryptoki /run/opencryptoki /var/lib/opencryptoki \
            /dev/shm
        chgrp -R pkcs11 /etc/opencryptoki
        return
    fi
    sed 's/^pkcs11:x:[0-9]*:/pkcs11:x:0:/' /etc/group >"$scratch/ock/group"
    mount --bind "$scratch/ock/group" /etc/group
}

# The second is where versions from 3.23 on listen.
slotd_listens() { [ -S /run/pkcsslotd.socket ] || [ -S /run/opencryptoki/pkcsslotd.socket ]; }

# The SO's PIN for the user is one to be changed at once.
token_unlock() {
    run pkcs11-tool --module "$module" --slot-index 0 --init-pin --login --login-type so \
        --so-pin "$so_pin" --new-pin 0000user
    run pkcs11-tool --module "$module" --slot-index 0 --login --pin 0000user \
        --change-pin --new-pin "$pin"
}

token_tries() {
    case $(pkcsconf -t -c 0 | grep Flags:) in
    *USER_PIN_LOCKED*) echo 3 ;;
    *USER_PIN_FINAL_TRY*) echo 2 ;;
    *USER_PIN_COUNT_LOW*) echo 1 ;;
    *) echo 0 ;;
    esac
}

token_officer_tries() {
    case $(pkcsconf -t -c 0 | grep Flags:) in
    *SO_PIN_LOCKED*) echo 3 ;;
    *SO_PIN_FINAL_TRY*) echo 2 ;;
    *SO_PIN_COUNT_LOW*) echo 1 ;;
    *) echo 0 ;;
    esac
}

token_cannot() {
    case $1 in
    *P-256* | *P-384* | *P-521* | *", EC") # since 3.23 the software token has them
        grep -q "EC.*-KEY-PAIR-GEN" "$scratch/ock/mechanisms" || echo "no elliptic curves"
        ;;
    "enrol Ed25519") echo "no CKM_EDDSA" ;;
    esac
}
