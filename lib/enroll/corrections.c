/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/corrections.h"

#include "base/message.h"
#include "x509/name.h"

#include <string.h>

static int same_text(const char *one, const char *other)
{
    return strcmp(one ? one : "", other ? other : "") == 0;
}

static int same_request(const struct ce_record *one, const struct ce_record *other)
{
    int is_same = ce_name_texts_match(one->subject, other->subject) &&
                  one->key_usage == other->key_usage &&
                  same_text(one->extended_key_usage, other->extended_key_usage) &&
                  one->alt_names.count == other->alt_names.count;

    for (size_t i = 0; is_same && i < one->alt_names.count; i++)
        is_same = same_text(one->alt_names.list[i], other->alt_names.list[i]);
    return is_same;
}

/* An RA may have the request, and nothing has come of it here. */
static int was_submitted(const struct ce_record *record)
{
    return record->state == CERTENROLL_STATE_SUBMITTED ||
           record->state == CERTENROLL_STATE_PENDING || record->state == CERTENROLL_STATE_REJECTED;
}

/* Where the request may have been answered already stays known; "": by hand. One of few, however
 * often it is corrected. */
static int note_former_address(struct ce_record *begun, certenroll_error **error)
{
    const char *url = begun->url ? begun->url : "";

    if (!was_submitted(begun))
        return CERTENROLL_OK;
    for (size_t i = 0; i < begun->former_urls.count; i++)
        if (strcmp(begun->former_urls.list[i], url) == 0)
            return CERTENROLL_OK;
    if (begun->former_urls.count >= CE_RECORD_FORMER_MAX)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the enrolment %s has been at too many addresses"),
                                    begun->name);
    return ce_texts_add(&begun->former_urls, url, error);
}

/* What was asked of one RA is asked of the next anew. */
static int correct_address(struct ce_record *begun, struct ce_record *asked,
                           certenroll_error **error)
{
    int status;

    if (same_text(begun->url, asked->url) && !begun->url == !asked->url)
        return CERTENROLL_OK;
    status = note_former_address(begun, error);
    if (was_submitted(begun)) {
        begun->state = CERTENROLL_STATE_CSR_SIGNED;
        begun->retry_at = 0;
    }
    CE_SWAP(char *, begun->url, asked->url);
    return status;
}

int ce_correct(struct ce_record *begun, struct ce_record *asked, certenroll_error **error)
{
    int status = correct_address(begun, asked, error);

    if (status < 0)
        return status;
    if (begun->operation == CERTENROLL_ENROLL && !same_request(begun, asked)) {
        if (begun->request.length > 0 && begun->issued.length == 0 &&
            begun->state != CERTENROLL_STATE_RECEIVED) {
            status = note_former_address(begun, error);
            ce_buffer_clear(&begun->request);
            begun->state = CERTENROLL_STATE_KEY_READY;
            begun->retry_at = 0;
        }
        CE_SWAP(char *, begun->subject, asked->subject);
    }
    CE_SWAP(char *, begun->username, asked->username);
    CE_SWAP(struct ce_blobs, begun->anchors, asked->anchors);
    CE_SWAP(struct ce_blobs, begun->tls_anchors, asked->tls_anchors);
    CE_SWAP(struct ce_texts, begun->alt_names, asked->alt_names);
    CE_SWAP(char *, begun->extended_key_usage, asked->extended_key_usage);
    begun->key_usage = asked->key_usage;
    begun->ca_names = asked->ca_names;
    return status;
}
