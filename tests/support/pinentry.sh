#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A pinentry for tests, as the Assuan protocol has it. In its own directory: `answers` holds what
# the person does, a line for each question; `asked` is what came in, as it came; `environment` is
# what the program was started in.
#
#     ok         presses OK              no         presses the other button
#     cancel     presses cancel          pin VALUE  types VALUE (percent-escaped) and presses OK
#     hang       does nothing            die        the program ends
dir=${0%/*}
env >"$dir/environment"

# The next line of `answers`, which is taken out.
next_answer() {
    answer=$(sed -n 1p "$dir/answers")
    sed 1d "$dir/answers" >"$dir/answers.new"
    mv "$dir/answers.new" "$dir/answers"
}

reply() {
    next_answer
    case $answer in
    ok) echo OK ;;
    "pin "*)
        echo "S PASSWORD_FROM_CACHE no"
        echo "D ${answer#pin }"
        echo OK
        ;;
    no) echo "ERR 83886194 Not confirmed <Pinentry>" ;;
    hang) exec sleep 1000 ;;
    die) exit 1 ;;
    *) echo "ERR 83886179 Operation cancelled <Pinentry>" ;;
    esac
}

echo "OK Pleased to meet you"
while IFS= read -r line; do
    printf '%s\n' "$line" >>"$dir/asked"
    case $line in
    GETPIN* | CONFIRM* | MESSAGE*) reply ;;
    BYE*)
        echo "OK closing connection"
        exit
        ;;
    OPTION\ lc-*) echo "ERR 83886254 Unknown option <Pinentry>" ;;
    *) echo OK ;;
    esac
done
