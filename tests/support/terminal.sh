# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034
# For scripts: a program on a terminal of its own, and a person who types once the question is there
# (what is typed before a secret's question is thrown away). Read by `.`, after test.sh; works in
# the test's scratch directory. The program is $background.

terminal_is_there() { script -qec true /dev/null </dev/null >/dev/null 2>&1; }

# needs_terminal [WHAT]: and what has been done so far.
needs_terminal() {
    terminal_is_there || skipped "${1:+$1, but }there are no terminals here (is /dev/pts mounted?)"
}

# terminal_begin COMMAND: runs it; what the terminal shows is in `shown`.
terminal_begin() {
    rm -f shown keys
    mkfifo keys
    # What a shell starts with & ignores SIGINT.
    env --default-signal=INT,QUIT script -qefc "$1" shown <keys >/dev/null 2>&1 &
    background=$!
    exec 4>keys
}

is_shown() { [ "$(grep -aoF -e "$1" shown 2>/dev/null | wc -l)" -ge "$2" ]; }

# terminal_shows TEXT [TIMES]: waits until it does.
terminal_shows() {
    await '' is_shown "$1" "${2:-1}" || fail "the terminal does not show \"$1\": $(cat shown)"
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
