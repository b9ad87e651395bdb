#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bank's counter: orders and the calendar they go by, the clock, what locks and unlocks, and
# what the audit log and the revocation list tell of it.
# shellcheck disable=SC2154 # what bank.sh and ra.sh set
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
needs curl openssl softhsm2-util sqlite3
. "$SOURCE_DIR/tests/support/bank.sh"
cd "$scratch"
export LC_ALL=C

# refused COMMAND...: with a message of one line; in "refusal".
refused() {
    if "$@" >refusal.out 2>refusal; then fail "this worked: $*"; fi
    [ "$(wc -l <refusal)" -eq 1 ] || { cat refusal >&2; fail "not one line: $*"; }
}

# ask_certificate STATUS [CODE]: of the corporation's, by its password.
ask_certificate() {
    call "$1" "$entry/api/certificate" "$(credentials $corporation)"
    [ -z "${2-}" ] || [ "$(code)" = "$2" ] || { cat answer >&2; fail "not $2"; }
}

admin() {
    call_path=$1 call_wanted=$2 body=$3
    shift 3
    call "$call_wanted" "$login/api/$call_path" "$body" --cert admin.pem --key admin.key "$@"
}

# --- the first certificate: at once ---
collect admin $corporation
[ "$(openssl x509 -in admin.pem -noout -subject -nameopt RFC2253)" = "subject=CN=$corporation" ] ||
    fail "the certificate has another name"
ask_certificate 403 R-103
admin logon 200 '{"password":"corporate password"}'
has "\"name\":\"$corporation\",\"kind\":\"corporate\"" answer
[ "$(answer state)" = valid ] || fail "a new certificate is not valid"

# --- when an order takes effect ---
# next RECEIVED EFFECTIVE: the day that an order received then is good for; both in Japan, and the
# computer elsewhere.
next() {
    bank_clock --set "$1+09:00"
    TZ=America/Los_Angeles bank reissue $corporation >ordered 2>warning
    bank_audit | grep order-placed | tail -n 1 >placed
    has "$(printf '\t%s\tby branch, effective %sT03:00:00Z' $corporation "$2")" placed
}
next 2026-11-16T09:00:00 2026-11-17
has '17 November 2026, 12:00 JST' ordered
[ ! -s warning ] || fail "a warning for nothing: $(cat warning)"
next 2026-11-15T23:59:00 2026-11-16 # Sunday
next 2026-11-16T00:00:00 2026-11-17
next 2026-11-16T23:59:00 2026-11-17
next 2026-11-20T08:00:00 2026-11-24 # weekend and a holiday on Monday
next 2026-11-23T13:00:00 2026-11-24 # on the holiday
next 2026-04-28T15:00:00 2026-04-30
next 2026-05-01T15:00:00 2026-05-07
next 2026-09-18T15:00:00 2026-09-24 # the day between two holidays is one
next 2026-12-30T10:00:00 2027-01-04 # New Year
next 2027-03-19T10:00:00 2027-03-23 # a holiday that fell on Sunday
next 2027-02-26T10:00:00 2027-03-01
[ ! -s warning ] || fail "a warning for nothing: $(cat warning)"
next 2027-12-30T10:00:00 2028-01-04
has 'no bank holiday after 2028-01-04 is known' warning

# The bank's own days off.
holiday() { run "$demo_ra" holiday "$1" --dir ra "$2" ${3:+"$3"}; }
holiday add 2026-11-17 創立記念日
"$demo_ra" holiday list --dir ra >holidays
has "$(printf '2026-11-17\t創立記念日')" holidays
next 2026-11-16T09:00:00 2026-11-18
refused "$demo_ra" holiday add --dir ra 2026-11-17 again
has 'is a holiday already' refusal
holiday remove 2026-11-17
next 2026-11-16T09:00:00 2026-11-17
refused "$demo_ra" holiday remove --dir ra 2026-11-17
for day in 2026-02-29 2026-13-01 26-11-17 2026-11-17x '2026-11-17; --' ''; do
    refused "$demo_ra" holiday add --dir ra "$day" name
    has 'written like' refusal
done
refused "$demo_ra" holiday add --dir ra 2026-11-17 "$(printf 'two\nlines')"

# --- the clock ---
# The running server goes by it, too: one minute before, and after.
ask_certificate 403 R-104
has '17 November 2026, 12:00 JST' answer
has '2026年11月17日 12:00' answer
bank_clock --set 2026-11-17T11:59:00+09:00
ask_certificate 403 R-104
bank_clock --set 2026-11-17T03:00:00Z
ask_certificate 200
"$demo_ra" clock --dir ra --show >now
has '2026-11-17T03:0' now
bank_clock --offset 86400
"$demo_ra" clock --dir ra --show >now
has "$(printf '\t86400')" now
for wrong in --set=tomorrow --set=2026-11-17 --set=2026-11-17T03:00:00 --offset=x; do
    refused "$demo_ra" clock --dir ra "$wrong"
done
refused "$demo_ra" clock --dir ra --show --reset
bank_clock --reset
"$demo_ra" clock --dir ra --show >now
[ "$(cut -f2 now)" = 0 ] || fail "the clock is not the computer's again"

# --- a reissue revokes ---
# The first one went with the first order, and its owner is told so.
admin logon 403 '{"password":"corporate password"}'
[ "$(code)" = R-206 ] || fail "a revoked certificate is told otherwise"
# revoked NAME [ORIGIN]: by the list, which the CA has signed.
revoked() {
    curl -sS --max-time 60 --cacert "$ca" -D crl-head -o crl.der "${2:-$entry}/crl" || fail "no CRL"
    openssl crl -inform DER -in crl.der -out crl.pem -CAfile ra/issuing-ca.pem 2>crl.verified
    has 'verify OK' crl.verified
    openssl crl -in crl.pem -noout -text >crl.text
    grep -qF "Serial Number: $(openssl x509 -in "$1.pem" -noout -serial | cut -d= -f2)" crl.text
}
crl_number() { openssl crl -in crl.pem -noout -crlnumber | sed 's/.*=\(0x\)*//'; }
revoked admin || fail "the list does not have it"
has 'application/pkix-crl' crl-head
number=$(crl_number)
if openssl verify -crl_check -CAfile "$ca" -untrusted ra/issuing-ca.pem -CRLfile crl.pem admin.pem \
    >verified 2>&1; then
    fail "OpenSSL does not find it on the list"
fi
has 'certificate revoked' verified
revoked admin "$est" || fail "the list at EST's host does not have it"
[ "$(crl_number)" = "$number" ] || fail "a new list though nothing was revoked"
status=$(curl -sS --max-time 60 --cacert "$ca" -o /dev/null -w '%{http_code}' -X POST -d x "$entry/crl")
[ "$status" = 405 ] || fail "POST /crl: $status"

# The list is made anew by a revocation.
bank reissue $corporation >ordered
bank_clock --offset 864000
rm admin.pem
collect admin $corporation
bank_clock --reset
if revoked admin; then fail "a new certificate is on the list"; fi
"$demo_ra" certificate revoke --dir ra --reason keyCompromise \
    "$(openssl x509 -in admin.pem -noout -serial | cut -d= -f2)"
revoked admin || fail "the list does not have it"
[ "$(crl_number)" != "$number" ] || fail "another list with the same number"
has 'Key Compromise' crl.text

# --- looking up ---
run bank register --name 'Yamada & Sons' 0258366660035
looked() { bank lookup "$1" >found 2>&1; }
looked $corporation || fail "not found by the ID"
has "$(printf '%s\t株式会社みなと商事\trevoked' $corporation)" found
looked みなと || fail "not found by the name"
has $corporation found
has_not 0258366660035 found
looked 0258366660035
has "$(printf 'Yamada & Sons\twaiting')" found
for nobody in nobody % _ "' OR 1=1 --" "x'); DROP TABLE account; --" ''; do
    if [ -n "$nobody" ] && looked "$nobody"; then fail "found by $nobody"; fi
done
looked $corporation || fail "the table is gone"

# --- what is no order ---
refused bank register $corporation
has 'already' refusal
for id in "x' OR '1'='1" 'a b' '' 'a;b' 01234567890123456789012345678901 会社; do
    refused bank register "$id"
    refused bank reissue "$id"
done
refused bank reissue 0258366660099
refused bank register --name "$(printf 'a\033[2Jb')" 0258366660043
cp corporate corporate-kept
for password in short "$(printf 'tab\tinside')" "$(cat corporate-confirmation)" \
    "$(printf '%65s' x)"; do
    printf '%s\n' "$password" >corporate
    refused bank register 0258366660043
    has_not "$password" refusal
done
cp corporate-kept corporate
refused "$demo_ra" branch register --dir ra --password x 0258366660043
has 'password-source' refusal
refused "$demo_ra" branch forget --dir ra $corporation
refused "$demo_ra" audit delete --dir ra

# --- locks ---
bank reissue $corporation >ordered
bank_clock --offset 864000
rm admin.pem
collect admin $corporation
bank_user
bank_user user02
collect user01 $corporation user01
# The clock stays ahead from here on: the certificates begin there.

# By anybody at "entry", and it locks nobody out of "login".
wrong="{\"corporate_id\":\"$corporation\",\"password\":\"wrong\"}"
for try in 1 2 3 4 5; do
    call 401 "$entry/api/certificate" "$wrong"
    [ "$(code)" = R-101 ] || fail "wrong password $try: $(code)"
done
ask_certificate 403 R-102
looked $corporation
has ', locked' found
admin logon 200 '{"password":"corporate password"}'
bank unlock $corporation
ask_certificate 403 R-103

# With another certificate, or with none, the right password does not help, and no try is counted.
for try in 1 2 3 4 5 6; do
    call 403 "$login/api/logon" '{"password":"wrong"}'
    [ "$(code)" = R-201 ] || fail "without a certificate: $(code)"
    call 403 "$login/api/users" '{"password":"corporate password"}' --cert user01.pem \
        --key user01.key
    [ "$(code)" = R-207 ] || fail "with a user's certificate: $(code)"
done
admin logon 200 '{"password":"corporate password"}'
call 401 "$login/api/logon" '{"password":"corporate password"}' --cert user01.pem --key user01.key
call 200 "$login/api/logon" '{"password":"password of user01"}' --cert user01.pem --key user01.key
has '"kind":"user"' answer

# With its own certificate: five, then the right one is refused too; "entry" is not locked by it.
for try in 1 2 3 4 5; do
    admin logon 401 '{"password":"wrong"}'
done
admin logon 403 '{"password":"corporate password"}'
[ "$(code)" = R-102 ] || fail "not locked: $(code)"
ask_certificate 403 R-103
run "$demo_ra" account unlock --dir ra $corporation
admin logon 200 '{"password":"corporate password"}'

# The confirmation password has a count of its own, and nothing is changed meanwhile.
for try in 1 2 3 4 5; do
    admin reissue 401 '{"password":"corporate password","confirmation_password":"wrong","user_id":"user01"}'
    [ "$(code)" = R-105 ] || fail "wrong confirmation: $(code)"
done
both='"password":"corporate password","confirmation_password":"corporate confirmation"'
admin reissue 403 "{$both,\"user_id\":\"user01\"}"
[ "$(code)" = R-102 ] || fail "not locked: $(code)"
admin users 200 '{"password":"corporate password"}'
has '{"user_id":"user01","state":"valid","collectable":false,"not_after":' answer
has '{"user_id":"user02","state":"waiting","collectable":true,"not_after":null}' answer
bank unlock $corporation

# --- the administrator's orders, as JSON ---
admin reissue 404 "{$both,\"user_id\":\"nobody\"}"
admin reissue 404 "{$both,\"user_id\":\"x' OR 1=1 --\"}"
admin reissue 200 "{$both,\"user_id\":\"user01\"}"
[ "$(answer user_id)" = user01 ] || fail "another user"
call 403 "$login/api/logon" '{"password":"password of user01"}' --cert user01.pem --key user01.key
[ "$(code)" = R-206 ] || fail "the user's former certificate: $(code)"
collect user01 $corporation user01
admin reset 400 "{$both,\"user_id\":\"user01\",\"new_password\":\"short\",\"new_confirmation_password\":\"another one\"}"
has '(new_password)' answer
admin reset 400 "{$both,\"user_id\":\"user01\",\"new_password\":\"the same one\",\"new_confirmation_password\":\"the same one\"}"
has '(new_confirmation_password)' answer
admin reset 200 "{$both,\"user_id\":\"user01\",\"new_password\":\"' OR 1=1; --\",\"new_confirmation_password\":\"<b>confirmation</b>\"}"
call 401 "$login/api/logon" '{"password":"password of user01"}' --cert user01.pem --key user01.key
call 200 "$login/api/logon" "{\"password\":\"' OR 1=1; --\"}" --cert user01.pem --key user01.key

# --- the branch's reset ---
echo 'another password' >corporate
echo 'another confirmation' >corporate-confirmation
run bank reset $corporation
admin logon 401 '{"password":"corporate password"}'
admin logon 200 '{"password":"another password"}'

# --- the audit log ---
bank_audit >log
for event in corporation-registered order-placed certificate-revoked password-wrong \
    password-locked logon-wrong logon-locked confirmation-wrong confirmation-locked \
    account-unlocked passwords-reset user-registered clock-set holiday-added holiday-removed \
    looked-up session-begun job-executed job-issued job-confirmed; do
    has "$(printf '\t%s\t' $event)" log
done
"$demo_ra" audit list --dir ra --json >log.json
[ "$(wc -l <log)" -eq "$(grep -c '^{.*}$' log.json)" ] || fail "the log differs from that in JSON"
for secret in 'corporate password' 'corporate confirmation' 'another password' \
    'password of user01' "' OR 1=1; --" "$collect_token"; do
    has_not "$secret" log
    has_not "$secret" server.log
    if cat ra/ra.sqlite* | grep -qaF -e "$secret"; then fail "a secret is in the database"; fi
done
for change in "UPDATE audit SET event = 'x'" 'DELETE FROM audit' \
    "INSERT OR REPLACE INTO audit(id, at, event) VALUES (1, 1, 'x')"; do
    if sqlite3 ra/ra.sqlite "$change" 2>refusal; then fail "the audit log was changed"; fi
    has append-only refusal
done

# --- a database that the release before has made ---
# The third migration and what came after it taken back, with an account and a certificate in it.
mkdir former
ra_stop
sqlite3 ra/ra.sqlite .dump >dump
sqlite3 former/ra.sqlite >/dev/null <<END
.read dump
DELETE FROM migration WHERE number > 2;
DROP TRIGGER audit_no_replace;
DROP TABLE certificate_order; DROP TABLE session; DROP TABLE job; DROP TABLE holiday;
DROP TABLE setting; DROP TABLE revocation_list;
ALTER TABLE account DROP COLUMN title;
ALTER TABLE account DROP COLUMN confirmation_hash;
ALTER TABLE account DROP COLUMN wrong_logons;
ALTER TABLE account DROP COLUMN wrong_confirmations;
ALTER TABLE account DROP COLUMN needs_order;
END
"$demo_ra" certificate list --dir ra >before
refused "$demo_ra" certificate list --dir former
has 'older demo-ra' refusal
run "$demo_ra" branch unlock --dir former $corporation
"$demo_ra" certificate list --dir former >after
cmp before after || fail "the migration has changed the certificates"
[ "$("$demo_ra" holiday list --dir former | wc -l)" -ge 40 ] || fail "no holidays after it"
run "$demo_ra" branch reissue --dir former $corporation
has 'a new certificate can be collected' run.log

# --- no RA ---
mkdir empty
refused "$demo_ra" audit list --dir empty
refused "$demo_ra" clock --dir empty --show
refused "$demo_ra" branch reissue --dir empty $corporation
