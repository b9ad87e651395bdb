# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2046,SC2154
# For the scripts demo-ra*.sh: the demo RA's EST, its login host and its list of certificates, as
# curl and OpenSSL see them. Read by `.` in $scratch, after ra.sh; sets
#
#     password  that of the account and of its user "suzuki"
letters=-i

run "$demo_ra" account add --dir ra --password-source password $account suzuki
password=$(cat password)

# serve OPTION...: the RA anew, with these options.
serve() {
    kill $server
    wait $server || fail "the RA did not end cleanly"
    ra_serve "$@"
    ra_ready
}

# ask WANTED-STATUS CURL-ARGUMENT...: the answer is in body and head.
ask() {
    wanted=$1
    shift
    status=$(curl -sS --max-time 60 --cacert "$ca" -o body -D head -w '%{http_code}' "$@") ||
        fail "curl $*"
    [ "$status" = "$wanted" ] || { cat body >&2; fail "status $status instead of $wanted: $*"; }
}

# request NAME OPENSSL-ARGUMENT...: key and certification request, the latter in base64.
request() {
    name=$1
    shift
    run openssl req -new -nodes -subj /CN=anything -keyout "$name.key" -outform DER \
        -out "$name.der" "$@"
    openssl base64 -A -in "$name.der" -out "$name.b64"
}

# post WANTED-STATUS OPERATION FILE CURL-ARGUMENT...
post() {
    wanted_status=$1 operation=$2 file=$3
    shift 3
    ask "$wanted_status" -H 'Content-Type: application/pkcs10' --data-binary "@$file" "$@" \
        "$est/.well-known/est/$operation"
}

# enrolled NAME [USER [PASSWORD]]: NAME.pem, from NAME.b64.
enrolled() {
    post 200 simpleenroll "$1.b64" -u "${2:-$account}:${3:-$password}"
    keep "$1"
}

# keep NAME: the answer's end-entity certificate as NAME.pem.
keep() {
    has 'application/pkcs7-mime' head
    has 'Content-Length:' head
    [ "$(wc -l <body)" -eq 0 ] || fail "the answer's base64 is wrapped"
    openssl base64 -d -A -in body | openssl pkcs7 -inform DER -print_certs |
        openssl x509 -out "$1.pem"
    run openssl verify -x509_strict -purpose sslclient -CAfile "$ca" -untrusted ra/issuing-ca.pem \
        "$1.pem"
    [ ! -e "$1.key" ] ||
        [ "$(openssl x509 -in "$1.pem" -noout -pubkey)" = "$(openssl pkey -in "$1.key" -pubout)" ] ||
        fail "the certificate $1 is for another key"
}

# subject NAME, as one line
subject() { openssl x509 -in "$1.pem" -noout -subject -nameopt RFC2253; }

again() {
    wanted_again=$1 with=$2 file=$3
    post "$wanted_again" simplereenroll "$file" --cert "$with.pem" --key "$with.key"
}
same_name() {
    run openssl req -new -key "$1.key" -subj "/CN=$account" -outform DER -out "$2.der"
    openssl base64 -A -in "$2.der" -out "$2.b64"
}
# answered NAME: the certificate in the answer is NAME.pem.
answered() {
    openssl base64 -d -A -in body | openssl pkcs7 -inform DER -print_certs |
        openssl x509 -out answered.pem
    cmp -s answered.pem "$1.pem" || fail "asked again, another certificate than $1"
}

# logon WANTED-STATUS VERDICT CURL-ARGUMENT...: under TLS 1.2 and 1.3.
logon() {
    logon_status=$1 verdict=$2
    shift 2
    for version in '--tlsv1.2 --tls-max 1.2' '--tlsv1.3'; do
        # shellcheck disable=SC2086 # two words
        ask "$logon_status" $version "$@" "$login/"
        has "X-Certenroll-Logon: $verdict" head
    done
}
with() { echo "--cert $1.pem --key $1.key"; }

serial() { openssl x509 -in "$1.pem" -noout -serial | cut -d= -f2; }
key_hash() {
    openssl x509 -in "$1.pem" -noout -pubkey | openssl pkey -pubin -outform DER |
        openssl dgst -sha256 -r | cut -d' ' -f1
}
# listed NAME STATE [REASON [PREDECESSOR]]: the one line about it, in both forms.
listed() {
    "$demo_ra" certificate list --dir ra >issued
    [ "$(grep -c "^$(serial "$1")" issued)" -eq 1 ] || fail "$1 is not listed once"
    before=-
    [ -z "${4-}" ] || before=$(serial "$4")
    [ "$(grep "^$(serial "$1")" issued | cut -f 3,6-8 | tr '\t' ' ')" = \
        "$(key_hash "$1") $2 ${3:--} $before" ] || { cat issued >&2; fail "$1 is listed otherwise"; }
    "$demo_ra" certificate list --dir ra --json >issued
    grep "\"serial\":\"$(serial "$1")\"" issued | grep -q "\"state\":\"$2\"" ||
        { cat issued >&2; fail "$1 is listed otherwise in JSON"; }
}

# foreign_certificate: foreign.pem by a CA of the same name, with markup in the name of its holder.
foreign_certificate() {
    run openssl req -x509 -new -nodes -newkey ed25519 -keyout false-ca.key -out false-ca.pem \
        -subj '/C=JP/O=Demo Bank/CN=Demo Bank Issuing CA'
    run openssl req -new -nodes -newkey ed25519 -keyout foreign.key -out foreign.csr \
        -subj '/CN=<script>alert(1)<\/script>'
    run openssl x509 -req -in foreign.csr -CA false-ca.pem -CAkey false-ca.key -out foreign.pem
}

# est_end: no secret is in the log, and the RA ends cleanly.
est_end() {
    grep -qF -e "$password" -e "$pin" server.log && fail "a secret is in the log"
    kill $server
    wait $server || fail "the RA did not end cleanly"
    server=
    [ ! -e ready ] || fail "the ready file was left behind"
}
