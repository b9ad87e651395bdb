# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
# What is tried on every token, read by run-token. A line "#: NAME" is a capability and a row of
# the table in docs/tokens.md; `try` says how it is tried. They are tried in this order, each on
# what those before it have left.
#
#: open and list
#: enrol P-256
#: enrol P-384
#: enrol RSA-2048
#: private keys sensitive, not extractable
#: CSR verifies
#: certificate read by pkcs11-tool
#: CA certificate beside it
#: signature by pkcs11-tool verifies
#: libp11 reads and signs
#: 8 threads sign with one key
#: logon by TLS 1.2, EC
#: logon by TLS 1.3, EC
#: logon by TLS 1.2, RSA
#: logon by TLS 1.3, RSA
#: renewal
#: re-key, old certificate removed
#: old key pair removed by re-key
#: marks in the list
#: a key alone is marked
#: several pairs told apart
#: Japanese label kept
#: certificate of 60 KB
#: a wrong PIN is told
#: a wrong PIN costs one try
#: the last try is kept
#: a locked PIN is told
#: the SO resets the PIN
#: wrong PINs waste no try
#: enrol P-521
#: enrol Ed25519

# try CAPABILITY REASON: fails if the token lacks it; with a reason why it does lack it, if that can
# be seen not to be so.
try() {
    case $1 in
    "enrol "*) enrol_type "$(echo "${1#enrol }" | tr '[:upper:]' '[:lower:]')" "$2" && return ;;
    esac
    [ -z "$2" ] || return 0
    case $1 in
    "open and list") open_and_list ;;
    "private keys"*) keys_protected ;;
    "CSR verifies") for_each_key csr_verifies ;;
    "certificate read"*) for_each_key certificate_read ;;
    "CA certificate"*) for_each_key chain_read ;;
    "signature by"*) for_each_key signature_verifies ;;
    "libp11"*) for_each_key libp11_signs ;;
    "8 threads"*) for_each_key threads_sign ;;
    "logon by TLS 1."?", EC") logs_on "$(tls_version "$1")" p-256 ;;
    "logon by TLS 1."?", RSA") logs_on "$(tls_version "$1")" rsa-2048 ;;
    renewal) for_each_key renewed ;;
    "re-key"*) for_each_key rekeyed ;;
    "old key pair"*) old_pairs_gone ;;
    "marks"*) marked ;;
    "a key alone"*) lonely_marked ;;
    "several pairs"*) told_apart ;;
    "Japanese label"*) label_kept ;;
    "certificate of 60 KB") large_certificate ;;
    "a wrong PIN is told") wrong_pin_told ;;
    "a wrong PIN costs"*) one_try_spent ;;
    "the last try"*) last_try_kept ;;
    "a locked PIN"*) locked_told ;;
    "the SO resets"*) so_resets ;;
    "wrong PINs"*) no_try_wasted ;;
    *) fail "nothing is known of: $1" ;;
    esac
}

# --- the tool ---

# tool COMMAND...: on the token; its JSON is in `out`, what it says to people in `err`.
tool() {
    "$certenroll" --json "$@" --token "$uri" ${module:+--module "$module"} \
        --pin-source "$scratch/${pin_file:-pin}" --so-pin-source "$scratch/so-pin" \
        >"$scratch/out" 2>"$scratch/err"
}

done_by() {
    tool "$@" || {
        status=$?
        cat "$scratch/err" "$scratch/out" >&2
        fail "$*: exit status $status"
    }
}

# refused STATUS COMMAND...: the error of this name, in one line for people.
refused() {
    wanted=$1
    shift
    ! tool "$@" || fail "$*: not refused"
    [ "$(jq -r .error.status "$scratch/out")" = "$wanted" ] ||
        fail "$*: not $wanted but $(jq -c .error "$scratch/out")"
}

# listed FILTER: what the jq filter makes of the token's entries.
listed() {
    done_by list
    jq -r ".entries | $1" "$scratch/out"
}

# at_ra COMMAND...: with what every request to the RA needs.
at_ra() { done_by "$@" --url "$est" --trust-anchor "$ca"; }

# Pairs go by the CKA_ID that the tool has told: a token may set the labels itself. Those that were
# enrolled for others to try are in $scratch/pairs, by their key types.

# enrol_card KEY-TYPE LABEL: its ID is in `pair` then.
enrol_card() {
    ! command -v token_apdus >/dev/null || apdus=$(token_apdus)
    at_ra enroll --another --user "$account" --password-source "$scratch/password" \
        --subject "CN=$account" --key-type "$1" --label "$2"
    ! command -v token_apdus >/dev/null || note "one enrolment: $(($(token_apdus) - apdus)) APDUs"
    pair=$(jq -r .id "$scratch/out")
    serial=$(jq -r .serial "$scratch/out")
    one_pair "$pair"
    [ "$(serial_of "$pair")" = "$serial" ] || fail "$2: not the certificate $serial"
}

# for_each_key FUNCTION: called with the key type and the ID of each of these pairs.
for_each_key() {
    [ -s "$scratch/pairs" ] || fail "there is no pair"
    cp "$scratch/pairs" "$scratch/keys"
    while read -r type id <&8; do
        "$1" "$type" "$id" || return
    done 8<"$scratch/keys"
}

# --- others' tools ---

pkcs11_tool() {
    run pkcs11-tool --module "$reader_module" --token-label "$reader_slot" --login --pin "$pin" "$@"
}

# objects TYPE ID: how many objects the token has, as pkcs11-tool sees it. Newer ones write aa:bb,
# and of one byte "5 (0x05)".
objects() {
    pkcs11_tool --list-objects --type "$1"
    sed -n 's/^ *ID: *\(.*(0x\)\{0,1\}\([0-9a-f:]*\).*/\2/p' "$scratch/run.log" | tr -d : |
        grep -c -x "$2" || :
}

# the public key of this pair, by its certificate as another program reads it
read_certificate() {
    pkcs11_tool --read-object --type cert --id "$1" --output-file "$scratch/leaf.der"
    run openssl x509 -inform DER -in "$scratch/leaf.der" -out "$scratch/leaf.pem"
    run openssl x509 -in "$scratch/leaf.pem" -noout -pubkey -out "$scratch/leaf.pub"
}

# --- the token and what is on it ---

open_and_list() {
    "$certenroll" --json tokens ${module:+--module "$module"} >"$scratch/out" || fail "tokens"
    jq -e '.tokens | length >= 1' "$scratch/out" || fail "no token"
    [ "$(listed length)" -eq 0 ] || fail "a new token is not empty: $(cat "$scratch/out")"
}

# enrol_type TYPE REASON: a pair, or with a reason a clear refusal that leaves nothing behind.
enrol_type() {
    if [ -z "$2" ]; then
        enrol_card "$1" "key $1"
        echo "$1 $pair" >>"$scratch/pairs"
        return
    fi
    before=$(listed length)
    refused UNSUPPORTED enroll --another --url "$est" --trust-anchor "$ca" --user "$account" \
        --password-source "$scratch/password" --subject "CN=$account" --key-type "$1" \
        --label "key $1"
    [ "$(listed length)" -eq "$before" ] || fail "something is left behind: $(cat "$scratch/out")"
}

keys_protected() {
    pkcs11_tool --list-objects --type privkey
    grep Access: "$scratch/run.log" | sed -e 's/never extractable//' >"$scratch/access"
    [ -s "$scratch/access" ] || fail "there is no private key"
    ! grep -v sensitive "$scratch/access" || fail "a private key is not sensitive"
    ! grep extractable "$scratch/access" || fail "a private key is extractable"
}

csr_verifies() {
    done_by csr --id "$2" --subject "CN=$account" --out "$scratch/request"
    openssl req -in "$scratch/request" -noout -verify 2>&1 | grep -q "verify OK" || fail "$1: CSR"
}

# Another program reads what the tool shows.
certificate_read() {
    read_certificate "$2"
    "$certenroll" show --pem --id "$2" --token "$uri" ${module:+--module "$module"} \
        --pin-source "$scratch/pin" >"$scratch/shown.pem"
    cmp "$scratch/shown.pem" "$scratch/leaf.pem"
}

# The chain is there, too.
chain_read() {
    read_certificate "$2"
    issuer=$(listed '[.[] | select(.state == "ca")][0].id')
    pkcs11_tool --read-object --type cert --id "$issuer" --output-file "$scratch/issuer.der"
    run openssl x509 -inform DER -in "$scratch/issuer.der" -out "$scratch/issuer.pem"
    run openssl verify -CAfile "$ca" -untrusted "$scratch/issuer.pem" "$scratch/leaf.pem"
}

# Raw RSA PKCS#1 and raw ECDSA: every token has them.
signature_verifies() {
    read_certificate "$2"
    openssl dgst -sha256 -binary "$ca" >"$scratch/digest"
    case $1 in
    rsa-*)
        # DigestInfo of RFC 8017, 9.2
        printf '0\061\060\015\006\011\140\206\110\001\145\003\004\002\001\005\000\004\040' >"$scratch/data"
        cat "$scratch/digest" >>"$scratch/data"
        set -- "$2" RSA-PKCS
        ;;
    *)
        cp "$scratch/digest" "$scratch/data"
        set -- "$2" ECDSA --signature-format openssl
        ;;
    esac
    key=$1 mechanism=$2
    shift 2
    pkcs11_tool --sign --id "$key" --mechanism "$mechanism" "$@" --input-file "$scratch/data" \
        --output-file "$scratch/signature"
    run openssl dgst -sha256 -verify "$scratch/leaf.pub" -signature "$scratch/signature" "$ca"
}

libp11_signs() {
    run "$BUILD_DIR/tests/interop/libp11_reader" "$reader_module" "$reader_slot" "$scratch/pin" "$2"
}

# --- logon ---

tls_version() { echo "$1" | sed 's/.*TLS \(1..\),.*/TLSv\1/'; }

# logon VERSION ID: no other version of TLS is spoken. The example goes by the label on the token.
logon() {
    label=$(listed ".[] | select(.id == \"$2\" and .state == \"valid\") | .label")
    printf '%s\n' 'openssl_conf = o' '[o]' 'ssl_conf = s' '[s]' 'system_default = d' '[d]' \
        "MinProtocol = $1" "MaxProtocol = $1" >"$scratch/openssl.cnf"
    OPENSSL_CONF="$scratch/openssl.cnf" "$BUILD_DIR/docs/examples/example-logon" \
        "$uri?${module:+module-path=$module&}pin-source=file:$scratch/pin" "$label" "$ca" \
        login.localhost "$port" 127.0.0.1 >"$scratch/page" 2>"$scratch/err"
}

# logs_on VERSION KEY-TYPE
logs_on() {
    id=$(sed -n "s/^$2 //p" "$scratch/pairs")
    ! logon TLSv1.1 "$id" || fail "the version of TLS is not heeded"
    logon "$1" "$id" || fail "logon: $(cat "$scratch/err")"
    grep -q "$account" "$scratch/page" || fail "the page does not name the account"
}

# --- renewal and re-key ---

serial_of() { jq -r ".entries[] | select(.id == \"$1\") | .serial" "$scratch/out"; }

# one_pair ID: there is one key pair with one certificate. The list is in `out` then.
one_pair() {
    for type in privkey pubkey cert; do
        [ "$(objects $type "$1")" -eq 1 ] || fail "$1: not one $type: $(cat "$scratch/run.log")"
    done
    [ "$(listed "[.[] | select(.id == \"$1\") | .state] | join(\" \")")" = valid ] ||
        fail "not one valid entry $1: $(cat "$scratch/out")"
}

renewed() {
    done_by list
    old=$(serial_of "$2")
    at_ra renew --id "$2"
    [ "$(jq -r .id "$scratch/out")" = "$2" ] || fail "$1: another key"
    one_pair "$2"
    [ "$(serial_of "$2")" != "$old" ] || fail "$1: the old certificate"
    logon TLSv1.2 "$2" || fail "$1: logon with the new certificate: $(cat "$scratch/err")"
}

# The IDs before are in $scratch/replaced then.
rekeyed() {
    at_ra rekey --id "$2"
    pair=$(jq -r .id "$scratch/out")
    [ "$pair" != "$2" ] || fail "$1: the same key"
    one_pair "$pair"
    [ "$(objects cert "$2")" -eq 0 ] || fail "$1: the old certificate is still there"
    logon TLSv1.2 "$pair" || fail "$1: logon with the new key: $(cat "$scratch/err")"
    sed -i "s/^$1 .*/$1 $pair/" "$scratch/pairs"
    echo "$2" >>"$scratch/replaced"
}

old_pairs_gone() {
    while read -r id <&8; do
        for type in privkey pubkey; do
            [ "$(objects $type "$id")" -eq 0 ] || fail "$id: the old $type is still there"
        done
        [ "$(listed "[.[] | select(.id == \"$id\")] | length")" -eq 0 ] || fail "$id: listed"
    done 8<"$scratch/replaced"
}

# --- the list ---

# A type that the token has.
some_type() {
    if [ -z "$(token_cannot "enrol P-256")" ]; then
        echo p-256
    else
        echo rsa-2048
    fi
}

marked() {
    valid=$(listed '[.[] | select(.state == "valid")] | length')
    [ "$valid" -eq "$(wc -l <"$scratch/pairs")" ] || fail "not all pairs are valid: $(cat "$scratch/out")"
    done_by list --days 36500
    [ "$(jq '[.entries[] | select(.state == "due")] | length' "$scratch/out")" -eq "$valid" ] ||
        fail "not $valid pairs are due: $(cat "$scratch/out")"
}

lonely_marked() {
    done_by keygen --key-type "$(some_type)" --label lonely
    id=$(jq -r .id "$scratch/out")
    [ "$(listed ".[] | select(.id == \"$id\") | .state")" = orphan-key ] ||
        fail "a key alone is no orphan: $(cat "$scratch/out")"
}

told_apart() {
    for label in first second third; do
        enrol_card "$(some_type)" $label
        echo "$pair" >>"$scratch/several"
    done
    while read -r id <&8; do
        one_pair "$id"
    done 8<"$scratch/several"
    [ "$(sort -u "$scratch/several" | wc -l)" -eq 3 ] || fail "an ID was told twice"
    [ "$(listed '[.[].id] | length - (unique | length)')" -eq 0 ] || fail "an ID twice"
    ! jq -e '.entries[] | select(.duplicate_id)' "$scratch/out" || fail "a duplicate ID is reported"
}

label_kept() {
    enrol_card "$(some_type)" "電子証明書 口座Ａ"
    pkcs11_tool --list-objects
    [ "$(grep -c 'label: *電子証明書 口座Ａ$' "$scratch/run.log")" -eq 3 ] || fail "pkcs11-tool reads another"
}

large_certificate() {
    done_by csr --key-type "$(some_type)" --label large --subject "CN=large" --out "$scratch/large.csr"
    run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=large-CA \
        -days 2 -keyout "$scratch/large-ca.key" -out "$scratch/large-ca.pem"
    {
        printf 'extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n'
        printf 'subjectAltName='
        seq -f 'DNS:%040.0f.example.com' -s , 1000
    } >"$scratch/large.cnf"
    run openssl x509 -req -in "$scratch/large.csr" -CA "$scratch/large-ca.pem" \
        -CAkey "$scratch/large-ca.key" -days 1 -extfile "$scratch/large.cnf" -out "$scratch/large.pem"
    done_by install --trust-anchor "$scratch/large-ca.pem" "$scratch/large.pem"
    [ "$(listed '.[] | select(.label == "large") | .state')" = due ] || fail "not on the token: $(cat "$scratch/out")"
    read_certificate "$(jq -r '.entries[] | select(.label == "large") | .id' "$scratch/out")"
    cmp "$scratch/leaf.pem" "$scratch/large.pem"
}

# threads_sign TYPE ID: in eight threads, and in more than there are sessions on a card (16).
threads_sign() {
    for threads in 8 24; do
        timeout 600 "$BUILD_DIR/tests/tokens/sign_threads" "$module" "$uri" "$scratch/pin" "$2" \
            $threads 5 || fail "$1: $threads threads"
    done
}
