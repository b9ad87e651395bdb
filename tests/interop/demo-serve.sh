#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tools/demo --serve`: what it prints is followed to the letter, by curl and the agent, up to the
# corporation's certificate on the token; then it is ended, and leaves nothing behind. With programs
# that are built already: nothing is installed.
# shellcheck disable=SC2154 # what the kit sets
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl openssl script setpriv
without_sanitizers "the demo is of an ordinary build"
. "$SOURCE_DIR/tests/support/terminal.sh"
needs_terminal
scratch_begin open
umask 022 # the person reads what is made for them
evidence=shown
demo=
demo_end() { stop $demo; }
at_end demo_end

# The agent wants an ordinary person, who may not be able to look into the build.
drop=
if [ "$(id -u)" = 0 ]; then drop="--reuid=65534 --regid=65534 --clear-groups"; fi
mkdir -p "$scratch/tools" "$scratch/tmp" "$scratch/home"
cp "$SOURCE_DIR/tools/demo" "$scratch/tools/"
for program in demo-token demo-ra/demo-ra agent/certenroll-agent; do
    mkdir -p "$(dirname "$scratch/built/tools/$program")"
    cp "$BUILD_DIR/tools/$program" "$scratch/built/tools/$program"
done
mkdir "$scratch/built/lib"
cp -L "$BUILD_DIR/lib/libcertenroll.so.0" "$BUILD_DIR/lib/libcertenroll-ra.so.0" "$scratch/built/lib/"
chmod -R a+rX "$scratch"
[ -z "$drop" ] || chown 65534:65534 "$scratch/tmp" "$scratch/home"
cd "$scratch"

# person COMMAND...: in the place of this shell, or of one in the background.
person() {
    # shellcheck disable=SC2086 # several words
    exec setpriv $drop --pdeathsig KILL -- env -i --default-signal=INT HOME="$scratch/home" \
        TMPDIR="$scratch/tmp" PATH=/usr/bin:/bin LC_ALL="$language" \
        LD_LIBRARY_PATH="$scratch/built/lib" "$@"
}

serve() {
    language=$1
    person "$scratch/tools/demo" --built "$scratch/built" --serve >told 2>&1 &
    demo=$!
    await $demo grep -qs Ctrl-C told || fail "it does not serve: $(cat told)"
}

# Which processes have anything to do with it.
left() { grep -lazF "$scratch/" /proc/[0-9]*/cmdline 2>/dev/null || :; }
nothing_is_left() { [ -z "$(left)" ]; }

# ends_by SIGNAL: and everything of it.
ends_by() {
    [ -n "$(left)" ] || fail "nothing runs that could be stopped"
    kill "-$1" $demo
    status=0
    wait $demo || status=$?
    demo=
    [ $status -eq 1 ] || fail "after $1 its exit status is $status: $(cat told)"
    # What it has killed may take a moment.
    patience=10 await '' nothing_is_left || fail "after $1 there is still: $(left)"
    [ -z "$(find tmp home -mindepth 1)" ] || fail "after $1 there is still: $(find tmp home)"
}

# told PATTERN: the only line with a command of that.
told() {
    [ "$(grep -c "^        $1" told)" -eq 1 ] || fail "not one line with \"$1\": $(cat told)"
    grep "^        $1" told
}
does() { (person sh -c "$1"); } # a command that it told

# --- along the lines ---

serve C.UTF-8
secret_of() { does "$(told "cat .*/$1\$")"; }
agent=$(told '/.*/agent /.*\.cenroll$')
file=${agent##* }
place=${agent%%/agent *}
place=${place##* }
entry=$(sed -n 's|^        .*firefox.* \(https://entry\.localhost:[0-9]*\)/$|\1|p' told)
[ -n "$entry" ] || fail "no address for Firefox: $(cat told)"
corporation=$(sed -n 's/.*corporate ID is \([0-9]*\);.*/\1/p' told)
password=$(secret_of corporation.password)

# What the browser's profile trusts; without NSS's tools the CA is in a file that is named.
if command -v certutil >/dev/null && command -v modutil >/dev/null; then
    profile=$(sed -n 's/.* --profile \([^ ]*\) .*/\1/p' told)
    does "certutil -L -d 'sql:$profile' -n 'Demo Bank' -a" >ca.pem
    setting=$(sed -n 's/^ *\(SOFTHSM2_CONF=[^ ]*\) .*firefox.*/\1/p' told)
    does "$setting modutil -dbdir 'sql:$profile' -list" >tokens
    grep -q 'token: customer' tokens || fail "the browser does not see the token: $(cat tokens)"
    ! grep -q 'token: bank' tokens || fail "the browser sees the bank's token"
else
    does "cat $(sed -n 's/.* \(\/.*\/ca\.pem\).*/\1/p' told)" >ca.pem
fi

# page PATH [CURL-OPTION...]: into `page`.
page() {
    page_path=$1
    shift
    curl -sSf --max-time 60 --cacert ca.pem -b cookies -c cookies -H "Origin: $entry" -o page \
        "$@" "$entry$page_path" || fail "$page_path: $(cat page)"
}
csrf() { sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/csrf=\1/p' page | head -n 1; }
state() {
    page /enrol/state
    sed -n 's/.*"state": *"\([a-z]*\)".*/\1/p' page
}

page /corporate
page /corporate --data-urlencode "corporate_id=$corporation" \
    --data-urlencode "password=$password" --data-urlencode "$(csrf)"
page /enrol
page /enrol/launch --data-urlencode "$(csrf)" # and saved where the profile says
(person sh -c "cat >'$file'") <page

# shellcheck disable=SC2016 # for the shell on the terminal
(person sh -c 'cat >"$HOME/agent"') <<END
exec setpriv $drop --pdeathsig KILL -- env -i HOME='$scratch/home' PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
    LD_LIBRARY_PATH='$scratch/built/lib' ${agent#        }
END
terminal_begin "sh '$scratch/home/agent'"
terminal_shows 'Now press "Execute" on the page'
page /enrol
number=$(sed -n 's/.*<output id="number"[^>]*>\([^<]*\)<.*/\1/p' page)
terminal_shows "must be this one: $number"
page /enrol/execute --data-urlencode "number=$number" --data-urlencode "$(csrf)"
types 'Put it on the token? [y/N]' y
types 'PIN: ' "$(secret_of customer.pin)"
terminal_end 0
rm home/agent
[ "$(state)" = confirmed ] || fail "the job is not confirmed: $(cat page)"
grep -q "^ 5\. .*https://login\.localhost:${entry##*:}/" told || fail "no address to log on at"
[ -s "$place/state/certenroll/agent.log" ] || fail "the agent has written outside of $place"
ends_by TERM

# --- in Japanese, and by Ctrl-C ---

serve ja_JP.UTF-8
for command in 'SOFTHSM2_CONF=.*firefox' '/.*/agent ' 'cat .*/corporation\.password$' \
    'cat .*/customer\.pin$' 'cat .*/corporation\.confirmation$'; do
    told "$command" >/dev/null
done
ends_by INT
echo "demo-serve: what it prints works, and nothing is left"
