#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certenroll-agent with the pinentries of a desktop, under Xvfb, answered by the keyboard: consent, a
# wrong PIN, the PIN, keeping what is there, cancel; in English and Japanese. The scripted pinentry
# of the other tests takes everything; these are the ones that people have. Pictures are kept.
# shellcheck disable=SC2154 # what bank.sh, ra.sh and agent.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
pinentries=
for pinentry in /usr/bin/pinentry-qt /usr/bin/pinentry-gtk-2; do
    [ ! -x $pinentry ] || pinentries="$pinentries $pinentry"
done
[ -n "$pinentries" ] || skipped "no pinentry-qt, no pinentry-gtk-2"
needs curl jq openbox openssl setpriv softhsm2-util xdotool Xvfb /usr/bin/python3
without_sanitizers "other software is tested without sanitizers"
scratch_begin open
. "$SOURCE_DIR/tests/support/bank.sh"
. "$SOURCE_DIR/tests/support/agent.sh"
configure "$est" "$entry" "$ca"

mkdir -p "$home/person/pictures" "$home/runtime"
cp "$SOURCE_DIR/tests/support/pinentry_person.py" "$SOURCE_DIR/tests/browser/driver.py" \
    "$SOURCE_DIR/tests/browser/screen.py" "$home/person/"
cp -R "$BUILD_DIR/locale" "$home/locale"
cp "$BUILD_DIR/tests/interop/build_catalogues.so" "$home/bin/"
give "$home"
chmod -R a+rX "$home"
chmod 700 "$home/runtime"
pictures=$BUILD_DIR/tests/interop/pinentry
mkdir -p "$pictures"

# person PINENTRY LANGUAGE DEED...: opens the launch file, in the background, and does that.
person() {
    jq -c --arg pinentry "$1" '.pinentry = $pinentry' "$home/ra.json" >"$home/with.json"
    language=$2 kind=${1##*/}
    shift 2
    printf '%s\n' "$@" | sed "s/^/$kind-$language-/" >"$home/person/deeds"
    give "$home/with.json" "$home/person/deeds"
    rm -f "$agent_log"
    case $language in
    ja) locale=ja_JP.UTF-8 ;;
    *) locale=C.UTF-8 ;;
    esac
    # XAUTHORITY: Xvfb asks for none.
    exec_agent PATH=/usr/bin:/bin LC_ALL=$locale XDG_RUNTIME_DIR="$home/runtime" \
        LD_LIBRARY_PATH= /usr/bin/python3 -B "$home/person/pinentry_person.py" "$home/person" \
        "$home/person/pictures" env LD_LIBRARY_PATH="$home/bin" \
        LD_PRELOAD="$home/bin/build_catalogues.so" CATALOGUES="$home/locale" \
        "$home/bin/certenroll-agent" --config "$home/with.json" "$home/x.cenroll" &
    background=$!
}

# What the page shows, and the agent's log.
number_is_shown() { grep -qs '[0-9]\{6\}$' "$agent_log"; }
page_is() {
    browse page 200 page.state "$entry/enrol/state"
    [ "$(jq -r .state "$scratch/page.state")" = "$1" ]
}

# flow STATUS STATE PINENTRY LANGUAGE DEED...: from the launch file to the agent's end.
flow() {
    wanted=$1 ends=$2
    shift 2
    bank_launch page
    cp "$scratch/page.cenroll" "$home/x.cenroll"
    give "$home/x.cenroll"
    person "$@"
    await "$background" number_is_shown || fail "the agent shows no number: $(cat "$agent_log")"
    page_get page 200 "$entry/enrol"
    page_post page 303 "$entry/enrol/execute" \
        "number=$(sed -n 's/.*<output id="number"[^>]*>\([^<]*\)<.*/\1/p' "$scratch/page.page")"
    status=0
    wait "$background" || status=$?
    background=
    cp "$home/person/pictures/"* "$pictures/" 2>/dev/null || :
    [ $status -eq "$wanted" ] || fail "exit status $status instead of $wanted: $(cat "$agent_log")"
    page_is "$ends" || fail "the job is $(cat "$scratch/page.state") instead of $ends"
    not_said "$card_pin"
}

number=0
for pinentry in $pinentries; do
    for language in en ja; do
        number=$((number + 1))
        name=025836666010$number # may collect a certificate at any time
        run "$demo_ra" account add --dir "$scratch/ra" --password-source "$scratch/corporate" $name
        rm -f "$scratch/page.cookies"
        bank_entry page $name
        flow 0 confirmed "$pinentry" "$language" "consent key alt+p" "pin type wrong-pin" \
            "pin-again type $card_pin"
        card_objects | grep -q "label: *$name\$" || fail "no pair of $name: $(card_objects)"
        flow 0 failed "$pinentry" "$language" "consent key alt+p" "pin type $card_pin" \
            "keep key alt+k"
    done
    flow 11 failed "$pinentry" ja "consent key Escape"
done
echo "agent-pinentry: asked and answered by$pinentries; pictures are in $pictures"
