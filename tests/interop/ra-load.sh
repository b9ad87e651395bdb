# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC1091,SC2154
# Corporations get their certificates by 8 clients at once, each onto a token of its own, and the RA
# is killed twice meanwhile: no certificate is lost, and none is issued twice. 40 of them, in
# tests/run --full 200.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
. "$SOURCE_DIR/tests/support/bank.sh"
clients=8 each=5
[ -z "${FULL-}" ] || [ -n "${SANITIZE-}" ] || each=25 # a sanitizer makes it several times slower
corporate=$BUILD_DIR/tools/bank/certenroll-corporate
total=$((clients * each))

# id CLIENT NUMBER: the corporate ID of a client's nth account.
id() { printf '09%03d%05d' "$1" "$2"; }

# each_account FUNCTION CLIENT
each_account() {
    number=1
    while [ $number -le $each ]; do
        "$1" "$2" "$(id "$2" $number)"
        number=$((number + 1))
    done
}

register() { bank register --name "Client $1" "$2" >/dev/null || fail "register $2"; }

# A client's own configuration: its token, and the RA.
prepare() {
    run softhsm2-util --init-token --free --label "client$1" --pin "$pin" --so-pin 5678-officer
    sed "s/token=customer/token=client$1/" "$config" >"$scratch/ra$1.json"
}

get() {
    "$corporate" get --config "$scratch/ra$1.json" --corporate-id "$2" --for corporate \
        --password-source "$scratch/corporate" --pin-source "$scratch/pin" \
        --journal "$scratch/journals$1"
}

# As often as it takes while the RA is away, but not for ever.
insist() {
    patience=10 await '' get "$1" "$2" >"$scratch/get$1.log" 2>&1 || {
        cat "$scratch/get$1.log" >&2
        return 1
    }
}

issued() { bank_audit | grep -c certificate-issued || :; }

# kill_at COUNT: the RA dies without a word once it has issued so many.
has_issued() { [ "$(issued)" -ge "$1" ]; }
kill_at() {
    patience=600 await '' has_issued "$1" || fail "the RA has not issued $1 certificates"
    kill -KILL "$server"
    wait "$server" 2>/dev/null || :
    server=
    ra_start
}

# One is in force, and it is the one on the token. A client whose answer died with the RA begins
# anew with another key, and what it was issued before is revoked then: such are counted.
check() {
    "$demo_ra" certificate list --dir "$scratch/ra" "$2" >"$scratch/books"
    [ "$(grep -c '	valid	' "$scratch/books")" -eq 1 ] ||
        fail "not one certificate in force for $2: $(cat "$scratch/books")"
    serial=$(jq -r ".entries[] | select(.label == \"$2\" and .state == \"valid\") | .serial" \
        "$scratch/list" | tr -d ':' | tr a-f A-F)
    [ "$(grep '	valid	' "$scratch/books" | cut -f 1 | sed 's/^0*//')" = "$(echo "$serial" | sed 's/^0*//')" ] ||
        fail "another certificate of $2 is on its token: $serial, $(cat "$scratch/books")"
    anew=$((anew + $(grep -vc '	valid	' "$scratch/books" || :)))
}

client=1
while [ $client -le $clients ]; do
    prepare $client
    each_account register $client
    client=$((client + 1))
done

client=1 workers=
while [ $client -le $clients ]; do
    each_account insist $client &
    workers="$workers $!"
    client=$((client + 1))
done
kill_at $((total * 3 / 10))
kill_at $((total * 7 / 10))
for worker in $workers; do
    wait "$worker" || fail "a client gave up"
done

client=1 anew=0
while [ $client -le $clients ]; do
    "$certenroll" --json list --token "pkcs11:token=client$client" --module "$SOFTHSM2_MODULE" \
        --pin-source "$scratch/pin" >"$scratch/list"
    each_account check $client
    client=$((client + 1))
done
[ "$(issued)" -eq $((total + anew)) ] || fail "$(issued) certificates were issued, not $total + $anew"
[ $anew -le $((2 * clients)) ] || fail "$anew were issued anew by two deaths of the RA"
echo "points tried: $total enrolments by $clients clients, the RA killed twice: lost 0, doubled 0," \
    "begun anew with the former revoked $anew"
