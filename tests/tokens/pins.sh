# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2030,SC2031,SC2154,SC2317
# The PIN's part of capabilities.sh, read by run-token; and every way in which a wrong PIN can come to a
# token that counts. Before and after each the token itself is asked how many tries are spent
# (token_tries, and $token_counter says how): one for each wrong PIN that a person gave, and not one
# more. Most are tried by the certenroll tool, what takes a process of its own by pin_actions.

# --- the capabilities ---

tries() { token_tries || fail "the tries cannot be read"; }

wrong_pin_told() {
    pin_file=wrong-pin refused PIN_INCORRECT list
    listed length
}

one_try_spent() {
    spent=$(tries)
    pin_file=wrong-pin refused PIN_INCORRECT list
    [ "$(tries)" -eq $((spent + 1)) ] || fail "from $spent tries to $(tries)"
    listed length
    [ "$(tries)" -le $((spent + 1)) ] || fail "the right PIN has cost a try"
}

last_try_kept() {
    pin_file=wrong-pin refused PIN_INCORRECT list
    pin_file=wrong-pin refused PIN_INCORRECT list
    spent=$(tries)
    pin_file=wrong-pin refused PIN_FINAL_TRY list
    refused PIN_FINAL_TRY list
    [ "$(tries)" -eq "$spent" ] || fail "the last try was spent: from $spent to $(tries)"
    done_by list --allow-final-try
    [ "$(tries)" -eq 0 ] || fail "the right PIN has not given the tries back: $(tries)"
}

locked_told() {
    while [ "$(tries)" -lt 3 ]; do
        spent=$(tries)
        pin_file=wrong-pin refused PIN_INCORRECT list --allow-final-try
        [ "$(tries)" -eq $((spent + 1)) ] || fail "from $spent tries to $(tries)"
    done
    refused PIN_LOCKED list
    refused PIN_LOCKED list --allow-final-try
}

so_resets() {
    token_unlock
    listed length
}

# --- the scenarios of "wrong PINs waste no try" ---

# scenario NAME FUNCTION...: on a token with all its tries.
scenario() {
    name=$1
    shift
    restored
    echo 0 >"$scratch/wasted"
    : >"$scratch/spent"
    status=0
    set +e
    (set -e; "$@") >"$scratch/scenario.log" 2>&1
    status=$?
    set -e
    scenarios=$((scenarios + 1)) wasted=$((wasted + $(cat "$scratch/wasted")))
    if [ $status -eq 0 ]; then
        note "$name: $(paste -s -d , "$scratch/spent")"
    else
        note "$name: failed"
        sed 's/^/    /' "$scratch/scenario.log" >>"$scratch/notes"
        bad=$((bad + 1))
    fi
}

# restored: with the right PIN, or as the token has it.
restored() {
    if [ "$(tries)" -ne 0 ]; then
        if [ -n "$(token_cannot "right PIN")" ]; then
            token_unlock
        else
            done_by list --allow-final-try
        fi
    fi
    [ "$(tries)" -eq 0 ] || fail "tries are spent before it begins"
}

# spends NUMBER COMMAND...: it does, and that many tries.
spends() {
    expected=$1 before=$(tries)
    shift
    "$@"
    after=$(tries)
    echo " $before to $after" >>"$scratch/spent"
    [ $((after - before)) -le "$expected" ] || echo $((after - before - expected)) >"$scratch/wasted"
    [ $((after - before)) -eq "$expected" ] || fail "from $before to $after: not $expected"
}

wrongly() { pin_file=wrong-pin refused PIN_INCORRECT "$@"; }

# with_pin PRINTF-FORMAT COMMAND...: with this in the PIN's file.
with_pin() {
    # shellcheck disable=SC2059
    printf "$1" >"$scratch/odd-pin"
    shift
    pin_file=odd-pin "$@"
}

acts() {
    run timeout 120 "$BUILD_DIR/tests/tokens/pin_actions" "$module" "$uri" "$scratch" "$1" "$key"
}

# shimmed "LINES" COMMAND...: through the shim, with these lines in its control file.
shimmed() {
    printf '%b' "$1" >"$scratch/shim.control"
    : >"$scratch/shim.log"
    shift
    (
        export SHIM_MODULE="$module" SHIM_CONTROL="$scratch/shim.control" SHIM_LOG="$scratch/shim.log"
        module=$BUILD_DIR/tests/shim/certenroll-shim.so
        "$@"
    )
}

logins() { grep -c '^C_Login ' "$scratch/shim.log" || :; }

# --- each command ---

enrols() {
    "$@" enroll --another --url "$est" --trust-anchor "$ca" --user "$account" --password-source \
        "$scratch/password" --subject "CN=$account" --key-type "$(some_type)" --label pins
}
at_the_ra() { "$@" --url "$est" --trust-anchor "$ca" --id "$key"; }

# Three rows of one list, one PIN.
batches() {
    printf 'subject,label,user\nCN=a,a,%s\nCN=b,b,%s\nCN=c,c,%s\n' "$account" "$account" "$account" \
        >"$scratch/pins.csv"
    ! pin_file=wrong-pin tool batch --url "$est" --trust-anchor "$ca" --password-source \
        "$scratch/password" --key-type "$(some_type)" --journal "$scratch/pins-batch" \
        "$scratch/pins.csv" || fail "not refused"
}

# What it tells of can be seen without a PIN.
stands() { pin_file=wrong-pin tool status || [ "$(jq -r .error.status "$scratch/out")" = null ]; }

# unfinished LABEL: an enrolment whose certificate the token did not take.
unfinished() {
    ! shimmed 'fail C_CreateObject 0x30\n' tool enroll --another --url "$est" --trust-anchor "$ca" \
        --user "$account" --password-source "$scratch/password" --subject "CN=$account" \
        --key-type "$(some_type)" --label "$1" || fail "not unfinished"
    cat "$scratch/err"
}

cleans() {
    done_by clean --yes # what wrong PINs have left before
    unfinished cleaned
    spends 1 cleans_wrongly
    [ "$(journals)" -eq 1 ] || fail "$(journals) are unfinished, not 1"
    done_by clean --yes
    [ "$(journals)" -eq 0 ] || fail "not cleaned"
}

cleans_wrongly() { ! pin_file=wrong-pin tool clean --yes || fail "not refused"; }

# Two enrolments whose certificates the token did not take: one wrong PIN for both, then the right one.
resumes() {
    done_by clean --yes
    unfinished first
    unfinished second
    [ "$(journals)" -eq 2 ] || fail "$(journals) are unfinished, not 2"
    shimmed '' spends 1 resumes_wrongly # by the module that the journals name
    shimmed '' resume pin || fail "resume: $(cat "$scratch/err")"
    [ "$(journals)" -eq 0 ] || fail "still unfinished"
}
journals() { find "$XDG_STATE_HOME" -name '*.journal' 2>/dev/null | wc -l; }
resume() {
    "$certenroll" --json resume --pin-source "$scratch/$1" --so-pin-source "$scratch/so-pin" \
        --password-source "$scratch/password" >"$scratch/out" 2>"$scratch/err"
}
resumes_wrongly() { ! resume wrong-pin || fail "not refused"; }

# --- how it stands with the tries ---

# The right PIN gives them back, where the token does that.
given_back() {
    spends 1 wrongly list
    if [ -z "$(token_cannot "right PIN")" ]; then
        spends -1 listed length
    else
        spends 0 listed length
    fi
}

two_spent() {
    wrongly list
    wrongly list
}

last_refused() {
    two_spent
    spends 0 refused PIN_FINAL_TRY list
    spends 0 enrols refused PIN_FINAL_TRY
    pin_file=wrong-pin spends 0 refused PIN_FINAL_TRY list
}

last_spent() {
    two_spent
    spends 1 wrongly list --allow-final-try
    spends 0 refused PIN_LOCKED list
    spends 0 refused PIN_LOCKED list --allow-final-try
    [ "$(jq -r .error.what "$scratch/out")" != "$(cat "$scratch/expired")" ] ||
        fail "locked and to be changed are told in the same words"
    token_unlock
}

# Three wrong ones, where no flag tells which is the last.
locked_unseen() {
    two_spent
    spends 1 wrongly list
    spends 0 refused PIN_LOCKED list
    token_unlock
}

# By the flag alone, or where the SO's PIN for the user is one to be changed.
to_be_changed() {
    shimmed 'flags +USER_PIN_TO_BE_CHANGED\n' spends 0 refused PIN_EXPIRED list
    jq -r .error.what "$scratch/out" >"$scratch/expired"
    [ "$(logins)" -eq 0 ] || fail "it was sent"
}

# --- what is no PIN ---

# The token's limits, as the module tells them.
limits() {
    run pkcs11-tool --module "$reader_module" --list-slots
    sed -n "/token label *: $reader_slot *\$/,\$ s,.*pin min/max *: ,,p" "$scratch/run.log" |
        sed -n 's,/, ,p;q'
}

# The tool's file is empty, and then whoever answers the library's question.
empty() {
    spends 0 with_pin '' refused SYSTEM list
    spends 0 with_pin "\n$pin\n" refused SYSTEM list
    if [ "$least" -eq 0 ]; then
        spends 1 acts empty-merely-wrong
    else
        spends 0 acts empty
    fi
}

# A PIN of this length: none can be right that the token's limits exclude; another is merely wrong.
of_length() {
    if [ "$1" -lt "$least" ] || [ "$1" -gt "$most" ]; then
        set -- "$1" 0 PIN_INVALID
    else
        set -- "$1" 1 PIN_INCORRECT
    fi
    head -c "$1" /dev/zero | tr '\0' 7 >"$scratch/odd-pin"
    pin_file=odd-pin spends "$2" refused "$3" list
}

control_characters() {
    spends 0 with_pin "$pin\0\0" refused PIN_INVALID list
    spends 0 with_pin "$pin\tx" refused PIN_INVALID list
    # Its first line alone counts: this is the right one.
    spends 0 with_pin "$pin\r\nthe PIN of the card\n" done_by list
}

# --- what the module answers ---

# A login that is done, or refused, without anybody hearing of it is not made once more.
answer_lost() {
    for rv in 0x30 0xb3 0x190 0xe0; do
        shimmed "fail C_Login $rv once\n" spends 0 refused_somehow list
        [ "$(logins)" -eq 1 ] || fail "after $rv the PIN was sent $(logins) times"
    done
}
refused_somehow() { ! tool "$@" || fail "$*: not refused"; }

# The person types it on the reader: a wrong one, once.
on_the_reader() {
    shimmed "flags +PROTECTED_AUTHENTICATION_PATH\nreader-pin $(cat "$scratch/wrong-pin")\n" \
        spends 1 refused PIN_INCORRECT list
    [ "$(logins)" -eq 1 ] || fail "the reader asked $(logins) times"
}

failing_signatures() {
    for rv in 0x5 0x6 0x21 0x101; do
        shimmed "fail C_Sign $rv\n" spends 0 acts failing-operations
        [ "$(logins)" -eq 1 ] || fail "after $rv the PIN was sent $(logins) times"
    done
}

forks() {
    if [ -n "$(token_cannot "a fork logs out")" ]; then
        spends 0 acts forked-logged-in
    else
        spends 1 acts forked
    fi
}

# The SO's wrong PIN costs the user nothing; on a TPM there is one counter for all.
officer() {
    if [ -n "$(token_cannot "a counter for each")" ]; then
        spends 1 acts officer-wrong
    else
        spends 0 acts officer-wrong
    fi
    ! command -v token_officer_tries >/dev/null || {
        [ "$(token_officer_tries)" -eq 1 ] || fail "$(token_officer_tries) of the SO's tries are spent"
        token_unlock
    }
}

context() {
    key=$(token_careful_key)
    spends 1 acts context-wrong
}

no_try_wasted() {
    scenarios=0 wasted=0 bad=0
    key=$(sed -n '1s/.* //p' "$scratch/pairs")
    tr '0-9' '1-90' <"$scratch/so-pin" >"$scratch/wrong-so-pin"
    limits >"$scratch/limits"
    read -r least most <"$scratch/limits"
    rm -rf "$XDG_STATE_HOME"

    scenario "a wrong PIN, list" spends 1 wrongly list
    scenario "a wrong PIN, status" spends 0 stands
    scenario "a wrong PIN, keygen" spends 1 wrongly keygen --key-type "$(some_type)" --label pins
    scenario "a wrong PIN, csr" spends 1 wrongly csr --id "$key" --subject "CN=$account"
    scenario "a wrong PIN, enroll" spends 1 enrols wrongly
    scenario "a wrong PIN, renew" spends 1 at_the_ra wrongly renew
    scenario "a wrong PIN, rekey" spends 1 at_the_ra wrongly rekey
    scenario "a wrong PIN, batch of three" spends 1 batches
    scenario "a wrong PIN, clean" cleans
    scenario "a wrong PIN, resume of two, then the right one" resumes
    scenario "a wrong PIN, then the right one" given_back
    scenario "wrong twice, asked for anew" spends 2 acts again
    scenario "the question cancelled" spends 0 acts cancelled
    scenario "the callback uses the token" spends 1 acts within-the-callback
    scenario "two threads at once" spends 2 acts threads
    scenario "two threads at once, each with a handle of its own" spends 2 acts two-handles
    scenario "somebody else in the process is logged in" spends 0 acts other-is-in
    scenario "somebody else in the process logs out" spends 1 acts login-taken-away
    scenario "after fork" forks
    scenario "signatures that fail after the right PIN" failing_signatures
    scenario "the present PIN wrong, to be changed" spends 1 acts change-wrongly
    [ "$least" -le 1 ] || scenario "the new PIN too short" spends 0 acts change-too-short
    scenario "the new PIN not given" spends 0 acts change-cancelled
    scenario "the SO's PIN wrong" officer
    scenario "an empty PIN" empty
    scenario "a PIN too short" of_length $((least > 1 ? least - 1 : 1))
    scenario "a PIN too long" of_length $((most + 1))
    scenario "a PIN with NULs, control characters, more lines" control_characters
    scenario "the answer to the login lost" answer_lost
    scenario "typed on the reader" on_the_reader
    scenario "a PIN that must be changed first" to_be_changed
    if [ -z "$(token_cannot "the last try is kept")" ]; then
        scenario "the last try, not allowed" last_refused
        scenario "the last try, allowed; then locked" last_spent
    else
        scenario "the last try unseen; then locked" locked_unseen
    fi
    ! command -v token_careful_key >/dev/null ||
        scenario "the PIN once more for a signature, wrong" context
    note "wrong-PIN scenarios tried $scenarios, tries wasted $wasted (read from $token_counter)"
    [ $bad -eq 0 ] || fail "$bad of $scenarios failed"
    [ $wasted -eq 0 ] || fail "$wasted tries were wasted"
    [ $scenarios -ge 20 ] || fail "$scenarios scenarios only"
}
