# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# For the scripts ra-jobs*.sh: the steps of a job, the person's in a browser and the agent's, both by
# curl; the corporation has the users user01 and user02. Read by `.` in $scratch, after bank.sh; sets
#
#     job   the URL of the calls about a job
#     name  that of user01's certificate

job=$est/.well-known/certenroll/job

# over STATUS URL JSON [CURL-OPTION...]: refused with R-108.
over() {
    call 403 "$@"
    answer_is code R-108
}

# launched NAME MEMBER: of NAME's launch file.
launched() { sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" "$1.cenroll"; }

redemption() { printf '{"version":1,"job":"%s","code":"%s"}' "$(launched "$1" job)" "${2:-$(launched "$1" code)}"; }

# redeem NAME: the agent's part; sets token and number.
redeem() {
    call 200 "$job/redeem" "$(redemption "$1")"
    token=$(answer token) number=$(answer number) id=$(launched "$1" job)
}

# bearer STATUS CALL JSON [CURL-OPTION...]: with the job's token.
bearer() {
    bearer_status=$1 bearer_call=$2 bearer_json=$3
    shift 3
    call "$bearer_status" "$job/$bearer_call" "$bearer_json" -H "Authorization: Bearer $token" "$@"
}

state() {
    bearer 200 state '{}'
    answer_is state "$1"
}

# execute NAME STATUS [NUMBER]
execute() {
    page_get "$1" 200 "$entry/enrol"
    page_post "$1" "$2" "$entry/enrol/execute" "number=${3-$number}"
    [ "$2" = 303 ] || has 'data-code="R-108"' "$1.answer"
}

confirm() { bearer "$1" confirm '{}' --cert "$2.pem" --key "$2.key"; }

# reissued: there is an order for the user again.
reissued() {
    call 200 "$login/api/reissue" "{\"password\":\"corporate password\",\"confirmation_password\":\"corporate confirmation\",\"user_id\":\"user01\"}" \
        --cert admin.pem --key admin.key
}

# standing STATE: of the user, in the administrator's list.
standing() {
    call 200 "$login/api/users" '{"password":"corporate password"}' --cert admin.pem --key admin.key
    has "\"user_id\":\"user01\",\"state\":\"$1\"" answer
}

# count EVENT: of it in the audit log.
count() { bank_audit | cut -f2 | grep -cx "$1" || :; }

bank_user
bank_user user02
name="$corporation user01"

# begin: user01 again, redeemed.
begin() {
    reissued
    bank_entry person $corporation user01
    bank_launch person
    redeem person
}
