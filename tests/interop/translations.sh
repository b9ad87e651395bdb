#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every text that a person reads has its translation: the texts are extracted anew from the sources
# and held against the catalogues.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs xgettext msgcmp msgfmt msgattrib # of Debian's gettext
scratch_begin
echo '"cmake --build BUILD --target pot" brings the .po files up to date' >"$scratch/hint"
evidence=hint

cd "$SOURCE_DIR"
for folder in lib tools; do
    find "$folder" -name '*.c' | LC_ALL=C sort >"$scratch/sources"
    xgettext --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --files-from="$scratch/sources" \
        -o "$scratch/$folder.pot"
    grep -q '^msgid "..*"' "$scratch/$folder.pot" || fail "no texts found in $folder"
    for po in "$folder"/locale/*.po; do
        [ -f "$po" ] || fail "$folder has no catalogue"
        msgfmt --check -o /dev/null "$po" || fail "$po is malformed"
        msgcmp "$po" "$scratch/$folder.pot" || fail "$po lacks texts"
        [ -z "$(msgattrib --only-fuzzy "$po")" ] || fail "$po has fuzzy entries"
        [ -z "$(msgattrib --only-obsolete "$po")" ] || fail "$po has entries that no source uses"
    done
done
