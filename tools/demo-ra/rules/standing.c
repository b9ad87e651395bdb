/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/standing.h"

#include "store/store_job.h"

const struct refusal refusal_job_over = {
    403,
    "This collection is over, or not so far (R-108). Begin again on the page or with the tool.",
    "この取得手続きは終了したか、まだこの段階にありません(R-108)。初めからやり直してください。"
};
static const struct refusal not_logged_on = {
    403, "A valid certificate of this registration authority is needed.",
    "この登録局が発行した有効な証明書が必要です。"
};
static const struct refusal revoked = { 403, "The certificate has been revoked.",
                                        "証明書は失効しています。" };
static const struct refusal removed = { 403, "The account has been removed.",
                                        "アカウントは削除されています。" };
static const struct refusal foreign_key = { 403, "This key belongs to another account.",
                                            "この鍵は別のアカウントのものです。" };
static const struct refusal revoked_key = {
    403, "A certificate for this key has been revoked; generate a new key.",
    "この鍵の証明書は失効しています。新しい鍵を生成してください。"
};
static const struct refusal unconfirmed = {
    403,
    "This certificate has not been confirmed to the bank so far (R-108): finish its collection, "
    "then renew it.",
    "この証明書は格納の確認が済んでいません(R-108)。取得手続きを完了してから更新してください。"
};
static const struct refusal expired = {
    403, "The certificate is not valid at this time; get a new one with your password.",
    "証明書は有効期間外です。暗証番号で新しい証明書を取得してください。"
};

const struct refusal *standing_of_peer(const struct peer *peer)
{
    switch (peer->logon) {
    case LOGON_OK:
        return NULL;
    case LOGON_REVOKED:
        return &revoked;
    case LOGON_EXPIRED:
    case LOGON_NOT_YET_VALID:
        return &expired;
    case LOGON_FAILED:
        return &refusal_internal;
    case LOGON_NONE:
    case LOGON_FOREIGN:
    case LOGON_UNKNOWN:
    default:
        return &not_logged_on;
    }
}

static const struct refusal *refusal_of(enum store_result result, const struct refusal *refusal)
{
    if (result == STORE_OK)
        return NULL;
    return result == STORE_FAILED ? &refusal_internal : refusal;
}

const struct refusal *standing_of_account(struct ra *ra, int64_t account_id)
{
    return refusal_of(store_account_stands(ra->store, account_id), &removed);
}

const struct refusal *standing_of_certificate(struct ra *ra, int64_t certificate_id)
{
    return refusal_of(store_certificate_stands(ra->store, certificate_id), &revoked);
}

const struct refusal *standing_as_confirmed(struct ra *ra, int64_t certificate_id)
{
    return refusal_of(store_job_awaits_none(ra->store, certificate_id), &unconfirmed);
}

/* A revoked key stays so, also for its own account: the key may be what was lost. */
const struct refusal *standing_of_key(struct ra *ra, EVP_PKEY *key, const char *account_name)
{
    const struct refusal *refusal =
        refusal_of(store_key_is_free(ra->store, key, account_name), &foreign_key);

    if (!refusal)
        refusal = refusal_of(store_key_is_unrevoked(ra->store, key), &revoked_key);
    return refusal;
}
