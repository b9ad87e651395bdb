#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line of certenroll: each command on a SoftHSM token, in both output forms; each wrong
# input with its one line and its exit status; the PIN on the terminal, and nowhere else.
set -eu
: "${BUILD_DIR:?}" "${SOFTHSM2_MODULE:?}"
for tool in jq openssl script softhsm2-util; do
    command -v $tool >/dev/null || { echo "skipped: certenroll-cli: no $tool"; exit 77; }
done

scratch=$(mktemp -d "${TMPDIR:-/tmp}/certenroll-cli.XXXXXX")
background=
cleanup() {
    [ -z "$background" ] || kill "$background" 2>/dev/null || :
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"
umask 077
. "${SOURCE_DIR:?}/tests/support/terminal.sh"
LC_ALL=C.UTF-8
export LC_ALL
export XDG_STATE_HOME="$scratch/state"

tool=$BUILD_DIR/tools/certenroll/certenroll
pin=7391-cli-pin
mkdir tokens
printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$scratch/tokens" >softhsm2.conf
export SOFTHSM2_CONF="$scratch/softhsm2.conf"
for label in cli twin twin; do
    softhsm2-util --init-token --free --label $label --pin $pin --so-pin 5678-officer >/dev/null
done
echo $pin >pin
echo not-the-pin >wrong-pin
: >empty-pin
printf '\n%s\n' $pin >second-line-pin
dd if=/dev/zero bs=1100 count=1 2>/dev/null | tr '\0' 1 >long-pin

fail() {
    echo "certenroll-cli: $*" >&2
    [ ! -s out ] || sed 's/^/  out: /' out >&2
    [ ! -s err ] || sed 's/^/  err: /' err >&2
    exit 1
}

# certenroll with its token options behind the command's own.
run() {
    "$tool" "$@" --module "$SOFTHSM2_MODULE" --token pkcs11:token=cli --pin-source pin
}

# refused STATUS TEXT COMMAND...: that exit status, that text in the one line on stderr, and
# nothing on stdout.
refused() {
    wanted=$1 text=$2 status=0
    shift 2
    [ -n "$text" ] || fail "$*: no text to look for"
    "$@" >out 2>err </dev/null || status=$?
    [ $status -eq "$wanted" ] || fail "$*: exit status $status instead of $wanted"
    [ "$(wc -l <err)" -eq 1 ] || fail "$*: not one line on stderr"
    grep -q '^certenroll: ' err || fail "$*: the line does not name the program"
    grep -qF -e "$text" err || fail "$*: the line does not say \"$text\""
    [ ! -s out ] || fail "$*: output on stdout"
}

# unchanged COMMAND...: does the command, after which the token holds what it held before.
unchanged() {
    run list --json >before
    "$@"
    run list --json >after
    cmp -s before after || fail "$*: the token has changed"
}

# absent TEXT FILE: the file can be read, and the text is not in it.
absent() {
    status=0
    grep -aqF -e "$1" "$2" || status=$?
    [ $status -ne 0 ] || fail "$2 holds \"$1\""
    [ $status -eq 1 ] || fail "$2 cannot be searched"
}

# verifies OPTIONS...: the request that `openssl req` reads with these options is signed by its own
# key. Its words count: OpenSSL 3.0 ends with 0 for a forged one too.
verifies() {
    openssl req "$@" -noout -verify >verdict 2>&1 && grep -q 'verify OK' verdict
}

# json FILTER COMMAND...: one JSON document for which the jq filter is true.
json() {
    filter=$1
    shift
    "$@" --json >out 2>err </dev/null || :
    [ "$(jq -s length out)" = 1 ] || fail "$* --json: not one JSON document"
    jq -e "$filter" out >/dev/null || fail "$* --json: not so: $filter"
    [ ! -s err ] || fail "$* --json: output on stderr"
}

# --- a CA ---

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
    -subj /CN=ca -days 90 -addext keyUsage=critical,keyCertSign 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key \
    -out other-ca.pem -subj /CN=other -days 30 2>/dev/null
printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n' >client.ext
printf 'extendedKeyUsage=serverAuth\n' >server.ext

# issue CSR OUT [EXTENSIONS]
issue() {
    openssl x509 -req -in "$1" -CA ca.pem -CAkey ca.key -days 60 -extfile "${3:-client.ext}" \
        -out "$2" 2>/dev/null
}

# --- what works ---

"$tool" --help | grep -q enroll || fail "no help"
for command in tokens list show keygen csr install enroll renew rekey replace resume revoke status clean remove; do
    "$tool" $command --help | grep -q -e --token || fail "no help for $command"
done
"$tool" --version | grep -q '^certenroll [0-9]' || fail "no version"

"$tool" tokens --module "$SOFTHSM2_MODULE" >out
grep -q '^cli$' out || fail "tokens: no label"
grep -q ' pkcs11:' out || fail "tokens: no URI"
json '.tokens | map(select(.label == "cli")) | length == 1' "$tool" tokens --module "$SOFTHSM2_MODULE"

run list >out
grep -q 'no keys and no certificates' out || fail "list of an empty token"
json '.entries == [] and .token.label == "cli"' run list

for type in rsa-2048 rsa-3072 rsa-4096 p-256 p-384 p-521 ed25519; do
    json '.id | length == 40' run keygen --key-type $type --label "key $type"
    id=$(jq -r .id out)
    run csr --id "$id" --subject "CN=鈴木 $type,O=Example,C=JP" --alt-name dns:a.example \
        --alt-name email:a@example.com --out request.pem >out || fail "csr $type"
    verifies -in request.pem || fail "csr $type does not verify: $(cat verdict)"
    openssl req -in request.pem -noout -text >out
    grep -q 'DNS:a.example, email:a@example.com' out || fail "no alternative names"
done

json '.id == "0a0b"' run keygen --key-type p-256 --label hand --id 0A:0b
run csr --label hand --subject CN=hand >hand.csr
verifies -in hand.csr || fail "csr on stdout"
run csr --label hand --subject CN=hand --der --out hand.der
verifies -inform DER -in hand.der || fail "csr in DER"
# The last byte of a request is the signature's.
head -c -1 hand.der >forged.der
tail -c 1 hand.der | tr '\000-\377' '\001-\377\000' >>forged.der
! verifies -inform DER -in forged.der || fail "a forged csr verifies"
grep -q 'verify failure' verdict || fail "the forged csr is refused for something else"
json '.request | startswith("-----BEGIN")' run csr --label hand --subject CN=hand
json '.file == "new.csr" and .id == "0a0c"' run csr --key-type p-256 --label new --id 0a0c \
    --subject CN=new --out new.csr
[ "$(find . -name 'new.csr*' | wc -l)" -eq 1 ] || fail "a temporary file is left behind"

issue hand.csr hand.pem
run install --trust-anchor ca.pem --subject CN=hand hand.pem >out || fail "install"
grep -q 0a0b out || fail "install does not name the key"
run install --trust-anchor ca.pem --json - <hand.pem | jq -e '.id == "0a0b"' >out ||
    fail "install from standard input, for the second time"
run list >out
grep -Eq '^0a0b +hand +P-256 +20..-..-.. +valid +CN=hand$' out || fail "list: no pair"
grep -Eq '^0a0c +new +P-256 +- +orphan key +-$' out || fail "list: no key alone"
json '.entries | map(select(.state == "valid")) | length == 1' run list
run show --label hand >out
grep -Eq '^  valid until +20..-..-..T..:..:..Z$' out || fail "show"
run show --id 0a0b --pem | openssl x509 -noout -subject >out
grep -q hand out || fail "show --pem"
json '.entries[0].pem | startswith("-----BEGIN")' run show --id 0a0b --pem

# --- what does not ---

refused 2 'the command is missing' "$tool"
refused 2 'no command "bogus"' "$tool" bogus
refused 2 'no option --bogus' run list --bogus=x
refused 2 'no option --pem' run list --pem
refused 2 '--id needs a value' "$tool" show --id
refused 2 '--json takes no value' "$tool" list --json=1
refused 2 '--label is given twice' run show --label a --label b
refused 2 'one argument too many' run list x
refused 2 'no one-letter options' run list -x
refused 2 'no one-letter options' run list -8
refused 2 'is no log level' run list --log loud
refused 2 'there is no option --pin: every user' run list --pin 1234-leak
absent 1234-leak err
refused 2 '--pin' run list --pin=1234-leak
absent 1234-leak err
refused 2 '--password' run enroll --password secret-leak
absent secret-leak err
refused 2 'no key type "rsa-512"' run keygen --key-type rsa-512 --label x
refused 2 '--key-type is missing' run keygen --label x
refused 2 '--label is missing' run keygen --key-type p-256
refused 2 'in hexadecimal' run keygen --key-type p-256 --label x --id 0g
refused 2 '--subject is missing' run csr --label hand
refused 2 '--id, --label or --key-type' run csr --subject CN=x
refused 2 'no key usage' run csr --label hand --subject CN=x --key-usage signing
refused 2 'distinguished name' run csr --label hand --subject nonsense
refused 2 'bogus' run csr --label hand --subject CN=x --alt-name bogus:x
refused 2 '--url is missing' run enroll --subject CN=x --key-type p-256
refused 2 '--id or --label is missing' run renew --url https://localhost --trust-anchor ca.pem
unchanged refused 2 'FILE is missing' run install --trust-anchor ca.pem
unchanged refused 2 '--trust-anchor is missing' run install hand.pem

unchanged refused 3 'cannot read nowhere.pem' run install --trust-anchor ca.pem nowhere.pem
unchanged refused 3 'cannot read .' run install --trust-anchor ca.pem .
unchanged refused 3 'nowhere.pem' run install --trust-anchor nowhere.pem hand.pem
refused 3 'cannot write nowhere/x' run csr --label hand --subject CN=x --out nowhere/x
refused 3 'cannot read nowhere: No such file' "$tool" list --module "$SOFTHSM2_MODULE" \
    --token pkcs11:token=cli --pin-source nowhere
refused 3 'cannot read fd:77' "$tool" list --module "$SOFTHSM2_MODULE" --token pkcs11:token=cli \
    --pin-source fd:77
for source in empty-pin second-line-pin long-pin; do
    refused 3 "first line of $source" "$tool" list --module "$SOFTHSM2_MODULE" \
        --token pkcs11:token=cli --pin-source $source
done
run list >/dev/full 2>err && fail "no error for a full disk"
grep -q 'standard output' err || fail "no line for a full disk"

refused 4 'nowhere.so' "$tool" list --module "$scratch/nowhere.so"
refused 4 'no token matches pkcs11:token=absent' "$tool" list --module "$SOFTHSM2_MODULE" \
    --token pkcs11:token=absent --pin-source pin
refused 4 'more than one token matches' "$tool" list --module "$SOFTHSM2_MODULE" \
    --token pkcs11:token=twin --pin-source pin
refused 2 'holds a PIN (pin-value)' "$tool" list --module "$SOFTHSM2_MODULE" \
    --token "pkcs11:token=cli?pin-value=1234-leak"
absent 1234-leak err
refused 2 "the token's URI cannot be read" "$tool" list --module "$SOFTHSM2_MODULE" --token nonsense

refused 5 'the PIN for the token "cli" is wrong' "$tool" list --module "$SOFTHSM2_MODULE" \
    --token pkcs11:token=cli --pin-source wrong-pin
absent not-the-pin err
json '.error.status == "PIN_INCORRECT" and .error.class == 5 and .error.ck_rv == 160' \
    "$tool" list --module "$SOFTHSM2_MODULE" --token pkcs11:token=cli --pin-source wrong-pin

refused 6 'no key matches: the token has "' run csr --label absent --subject CN=x
grep -q 'hand" (0a0b)' err || fail "the candidates are not listed"
refused 6 'no key or certificate matches' run show --id 0102
refused 6 'no certificate matches' run show --id 0a0c --pem
unchanged refused 6 'the CKA_ID is in use' run keygen --key-type p-256 --label again --id 0a0b
run keygen --key-type p-256 --label new --id 0a0d >/dev/null
refused 2 'several keys match' run csr --label new --subject CN=x

issue new.csr server.pem server.ext
head -c 100 hand.pem >torn.pem
dd if=/dev/zero of=huge.pem bs=1M count=10 2>/dev/null
unchanged refused 7 'the PEM text cannot be read' run install --trust-anchor ca.pem torn.pem
unchanged refused 7 'more than any certificate' run install --trust-anchor ca.pem huge.pem
unchanged refused 7 'belongs to this certificate' run install --trust-anchor ca.pem ca.pem
unchanged refused 7 'not lead to a trust anchor' run install --trust-anchor other-ca.pem hand.pem
unchanged refused 7 '"CN=hans" was asked for' run install --trust-anchor ca.pem --subject CN=hans \
    hand.pem
unchanged refused 7 'clientAuth was wanted' run install --trust-anchor ca.pem server.pem

# --- a pair that goes ---

unchanged refused 2 '--id is missing' run remove --yes
unchanged refused 2 'in hexadecimal' run remove --id 0g --yes
unchanged refused 2 'there is no option --label here' run remove --label new --yes
unchanged refused 6 'no key matches: the token has "' run remove --id 0102 --yes
unchanged refused 11 'Give --yes' setsid -w "$tool" remove --id 0a0d --module "$SOFTHSM2_MODULE" \
    --token pkcs11:token=cli --pin-source pin
json '.private_key_stays == false and (.removed | length) == 1 and .removed[0].id == "0a0d"' \
    run remove --id 0a:0D --yes
json '[.entries[] | select(.id == "0a0d")] == []' run list
refused 6 'no key matches' run remove --id 0a0d --yes
run keygen --key-type rsa-2048 --label rsa --id 0a0e >/dev/null
run remove --id 0a0e --yes >out
grep -qF 'removed: 0a0e' out || fail "it does not say what was removed"

refused 11 'no terminal' setsid -w "$tool" list --module "$SOFTHSM2_MODULE" --token pkcs11:token=cli
json '.error.class == 4' "$tool" list --module "$scratch/nowhere.so"
json '.error.class == 2' "$tool" list --bogus

# --- the PIN: in no argument, environment, log or core ---

mkfifo held
: >log
"$tool" --log trace csr --label hand --subject CN=hand --out held --module "$SOFTHSM2_MODULE" \
    --token pkcs11:token=cli --pin-source fd:5 5<pin 2>log &
background=$!
# It has logged in, and cannot end until somebody reads what it writes.
tries=0
until grep -q 'trace: .*label "hand"' log; do
    [ $tries -lt 300 ] || fail "no login: $(cat log)"
    sleep 0.1
    tries=$((tries + 1))
done
grep -aq -e --pin-source "/proc/$background/cmdline" || fail "these are not the arguments"
absent $pin "/proc/$background/cmdline"
# The process is none that could be dumped: only root sees its environment.
if cat "/proc/$background/environ" >environ 2>/dev/null; then
    grep -aq SOFTHSM2_CONF environ || fail "this is not the environment"
    absent $pin environ
elif [ "$(id -u)" -ne 0 ]; then
    echo "certenroll-cli: NOT CHECKED, this needs root: that no PIN is in the environment" >&2
else
    fail "the environment cannot be read"
fi
grep -q '^Max core file size *0 *0 ' "/proc/$background/limits" || fail "core files are allowed"
verifies -in held || fail "csr into a pipe"
wait $background || fail "csr into a pipe"
background=
grep -q trace: log || fail "no trace"
absent $pin log

# --- the PIN on the terminal ---

if ! terminal_is_there; then
    echo "skipped: certenroll-cli: the rest passed, but there are no terminals here (is /dev/pts mounted?)"
    exit 77
fi

question='PIN of the token "cli"'
ask="'$tool' list --module '$SOFTHSM2_MODULE' --token pkcs11:token=cli"

terminal_begin "$ask; stty -a"
types "$question" $pin
terminal_end 0
grep -aq 'serial number' shown || fail "the question does not name the token"
grep -aq '0a0b  *hand' shown || fail "the terminal's PIN was not taken"
absent $pin shown
grep -aq '[ ;]echo ' shown || fail "echo stays off"
terminal_begin "$ask"
types "$question" ''
terminal_end 11
grep -aq 'nothing was typed' shown || fail "an empty PIN was taken"
terminal_begin "trap : INT; $ask; status=\$?; stty -a; exit \$status"
types "$question" "$(printf '\003')"
terminal_end 130
grep -aq '[ ;]echo ' shown || fail "echo stays off after Ctrl-C"

# What goes is named before anybody is asked, and goes by a yes alone.
remove="'$tool' remove --id 0a0b --module '$SOFTHSM2_MODULE' --token pkcs11:token=cli"
terminal_begin "$remove"
types "$question" $pin
types 'Remove this key pair' n
terminal_end 11
grep -aq 'subject: CN=hand' shown || fail "it does not say what is to go: $(cat shown)"
json '[.entries[] | select(.id == "0a0b" and .state == "valid")] | length == 1' run list
# What an enrolment has begun with meanwhile stays.
terminal_begin "$remove"
types "$question" $pin
terminal_shows 'Remove this key pair'
status=0
run renew --id 0a0b --url https://localhost:1 --trust-anchor ca.pem >out 2>err </dev/null || status=$?
[ $status -eq 9 ] || fail "a renewal without an RA: exit status $status instead of 9"
types 'Remove this key pair' y
terminal_end 2
grep -aq 'is not finished and needs the pair' shown || fail "it does not say why: $(cat shown)"
json '[.entries[] | select(.id == "0a0b" and .subject == "CN=hand")] | length == 1' run list
run clean --yes >/dev/null 2>&1 </dev/null
terminal_begin "$remove"
types "$question" $pin
types 'Remove this key pair' y
terminal_end 0
json '[.entries[] | select(.id == "0a0b" or .subject == "CN=hand")] == []' run list
