/* SPDX-License-Identifier: Apache-2.0 */
#include "token/key_kind.h"

#include "base/text.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <string.h>

/* CKA_EC_PARAMS: the curve's OID in DER (RFC 5480 §2.1.1.1, RFC 8410 §3). */
static const unsigned char p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const unsigned char p384[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };
static const unsigned char p521[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 };
static const unsigned char ed25519_oid[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
/* PKCS#11 v3.0 §2.3.10 also allows the curve's name as a PrintableString, and SoftHSM 2.6 knows
 * no other way. */
static const unsigned char ed25519_name[] = { 0x13, 0x0c, 'e', 'd', 'w', 'a', 'r',
                                              'd',  's',  '2', '5', '5', '1', '9' };

#define RSA(bits)                                                                                  \
    {                                                                                              \
        CERTENROLL_KEY_RSA_##bits, "RSA-" #bits, CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA, bits, NULL,   \
            0, 0                                                                                   \
    }
#define EC(type, name, mechanism, key_type, params, point_length)                                  \
    {                                                                                              \
        type, name, mechanism, key_type, 0, params, sizeof(params), point_length                   \
    }

static const struct ce_key_kind kinds[] = {
    RSA(2048),
    RSA(3072),
    RSA(4096),
    EC(CERTENROLL_KEY_P256, "P-256", CKM_EC_KEY_PAIR_GEN, CKK_EC, p256, 65),
    EC(CERTENROLL_KEY_P384, "P-384", CKM_EC_KEY_PAIR_GEN, CKK_EC, p384, 97),
    EC(CERTENROLL_KEY_P521, "P-521", CKM_EC_KEY_PAIR_GEN, CKK_EC, p521, 133),
    EC(CERTENROLL_KEY_ED25519, "Ed25519", CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS, ed25519_name,
       32),
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const struct ce_key_kind *ce_key_kind(certenroll_key_type type)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

const char *certenroll_key_type_name(certenroll_key_type type)
{
    const struct ce_key_kind *kind = ce_key_kind(type);

    return kind ? kind->name : "other";
}

int certenroll_key_type_from_name(const char *name)
{
    for (size_t i = 0; i < KINDS; i++)
        if (ce_text_same_word(kinds[i].name, name))
            return (int)kinds[i].type;
    return 0;
}

/* --- DER --- */

/* As much of it (X.690) as tokens wrap around public values, and no more. */
#define BIT_STRING 0x03
#define OCTET_STRING 0x04
#define SEQUENCE 0x30

/* A stretch of somebody else's bytes. */
struct bytes {
    const unsigned char *data;
    size_t length;
};

/* Takes one element with this tag off the front of `in`: `content` becomes what is in it. Returns
 * 0, or -1 and leaves both as they were. */
static int take_der(struct bytes *content, struct bytes *in, unsigned char tag)
{
    const unsigned char *data = in->data;
    size_t octets, length = 0;

    if (in->length < 2 || data[0] != tag)
        return -1;
    /* The length octets (X.690 §8.1.3): short form, or the long form of one or two octets. Nothing
     * that is read here is longer than 64 KiB. */
    octets = data[1] & 0x80 ? data[1] & 0x7fU : 0;
    if ((data[1] & 0x80 && octets == 0) || octets > 2 || in->length < 2 + octets)
        return -1;
    for (size_t i = 0; i < octets; i++)
        length = length << 8 | data[2 + i];
    if (octets == 0)
        length = data[1];
    if (length > in->length - 2 - octets)
        return -1;
    *content = (struct bytes){ data + 2 + octets, length };
    *in = (struct bytes){ content->data + length, in->length - 2 - octets - length };
    return 0;
}

/* --- public values --- */

static int bytes_equal(const struct ce_buffer *one, const struct ce_buffer *other)
{
    return one->length == other->length &&
           (one->length == 0 || memcmp(one->data, other->data, one->length) == 0);
}

int ce_public_value_equal(const struct ce_public_value *one, const struct ce_public_value *other)
{
    /* The curve may be named in two ways; the point alone tells keys apart. */
    return bytes_equal(&one->modulus, &other->modulus) &&
           bytes_equal(&one->exponent, &other->exponent) && bytes_equal(&one->point, &other->point);
}

void ce_public_value_clear(struct ce_public_value *value)
{
    ce_buffer_clear(&value->modulus);
    ce_buffer_clear(&value->exponent);
    ce_buffer_clear(&value->params);
    ce_buffer_clear(&value->point);
    memset(value, 0, sizeof(*value));
}

/* --- their kind --- */

static const struct ce_key_kind *kind_of_params(struct bytes params)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].params && kinds[i].params_length == params.length &&
            memcmp(kinds[i].params, params.data, params.length) == 0)
            return &kinds[i];
    if (params.length == sizeof(ed25519_oid) &&
        memcmp(params.data, ed25519_oid, sizeof(ed25519_oid)) == 0)
        return ce_key_kind(CERTENROLL_KEY_ED25519);
    return NULL;
}

void ce_public_value_set_type(struct ce_public_value *value)
{
    const struct ce_buffer *modulus = &value->modulus;
    const struct ce_key_kind *kind = NULL;

    if (modulus->length > 0) {
        CK_ULONG bits = (CK_ULONG)modulus->length * 8;

        for (unsigned top = modulus->data[0]; !(top & 0x80); top <<= 1)
            bits--;
        for (size_t i = 0; !kind && i < KINDS; i++)
            if (kinds[i].key_type == CKK_RSA && kinds[i].bits == bits)
                kind = &kinds[i];
    } else {
        kind = kind_of_params((struct bytes){ value->params.data, value->params.length });
    }
    value->type = kind ? kind->type : CERTENROLL_KEY_OTHER;
}

/* --- numbers --- */

/* Big-endian number without the leading zeros that some tokens pad it with. */
static struct bytes number_of(const CK_ATTRIBUTE *attribute)
{
    struct bytes number = { attribute->pValue, attribute->ulValueLen };

    while (number.length > 0 && number.data[0] == 0) {
        number.data++;
        number.length--;
    }
    return number;
}

static int read_rsa(struct ce_public_value *out, const struct ce_attributes *attributes,
                    certenroll_error **error)
{
    const CK_ATTRIBUTE *modulus = ce_attribute(attributes, CKA_MODULUS);
    const CK_ATTRIBUTE *exponent = ce_attribute(attributes, CKA_PUBLIC_EXPONENT);
    struct bytes n, e;
    int status;

    if (!modulus || !exponent)
        return 0;
    n = number_of(modulus);
    e = number_of(exponent);
    if (n.length == 0 || e.length == 0)
        return 0;
    status = ce_buffer_set(&out->modulus, n.data, n.length, error);
    if (status == CERTENROLL_OK)
        status = ce_buffer_set(&out->exponent, e.data, e.length, error);
    ce_public_value_set_type(out);
    return status < 0 ? status : 1;
}

/* --- points --- */

/* CKA_EC_POINT is a DER OCTET STRING (PKCS#11 v2.40 §2.3.3) or, from NSS and from PKCS#11 v3.0's
 * Edwards keys, the point itself. Both may begin with 0x04, so the length decides; where the curve
 * is not known, an OCTET STRING that fits exactly is taken for one. */
static int unwrap_point(struct bytes *point, struct bytes value, const struct ce_key_kind *kind)
{
    struct bytes content, rest = value;
    int is_wrapped = take_der(&content, &rest, OCTET_STRING) == 0 && rest.length == 0;

    *point = value;
    if (kind && value.length == kind->point_length)
        return 0;
    if (!is_wrapped)
        return kind || value.length == 0 ? -1 : 0;
    *point = content;
    return (kind && content.length != kind->point_length) || content.length == 0 ? -1 : 0;
}

/* SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) of an elliptic curve key: for EC the parameters are
 * CKA_EC_PARAMS, for Ed25519 the algorithm itself names the curve (RFC 8410 §3). */
static int split_spki(struct bytes *params, struct bytes *point, const CK_ATTRIBUTE *attribute)
{
    static const unsigned char ec[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
    struct bytes whole = { attribute->pValue, attribute->ulValueLen };
    struct bytes info, bits;

    if (take_der(&info, &whole, SEQUENCE) < 0 || take_der(params, &info, SEQUENCE) < 0 ||
        take_der(&bits, &info, BIT_STRING) < 0 || bits.length < 2)
        return -1;
    if (params->length > sizeof(ec) && memcmp(params->data, ec, sizeof(ec)) == 0) {
        params->data += sizeof(ec);
        params->length -= sizeof(ec);
    }
    *point = (struct bytes){ bits.data + 1, bits.length - 1 }; /* after the count of unused bits */
    return 0;
}

/* ykcs11 2.2 spells the curve out where its name belongs (RFC 3279 §2.3.5). All numbers of the
 * curve are compared: with the same point on another curve, anybody could have the private key. */
static struct bytes curve_by_name(struct bytes curve)
{
    const unsigned char *position = curve.data;
    struct bytes content, rest = curve;
    EC_GROUP *group = NULL;
    int nid = NID_undef;

    if (take_der(&content, &rest, SEQUENCE) < 0 || rest.length > 0)
        return curve;
    ERR_set_mark();
    group = d2i_ECPKParameters(NULL, &position, (long)curve.length);
    if (group)
        nid = EC_GROUP_check_named_curve(group, 0, NULL);
    EC_GROUP_free(group);
    ERR_pop_to_mark();
    for (size_t i = 0; nid != NID_undef && i < KINDS; i++)
        if (kinds[i].key_type == CKK_EC && EC_curve_nist2nid(kinds[i].name) == nid)
            return (struct bytes){ kinds[i].params, kinds[i].params_length };
    return curve;
}

static int read_curve(struct ce_public_value *out, const struct ce_attributes *attributes,
                      certenroll_error **error)
{
    const CK_ATTRIBUTE *info = ce_attribute(attributes, CKA_PUBLIC_KEY_INFO);
    const CK_ATTRIBUTE *params = ce_attribute(attributes, CKA_EC_PARAMS);
    const CK_ATTRIBUTE *point = ce_attribute(attributes, CKA_EC_POINT);
    const struct ce_key_kind *kind;
    struct bytes curve, value;
    int status;

    if (params && point && point->ulValueLen > 0) {
        curve = (struct bytes){ params->pValue, params->ulValueLen };
        value = (struct bytes){ point->pValue, point->ulValueLen };
    } else if (!info || split_spki(&curve, &value, info) < 0) {
        return 0;
    }
    curve = curve_by_name(curve);
    kind = kind_of_params(curve);
    if (unwrap_point(&value, value, kind) < 0)
        return 0;
    status = ce_buffer_set(&out->params, curve.data, curve.length, error);
    if (status == CERTENROLL_OK)
        status = ce_buffer_set(&out->point, value.data, value.length, error);
    ce_public_value_set_type(out);
    return status < 0 ? status : 1;
}

int ce_public_value_read(struct ce_public_value *out, const struct ce_attributes *attributes,
                         certenroll_error **error)
{
    CK_ULONG key_type = ce_attribute_number(attributes, CKA_KEY_TYPE);

    memset(out, 0, sizeof(*out));
    if (key_type == CKK_RSA)
        return read_rsa(out, attributes, error);
    if (key_type == CKK_EC || key_type == CKK_EC_EDWARDS)
        return read_curve(out, attributes, error);
    return 0;
}
