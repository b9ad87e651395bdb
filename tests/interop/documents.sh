#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The documents keep up with the sources: links lead somewhere, each document has both languages, and
# the architecture names every source file of the library and none that is gone.
set -eu

scratch=$(mktemp -d "${TMPDIR:-/tmp}/documents.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "documents: $*" >&2
    exit 1
}

cd "$SOURCE_DIR"

for document in README.md docs/*.md; do
    case $document in
    *.ja.md) other=${document%.ja.md}.md ;;
    *) other=${document%.md}.ja.md ;;
    esac
    [ -f "$other" ] || fail "$document has no counterpart $other"
done

for document in README.md README.ja.md CONTRIBUTING.md docs/*.md; do
    grep -o '](\([^)#:]*\))' "$document" | sed 's/^](//; s/)$//' | while read -r link; do
        [ -e "$(dirname "$document")/$link" ] || fail "$document links to $link, which is not there"
    done
done

# signature_*.c stands in the table as that.
find lib -name '*.c' ! -name 'signature_*' -exec basename {} \; | sort >"$scratch/files"
for document in docs/architecture.md docs/architecture.ja.md; do
    # shellcheck disable=SC2016 # the backquotes are Markdown's
    sed -n '/^| \*\*base/,/^## /p' "$document" | grep -o '`[a-z0-9_]*\.c`' | tr -d '`' |
        sort >"$scratch/named"
    diff "$scratch/files" "$scratch/named" || fail "$document: files of lib/ (<), and those named (>)"
done
