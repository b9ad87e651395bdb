# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034
# For the scripts of tests/interop: a program on a terminal of its own, and a person who types once
# the question is there (what is typed before a secret's question is thrown away). Read by `.`, in
# the test's scratch directory; $background is the program, which the test ends with itself.

terminal_is_there() { script -qec true /dev/null </dev/null >/dev/null 2>&1; }

# terminal_begin COMMAND: runs it; what the terminal shows is in `shown`.
terminal_begin() {
    rm -f shown keys
    mkfifo keys
    # What a shell starts with & ignores SIGINT.
    env --default-signal=INT,QUIT script -qefc "$1" shown <keys >/dev/null 2>&1 &
    background=$!
    exec 4>keys
}

# terminal_shows TEXT [TIMES]: waits until it does.
terminal_shows() {
    tries=0
    until [ "$(grep -aoF -e "$1" shown 2>/dev/null | wc -l)" -ge "${2:-1}" ]; do
        [ $tries -lt 1200 ] || fail "the terminal does not show \"$1\": $(cat shown)"
        sleep 0.05
        tries=$((tries + 1))
    done
}

# types TEXT KEYS [TIMES]: once the terminal shows the text, for the TIMES-th time.
types() {
    terminal_shows "$1" "${3:-1}"
    printf '%s\n' "$2" >&4
}

# terminal_end STATUS: the program has ended with it.
terminal_end() {
    status=0
    wait "$background" || status=$?
    background=
    exec 4>&-
    rm keys
    [ $status -eq "$1" ] || fail "exit status $status instead of $1 on the terminal: $(cat shown)"
}
