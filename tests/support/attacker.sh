# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# For the scripts ra-security-*.sh: curl as the attacker of a bank whose corporation has two users,
# of whom the second has a certificate; and foreign.pem, which is of nobody's. Read by `.` in
# $scratch, after bank.sh; sets
#
#     job       the URL of the calls about a job
#     name      that of user01's certificate
#     password  confirmation  both    the corporation's; in JSON

job=$est/.well-known/certenroll/job
name="$corporation user01"
password='corporate password' confirmation='corporate confirmation'
both="\"password\":\"$password\",\"confirmation_password\":\"$confirmation\""

# books SQL: what the RA has written down.
books() { sqlite3 -readonly -cmd '.timeout 10000' ra/ra.sqlite "$1"; }
accounts() { books 'SELECT name FROM account WHERE removed_at IS NULL ORDER BY name'; }

# as_json TEXT: within a string.
as_json() { printf %s "$1" | sed 's/[\\"]/\\&/g'; }
# admin CALL STATUS JSON: of the corporation's.
admin() { call "$2" "$login/api/$1" "$3" --cert admin.pem --key admin.key; }
# bearer STATUS CALL [CURL-OPTION...]: with $token.
bearer() {
    bearer_status=$1 bearer_call=$2
    shift 2
    call "$bearer_status" "$job/$bearer_call" '{}' -H "Authorization: Bearer $token" "$@"
}
# begin: a job of user01's, by password; sets id and token.
begin() {
    call 200 "$entry/api/certificate" "$(credentials $corporation user01)"
    id=$(answer job) token=$(answer token)
}
# give_up: the job ends, and its order is open again.
give_up() {
    call 200 "$job/fail" '{"reason":"CANCELLED"}' -H "Authorization: Bearer $token"
}
# reenroll STATUS CERTIFICATE NAME
reenroll() {
    status=$(curl -sS --max-time 60 --cacert "$ca" -o answer -w '%{http_code}' --cert "$2.pem" \
        --key "$2.key" -H 'Content-Type: application/pkcs10' --data-binary "@$3.b64" \
        "$est/.well-known/est/simplereenroll")
    [ "$status" = "$1" ] || { cat answer >&2; fail "status $status instead of $1: simplereenroll"; }
}

bank_user
bank_user user02
collect user02 $corporation user02
run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout foreign.key \
    -out foreign.pem -days 2 -subj '/CN="><script>alert(1)<\/script>/O=<b>&amp;'
