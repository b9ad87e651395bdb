#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts in place for a desktop, by the desktop's own tools: a launch file has
# its MIME type, and is opened by the installed agent, in a terminal's window that stays until Enter.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs desktop-file-validate gio setpriv update-desktop-database update-mime-database xdg-mime \
    xdg-open xdotool xterm Xvfb
without_sanitizers "other software is tested without sanitizers"
scratch_begin open
umask 022 # the person reads what is made for them
prefix=$scratch/prefix
home=$scratch/home
file="$home/0258366660019 user01.cenroll" # as the bank's page names it
type=application/vnd.certenroll.launch+json

cmake --install "$BUILD_DIR" --prefix "$prefix" >"$scratch/log" 2>&1 ||
    fail "cmake --install: $(cat "$scratch/log")"
desktop-file-validate "$prefix/share/applications/certenroll-agent.desktop" >"$scratch/log" ||
    fail "the desktop entry: $(cat "$scratch/log")"
[ ! -s "$scratch/log" ] || fail "the desktop entry: $(cat "$scratch/log")"
# What a package's triggers do. That the scratch prefix is nowhere is told, and known.
update-desktop-database -q "$prefix/share/applications"
update-mime-database "$prefix/share/mime" >"$scratch/log" 2>&1 ||
    fail "the MIME type: $(cat "$scratch/log")"
! grep -i error "$scratch/log" || fail "the MIME type"

# The agent wants an ordinary person, who has a home.
drop=
mkdir "$home"
printf '%s' '{"version":1,"origin":"https://est.bank.example","job":"' \
    '0123456789abcdef0123456789abcdef","code":"0123456789abcdef0123456789abcdef",' \
    '"expires":"2030-01-01T00:00:00Z"}' >"$file"
if [ "$(id -u)" = 0 ]; then
    drop="--reuid=65534 --regid=65534 --clear-groups"
    chown -R 65534:65534 "$home"
fi
chmod -R a+rX "$scratch"
libraries=$(dirname "$(find "$prefix" -name 'libcertenroll.so.0')")

# person COMMAND...: on a desktop that has the installation.
person() {
    # shellcheck disable=SC2086 # several words
    exec setpriv $drop -- env -i HOME="$home" PATH="$prefix/bin:/usr/bin:/bin" LC_ALL=C.UTF-8 \
        XDG_DATA_DIRS="$prefix/share:/usr/share" XDG_DATA_HOME="$home/share" \
        XDG_STATE_HOME="$home/state" XDG_CONFIG_HOME="$home/config" XDG_CURRENT_DESKTOP=GNOME \
        DBUS_SESSION_BUS_ADDRESS=disabled: LD_LIBRARY_PATH="$libraries" \
        DISPLAY="${display:-}" "$@"
}
by_person() { (person "$@"); }

# --- what the file is, and whose ---

seen=$(by_person gio info -a standard::content-type "$file")
echo "$seen" | grep -q "content-type: $type\$" || fail "gio takes it for $seen"
seen=$(by_person xdg-mime query filetype "$file")
[ "$seen" = "$type" ] || fail "xdg-mime takes it for $seen"
seen=$(by_person xdg-mime query default $type)
[ "$seen" = certenroll-agent.desktop ] || fail "xdg-mime would open it with \"$seen\""
by_person gio mime $type >"$scratch/log"
grep -q "^Default application .*: certenroll-agent.desktop\$" "$scratch/log" ||
    fail "gio would open it otherwise: $(cat "$scratch/log")"

# --- opening it ---

(person setpriv --pdeathsig KILL -- Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp -noreset \
    3>"$scratch/display") >"$scratch/log" 2>&1 &
background=$!
has_display() { [ "$(grep -c . "$scratch/display" 2>/dev/null)" = 1 ]; }
await $background has_display || fail "no X server: $(cat "$scratch/log")"
display=:$(cat "$scratch/display")

# The processes that are exactly what the desktop entry says, with this file.
agents() {
    # shellcheck disable=SC2013 # no blanks in these names
    for each in $(grep -lazxF -e "$file" /proc/[0-9]*/cmdline 2>/dev/null); do
        [ "$(tr '\0' '|' 2>/dev/null <"$each")" != "certenroll-agent|--hold|$file|" ] ||
            basename "${each%/cmdline}"
    done
}
# shellcheck disable=SC2046 # several words
agents_end() { stop $(agents); }
at_end agents_end
# until_it WHAT COMMAND...
until_it() {
    what=$1
    shift
    await '' "$@" || fail "$what: $(cat "$home/state/certenroll/agent.log" 2>&1)"
}
runs() { [ -n "$(agents)" ]; }
has_refused() { [ "$(grep -cs 'It failed: ' "$home/state/certenroll/agent.log")" = "$1" ]; }
is_closed() {
    runs || return 0
    window=$(by_person xdotool search --class xterm | tail -n 1)
    [ -z "$window" ] || by_person xdotool windowfocus "$window" key Return >/dev/null 2>&1 || :
    return 1
}

# opens TIMES COMMAND...: the agent that it starts refuses the file, since there is no such RA.
opens() {
    times=$1
    shift
    by_person "$@" >"$scratch/log" 2>&1 || fail "$*: $(cat "$scratch/log")"
    until_it "$* does not start the agent" runs
    until_it "$* has not given it the file" has_refused "$times"
    until_it "its window does not close by Enter" is_closed
}
opens 1 gio launch "$prefix/share/applications/certenroll-agent.desktop" "$file"
opens 2 gio open "$file"
opens 3 xdg-open "$file"
[ "$(grep -c 'It runs as a standard user' "$home/state/certenroll/agent.log")" -eq 3 ] ||
    fail "the agent's log: $(cat "$home/state/certenroll/agent.log")"
echo "desktop: the installed agent opens launch files"
