#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line of certenroll: each command on a SoftHSM token, in both output forms; each wrong
# input with its one line and its exit status; the PIN on the terminal, and nowhere else.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs jq openssl script softhsm2-util
scratch_begin
cd "$scratch"
evidence='out err'
. "$SOURCE_DIR/tests/support/softhsm.sh"
. "$SOURCE_DIR/tests/support/terminal.sh"

tool=$BUILD_DIR/tools/certenroll/certenroll
pin=7391-cli-pin
softhsm_begin
for label in cli twin twin; do
    softhsm_token $label
done
echo $pin >pin
echo not-the-pin >wrong-pin
: >empty-pin
printf '\n%s\n' $pin >second-line-pin
dd if=/dev/zero bs=1100 count=1 2>/dev/null | tr '\0' 1 >long-pin

# certenroll with its token options behind the command's own.
cli() {
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
    cli list --json >before
    "$@"
    cli list --json >after
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

cli list >out
grep -q 'no keys and no certificates' out || fail "list of an empty token"
json '.entries == [] and .token.label == "cli"' cli list

for type in rsa-2048 rsa-3072 rsa-4096 p-256 p-384 p-521 ed25519; do
    json '.id | length == 40' cli keygen --key-type $type --label "key $type"
    id=$(jq -r .id out)
    cli csr --id "$id" --subject "CN=鈴木 $type,O=Example,C=JP" --alt-name dns:a.example \
        --alt-name email:a@example.com --out request.pem >out || fail "csr $type"
    verifies -in request.pem || fail "csr $type does not verify: $(cat verdict)"
    openssl req -in request.pem -noout -text >out
    grep -q 'DNS:a.example, email:a@example.com' out || fail "no alternative names"
done

json '.id == "0a0b"' cli keygen --key-type p-256 --label hand --id 0A:0b
cli csr --label hand --subject CN=hand >hand.csr
verifies -in hand.csr || fail "csr on stdout"
cli csr --label hand --subject CN=hand --der --out hand.der
verifies -inform DER -in hand.der || fail "csr in DER"
# The last byte of a request is the signature's.
head -c -1 hand.der >forged.der
tail -c 1 hand.der | tr '\000-\377' '\001-\377\000' >>forged.der
! verifies -inform DER -in forged.der || fail "a forged csr verifies"
grep -q 'verify failure' verdict || fail "the forged csr is refused for something else"
json '.request | startswith("-----BEGIN")' cli csr --label hand --subject CN=hand
json '.file == "new.csr" and .id == "0a0c"' cli csr --key-type p-256 --label new --id 0a0c \
    --subject CN=new --out new.csr
[ "$(find . -name 'new.csr*' | wc -l)" -eq 1 ] || fail "a temporary file is left behind"

issue hand.csr hand.pem
cli install --trust-anchor ca.pem --subject CN=hand hand.pem >out || fail "install"
grep -q 0a0b out || fail "install does not name the key"
cli install --trust-anchor ca.pem --json - <hand.pem | jq -e '.id == "0a0b"' >out ||
    fail "install from standard input, for the second time"
cli list >out
grep -Eq '^0a0b +hand +P-256 +20..-..-.. +valid +CN=hand$' out || fail "list: no pair"
grep -Eq '^0a0c +new +P-256 +- +orphan key +-$' out || fail "list: no key alone"
json '.entries | map(select(.state == "valid")) | length == 1' cli list
cli show --label hand >out
grep -Eq '^  valid until +20..-..-..T..:..:..Z$' out || fail "show"
cli show --id 0a0b --pem | openssl x509 -noout -subject >out
grep -q hand out || fail "show --pem"
json '.entries[0].pem | startswith("-----BEGIN")' cli show --id 0a0b --pem

# --- what does not ---

refused 2 'the command is missing' "$tool"
refused 2 'no command "bogus"' "$tool" bogus
refused 2 'no option --bogus' cli list --bogus=x
refused 2 'no option --pem' cli list --pem
refused 2 '--id needs a value' "$tool" show --id
refused 2 '--json takes no value' "$tool" list --json=1
refused 2 '--label is given twice' cli show --label a --label b
refused 2 'one argument too many' cli list x
refused 2 'no one-letter options' cli list -x
refused 2 'no one-letter options' cli list -8
refused 2 'is no log level' cli list --log loud
refused 2 'there is no option --pin: every user' cli list --pin 1234-leak
absent 1234-leak err
refused 2 '--pin' cli list --pin=1234-leak
absent 1234-leak err
refused 2 '--password' cli enroll --password secret-leak
absent secret-leak err
refused 2 'no key type "rsa-512"' cli keygen --key-type rsa-512 --label x
refused 2 '--key-type is missing' cli keygen --label x
refused 2 '--label is missing' cli keygen --key-type p-256
refused 2 'in hexadecimal' cli keygen --key-type p-256 --label x --id 0g
refused 2 '--subject is missing' cli csr --label hand
refused 2 '--id, --label or --key-type' cli csr --subject CN=x
refused 2 'no key usage' cli csr --label hand --subject CN=x --key-usage signing
refused 2 'distinguished name' cli csr --label hand --subject nonsense
refused 2 'bogus' cli csr --label hand --subject CN=x --alt-name bogus:x
refused 2 '--url is missing' cli enroll --subject CN=x --key-type p-256
refused 2 '--id or --label is missing' cli renew --url https://localhost --trust-anchor ca.pem
unchanged refused 2 'FILE is missing' cli install --trust-anchor ca.pem
unchanged refused 2 '--trust-anchor is missing' cli install hand.pem

unchanged refused 3 'cannot read nowhere.pem' cli install --trust-anchor ca.pem nowhere.pem
unchanged refused 3 'cannot read .' cli install --trust-anchor ca.pem .
unchanged refused 3 'nowhere.pem' cli install --trust-anchor nowhere.pem hand.pem
refused 3 'cannot write nowhere/x' cli csr --label hand --subject CN=x --out nowhere/x
refused 3 'cannot read nowhere: No such file' "$tool" list --module "$SOFTHSM2_MODULE" \
    --token pkcs11:token=cli --pin-source nowhere
refused 3 'cannot read fd:77' "$tool" list --module "$SOFTHSM2_MODULE" --token pkcs11:token=cli \
    --pin-source fd:77
for source in empty-pin second-line-pin long-pin; do
    refused 3 "first line of $source" "$tool" list --module "$SOFTHSM2_MODULE" \
        --token pkcs11:token=cli --pin-source $source
done
cli list >/dev/full 2>err && fail "no error for a full disk"
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

refused 6 'no key matches: the token has "' cli csr --label absent --subject CN=x
grep -q 'hand" (0a0b)' err || fail "the candidates are not listed"
refused 6 'no key or certificate matches' cli show --id 0102
refused 6 'no certificate matches' cli show --id 0a0c --pem
unchanged refused 6 'the CKA_ID is in use' cli keygen --key-type p-256 --label again --id 0a0b
cli keygen --key-type p-256 --label new --id 0a0d >/dev/null
refused 2 'several keys match' cli csr --label new --subject CN=x

issue new.csr server.pem server.ext
head -c 100 hand.pem >torn.pem
dd if=/dev/zero of=huge.pem bs=1M count=10 2>/dev/null
unchanged refused 7 'the PEM text cannot be read' cli install --trust-anchor ca.pem torn.pem
unchanged refused 7 'more than any certificate' cli install --trust-anchor ca.pem huge.pem
unchanged refused 7 'belongs to this certificate' cli install --trust-anchor ca.pem ca.pem
unchanged refused 7 'not lead to a trust anchor' cli install --trust-anchor other-ca.pem hand.pem
unchanged refused 7 '"CN=hans" was asked for' cli install --trust-anchor ca.pem --subject CN=hans \
    hand.pem
unchanged refused 7 'clientAuth was wanted' cli install --trust-anchor ca.pem server.pem

# --- a pair that goes ---

unchanged refused 2 '--id is missing' cli remove --yes
unchanged refused 2 'in hexadecimal' cli remove --id 0g --yes
unchanged refused 2 'there is no option --label here' cli remove --label new --yes
unchanged refused 6 'no key matches: the token has "' cli remove --id 0102 --yes
unchanged refused 11 'Give --yes' setsid -w "$tool" remove --id 0a0d --module "$SOFTHSM2_MODULE" \
    --token pkcs11:token=cli --pin-source pin
json '.private_key_stays == false and (.removed | length) == 1 and .removed[0].id == "0a0d"' \
    cli remove --id 0a:0D --yes
json '[.entries[] | select(.id == "0a0d")] == []' cli list
refused 6 'no key matches' cli remove --id 0a0d --yes
cli keygen --key-type rsa-2048 --label rsa --id 0a0e >/dev/null
cli remove --id 0a0e --yes >out
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
await $background grep -q 'trace: .*label "hand"' log || fail "no login: $(cat log)"
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

needs_terminal "the rest passed"

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
terminal_end 11
grep -aq '[ ;]echo ' shown || fail "echo stays off after Ctrl-C"

# What goes is named before anybody is asked, and goes by a yes alone.
remove="'$tool' remove --id 0a0b --module '$SOFTHSM2_MODULE' --token pkcs11:token=cli"
terminal_begin "$remove"
types "$question" $pin
types 'Remove this key pair' n
terminal_end 11
grep -aq 'subject: CN=hand' shown || fail "it does not say what is to go: $(cat shown)"
json '[.entries[] | select(.id == "0a0b" and .state == "valid")] | length == 1' cli list
# What an enrolment has begun with meanwhile stays.
terminal_begin "$remove"
types "$question" $pin
terminal_shows 'Remove this key pair'
status=0
cli renew --id 0a0b --url https://localhost:1 --trust-anchor ca.pem >out 2>err </dev/null || status=$?
[ $status -eq 9 ] || fail "a renewal without an RA: exit status $status instead of 9"
types 'Remove this key pair' y
terminal_end 10
grep -aq '(renew), begun .* is not finished' shown || fail "it does not say why: $(cat shown)"
json '[.entries[] | select(.id == "0a0b" and .subject == "CN=hand")] | length == 1' cli list
cli clean --yes >/dev/null 2>&1 </dev/null
terminal_begin "$remove"
types "$question" $pin
types 'Remove this key pair' y
terminal_end 0
json '[.entries[] | select(.id == "0a0b" or .subject == "CN=hand")] == []' cli list
