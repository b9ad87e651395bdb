# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# For the scripts that run certenroll-agent: a person who is not root (nobody, where the tests run as
# root), with a home of their own, a SoftHSM token "card", a scripted pinentry and a configuration.
# Read by `.`, after test.sh and `scratch_begin open`; sets
#
#     home  person  card_pin  agent_log
: "${scratch:?}"
# shellcheck source=tests/support/softhsm.sh
. "$SOURCE_DIR/tests/support/softhsm.sh"

home=$scratch/home
agent_log=$home/agent.out
card_pin=1234-card

drop= # what makes setpriv run a program as the person
person=$(id -u)
if [ "$person" = 0 ]; then
    person=65534
    drop="--reuid=$person --regid=$person --clear-groups"
fi
# shellcheck disable=SC2086 # several words
as_person() { setpriv $drop --pdeathsig KILL -- "$@"; }

# The build may lie where that person cannot look.
chmod 711 "$scratch"
mkdir -p "$home/bin" "$home/pinentry"
cp "$BUILD_DIR/tools/agent/certenroll-agent" "$home/bin/"
cp -L "$BUILD_DIR/lib/libcertenroll.so.0" "$BUILD_DIR/lib/libcertenroll-ra.so.0" "$home/bin/"
cp "$SOURCE_DIR/tests/support/pinentry.sh" "$home/pinentry/pinentry"
softhsm_at "$home"
: >"$home/pinentry/answers"
give() { [ "$person" = "$(id -u)" ] || chown -R "$person:$person" "$@"; }
give "$home"
chmod -R u+rwX,go-w "$home"

as_person env SOFTHSM2_CONF="$home/softhsm2.conf" softhsm2-util --init-token --free --label card \
    --pin "$card_pin" --so-pin 5678-officer >/dev/null

# configure EST-ORIGIN ENTRY-ORIGIN CA-FILE: what the agent may talk to.
configure() {
    cp "$3" "$home/ca.pem"
    cat >"$home/ra.json" <<END
{ "version": 1,
  "ras": [ { "name": "Demo Bank", "entry": "$2", "login": "$2", "est": "$1",
             "trust_anchor": "$home/ca.pem" } ],
  "token": "pkcs11:token=card", "module": "$SOFTHSM2_MODULE",
  "pinentry": "$home/pinentry/pinentry" }
END
    chmod 644 "$home/ra.json" "$home/ca.pem"
    give "$home/ra.json" "$home/ca.pem"
}

# Leaks are looked for by ptrace, which the agent forbids to others of the same user; what is
# preloaded to kill it comes before the sanitizer's library.
case ${SANITIZE:-} in
*address*) person_asan=${ASAN_OPTIONS:-}:detect_leaks=0:verify_asan_link_order=0 ;;
*) person_asan= ;;
esac

# What setpriv is given to run a command as the person, in their environment.
person_words() {
    printf '%s ' "$drop --pdeathsig KILL -- env -i -C $home HOME=$home XDG_STATE_HOME=$home/state" \
        "LC_ALL=${LC_ALL:-C.UTF-8} SOFTHSM2_CONF=$home/softhsm2.conf LD_LIBRARY_PATH=$home/bin" \
        "ASAN_OPTIONS=$person_asan TSAN_OPTIONS=${TSAN_OPTIONS:-}"
}

# run_agent [NAME=VALUE...] COMMAND...: as the person, without a terminal. "exec_agent ... &" is the
# same in the background, and $! the program itself, which ends with this shell.
run_agent() {
    # shellcheck disable=SC2046 # several words
    setpriv $(person_words) setsid -w env "$@" </dev/null >"$agent_log" 2>&1
}
exec_agent() {
    # shellcheck disable=SC2046
    exec setpriv $(person_words) setsid -w env "$@" </dev/null >"$agent_log" 2>&1
}
agent() { run_agent "$home/bin/certenroll-agent" --config "$home/ra.json" "$@"; }

# answers LINE...: what the person will do at pinentry's windows.
answers() {
    : >"$home/pinentry/answers"
    [ $# -eq 0 ] || printf '%s\n' "$@" >"$home/pinentry/answers"
    : >"$home/pinentry/asked"
    give "$home/pinentry"
}

# The last agent's words have to have this, and must not have that.
said() { grep -qF -- "$1" "$agent_log" || fail "the agent did not say \"$1\": $(cat "$agent_log")"; }
not_said() { ! grep -qF -- "$1" "$agent_log" || fail "the agent said \"$1\": $(cat "$agent_log")"; }

# What is on the person's card, one line each.
card_objects() {
    as_person env SOFTHSM2_CONF="$home/softhsm2.conf" pkcs11-tool --module "$SOFTHSM2_MODULE" \
        --token-label card --login --pin "$card_pin" --list-objects 2>/dev/null
}
