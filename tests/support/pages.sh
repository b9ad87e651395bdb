# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# For the scripts ra-pages*.sh: curl as a browser of the bank's pages, which looks at all that every
# answer and every page must have. Read by `.` in $scratch, after bank.sh. Sets
#
#     code  the error that the last page tells, "R-108"

for name in corporate user; do # without a newline, as people type them
    printf %s "$(cat $name)" >typed
    mv typed $name
done

letters=-i

# --- a browser ---
# A browser is a directory with its cookies and, where it has one, the certificate it shows to
# "login". What it got last is in head and body.
browser=
with= # CURL-ARGUMENT..., without spaces

# browser NAME [CERTIFICATE]: from now on this one.
browser() {
    browser=browsers/$1 with=
    mkdir -p "$browser"
    [ -z "${2-}" ] || with="--cert $2.pem --key $2.key"
}

# guarded: what every answer brings, whatever it is, and how it sets cookies.
guarded() {
    for field in 'Cache-Control: no-store' "Content-Security-Policy: default-src 'none'; " \
        "frame-ancestors 'none'" 'Cross-Origin-Opener-Policy: same-origin' \
        'Cross-Origin-Resource-Policy: same-origin' 'X-Content-Type-Options: nosniff' \
        'X-Frame-Options: DENY' 'Permissions-Policy: camera=()' 'Referrer-Policy: same-origin' \
        'Strict-Transport-Security: max-age='; do
        has "$field" head
    done
    if grep -qiE '^(server|x-powered-by|access-control-.*):|unsafe' head; then
        cat head >&2
        fail "a header that should not be there"
    fi
    grep -qiE '^(content-type: [a-z]+/|content-length: 0)' head || fail "no type: $(cat head)"
    if grep -i '^set-cookie:' head |
        grep -qviE '^Set-Cookie: __Host-(session|lang)=[0-9a-z]*; Path=/; Secure; HttpOnly; SameSite=Strict(; Max-Age=[0-9]+)?.?$'
    then
        cat head >&2
        fail "a cookie is not kept to this host and out of scripts"
    fi
}

# ask WANTED-STATUS CURL-ARGUMENT...
ask() {
    wanted=$1
    shift
    # shellcheck disable=SC2086 # several words
    status=$(curl -sS --max-time 60 --cacert "$ca" -b "$browser/cookies" -c "$browser/cookies" \
        -o body -D head -w '%{http_code}' $with "$@") || fail "curl $*"
    [ "$status" = "$wanted" ] || { cat head body >&2; fail "status $status, not $wanted: $*"; }
    guarded
    code=$(sed -n 's/.*<main[^>]* data-code="\([^"]*\)".*/\1/p' body)
}

# get WANTED-STATUS URL: its page is the one whose forms are posted next.
get() {
    wanted_get=$1
    shift
    ask "$wanted_get" "$@"
    cp body "$browser/page"
}

csrf() { sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' "$browser/page" | head -n 1; }

origin() { echo "$1" | sed 's|\(https://[^/]*\).*|\1|'; }

# post WANTED-STATUS URL NAME=VALUE...: as the form of the browser's page.
post() {
    wanted_post=$1 url=$2
    shift 2
    for pair; do
        shift
        set -- "$@" --data-urlencode "$pair"
    done
    ask "$wanted_post" -H "Origin: $(origin "$url")" --data-urlencode "csrf=$(csrf)" "$@" "$url"
}

# refused CODE: what was answered last tells it.
refused() {
    [ "$code" = "$1" ] || { cat body >&2; fail "the page says $code, not $1"; }
}

goes_to() {
    has "Location: $1" head
    grep -qi "^Location: $1.\$" head || { cat head >&2; fail "goes elsewhere than $1"; }
}

cookie() { awk -v name="$1" '$6 == name { print $7 }' "$browser/cookies"; }
state() { sed -n 's/.*<main[^>]* data-state="\([^"]*\)".*/\1/p' body; }
post_corporate() { post "$@" "corporate_id=$corporation" "password=$(cat corporate)"; }

# --- a page as such ---
# What people read, but for names and numbers.
words_left() {
    sed -e '/<nav class="languages"/,/<\/nav>/d' -e 's/<code>[^<]*<\/code>//g' -e 's/<[^>]*>//g' \
        -e "s/$corporation//g" -e 's/user01//g' -e 's/[0-9A-F]\{20,\}//g' body
}

# page LANGUAGE: what every page keeps to.
page() {
    has "<html lang=\"$1\">" body
    has "Content-Language: $1" head
    has '<a class="skip" href="#main">' body
    if tidy -q -e -utf8 body 2>&1 | # it does not know these attributes of HTML's today
        grep -v 'proprietary attribute "\(aria-current\|autofocus\|autocapitalize\)"'; then
        cat body >&2
        fail "the page is no valid HTML"
    fi
    grep -qE ' (style|on[a-z]+)=|javascript:|<style|<script>' body && fail "inline style or script"
    case $1 in
    en) words_left | tr -d '○–' | LC_ALL=C grep '[^ -~]' && fail "not all of it is English" ;;
    ja) words_left | grep -E '[A-Za-z]{4}' && fail "not all of it is Japanese" ;;
    esac
    sed -n 's/.*<input [^>]* id="\([^"]*\)".*/\1/p' body >fields
    while read -r id; do
        grep -q "<label[^>]* for=\"$id\"\|<label class=\"check\"><input [^>]* id=\"$id\"" body ||
            fail "the field $id has no label"
    done <fields
    grep -q 'type="password"' body || return 0
    case $1 in
    en) has 'After 5 wrong passwords' body ;;
    ja) has '5回間違えると' body ;;
    esac
}

# both STATUS URL: in both languages; English stays.
both() {
    case $2 in
    *\?*) both_url="$2&lang=" ;;
    *) both_url="$2?lang=" ;;
    esac
    get "$1" "${both_url}ja"
    page ja
    get "$1" "${both_url}en"
    page en
    get "$1" "$2"
    has '<html lang="en">' body # the cookie remembers it
}

# --- a certificate by the pages ---
# launch: what the program is started with; job and code.
launch() {
    post 200 "$entry/enrol/launch"
    has 'Content-Type: application/vnd.certenroll.launch+json' head
    has "Content-Disposition: attachment; filename=\"$1.cenroll\"" head
    [ "$(wc -c <body)" -le 4096 ] || fail "the launch file is too large"
    [ "$(jq -r 'keys_unsorted | join(" ")' body)" = 'version origin job code expires' ] ||
        fail "the launch file has other members"
    [ "$(jq -r .origin body)" = "$est" ] || fail "the launch file is for another RA"
    job=$(jq -r .job body) secret=$(jq -r .code body)
}

# agent CALL JSON [CURL-OPTION...]: what the program does.
agent() {
    what=$1 json=$2
    shift 2
    call 200 "$est/.well-known/certenroll/job/$what" "$json" "$@"
}
redeem() {
    agent redeem "{\"version\":1,\"job\":\"$job\",\"code\":\"$secret\"}"
    token=$(answer token) number=$(answer number)
    with_token="Authorization: Bearer $token"
}

# polled STATE: what the page's script gets, and the page's own state.
polled() {
    ask 200 "$entry/enrol/state"
    [ "$(jq -r .state body)" = "$1" ] || { cat body >&2; fail "the script is not told \"$1\""; }
    get 200 "$entry/enrol"
    [ "$(state)" = "$1" ] || { cat body >&2; fail "the page does not say \"$1\""; }
}

# enrolled NAME ID: the whole way from the launch file to the certificate NAME.pem.
enrolled() {
    launch "$2"
    redeem
    get 200 "$entry/enrol"
    post 303 "$entry/enrol/execute" "number=$number"
    request "$1" "/CN=$2"
    simpleenroll 200 "$1" "$job:$token"
    keep_certificate "$1"
    polled issued
    agent confirm '{}' -H "$with_token" --cert "$1.pem" --key "$1.key"
    ask 303 "$entry/enrol"
    goes_to /done
}

# --- the end ---
# pages_end SECRET...: none of them is in the log, and the RA ends cleanly.
pages_end() {
    for secret in "$(cat corporate)" "$(cat corporate-confirmation)" "$(cat user)" "$@"; do
        grep -qF -e "$secret" server.log && fail "a secret is in the log"
    done
    kill $server
    wait $server || { cat server.log >&2; fail "the RA did not end cleanly"; }
    server=
}
