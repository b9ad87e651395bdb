#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The layer rule of docs/architecture.md is the compiler's, not a reader's: for each pair of layers,
# a file of the one that includes a header of the other compiles where the table allows it, and does
# not where it does not. Uses the very compile commands of the build. And the rooms of the demo RA.
set -eu
: "${BUILD_DIR:?}" "${SOURCE_DIR:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

layers='base json context token provider x509 protocol journal enroll ra tools'
grep -q lib/bridge/libp11_find.c "$BUILD_DIR/compile_commands.json" && layers="$layers bridge" # made with libp11 only
headers='base/text.h json/strict_json.h context/context.h token/token.h provider/provider.h x509/name.h
    protocol/protocol.h journal/record.h enroll/enrolment.h ra/configuration.h'

# may LAYER SEE: the table, in one place for this test. base and json are kits: tools and components
# have them too.
may() {
    case "$1:$2" in
    ra:ra | ra:json | tools:json | json:json) ;;
    *:ra | *:json) return 1 ;;
    *:base) ;;
    base:* | json:* | ra:* | bridge:* | tools:*) return 1 ;;
    *:context | token:token | provider:token | provider:provider) ;;
    x509:x509 | protocol:x509 | protocol:protocol | journal:journal | enroll:*) ;;
    *) return 1 ;;
    esac
}

# One source file of a layer, whose compile command is borrowed.
sample() {
    case "$1" in
    base) echo lib/base/text.c ;;
    json) echo lib/json/strict_json.c ;;
    context) echo lib/context/error.c ;;
    token) echo lib/token/token.c ;;
    provider) echo lib/provider/provider.c ;;
    x509) echo lib/x509/name.c ;;
    protocol) echo lib/protocol/est.c ;;
    journal) echo lib/journal/record.c ;;
    enroll) echo lib/enroll/steps.c ;;
    ra) echo lib/ra/call.c ;;
    bridge) echo lib/bridge/libp11_find.c ;;
    tools) echo tools/certenroll/certenroll.c ;;
    esac
}

# Compiler and flags of that file, without its own -o and -c.
flags_of() {
    sed -n "s|^ *\"command\": \"\(.*\) -o [^ ]* -c [^ ]*/$1\",*\$|\1|p" \
        "$BUILD_DIR/compile_commands.json" | sed 's/\\"/"/g' | head -n 1
}

failed=0
for layer in $layers; do
    flags=$(flags_of "$(sample "$layer")")
    [ -n "$flags" ] || { echo "no compile command for $layer"; exit 1; }
    for header in $headers; do
        printf '#include "%s"\n' "$header" >"$scratch/try.c"
        if eval "$flags -fsyntax-only $scratch/try.c" >"$scratch/out" 2>&1; then
            compiles=1
        else
            compiles=0
        fi
        if may "$layer" "${header%%/*}"; then expected=1; else expected=0; fi
        if [ $compiles -ne $expected ]; then
            echo "$layer including $header: compiles=$compiles, expected $expected"
            cat "$scratch/out"
            failed=1
        fi
    done
done

# --- what is exported: the kits make no public symbol, and no library shows anything but its own ---

if nm -g --defined-only "$BUILD_DIR"/lib/libcertenroll_base.a "$BUILD_DIR"/lib/libcertenroll_json.a |
    grep ' certenroll_'; then
    echo "a kit makes public symbols"
    failed=1
fi
for library in "$BUILD_DIR"/lib/libcertenroll*.so; do
    case $(basename "$library" .so) in
    libcertenroll) own=certenroll_ other='certenroll_\(ra\|libp11\)_' ;;
    libcertenroll-*) own=certenroll_$(basename "$library" .so | sed 's/.*-//')_ other='^$' ;;
    esac
    nm -D --defined-only "$library" | sed -n 's/.* [TDBRV] \([^@]*\).*/\1/p' >"$scratch/exports"
    if ! grep -q "^$own" "$scratch/exports" || grep -v "^$own" "$scratch/exports" ||
        grep "^$other" "$scratch/exports"; then
        echo "$(basename "$library") does not export what it should"
        failed=1
    fi
done

# --- the rooms of the demo RA: which includes stand in its files ---

# stands_on ROOM: those whose headers its files may include, beside its own.
stands_on() {
    case "$1" in
    ground) ;;
    store | http | ca) echo ground ;;
    rules) echo ground store http ca ;;
    calls | pages) echo ground store http ca rules ;;
    commands) echo ground store http ca rules calls pages ;;
    *) return 1 ;;
    esac
}

for room in "$SOURCE_DIR"/tools/demo-ra/*/; do
    name=$(basename "$room")
    rooms=$(stands_on "$name") || { echo "$name is no known room of tools/demo-ra"; exit 1; }
    # shellcheck disable=SC2086 # they are words
    pattern=$(echo common base json "$name" $rooms | tr ' ' '|')
    if grep -nE '^#include "' "$room"*.[ch] | grep -vE "#include \"($pattern)/"; then
        echo "tools/demo-ra/$name may not include that"
        failed=1
    fi
done
[ $failed -eq 0 ] && echo "layers: every allowed include compiles, no forbidden one does"
exit $failed
