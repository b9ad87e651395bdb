#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo RA: requests that have to wait, also over a restart, seen by curl; and calls of the program
# that cannot be done, with one line and an exit status.
# shellcheck disable=SC2046,SC2154 # $(with NAME) is several words; what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl openssl softhsm2-util
. "$SOURCE_DIR/tests/support/ra.sh"
cd "$scratch"
. "$SOURCE_DIR/tests/support/est.sh"

request rsa -newkey rsa:2048
enrolled rsa

# --- requests that wait ---
# waits FORM LEAST MOST: the answer is 202, and its Retry-After so many seconds after its Date.
waits() {
    after=$(sed -n 's/^Retry-After: //Ip' head | tr -d '\r')
    case $1 in
    seconds) left=$after ;;
    date)
        [ "$(LC_ALL=C date -u -d "$after" '+%a, %d %b %Y %H:%M:%S GMT')" = "$after" ] ||
            fail "\"$after\" is no HTTP date"
        left=$(($(date -u -d "$after" +%s) - $(date -u -d "$(sed -n "s/^Date: //Ip" head | tr -d "\r")" +%s)))
        ;;
    esac
    if [ "$left" -lt "$2" ] || [ "$left" -gt "$3" ]; then
        fail "Retry-After: $after is $left seconds away"
    fi
}
# In the past, so that what is issued in the end is valid by the computer's clock.
serve --clock-offset -3600
request early -newkey ed25519
enrolled early
request patient -newkey ed25519
same_name early patient-again
serve --clock-offset -3600 --hold 3600
post 202 simpleenroll patient.b64 -u "$account:$password"
waits seconds 3590 3600
again 202 early patient-again.b64
waits seconds 3590 3600
enrolled early
# A restart does not make it wait anew.
serve --clock-offset -1800 --hold 3600 --retry-after date
post 202 simpleenroll patient.b64 -u "$account:$password"
waits date 1700 1800
again 202 early patient-again.b64
waits date 1700 1800
serve --clock-offset -1 --hold 3600 --retry-after seconds
request late -newkey ed25519
post 202 simpleenroll late.b64 -u "$account:$password"
waits seconds 3590 3600
serve --hold 3600
enrolled patient
again 200 early patient-again.b64
keep patient-again
post 200 simpleenroll patient.b64 -u "$account:$password"
answered patient
again 200 early patient-again.b64
answered patient-again
post 202 simpleenroll late.b64 -u "$account:$password"
serve
enrolled late

# --- calls that cannot be done ---
# unable WANTED-EXIT-STATUS ARGUMENT...: one line on stderr, and this exit status.
unable() {
    wanted=$1
    shift
    status=0
    timeout 60 "$demo_ra" "$@" </dev/null >out 2>err || status=$?
    [ $status -eq "$wanted" ] || { cat err >&2; fail "exit status $status, not $wanted: $*"; }
    [ "$(wc -l <err)" -eq 1 ] || { cat err >&2; fail "not one line: $*"; }
}
echo wrong-pin >wrong
unable 2
unable 2 nothing
unable 2 serve --dir ra --port 65536
unable 2 init --dir ra --ca-token pkcs11:token=bank --pin-source pin
unable 2 account add --dir ra --password-source password $account
unable 2 account add --dir ra --password-source password nobody user
unable 2 account add --dir ra --password-source password '<b>'
unable 2 account unlock --dir ra nobody
unable 2 certificate revoke --dir ra 00
unable 2 certificate revoke --dir ra --reason because "$(serial rsa)"
has 'privilegeWithdrawn' err
unable 2 certificate revoke --dir ra
unable 2 certificate list
unable 2 certificate list --dir ra nobody
unable 2 certificate nothing --dir ra
unable 3 certificate list --dir nowhere
unable 2 serve --dir ra --hold -1
unable 2 serve --dir ra --hold soon
unable 2 serve --dir ra --retry-after never
for command in 'init --dir other --ca-token pkcs11:token=bank --pin' 'serve --dir ra --pin' \
    'account add --dir ra --password'; do
    for value in ' 1234-secret' '=1234-secret'; do
        # shellcheck disable=SC2086 # several words
        unable 2 $command$value
        has "--${command##* --}-source" err
        grep -q 1234-secret err && fail "a secret is in the refusal"
    done
done
unable 3 account add --dir nowhere --password-source password $account
unable 3 serve --dir nowhere --pin-source pin
unable 3 serve --dir ra --pin-source nowhere
unable 3 serve --dir ra --pin-source pin --port "$port" --ready-file ready
[ -e ready ] || fail "a server that could not start took the ready file of another"
# Exit status 3 and not 5: before the token is opened.
unable 3 init --dir password --ca-token pkcs11:token=bank --module "$SOFTHSM2_MODULE" \
    --pin-source wrong
has 'no directory' err
unable 5 serve --dir ra --pin-source wrong
unable 4 init --dir other --ca-token pkcs11:token=nothing --module "$SOFTHSM2_MODULE" --pin-source pin

# typed WANTED-EXIT-STATUS KEYS: what becomes of "serve" when its PIN prompt is answered so.
typed() {
    wanted=$1 keys=$2 status=0
    : >typescript
    {
        patience=10 await '' grep -q PIN typescript || :
        # shellcheck disable=SC2059 # the format is the keys
        printf "$keys"
        sleep 1 # script types end-of-file behind it
    } | timeout 60 script -qefc "$demo_ra serve --dir ra" typescript >out 2>&1 || status=$?
    [ $status -eq "$wanted" ] || { cat out >&2; fail "exit status $status, not $wanted: $keys"; }
}
if command -v script >/dev/null; then
    typed 130 '\003'      # Ctrl-C
    typed 11 '12\004\004' # the input ends in the middle of a line
    typed 5 'wrong-pin\n'
fi

[ "$(find ra -name 'server.key' -perm 600)" ] || fail "the TLS key is readable by others"
est_end
