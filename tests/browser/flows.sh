#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# flows.sh firefox|chromium ja|en: the bank's flows in a real browser, with the key in a token and
# certenroll-agent, by an ordinary person (flows.py). What went before is prepared here: a PC was
# replaced, the corporation's reissue order has taken effect, the user's old certificate is valid.
# shellcheck disable=SC2154 # what bank.sh, ra.sh and agent.sh set
set -eu
browser=$1 language=$2 test_name=browser-$1-$2
. "${SOURCE_DIR:?}/tests/support/test.sh"
case $browser in
firefox) programs=firefox-esr ;;
chromium) programs="chromium Xvfb openbox xdotool" ;;
*) echo "flows.sh: no such browser: $browser" >&2; exit 2 ;;
esac
without_sanitizers "other modules are tested without sanitizers"
# shellcheck disable=SC2086 # several words
needs $programs /usr/bin/python3 certutil modutil curl jq openssl softhsm2-util setpriv
scratch_begin open
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/agent.sh"
configure "$est" "$entry" "$ca"

# --- what went before ---

later=0258366660035 # its order has not taken effect yet
for secret in corporate corporate-confirmation user; do # without a newline, as people type them
    printf %s "$(cat "$scratch/$secret")" >"$scratch/typed"
    mv "$scratch/typed" "$scratch/$secret"
done
bank_user "$user"
collect old-user "$corporation" "$user"
run bank register --name 株式会社やまと物産 $later
run bank reissue $later
bank_clock --offset -864000 # ten days, so that the order is of some days ago
run bank reissue "$corporation"
bank_clock --reset

# --- the flows ---

mkdir -p "$home/browser/pictures"
cp "$SOURCE_DIR"/tests/browser/*.py "$home/browser/"
jq -n --arg browser "$browser" --arg language "$language" --arg home "$home" \
    --arg module "$SOFTHSM2_MODULE" --arg pin "$card_pin" --arg entry "$entry" \
    --arg login "$login" --arg corporation "$corporation" --arg later "$later" --arg user "$user" \
    --rawfile password "$scratch/corporate" \
    --rawfile confirmation "$scratch/corporate-confirmation" \
    --rawfile user_password "$scratch/user" '$ARGS.named' >"$home/browser/setting.json"
give "$home/browser"
chmod -R u+rwX "$home/browser"

pictures=$BUILD_DIR/tests/browser/screenshots/$browser-$language
rm -rf "$pictures"
mkdir -p "$pictures"
status=0
as_person env -i PATH=/usr/bin:/bin HOME="$home" LC_ALL=C.UTF-8 \
    /usr/bin/python3 -B "$home/browser/flows.py" "$home/browser/setting.json" || status=$?
cp "$home/browser/pictures/"* "$pictures/" 2>/dev/null || :
if [ $status -ne 0 ]; then
    echo "--- the RA's log" >&2
    tail -n 60 "$scratch/server.log" >&2
    echo "--- the browser's and the agent's logs" >&2
    for log in "$home"/browser/*/*.log "$home"/browser/*.log; do
        [ ! -s "$log" ] || { echo "--- ${log##*/}" >&2; tail -n 40 "$log" >&2; }
    done
    fail "$test_name; pictures are in $pictures"
fi

# --- what the bank knows of it ---

bank_audit >"$scratch/audit"
for account in "$corporation" "$corporation $user"; do
    for event in job-created job-redeemed job-executed job-issued job-confirmed; do
        grep -q "$event.*$account" "$scratch/audit" ||
            fail "no $event of $account: $(cat "$scratch/audit")"
    done
done
echo "$test_name: every flow ends as it should; pictures are in $pictures"
