#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every advice of library and tools has one row in tests/advice/table, and each row is an advice: the
# texts are extracted anew from the sources. A row's area names the script of this directory that
# provokes the failure, follows the advice, and fails when the same comes again.
# shellcheck disable=SC2119
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs xgettext # of Debian's gettext
scratch_begin
cd "$SOURCE_DIR"

find lib tools -name '*.c' | LC_ALL=C sort >"$scratch/sources"
xgettext --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --no-wrap \
    --files-from="$scratch/sources" -o "$scratch/texts.pot"
# shellcheck disable=SC2046 # file names without blanks
awk -f tests/advice/places.awk $(cat "$scratch/sources") >"$scratch/places"
awk -f tests/advice/msgids.awk "$scratch/places" "$scratch/texts.pot" |
    LC_ALL=C sort -u >"$scratch/advice"
[ -s "$scratch/advice" ] || fail "no advice found"

grep -v '^#' tests/advice/table >"$scratch/table"
awk -F '\t' 'NF != 3 || $1 == "" || $2 == "" || $3 == ""' "$scratch/table" >"$scratch/odd"
[ ! -s "$scratch/odd" ] || fail "rows without three fields: $(cat "$scratch/odd")"
cut -f 3 "$scratch/table" | LC_ALL=C sort >"$scratch/rows"
LC_ALL=C uniq -d "$scratch/rows" >"$scratch/twice"
[ ! -s "$scratch/twice" ] || fail "rows that are there twice: $(cat "$scratch/twice")"
LC_ALL=C comm -23 "$scratch/advice" "$scratch/rows" >"$scratch/rowless"
[ ! -s "$scratch/rowless" ] || fail "advice without a row: $(cat "$scratch/rowless")"
LC_ALL=C comm -13 "$scratch/advice" "$scratch/rows" >"$scratch/adviceless"
[ ! -s "$scratch/adviceless" ] || fail "rows without an advice: $(cat "$scratch/adviceless")"

cut -f 1 "$scratch/table" | sort -u | while read -r area; do
    [ "$area" = - ] || [ -e "tests/advice/$area.sh" ] ||
        [ -e "tests/advice/test_$area.c" ] || fail "there is no script $area"
done
