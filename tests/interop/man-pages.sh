#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Exported symbols, prototypes and manual pages are the same set; the pages are well-formed; a
# prototype without a docstring is refused.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
scratch_begin

cached() { sed -n "s/^$1:[A-Z]*=//p" "$BUILD_DIR/CMakeCache.txt"; }

pages=$BUILD_DIR/man/man3
export LC_ALL=C

# Without libp11 there is neither the component nor its page.
component=$BUILD_DIR/lib/libcertenroll-libp11.so
[ -e "$component" ] || component=

# shellcheck disable=SC2086 # none or one
nm -D --defined-only "$BUILD_DIR/lib/libcertenroll.so" "$BUILD_DIR/lib/libcertenroll-ra.so" $component |
    sed -n 's/.* \(certenroll_[^@]*\).*/\1/p' |
    sort >"$scratch/exported"
[ -s "$scratch/exported" ] || fail "the library exports nothing"

# Prototypes as the compiler sees them: a name right before its opening parenthesis.
for header in "$SOURCE_DIR"/include/certenroll/*.h; do
    [ -z "$component" ] && [ "${header##*/}" = libp11.h ] || echo "#include <certenroll/${header##*/}>"
done >"$scratch/all.c"
"$(cached CMAKE_C_COMPILER)" -E -P -I"$SOURCE_DIR/include" "$scratch/all.c" |
    grep -o 'certenroll_[a-z0-9_]*(' | tr -d '(' | sort -u >"$scratch/prototypes"

grep -l '^\.so ' "$pages"/*.3 | sed 's|.*/||; s|\.3$||' | sort >"$scratch/pages"

diff "$scratch/exported" "$scratch/prototypes" || fail "exported symbols (<) and prototypes (>) differ"
diff "$scratch/prototypes" "$scratch/pages" || fail "prototypes (<) and manual pages (>) differ"

while read -r name; do
    target=$BUILD_DIR/man/$(sed -n 's/^\.so //p' "$pages/$name.3")
    grep -q "^\.Nm $name\( ,\)*\$" "$target" || fail "$name is not in the page that it points to"
    grep -q "^\.Fo \"$name\"\$" "$target" || fail "$name has no synopsis"
done <"$scratch/pages"

# The generator itself: an undocumented prototype must stop the build.
mkdir "$scratch/out"
printf '/**\n * @file bad.h\n * Bad.\n */\n\nint certenroll_bad(void);\n' >"$scratch/bad.h"
if "$(cached AWK)" -v outdir="$scratch/out" -f "$SOURCE_DIR/cmake/man-pages.awk" "$scratch/bad.h" \
    2>"$scratch/refusal"; then
    fail "a prototype without a docstring passed"
fi
grep -q 'bad\.h:6: certenroll_bad has no docstring' "$scratch/refusal" || fail "no reason was given"

command -v mandoc >/dev/null || skipped "mandoc is not there: not linted"
for page in $(grep -L '^\.so ' "$pages"/*.3); do
    mandoc -T lint -W warning "$page" || fail "mandoc objects to ${page##*/}"
done
