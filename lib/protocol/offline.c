/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "protocol/protocol.h"

static int offline_cacerts(struct ca_answer *answer, const struct ca_endpoint *endpoint,
                           certenroll_error **error)
{
    (void)endpoint;
    *answer = (struct ca_answer){ 0 };
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                         _("an offline enrolment has no server to ask for the CA's certificates"));
    certenroll_error_advise(error, _("Get them from the CA's operator."));
    return CERTENROLL_E_ARGUMENT;
}

static int offline_check(const char *url, certenroll_error **error)
{
    (void)url;
    (void)error;
    return CERTENROLL_OK;
}

/* The request is with a person now, who alone knows when the certificate comes. */
static int offline_enroll(struct ca_answer *answer, const struct ca_endpoint *endpoint,
                          const struct ce_buffer *request, certenroll_error **error)
{
    (void)endpoint;
    (void)request;
    (void)error;
    *answer = (struct ca_answer){ 0 };
    return CERTENROLL_PENDING;
}

const struct ca_protocol ca_protocol_offline = {
    .name = "offline",
    .check = offline_check,
    .cacerts = offline_cacerts,
    .enroll = offline_enroll,
    .reenroll = offline_enroll,
};
