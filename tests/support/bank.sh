# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# The bank's flows for scripts: what ra.sh starts, with a corporation that the branch has registered
# (its first certificate can be collected) and without a certificate anywhere. Read by `.`, after
# test.sh; sets, beside what ra.sh sets,
#
#     corporation    its ID; $scratch/corporate, $scratch/corporate-confirmation: its passwords
#     user           "user01", for bank_user; $scratch/user, $scratch/user-confirmation: the passwords
#     config         the clients' configuration (ra.json), for the token "customer"
#
# and defines
#
#     bank ACTION ...            demo-ra branch ACTION --dir ..., with the corporation's passwords
#     bank_clock OPTION ...      demo-ra clock --dir ... OPTION
#     bank_audit                 the audit log, a line each: time, event, account, detail
#     call STATUS URL JSON [CURL-OPTION...]  a POST of JSON (type=... before it: of that type); the
#                                answer is in $scratch/answer, its head in $scratch/answer-head
#     answer NAME                a member of the answer: text or number
#     answer_is NAME VALUE       and it is this one
#     code                       the answer's error code, "R-108"
#     request NAME SUBJECT [OPENSSL-OPTION...]  a software key NAME.key and a CSR, NAME.b64
#     collect NAME ID [USER]     a certificate for a software key by /api/certificate and EST, and
#                                confirmed: NAME.key, NAME.pem
#     bank_user [ID]             registers a user of the corporation (default $user), as the
#                                administrator does on the page, with the certificate admin.pem
#                                (collected now where it was not); it can be collected at once
#     page_get NAME STATUS URL   the browser NAME, with its own cookies and, where there is one, the
#                                certificate NAME.pem: the page is in $scratch/NAME.page
#     page_post NAME STATUS URL [FIELD=VALUE...]   posts the form of that page; the answer is in
#                                $scratch/NAME.answer
#     bank_entry NAME ID [USER]  logs on at "entry" to get a certificate
#     bank_launch NAME           then: the launch file, $scratch/NAME.cenroll
# shellcheck source=tests/support/ra.sh
. "$SOURCE_DIR/tests/support/ra.sh"

corporation=0258366660027
user=user01
config=$scratch/ra.json
echo 'corporate password' >"$scratch/corporate"
echo 'corporate confirmation' >"$scratch/corporate-confirmation"
echo 'password of user01' >"$scratch/user"
echo 'confirmation of user01' >"$scratch/user-confirmation"

bank() {
    action=$1
    shift
    passwords=
    case $action in
    register | reset)
        passwords="--password-source $scratch/corporate
            --confirmation-password-source $scratch/corporate-confirmation"
        ;;
    esac
    # shellcheck disable=SC2086 # several words
    "$demo_ra" branch "$action" --dir "$scratch/ra" $passwords "$@"
}

bank_clock() { run "$demo_ra" clock --dir "$scratch/ra" "$@"; }
bank_audit() { "$demo_ra" audit list --dir "$scratch/ra"; }

call() {
    call_status=$1 call_url=$2
    printf '%s' "$3" >"$scratch/question"
    shift 3
    status=$(curl -sS --max-time 60 --cacert "$ca" -o "$scratch/answer" -D "$scratch/answer-head" \
        -w '%{http_code}' -H "Content-Type: ${type:-application/json}" --data-binary "@$scratch/question" \
        "$@" "$call_url") || fail "curl $call_url"
    [ "$status" = "$call_status" ] || {
        cat "$scratch/answer" >&2
        fail "status $status instead of $call_status: $call_url"
    }
}

answer() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$scratch/answer"; }
answer_is() { [ "$(answer "$1")" = "$2" ] || { cat "$scratch/answer" >&2; fail "$1 is not $2"; }; }
code() { answer code; }

request() {
    request_name=$1 request_subject=$2
    shift 2
    [ $# -gt 0 ] || set -- -newkey ec -pkeyopt ec_paramgen_curve:P-256
    run openssl req -new -nodes -subj "$request_subject" -keyout "$scratch/$request_name.key" \
        -outform DER -out "$scratch/$request_name.der" "$@"
    openssl base64 -A -in "$scratch/$request_name.der" -out "$scratch/$request_name.b64"
}

# simpleenroll STATUS NAME CREDENTIALS: the answer is in $scratch/answer.
simpleenroll() {
    status=$(curl -sS --max-time 60 --cacert "$ca" -o "$scratch/answer" -w '%{http_code}' \
        -H 'Content-Type: application/pkcs10' --data-binary "@$scratch/$2.b64" -u "$3" \
        "$est/.well-known/est/simpleenroll") || fail "curl simpleenroll"
    [ "$status" = "$1" ] || {
        cat "$scratch/answer" >&2
        fail "status $status instead of $1: simpleenroll"
    }
}

# keep_certificate NAME: the end entity's of the answer, as NAME.pem.
keep_certificate() {
    openssl base64 -d -A -in "$scratch/answer" | openssl pkcs7 -inform DER -print_certs |
        openssl x509 -out "$scratch/$1.pem"
}

# credentials ID [USER]: the question for a job by password.
credentials() {
    if [ $# -eq 1 ]; then
        printf '{"corporate_id":"%s","password":"%s"}' "$1" "$(cat "$scratch/corporate")"
    else
        printf '{"corporate_id":"%s","user_id":"%s","password":"%s"}' "$1" "$2" \
            "$(cat "$scratch/user")"
    fi
}

collect() {
    collect_name=$1
    shift
    call 200 "$entry/api/certificate" "$(credentials "$@")"
    collect_job=$(answer job) collect_token=$(answer token)
    request "$collect_name" "/CN=$*"
    simpleenroll 200 "$collect_name" "$collect_job:$collect_token"
    keep_certificate "$collect_name"
    call 200 "$est/.well-known/certenroll/job/confirm" '{}' \
        -H "Authorization: Bearer $collect_token" \
        --cert "$scratch/$collect_name.pem" --key "$scratch/$collect_name.key"
}

# browse NAME STATUS FILE URL CURL-OPTION...: the answer is in FILE.
browse() {
    browse_name=$1 browse_status=$2 browse_file=$3 browse_url=$4
    shift 4
    [ ! -e "$scratch/$browse_name.pem" ] ||
        set -- "$@" --cert "$scratch/$browse_name.pem" --key "$scratch/$browse_name.key"
    status=$(curl -sS --max-time 60 --cacert "$ca" -o "$scratch/$browse_file" -w '%{http_code}' \
        -b "$scratch/$browse_name.cookies" -c "$scratch/$browse_name.cookies" "$@" "$browse_url") ||
        fail "curl $browse_url"
    [ "$status" = "$browse_status" ] || {
        cat "$scratch/$browse_file" >&2
        fail "status $status instead of $browse_status: $browse_url"
    }
}

page_get() { browse "$1" "$2" "$1.page" "$3"; }

page_post() {
    page_name=$1 page_status=$2 page_url=$3
    shift 3
    for field; do
        shift
        set -- "$@" --data-urlencode "$field"
    done
    browse "$page_name" "$page_status" "$page_name.answer" "$page_url" \
        -H "Origin: $(echo "$page_url" | sed 's|\(https://[^/]*\).*|\1|')" --data-urlencode \
        "csrf=$(sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' "$scratch/$page_name.page" |
            head -n 1)" "$@"
}

bank_user() {
    [ -e "$scratch/admin.pem" ] || collect admin $corporation
    rm -f "$scratch/admin.cookies"
    page_get admin 200 "$login/"
    page_post admin 303 "$login/logon" "password=$(cat "$scratch/corporate")"
    page_get admin 200 "$login/users/new"
    page_post admin 303 "$login/users/new" "user_id=${1:-$user}" \
        "new_password=$(cat "$scratch/user")" \
        "new_confirmation_password=$(cat "$scratch/user-confirmation")" \
        "confirmation_password=$(cat "$scratch/corporate-confirmation")"
}

bank_entry() {
    if [ $# -eq 2 ]; then
        page_get "$1" 200 "$entry/corporate"
        page_post "$1" 303 "$entry/corporate" "corporate_id=$2" \
            "password=$(cat "$scratch/corporate")"
    else
        page_get "$1" 200 "$entry/user"
        page_post "$1" 303 "$entry/user" "corporate_id=$2" "user_id=$3" \
            "password=$(cat "$scratch/user")"
    fi
    page_get "$1" 200 "$entry/enrol"
}

bank_launch() {
    page_post "$1" 200 "$entry/enrol/launch"
    cp "$scratch/$1.answer" "$scratch/$1.cenroll"
}

run bank register --name 株式会社みなと商事 $corporation

cat >"$config" <<END
{ "version": 1,
  "ras": [ { "name": "Demo Bank", "entry": "$entry", "login": "$login", "est": "$est",
             "trust_anchor": "$ca" } ],
  "token": "pkcs11:token=customer", "module": "$SOFTHSM2_MODULE" }
END
