#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The documents keep up with the sources: links lead somewhere, each document has both languages, the
# architecture names every source file of the library and none that is gone, the page of errors has
# each status with its number and exit status, the page of the journal each state, and what the page of
# attacks says of the tests is there.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
scratch_begin

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

# NAME NUMBER EXIT, of the header's two enumerations and of the one table of statuses.
header=include/certenroll/error.h
sed '/=$/{N;s/\n */ /;}' $header |
    sed -n 's/^    CERTENROLL_\(E_\)\{0,1\}\([A-Z_]*\) = \(-\{0,1\}[0-9]*\),.*/\2 \3/p' |
    grep -v '^CLASS_' >"$scratch/numbers"
sed -n 's/^    CERTENROLL_CLASS_\([A-Z]*\) = \([0-9]*\),.*/\1 \2/p' $header >"$scratch/classes"
sed -n -e 's/^    ROW(\([A-Z_]*\), \([A-Z]*\),.*/\1 \2/p' \
    -e 's/^    { CERTENROLL_\([A-Z]*\), CERTENROLL_CLASS_\([A-Z]*\),.*/\1 \2/p' \
    lib/context/status.c >"$scratch/rows"
while read -r name class; do
    echo "$name $(sed -n "s/^$name //p" "$scratch/numbers") $(sed -n "s/^$class //p" "$scratch/classes")"
done <"$scratch/rows" | sort >"$scratch/statuses"
[ "$(wc -l <"$scratch/statuses")" -ge 30 ] || fail "the statuses are not found in the sources"
[ "$(wc -l <"$scratch/statuses")" -eq "$(wc -l <"$scratch/numbers")" ] ||
    fail "$header and lib/context/status.c have not the same statuses"
for document in docs/errors.md docs/errors.ja.md; do
    # shellcheck disable=SC2016
    sed -n 's/^| `\([A-Z_]*\)` (\(-\{0,1\}[0-9]*\)) | \([0-9]*\) | ..* | .*|$/\1 \2 \3/p' $document |
        sort >"$scratch/named"
    diff "$scratch/statuses" "$scratch/named" ||
        fail "$document: statuses with number and exit status (<), and those described (>)"
done

sed -n 's/^    CERTENROLL_STATE_\([A-Z_]*\) = .*/\1/p' include/certenroll/journal.h | sort \
    >"$scratch/states"
for document in docs/journal.md docs/journal.ja.md; do
    # shellcheck disable=SC2016
    sed -n 's/^| `\([A-Z_]*\)` | .*/\1/p' $document | sort >"$scratch/named"
    diff "$scratch/states" "$scratch/named" || fail "$document: states (<), and those described (>)"
done

# The page of the journal has each field.
sed -n 's/^    \(MUST\|MAY\|LIST\|SINCE_2\)("\([a-z-]*\)".*/\2/p' lib/journal/record_fields.c | sort >"$scratch/fields"
[ -s "$scratch/fields" ] || fail "the fields of a journal are not found in the sources"
for document in docs/journal.md docs/journal.ja.md; do
    # shellcheck disable=SC2016
    sed -n -e '/^| field | value | |$/,/^$/p' -e '/^| 項目 | 値 | |$/,/^$/p' $document | sed -n 's/^| \(`[^|]*\) | .*/\1/p' |
        grep -o '`[a-z-]*`' | tr -d '`' | sort >"$scratch/named"
    diff "$scratch/fields" "$scratch/named" || fail "$document: fields (<), and those described (>)"
done

# FILE TEXT: what a row's last cell names, `FILE`: `TEXT`, `TEXT`; `FILE`: `TEXT`.
for document in docs/security.md docs/security.ja.md; do
    awk -F ' [|] ' '
        /^[|]---/ { rows = 1; next }
        !/^[|] / { rows = 0 }
        !rows { next }
        {
            cell = $NF
            file = ""
            texts = 0
            sub(/ *[|]$/, "", cell)
            count = split(cell, part, "`")
            if (NF != 3 || count < 5 || part[count] != "") { print "no row: " $0; next }
            for (i = 2; i < count; i += 2) {
                separator = part[i + 1]
                if (separator == ": " && (file == "" || texts)) { file = part[i]; texts = 0 }
                else if (file != "" && (separator == ", " || separator == "; " || i + 1 == count)) {
                    print file "\t" part[i]; texts++
                    if (separator == "; ") file = ""
                } else print "no row: " $0
            }
        }' "$document" >"$scratch/${document##*/}"
    ! grep '^no row' "$scratch/${document##*/}" || fail "$document: a row names no test"
    while IFS="$(printf '\t')" read -r file text; do
        [ -f "tests/$file" ] || fail "$document names tests/$file, which is not there"
        grep -qF -e "$text" "tests/$file" || fail "$document: \"$text\" is not in tests/$file"
    done <"$scratch/${document##*/}"
done
[ "$(wc -l <"$scratch/security.md")" -ge 100 ] || fail "docs/security.md names hardly a test"
diff "$scratch/security.md" "$scratch/security.ja.md" ||
    fail "docs/security.md (<) and docs/security.ja.md (>) name other tests"
