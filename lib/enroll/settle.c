/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/settle.h"

#include "base/platform.h"
#include "base/text.h"
#include "journal/sent_ids.h"
#include "token/husk.h"

#include <certenroll/leftovers.h>

#include <stdlib.h>

/* 1: something bore the ID and is gone, 0: nothing does, negative: it cannot be told. One ID was
 * sent once, so that nothing more comes after what was seen. */
static int take_away(certenroll_token *token, const struct ce_buffer *id)
{
    char hex[2 * CERTENROLL_ID_MAX + 1];
    certenroll_error *error = NULL;
    int status = ce_id_in_use(token, id, &error);

    if (status == 1) {
        status = ce_key_destroy(token, id, NULL, &error);
        if (status == CERTENROLL_OK)
            status = ce_id_in_use(token, id, &error) == 0 ? 1 : CERTENROLL_E_TOKEN;
    }
    ce_hex(hex, sizeof(hex), id->data, id->length);
    if (status == 1)
        ce_log(ce_token_context(token), CERTENROLL_LOG_INFO,
               "the key pair of a call whose answer was lost, CKA_ID %s, was removed", hex);
    else if (status < 0)
        ce_log(ce_token_context(token), CERTENROLL_LOG_WARNING,
               "whether a key pair of an earlier call bears the CKA_ID %s is not known: %s", hex,
               error ? certenroll_error_message(error) : "");
    certenroll_error_free(error);
    return status;
}

/* Of an ID that a caller chose nobody can tell, later, whose the key under it is: it is left. */
static int is_ours(const certenroll_token *token, const struct ce_buffer *id)
{
    char hex[2 * CERTENROLL_ID_MAX + 1];

    if (id->length == CE_RANDOM_ID_LENGTH)
        return 1;
    ce_hex(hex, sizeof(hex), id->data, id->length);
    ce_log(ce_token_context(token), CERTENROLL_LOG_WARNING,
           "a key pair of a call whose answer was lost may come to bear the CKA_ID %s", hex);
    return 0;
}

static int open_sent(struct ce_sent_ids *out, const certenroll_token *token, const char *instead,
                     int only_existing)
{
    const certenroll_token_info *info = certenroll_token_get_info(token);
    certenroll_error *error = NULL;
    int status =
        ce_sent_ids_open(out, certenroll_token_info_label(info), certenroll_token_info_serial(info),
                         instead, only_existing, &error);

    if (status < 0)
        ce_log(ce_token_context(token), CERTENROLL_LOG_WARNING, "%s",
               certenroll_error_message(error));
    certenroll_error_free(error);
    return status;
}

/* For who comes by without an enrolment: how the token is reached. */
static int note_way(struct ce_sent_ids *sent, const certenroll_token *token)
{
    const certenroll_token_info *info = certenroll_token_get_info(token);
    const char *module = ce_token_module_path(token);
    int status = CERTENROLL_OK;

    free(sent->token_uri);
    free(sent->module);
    sent->token_uri = sent->module = NULL;
    status = ce_string_copy(&sent->token_uri, certenroll_token_info_uri(info), NULL);
    if (status == CERTENROLL_OK && module)
        status = ce_string_copy(&sent->module, module, NULL);
    return status;
}

void ce_settle_ids(certenroll_token *token, struct ce_blobs *ids, const char *instead)
{
    struct ce_sent_ids sent;
    int failed;

    for (size_t i = ids->count; i-- > 0;)
        if (!is_ours(token, &ids->list[i]) || take_away(token, &ids->list[i]) == 1)
            ce_blobs_remove(ids, i);
    if (ids->count > 0 && open_sent(&sent, token, instead, 0) == CERTENROLL_OK) {
        failed = 0;
        failed |= note_way(&sent, token) < 0;
        for (size_t i = 0; i < ids->count; i++)
            failed |= ce_sent_ids_add(&sent, &ids->list[i], ce_now(), NULL) < 0;
        failed |= ce_sent_ids_write(&sent, NULL) < 0;
        if (failed)
            ce_log(ce_token_context(token), CERTENROLL_LOG_WARNING,
                   "which key pairs may still come to be on the token cannot be written down");
        ce_sent_ids_close(&sent);
    }
    ce_blobs_clear(ids);
}

int ce_settle_token(size_t *removed, certenroll_token *token, const char *instead,
                    certenroll_error **error)
{
    int64_t now = ce_now();
    struct ce_sent_ids sent;
    int changed = 0, login;

    *removed = 0;
    if (open_sent(&sent, token, instead, 1) < 0)
        return CERTENROLL_OK;
    /* A PIN that is wrong, or was not given, is not asked for again: each try counts. */
    login = sent.count > 0 ? certenroll_token_login(token, error) : CERTENROLL_OK;
    if (login < 0) {
        ce_sent_ids_close(&sent);
        return login;
    }
    for (size_t i = sent.count; sent.file && i-- > 0;) {
        int status = take_away(token, &sent.list[i].id);

        if (status != 1 && (status < 0 || now - sent.list[i].sent_at < CE_SENT_SECONDS))
            continue;
        *removed += (size_t)(status == 1);
        ce_sent_ids_remove(&sent, i);
        changed = 1;
    }
    if (changed)
        (void)ce_sent_ids_write(&sent, NULL);
    ce_sent_ids_close(&sent);
    return CERTENROLL_OK;
}

int certenroll_token_settle(certenroll_token *token, const char *directory, size_t *removed,
                            certenroll_error **error)
{
    size_t pairs = 0, halves = 0;
    int status = ce_settle_token(&pairs, token, directory, error);

    if (status == CERTENROLL_OK)
        status = ce_husks_remove(&halves, token, error);
    if (removed)
        *removed = pairs + halves;
    return status;
}
