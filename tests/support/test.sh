# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034
# What every test script stands on. Read by `.`, which sets
#
#     test_name   as ctest and the line "skipped: ..." have it: the script's, unless it is set before
#     background  a process of the test's own, which is ended with it
#     child       the last process that was started by `child`
#     evidence    names of files in $scratch that a failure shows
#
# and ends the test, however it ends, with what it has started and without its scratch directory.
: "${BUILD_DIR:?}" "${SOURCE_DIR:?}"
test_name=${test_name:-$(basename "$0" .sh)}
scratch='' background='' evidence='' test_ends='' children=''
export LC_ALL=C.UTF-8

fail() {
    echo "failed: $*" >&2
    for file in $evidence; do
        [ ! -s "$scratch/$file" ] || sed "s|^|  $file: |" "$scratch/$file" >&2
    done
    exit 1
}

# --- what cannot be tried here ---

# skipped WHY: ctest takes the exit status for that, and tests/run shows the line.
skipped() {
    echo "skipped: $test_name: $*"
    exit 77
}

needs() {
    for tool; do
        command -v "$tool" >/dev/null || skipped "no ${tool##*/}"
    done
}

# without_sanitizers WHY
without_sanitizers() { [ -z "${SANITIZE-}" ] || skipped "$*"; }

# --- the beginning and the end ---

# scratch_begin [open]: the directory $scratch, where journals go, too; "open": where other users can
# be let in (a build directory of root's may lie where they cannot go).
scratch_begin() {
    umask 077
    [ "${1-}" != open ] || [ "$(id -u)" != 0 ] || export TMPDIR=/tmp
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/$test_name.XXXXXX")
    # Journals belong to the test, never to the person who runs it.
    export XDG_STATE_HOME="$scratch/state"
}

# at_end FUNCTION: ends what the test has started; the last one comes first.
at_end() { test_ends="$1 $test_ends"; }

test_end() {
    status=$?
    trap - EXIT
    trap '' HUP INT TERM # whoever is impatient leaves nothing behind either
    set +e
    for each in $test_ends; do
        "$each"
    done
    stop $background $children
    [ -z "$scratch" ] || rm -rf "$scratch"
    exit $status
}
trap test_end EXIT
trap 'exit 1' HUP INT TERM

# --- commands and processes ---

# run COMMAND...: its output is in run.log, and is shown when it fails.
run() {
    "$@" >"$scratch/run.log" 2>&1 || {
        cat "$scratch/run.log" >&2
        fail "$*"
    }
}

# child COMMAND...: in the background, until the test ends, whatever ends it. Its output is in
# children.log.
child() {
    setpriv --pdeathsig KILL -- "$@" >>"$scratch/children.log" 2>&1 &
    child=$!
    children="$child $children"
}

# await PROCESS COMMAND...: until the command succeeds, for two minutes ($patience: seconds) at most, and
# only while the process is there ("": there is none). What has not come is the caller's to tell:
# await ... || fail "..."
await() {
    await_process=$1 await_tries=$((${patience:-120} * 20))
    shift
    until "$@"; do
        [ $await_tries -gt 0 ] || return 1
        if [ -n "$await_process" ] && is_gone "$await_process"; then
            "$@" # what it did last
            return
        fi
        sleep 0.05
        await_tries=$((await_tries - 1))
    done
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# stop PROCESS...: each of the test's own, which is killed where it does not end.
stop() {
    for process; do
        children=$(printf '%s ' $children | sed "s/^/ /; s/ $process / /")
        kill "$process" 2>/dev/null || continue
        await '' is_gone "$process" || kill -KILL "$process"
        wait "$process" 2>/dev/null || :
    done
}

# library NAME...: where the first of these is, in the directories that a distribution may use.
library() {
    for library; do
        for directory in /usr/lib/"$(uname -m)"-* /usr/lib64 /usr/lib; do
            [ ! -e "$directory/$library" ] || { echo "$directory/$library" && return; }
        done
    done
    fail "there is no $1"
}
