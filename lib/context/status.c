/* SPDX-License-Identifier: Apache-2.0 */
#include "context/status.h"

#include "base/message.h"

#include <certenroll/error.h>

#include <stddef.h>

struct status_row {
    int status;
    certenroll_class class;
    const char *name;
    const char *advice;
};

#define ROW(name, class, advice)                                                                   \
    {                                                                                              \
        CERTENROLL_E_##name, CERTENROLL_CLASS_##class, #name, advice                               \
    }

static const struct status_row rows[] = {
    { CERTENROLL_OK, CERTENROLL_CLASS_OK, "OK", "" },
    { CERTENROLL_PENDING, CERTENROLL_CLASS_PENDING, "PENDING",
      N_("Run the same enrolment again at the time given.") },

    ROW(ARGUMENT, ARGUMENT, N_("Correct the call and try again; nothing was changed.")),
    ROW(MEMORY, SYSTEM, N_("Close other programs or add memory, then try again.")),
    ROW(SYSTEM, SYSTEM, N_("Look at the file or directory named, then try again.")),
    ROW(CANCELLED, CANCELLED, N_("Start again when you are ready.")),
    ROW(STATE, ARGUMENT, N_("Check the order of the calls.")),
    ROW(INTERNAL, INTERNAL, N_("Please report this with the log at its highest level.")),
    ROW(BUSY, PENDING, N_("Wait until the other one has finished, then try again.")),
    ROW(JOURNAL, SYSTEM,
        N_("Restore the file from a backup, or remove it and what it has left on the token.")),
    ROW(EXISTS, TOKEN,
        N_("Use or renew the pair that is there; say so where another is wanted beside it.")),

    ROW(MODULE, MODULE, N_("Check the PKCS#11 module's path and that its driver is installed.")),
    ROW(TOKEN_NOT_FOUND, MODULE,
        N_("Insert the token, or correct its URI; \"certenroll tokens\" lists what is there.")),
    ROW(TOKEN_AMBIGUOUS, MODULE, N_("Name one token by its serial number in the URI.")),
    ROW(TOKEN_REMOVED, MODULE, N_("Put the same token back and try again.")),

    ROW(PIN_INCORRECT, PIN, N_("Check the PIN before you try again: each wrong one is counted.")),
    ROW(PIN_LOCKED, PIN, N_("Have the PIN unblocked with the token's SO PIN (PUK).")),
    ROW(PIN_FINAL_TRY, PIN,
        N_("Make sure of the PIN; then allow the last try explicitly, or have the PIN reset.")),
    ROW(PIN_EXPIRED, PIN, N_("Change the PIN with the token's own tool, then try again.")),
    ROW(PIN_NOT_SET, PIN, N_("Set the token's first user PIN, then try again.")),
    ROW(PIN_INVALID, PIN, N_("Check the PIN's length and characters.")),

    ROW(TOKEN, TOKEN, N_("Try again; if it stays so, the token or its driver needs service.")),
    ROW(TOKEN_FULL, TOKEN, N_("Remove objects that are no longer needed from the token.")),
    ROW(TOKEN_READ_ONLY, TOKEN, N_("Initialise the token or lift its write protection.")),
    ROW(UNSUPPORTED, TOKEN, N_("Choose another key type, or another token.")),
    ROW(ID_IN_USE, TOKEN, N_("Choose another CKA_ID, or remove the object that bears it.")),
    ROW(KEY_UNSAFE, TOKEN, N_("Do not use this token for keys that must stay inside it.")),
    ROW(OBJECT_NOT_FOUND, TOKEN, N_("\"certenroll list\" shows what is on the token.")),

    ROW(CERT_MALFORMED, CERTIFICATE, N_("Ask the CA's operator; no certificate was written.")),
    ROW(CERT_KEY, CERTIFICATE, N_("Ask the CA's operator; no certificate was written.")),
    ROW(CERT_ISSUER, CERTIFICATE,
        N_("Check the trust anchor with the CA's operator; no certificate was written.")),
    ROW(CERT_DATES, CERTIFICATE,
        N_("Check this computer's clock, then ask the CA's operator; no certificate was written.")),
    ROW(CERT_NAME, CERTIFICATE,
        N_("Check the names you asked for with the CA's operator; no certificate was written.")),
    ROW(CERT_USAGE, CERTIFICATE, N_("Ask the CA's operator; no certificate was written.")),
    ROW(CERT_ALGORITHM, CERTIFICATE, N_("Ask the CA's operator; no certificate was written.")),

    ROW(NETWORK, NETWORK, N_("Check the connection and the RA's address, then run it again.")),
    ROW(TLS, NETWORK, N_("Check the RA's address and the trust anchor; do not go on without.")),
    ROW(AUTHENTICATION, RA, N_("Check the account and password, or ask the RA's operator.")),
    ROW(REJECTED, RA, N_("Ask the RA's operator about the reason given.")),
    ROW(SERVER, RA, N_("Try again later, or tell the RA's operator.")),
};

static const struct status_row *find_row(int status)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].status == status)
            return &rows[i];
    return NULL;
}

certenroll_class certenroll_status_class(int status)
{
    const struct status_row *row = find_row(status);

    return row ? row->class : CERTENROLL_CLASS_INTERNAL;
}

const char *certenroll_status_name(int status)
{
    const struct status_row *row = find_row(status);

    return row ? row->name : "UNKNOWN";
}

const char *ce_status_advice(int status)
{
    const struct status_row *row = find_row(status);

    return row && row->advice[0] ? _(row->advice) : "";
}
