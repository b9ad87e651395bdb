/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry of an inventory tells. Its mark is in marks.c. */
#include "base/message.h"
#include "enroll/inventory.h"
#include "x509/certs.h"

#include <certenroll/openssl.h>

#include <openssl/x509v3.h>

int certenroll_entry_has_key(const certenroll_entry *entry)
{
    return entry->key != NULL;
}

int certenroll_entry_has_certificate(const certenroll_entry *entry)
{
    return entry->certificate != NULL;
}

certenroll_key_type certenroll_entry_key_type(const certenroll_entry *entry)
{
    return entry->key_type;
}

const unsigned char *certenroll_entry_id(const certenroll_entry *entry, size_t *length)
{
    if (entry->key)
        return certenroll_key_get_id(entry->key, length);
    *length = entry->id.length;
    return entry->id.data;
}

const char *certenroll_entry_label(const certenroll_entry *entry)
{
    return (const char *)entry->label.data;
}

const char *certenroll_entry_subject(const certenroll_entry *entry)
{
    return entry->subject ? entry->subject : "";
}

const char *certenroll_entry_common_name(const certenroll_entry *entry)
{
    return entry->common_name ? entry->common_name : "";
}

const char *certenroll_entry_issuer(const certenroll_entry *entry)
{
    return entry->issuer ? entry->issuer : "";
}

const char *certenroll_entry_serial(const certenroll_entry *entry)
{
    return entry->serial ? entry->serial : "";
}

int64_t certenroll_entry_not_before(const certenroll_entry *entry)
{
    return entry->certificate ? ce_certs_time(X509_get0_notBefore(entry->certificate)) : 0;
}

int64_t certenroll_entry_not_after(const certenroll_entry *entry)
{
    return entry->certificate ? ce_certs_time(X509_get0_notAfter(entry->certificate)) : 0;
}

int certenroll_entry_is_ca(const certenroll_entry *entry)
{
    return entry->certificate && (X509_get_extension_flags(entry->certificate) & EXFLAG_CA) != 0;
}

const unsigned char *certenroll_entry_certificate(const certenroll_entry *entry, size_t *length)
{
    *length = entry->der.length;
    return entry->der.data;
}

int certenroll_entry_x509(X509 **out, const certenroll_entry *entry, certenroll_error **error)
{
    *out = entry->certificate;
    if (!*out)
        return certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                    _("\"%s\" has no certificate"), certenroll_entry_label(entry));
    X509_up_ref(*out);
    return CERTENROLL_OK;
}
