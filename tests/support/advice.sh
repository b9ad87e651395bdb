# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
# For the scripts of tests/advice: a failure, its advice, and what becomes of it when that is
# followed. Read by `.` after outcome.sh; works in $scratch. $area is the script's, as the table
# tests/advice/table has it.
area=$(basename "$0" .sh)
awk -F '\t' -v area="$area" '$1 == area { print $3 }' "$SOURCE_DIR/tests/advice/table" >rows
: >followed
printed=

# fails STATUS COMMAND...: into `said`.
fails() {
    ends "$@"
    cat out err >said
}

# instance_of MSGID FILE: the file has the text, whatever is in the place of its arguments.
instance_of() {
    pattern=$(printf '%s\n' "$1" |
        sed 's/\\"/"/g; s/[][\\.*^$]/\\&/g; s/%[^a-zA-Z%]*[a-z][a-z]*/.*/g; s/%[zl]*[sdux]/.*/g')
    grep -q -e "$pattern" "$2"
}

# advises BEGINNING: what was said has the advice of this area's row that begins so.
advises() {
    advice=$(beginning=$1 awk 'index($0, ENVIRON["beginning"]) == 1' rows)
    case $advice in
    '' | *"
"*) fail "not one row of $area begins with \"$1\"" ;;
    esac
    instance_of "$advice" said || fail "not advised \"$advice\": $(cat said)"
}

# by TEXT: the command that was printed behind the text, as it was printed.
by() {
    printed=$(sed -n "s/.*$1\(certenroll[^ ]* .*\)\$/\1/p" said | head -n 1)
    [ -n "$printed" ] || fail "no command behind \"$1\": $(cat said)"
}
# quoted: the command that was printed in quotation marks.
quoted() {
    printed=$(sed -n 's/.*"\(certenroll[^"]*\)".*/\1/p' said | head -n 1)
    [ -n "$printed" ] || fail "no command in quotation marks: $(cat said)"
}
# until_text TEXT: it ends before that.
until_text() { printed=${printed%%"$1"*}; }

# helps STATUS COMMAND...: the advice was followed, and is not given again.
helps() {
    ends "$@"
    cat out err >said
    ! instance_of "$advice" said || fail "followed, and advised again \"$advice\": $(cat said)"
    printf '%s\n' "$advice" >>followed
}
# sh_helps STATUS WORD...: the printed command, run by sh, with what it asks a person for.
sh_helps() {
    wanted=$1
    shift
    helps "$wanted" env PATH="$BUILD_DIR/tools/certenroll:$PATH" sh -c "$printed $*"
}

# all_followed: each row of this area was.
all_followed() {
    LC_ALL=C sort -u followed >followed.sorted
    LC_ALL=C sort -u rows | comm -23 - followed.sorted >missing
    [ ! -s missing ] || fail "nobody followed: $(cat missing)"
}
