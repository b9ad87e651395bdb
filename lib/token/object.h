/* SPDX-License-Identifier: Apache-2.0 */
/* Objects on a token, by their attributes (PKCS#11 v2.40 §4). Handles never leave this layer: they
 * die with sessions. An object is named by what stays: its class, CKA_ID and value. */
#ifndef CE_TOKEN_OBJECT_H
#define CE_TOKEN_OBJECT_H

#include "base/buffer.h"

#include <certenroll/key.h>

/* --- public keys in the clear --- */

/* What a public key object says; the numbers are big-endian, unsigned. */
struct ce_public_value {
    certenroll_key_type type;
    struct ce_buffer modulus;  /* RSA: n */
    struct ce_buffer exponent; /* RSA: e */
    struct ce_buffer params;   /* EC, Ed25519: CKA_EC_PARAMS (DER of the curve) */
    struct ce_buffer point; /* EC: 0x04|X|Y; Ed25519: 32 bytes. Unwrapped from its OCTET STRING */
};
int ce_public_value_equal(const struct ce_public_value *one, const struct ce_public_value *other);
void ce_public_value_clear(struct ce_public_value *value);

/* --- certificates --- */

/* An X.509 certificate object. Everything but `value` may be empty. */
struct ce_certificate_object {
    struct ce_buffer value;   /* CKA_VALUE: DER */
    struct ce_buffer id;      /* CKA_ID */
    struct ce_buffer label;   /* CKA_LABEL, UTF-8 as the token has it */
    struct ce_buffer subject; /* CKA_SUBJECT, DER Name (used when writing) */
    struct ce_buffer issuer;  /* CKA_ISSUER, DER Name (used when writing) */
    struct ce_buffer serial;  /* CKA_SERIAL_NUMBER, DER INTEGER (used when writing) */
    int is_ca;                /* CKA_CERTIFICATE_CATEGORY 2 instead of 1 (used when writing) */
};
void ce_certificate_object_clear(struct ce_certificate_object *object);

/* What a token is asked to search its certificates for. What does not fit may come all the same,
 * and a token that does not know an attribute finds nothing by it. */
struct ce_certificate_search {
    const struct ce_buffer *id;      /* CKA_ID; NULL: any */
    const struct ce_buffer *label;   /* CKA_LABEL; NULL: any */
    const struct ce_buffer *subject; /* CKA_SUBJECT, DER Name; NULL: any */
    const struct ce_buffer *value;   /* CKA_VALUE, DER; NULL: any */
    size_t most;                     /* where there are more, none of them is read; 0: no limit */
};

/* The certificates of the token that are searched for (`search` NULL: all). No login is needed.
 * *out is an array of *count, freed by ce_certificate_objects_free. */
int ce_certificates_read(struct ce_certificate_object **out, size_t *count, certenroll_token *token,
                         const struct ce_certificate_search *search, certenroll_error **error);
void ce_certificate_objects_free(struct ce_certificate_object *objects, size_t count);

/* 1 when a certificate object with exactly this DER value (and this CKA_ID, where `id` is not NULL)
 * is on the token, 0 when not, negative on failure. */
int ce_certificate_present(certenroll_token *token, const struct ce_buffer *value,
                           const struct ce_buffer *id, certenroll_error **error);

/* Writes one certificate object and reads it back: a token may say CKR_OK and keep nothing. The
 * template loses attributes that the token refuses, never the value, ID and label. Logs in. */
int ce_certificate_write(certenroll_token *token, const struct ce_certificate_object *object,
                         certenroll_error **error);

/* Removes the certificate objects with exactly this DER value and CKA_ID. Logs in. */
int ce_certificate_destroy(certenroll_token *token, const struct ce_buffer *value,
                           const struct ce_buffer *id, certenroll_error **error);

#endif
