#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `certenroll enroll` has put on a token is found and used by software that is not ours:
# p11tool, pkcs11-tool, libp11 through p11-kit-proxy.so, curl with OpenSSL's pkcs11 engine, and
# gnutls-cli. Once for RSA, once for P-256.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
. "$SOURCE_DIR/tests/support/ra.sh"

untried=
# lacks WHAT WHY: the rest goes on.
lacks() {
    echo "skipped: $1: $2"
    untried="$untried $1"
}

# p11-kit's own configuration would bring modules of this machine in: only SoftHSM is looked at.
uri="pkcs11:token=customer"

run_p11tool() {
    GNUTLS_PIN=$pin run p11tool --provider "$SOFTHSM2_MODULE" --login "$@"
}

# Sees all three objects, signs, and finds the certificate with its issuer's.
with_p11tool() {
    run_p11tool --list-all "$uri"
    [ "$(grep -c "Label: $label\$" "$scratch/run.log")" -eq 3 ] || fail "p11tool does not see $label"
    run_p11tool --test-sign "$uri;object=$label;type=private"
    run_p11tool --export "$uri;id=$id_escaped;type=cert" --outfile "$scratch/leaf.pem"
    issuer=$(openssl x509 -in "$scratch/leaf.pem" -noout -issuer -nameopt multiline,utf8 |
        sed -n 's/^ *commonName *= //p' | sed 's/ /%20/g')
    run_p11tool --export "$uri;object=$issuer;type=cert" --outfile "$scratch/issuer.pem"
    run openssl verify -CAfile "$ca" -untrusted "$scratch/issuer.pem" "$scratch/leaf.pem"
}

# Signs with the private key of this CKA_ID; OpenSSL verifies under the certificate of the same ID.
with_pkcs11_tool() {
    pkcs11_tool="pkcs11-tool --module $SOFTHSM2_MODULE --token-label customer"
    run $pkcs11_tool --read-object --type cert --id "$id" --output-file "$scratch/pkcs11-tool.der"
    run openssl x509 -inform DER -in "$scratch/pkcs11-tool.der" -noout -pubkey -out "$scratch/key.pub"
    openssl dgst -sha256 -binary "$ca" >"$scratch/digest"
    case $type in
    RSA-*)
        run $pkcs11_tool --login --pin "$pin" --sign --mechanism SHA256-RSA-PKCS --id "$id" \
            --input-file "$ca" --output-file "$scratch/signature"
        ;;
    *)
        run $pkcs11_tool --login --pin "$pin" --sign --mechanism ECDSA --signature-format openssl --id "$id" \
            --input-file "$scratch/digest" --output-file "$scratch/signature"
        ;;
    esac
    run openssl dgst -sha256 -verify "$scratch/key.pub" -signature "$scratch/signature" "$ca"
}

# The proxy module takes SoftHSM from the system's p11-kit configuration, as a desktop program would.
with_libp11() {
    proxy=$(find /usr/lib -name p11-kit-proxy.so 2>/dev/null | head -n 1)
    [ -n "$proxy" ] || fail "no p11-kit-proxy.so"
    run "$BUILD_DIR/tests/interop/libp11_reader" "$proxy" customer "$scratch/pin" "$id"
}

# logged_on FILE: the page says who it is.
logged_on() {
    grep -q "$account" "$1" || {
        cat "$1" >&2
        fail "the login page does not name $account"
    }
}

# "dynamic" is the engine that loads others: a curl built without engines does not list it.
has_engine() {
    curl --engine list 2>/dev/null | grep -q dynamic && openssl engine pkcs11 >/dev/null 2>&1
}

# OpenSSL's engine takes its module from PKCS11_MODULE_PATH and the PIN's file from the URI.
with_curl_engine() {
    status=0
    PKCS11_MODULE_PATH=$SOFTHSM2_MODULE curl --silent --show-error --fail --cacert "$ca" \
        --engine pkcs11 --key-type ENG --cert "$scratch/leaf.pem" \
        --key "$uri;id=$id_escaped;type=private?pin-source=file:$scratch/pin" \
        --output "$scratch/page" "$login/" >"$scratch/curl.log" 2>&1 || status=$?
    case $status in
    0) logged_on "$scratch/page" ;;
    # CURLE_NOT_BUILT_IN, CURLE_SSL_ENGINE_NOTFOUND: newer builds have no engines any more.
    4 | 53)
        ! has_engine || fail "curl --engine pkcs11, though curl and OpenSSL have it: $(cat "$scratch/curl.log")"
        lacks "curl --engine pkcs11" "$(cat "$scratch/curl.log")"
        ;;
    *) cat "$scratch/curl.log" >&2 && fail "curl --engine pkcs11" ;;
    esac
}

# What counts is the page: libmicrohttpd ends the connection without TLS's own good-bye, for which
# gnutls-cli ends with a failure.
with_gnutls_cli() {
    printf 'GET / HTTP/1.0\r\nHost: login.localhost:%s\r\n\r\n' "$port" >"$scratch/request"
    GNUTLS_PIN=$pin gnutls-cli --provider "$SOFTHSM2_MODULE" --x509cafile "$ca" \
        --x509keyfile "$uri;id=$id_escaped;type=private" \
        --x509certfile "$uri;id=$id_escaped;type=cert" \
        --sni-hostname login.localhost --verify-hostname login.localhost \
        --port "$port" 127.0.0.1 <"$scratch/request" >"$scratch/page" 2>&1 || :
    logged_on "$scratch/page"
}

for type in RSA-2048 P-256; do
    label="key-$type"
    enrol $type "$label"
    id=$(pkcs11-tool --module "$SOFTHSM2_MODULE" --token-label customer --list-objects --type cert |
        sed -n "/label: *$label\$/,/ID:/s/^ *ID: *//p" | tr -d :) # newer ones write aa:bb:cc
    [ -n "$id" ] || fail "pkcs11-tool does not see the certificate $label"
    id_escaped=$(echo "$id" | sed 's/../%&/g')
    for tool in p11tool pkcs11_tool libp11 curl_engine gnutls_cli; do
        with_$tool
        echo "$type: $tool"
    done
done
[ -z "$untried" ] || echo "not everything was tried:$untried"
