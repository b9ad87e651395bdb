/* SPDX-License-Identifier: Apache-2.0 */
/* Public values as tokens give them: raw, wrapped, padded, malformed. */
#include "check.h"
#include "token/key_kind.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

static const unsigned char p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const unsigned char p521[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 };
static const unsigned char ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
static const unsigned char secp256k1[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a };

/* The attributes of a key object, without a token. */
static struct ce_attributes attributes_of(const CK_KEY_TYPE *key_type)
{
    struct ce_attributes attributes = { .count = 1 };

    attributes.list[0] =
        (CK_ATTRIBUTE){ CKA_KEY_TYPE, (void *)(uintptr_t)key_type, sizeof(*key_type) };
    return attributes;
}

static void add(struct ce_attributes *attributes, CK_ATTRIBUTE_TYPE type, const void *value,
                size_t length)
{
    attributes->list[attributes->count++] =
        (CK_ATTRIBUTE){ type, (void *)(uintptr_t)value, (CK_ULONG)length };
}

/* Reads a curve key; the point expected is the last `expected` bytes of what is given. */
static void reads(const void *params, size_t params_length, const unsigned char *point,
                  size_t length, certenroll_key_type type, size_t expected)
{
    static const CK_KEY_TYPE key_type = CKK_EC;
    struct ce_attributes attributes = attributes_of(&key_type);
    struct ce_public_value value;
    certenroll_error *error = NULL;

    add(&attributes, CKA_EC_PARAMS, params, params_length);
    add(&attributes, CKA_EC_POINT, point, length);
    assert_int_equal(ce_public_value_read(&value, &attributes, &error), expected > 0);
    if (expected > 0) {
        assert_int_equal(value.type, type);
        assert_int_equal(value.point.length, expected);
        assert_memory_equal(value.point.data, point + length - expected, expected);
    }
    ce_public_value_clear(&value);
}

static void points_are_read_raw_and_wrapped(void **state)
{
    unsigned char wrapped[67] = { 0x04, 65, 0x04, 1, 2, 3 };
    /* a raw point that could be taken for an OCTET STRING: its X begins with 63 */
    unsigned char raw[65] = { 0x04, 63, 9, 9 };
    unsigned char p521_wrapped[136] = { 0x04, 0x81, 133, 0x04, 7 };

    (void)state;
    reads(p256, sizeof(p256), wrapped, 67, CERTENROLL_KEY_P256, 65);
    reads(p256, sizeof(p256), wrapped + 2, 65, CERTENROLL_KEY_P256, 65);
    reads(p256, sizeof(p256), raw, 65, CERTENROLL_KEY_P256, 65);
    reads(p521, sizeof(p521), p521_wrapped, 136, CERTENROLL_KEY_P521, 133);
    reads(p521, sizeof(p521), p521_wrapped + 3, 133, CERTENROLL_KEY_P521, 133);
}

/* tpm2-pkcs11 1.9 writes the length of a P-521 point as one octet, 133. It is refused, though it
 * could be nothing else: the module itself stumbles over it, and a key that was taken would never
 * sign. */
static void a_length_that_is_not_der_is_refused(void **state)
{
    unsigned char point[135] = { 0x04, 133, 0x04, 7 };

    (void)state;
    reads(p521, sizeof(p521), point, 135, CERTENROLL_KEY_P521, 0);
}

static void ed25519_is_known_by_both_names(void **state)
{
    static const unsigned char name[] = { 0x13, 0x0c, 'e', 'd', 'w', 'a', 'r',
                                          'd',  's',  '2', '5', '5', '1', '9' };
    unsigned char wrapped[34] = { 0x04, 32, 5, 6, 7 };

    (void)state;
    reads(ed25519, sizeof(ed25519), wrapped, 34, CERTENROLL_KEY_ED25519, 32);
    reads(name, sizeof(name), wrapped + 2, 32, CERTENROLL_KEY_ED25519, 32);
}

static void other_curves_are_read_as_they_come(void **state)
{
    unsigned char wrapped[67] = { 0x04, 65, 0x04, 1 };

    (void)state;
    reads(secp256k1, sizeof(secp256k1), wrapped, 67, CERTENROLL_KEY_OTHER, 65);
    reads(secp256k1, sizeof(secp256k1), wrapped + 2, 65, CERTENROLL_KEY_OTHER, 65);
}

/* ECParameters with all the curve's numbers. */
static size_t spelled_out(unsigned char *out, size_t size, int nid)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
    unsigned char *der = NULL;
    int length;

    assert_non_null(group);
    EC_GROUP_set_asn1_flag(group, OPENSSL_EC_EXPLICIT_CURVE);
    length = i2d_ECPKParameters(group, &der);
    assert_true(length > 3 && (size_t)length <= size);
    memcpy(out, der, (size_t)length);
    OPENSSL_free(der);
    EC_GROUP_free(group);
    return (size_t)length;
}

static void a_spelled_out_curve_is_known_by_its_numbers(void **state)
{
    unsigned char params[1024] = { 0 }, point[65] = { 0x04 };
    size_t length = spelled_out(params, sizeof(params), NID_X9_62_prime256v1);

    (void)state;
    reads(params, length, point, 65, CERTENROLL_KEY_P256, 65);
    reads(params, length - 1, point, 65, CERTENROLL_KEY_OTHER, 65);     /* cut */
    reads(params, sizeof(params), point, 65, CERTENROLL_KEY_OTHER, 65); /* more behind it */
    for (size_t i = 19; i < 247; i++) { /* from the prime to the order */
        if (i >= 122 && i < 145)        /* what b was drawn from does not make the curve */
            continue;
        params[i] ^= 1;
        reads(params, length, point, 65, CERTENROLL_KEY_OTHER, 65);
        params[i] ^= 1;
    }
    length = spelled_out(params, sizeof(params), NID_secp256k1);
    reads(params, length, point, 65, CERTENROLL_KEY_OTHER, 65);
    assert_int_equal(ERR_peek_error(), 0);
}

static void malformed_points_are_none(void **state)
{
    unsigned char point[80] = { 0x04, 65, 0x04 };

    (void)state;
    reads(p256, sizeof(p256), point, 66, CERTENROLL_KEY_P256, 0); /* cut */
    reads(p256, sizeof(p256), point, 68, CERTENROLL_KEY_P256, 0); /* more behind it */
    reads(p256, sizeof(p256), point, 64, CERTENROLL_KEY_P256, 0);
    reads(p256, sizeof(p256), point, 1, CERTENROLL_KEY_P256, 0);
    point[1] = 0x84; /* a length of four octets */
    reads(p256, sizeof(p256), point, 67, CERTENROLL_KEY_P256, 0);
    point[1] = 0x80; /* an indefinite length */
    reads(p256, sizeof(p256), point, 67, CERTENROLL_KEY_P256, 0);
    reads(secp256k1, sizeof(secp256k1), point, 0, CERTENROLL_KEY_OTHER, 0);
}

static void a_subject_public_key_info_does_as_well(void **state)
{
    static const CK_KEY_TYPE key_type = CKK_EC;
    unsigned char info[91] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                               0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                               0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };
    struct ce_public_value value;
    certenroll_error *error = NULL;

    (void)state;
    for (size_t length = 0; length <= sizeof(info); length++) {
        struct ce_attributes attributes = attributes_of(&key_type);

        add(&attributes, CKA_PUBLIC_KEY_INFO, info, length);
        assert_int_equal(ce_public_value_read(&value, &attributes, &error), length == sizeof(info));
        if (length == sizeof(info)) {
            assert_int_equal(value.type, CERTENROLL_KEY_P256);
            assert_int_equal(value.params.length, sizeof(p256));
            assert_int_equal(value.point.length, 65);
        }
        ce_public_value_clear(&value);
    }
}

static void rsa_numbers_lose_their_padding(void **state)
{
    static const CK_KEY_TYPE key_type = CKK_RSA;
    static const unsigned char exponent[] = { 0, 0, 0, 1, 0, 1 };
    unsigned char modulus[257] = { 0, 0xc0 };
    struct ce_attributes attributes = attributes_of(&key_type);
    struct ce_public_value value;
    certenroll_error *error = NULL;

    (void)state;
    add(&attributes, CKA_MODULUS, modulus, sizeof(modulus));
    add(&attributes, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
    assert_int_equal(ce_public_value_read(&value, &attributes, &error), 1);
    assert_int_equal(value.type, CERTENROLL_KEY_RSA_2048);
    assert_int_equal(value.modulus.length, 256);
    assert_int_equal(value.exponent.length, 3);
    ce_public_value_clear(&value);

    modulus[1] = 0x7f; /* 2047 bits */
    assert_int_equal(ce_public_value_read(&value, &attributes, &error), 1);
    assert_int_equal(value.type, CERTENROLL_KEY_OTHER);
    ce_public_value_clear(&value);

    memset(modulus, 0, sizeof(modulus));
    assert_int_equal(ce_public_value_read(&value, &attributes, &error), 0);
    ce_public_value_clear(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_read_raw_and_wrapped),
        cmocka_unit_test(a_length_that_is_not_der_is_refused),
        cmocka_unit_test(ed25519_is_known_by_both_names),
        cmocka_unit_test(other_curves_are_read_as_they_come),
        cmocka_unit_test(a_spelled_out_curve_is_known_by_its_numbers),
        cmocka_unit_test(malformed_points_are_none),
        cmocka_unit_test(a_subject_public_key_info_does_as_well),
        cmocka_unit_test(rsa_numbers_lose_their_padding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
