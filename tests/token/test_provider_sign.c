/* SPDX-License-Identifier: Apache-2.0 */
/* A token's keys as EVP_PKEYs: each signature is verified by OpenSSL's own software key. */
#include "check.h"
#include "shim.h"
#include "signing_keys.h"
#include "test_ca.h"
#include "token/key_pair.h"

#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <stdio.h>

static const unsigned char message[] = "to be signed";

static struct signing_keys *keys;

static int is_ed25519(const struct signing_key *key)
{
    return key->digest == NULL;
}

/* --- helpers: sign with the token key, verify in software --- */

static int sign_message(EVP_PKEY *key, const EVP_MD *digest, unsigned char *signature,
                        size_t *length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = EVP_DigestSignInit(context, NULL, digest, NULL, key) == 1 &&
               EVP_DigestSign(context, signature, length, message, sizeof(message)) == 1;

    EVP_MD_CTX_free(context);
    return done;
}

static int verify_message(EVP_PKEY *key, const EVP_MD *digest, const unsigned char *signature,
                          size_t length, const void *data, size_t data_length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1 &&
               EVP_DigestVerify(context, signature, length, data, data_length) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

/* --- for each kind of key --- */

static void request_verifies(void **state)
{
    const struct signing_key *key = *state;
    X509_REQ *request = X509_REQ_new(), *read;
    unsigned char *der = NULL;
    const unsigned char *next;
    int length;

    assert_int_equal(X509_REQ_set_pubkey(request, key->pkey), 1);
    assert_true(X509_REQ_sign(request, key->pkey, key->digest) > 0);
    length = i2d_X509_REQ(request, &der);
    assert_true(length > 0);
    next = der;
    read = d2i_X509_REQ(NULL, &next, length);
    assert_non_null(read);
    assert_int_equal(X509_REQ_verify(read, X509_REQ_get0_pubkey(read)), 1);
    assert_int_equal(X509_REQ_verify(read, key->pkey), 1);
    X509_REQ_free(read);
    OPENSSL_free(der);
    X509_REQ_free(request);
}

static void certificate_verifies(void **state)
{
    const struct signing_key *key = *state;
    X509 *certificate = signing_key_certificate(key);

    assert_int_equal(X509_verify(certificate, key->public_key), 1);
    assert_int_equal(X509_check_private_key(certificate, key->pkey), 1);
    X509_free(certificate);
}

/* Ed25519 has no default digest in CMS; RFC 8419 wants SHA-512. */
static CMS_ContentInfo *sign_cms(X509 *certificate, EVP_PKEY *key, const EVP_MD *digest)
{
    BIO *content = BIO_new_mem_buf(message, sizeof(message));
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL);

    if (!CMS_add1_signer(cms, certificate, key, digest ? digest : EVP_sha512(), CMS_BINARY) ||
        CMS_final(cms, content, NULL, CMS_BINARY) != 1) {
        CMS_ContentInfo_free(cms);
        cms = NULL;
    }
    BIO_free(content);
    return cms;
}

/* OpenSSL 3.0 cannot make an Ed25519 signature in CMS, with keys in software neither. */
static int software_cms_fails(void)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    CMS_ContentInfo *cms;
    struct test_ca ca;

    details.key = test_key_new("ED25519");
    details.digest = NULL;
    test_ca_new_from(&ca, &details, NULL);
    cms = sign_cms(ca.certificate, ca.key, NULL);
    CMS_ContentInfo_free(cms);
    test_ca_clear(&ca);
    EVP_PKEY_free(details.key);
    ERR_clear_error();
    return cms == NULL;
}

static void cms_verifies(void **state)
{
    const struct signing_key *key = *state;
    X509 *certificate;
    CMS_ContentInfo *cms;

    if (is_ed25519(key) && software_cms_fails()) {
        print_message(
            "skipped: CMS by Ed25519: this OpenSSL cannot do it with a software key either\n");
        skip();
    }
    certificate = signing_key_certificate(key);
    cms = sign_cms(certificate, key->pkey, key->digest);
    assert_non_null(cms);
    assert_int_equal(CMS_verify(cms, NULL, NULL, NULL, NULL, CMS_NO_SIGNER_CERT_VERIFY), 1);
    CMS_ContentInfo_free(cms);
    X509_free(certificate);
}

static void key_verifies_its_own_signature(void **state)
{
    const struct signing_key *key = *state;
    unsigned char signature[1024];
    size_t length = sizeof(signature);

    assert_true(sign_message(key->pkey, key->digest, signature, &length));
    assert_true(
        verify_message(key->pkey, key->digest, signature, length, message, sizeof(message)));
    assert_true(
        verify_message(key->public_key, key->digest, signature, length, message, sizeof(message)));
    assert_false(
        verify_message(key->pkey, key->digest, signature, length, message, sizeof(message) - 1));
    signature[length - 1] ^= 1;
    assert_false(
        verify_message(key->pkey, key->digest, signature, length, message, sizeof(message)));
}

static void small_buffer_is_refused(void **state)
{
    const struct signing_key *key = *state;
    unsigned char signature[8];
    size_t length = sizeof(signature);

    shim_forget(keys->shim);
    assert_false(sign_message(key->pkey, key->digest, signature, &length));
    assert_int_equal(shim_calls(keys->shim, "C_Sign"), 0);
}

static void public_half_leaves_and_private_half_stays(void **state)
{
    const struct signing_key *key = *state;
    OSSL_PARAM *params = NULL;
    BIGNUM *number = NULL;
    EVP_PKEY *copy = EVP_PKEY_dup(key->pkey);
    BIO *out = BIO_new(BIO_s_mem());

    assert_int_equal(EVP_PKEY_eq(key->pkey, key->public_key), 1);
    assert_int_equal(EVP_PKEY_eq(key->public_key, key->pkey), 1);
    assert_int_equal(EVP_PKEY_eq(copy, key->pkey), 1);
    assert_int_equal(EVP_PKEY_todata(key->pkey, EVP_PKEY_PUBLIC_KEY, &params), 1);
    OSSL_PARAM_free(params);
    params = NULL;
    assert_int_not_equal(EVP_PKEY_todata(key->pkey, EVP_PKEY_KEYPAIR, &params), 1);
    assert_null(params);
    assert_false(EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number));
    assert_false(EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_D, &number));
    assert_null(number);
    assert_true(i2d_PrivateKey(key->pkey, NULL) <= 0);
    assert_int_not_equal(PEM_write_bio_PrivateKey(out, key->pkey, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(BIO_ctrl_pending(out), 0);
    BIO_free(out);
    EVP_PKEY_free(copy);
    ERR_clear_error();
}

static void comparing_leaves_no_error_behind(void **state)
{
    const struct signing_key *key = *state;

    ERR_clear_error();
    assert_int_equal(EVP_PKEY_eq(key->pkey, key->public_key), 1);
    assert_int_equal(ERR_peek_error(), 0);
}

/* A key object such as the token layer makes of CKK_EC_EDWARDS with this curve. */
static void other_curves_are_unsupported(void **state)
{
    static unsigned char ed448[] = { 0x06, 0x03, 0x2b, 0x65, 0x71 };
    static unsigned char point[57] = { 1 };
    const struct signing_key *key = *state;
    struct ce_public_value curve = { .type = CERTENROLL_KEY_OTHER };
    certenroll_error *error = NULL;
    struct certenroll_key other = *key->key;
    EVP_PKEY *pkey = NULL;

    curve.params = (struct ce_buffer){ ed448, sizeof(ed448) };
    curve.point = (struct ce_buffer){ point, sizeof(point) };
    other.public = curve;
    ERR_raise(ERR_LIB_PEM, ERR_R_DISABLED); /* somebody's older one */
    assert_int_equal(certenroll_key_evp_pkey(&pkey, &other, &error), CERTENROLL_E_UNSUPPORTED);
    assert_null(pkey);
    assert_null(strstr(certenroll_error_message(error), "OpenSSL"));
    certenroll_error_free(error);
    assert_int_equal(ERR_peek_error(), 0);
    assert_int_equal(certenroll_key_evp_pkey(&pkey, key->key, NULL), CERTENROLL_OK);
    assert_int_equal(ERR_peek_error(), 0);
    EVP_PKEY_free(pkey);
}

/* The signature fails, nothing is written, and the error queue says why. */
static void sign_while_failing(const struct signing_key *key, const char *control)
{
    static const unsigned char untouched[1024];
    unsigned char signature[sizeof(untouched)] = { 0 };
    size_t length = sizeof(signature);
    const char *data = NULL;
    unsigned long code;

    ERR_clear_error();
    shim_control(keys->shim, control);
    assert_false(sign_message(key->pkey, key->digest, signature, &length));
    shim_control(keys->shim, "");
    assert_memory_equal(signature, untouched, sizeof(signature));
    code = ERR_peek_error_data(&data, NULL);
    assert_string_equal(ERR_lib_error_string(code), "certenroll");
    assert_int_equal(ERR_GET_REASON(code), -CERTENROLL_E_TOKEN);
    assert_string_equal(ERR_reason_error_string(code), "TOKEN");
    assert_non_null(strstr(data, "CKR_DEVICE_ERROR"));
    ERR_clear_error();
}

static void failed_token_fails_the_signature(void **state)
{
    const struct signing_key *key = *state;
    unsigned char signature[1024];
    size_t length = sizeof(signature);

    sign_while_failing(key, "fail C_SignInit 0x30\n");
    assert_true(sign_message(key->pkey, key->digest, signature, &length));
}

/* The last one: the shim leaves the operation active, which a token never does. */
static void failed_c_sign_makes_no_signature(void **state)
{
    sign_while_failing(*state, "fail C_Sign 0x30\n");
}

static void message_in_parts(void **state)
{
    const struct signing_key *key = *state;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char signature[1024];
    size_t length = 0, again = sizeof(signature);

    assert_int_equal(EVP_DigestSignInit(context, NULL, key->digest, NULL, key->pkey), 1);
    if (is_ed25519(key)) { /* the whole message at once, or not at all */
        assert_int_not_equal(EVP_DigestSignUpdate(context, message, 1), 1);
    } else {
        assert_int_equal(EVP_DigestSignUpdate(context, message, 5), 1);
        assert_int_equal(EVP_DigestSignUpdate(context, message + 5, sizeof(message) - 5), 1);
        assert_int_equal(EVP_DigestSignFinal(context, NULL, &length), 1);
        assert_int_equal(length, EVP_PKEY_get_size(key->public_key));
        for (int i = 0; i < 2; i++) { /* the context is copied, not used up */
            again = sizeof(signature);
            assert_int_equal(EVP_DigestSignFinal(context, signature, &again), 1);
        }
        assert_true(verify_message(key->public_key, key->digest, signature, again, message,
                                   sizeof(message)));
    }
    EVP_MD_CTX_free(context);
    ERR_clear_error();
}

static int sign_hash(const struct signing_key *key, const EVP_MD *digest, unsigned char *signature,
                     size_t *length, const unsigned char *hash, size_t hash_length)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    int done = EVP_PKEY_sign_init(context) == 1 &&
               (!digest || EVP_PKEY_CTX_set_signature_md(context, digest) == 1) &&
               EVP_PKEY_sign(context, signature, length, hash, hash_length) == 1;

    EVP_PKEY_CTX_free(context);
    return done;
}

static void hash_of_the_callers_own(void **state)
{
    const struct signing_key *key = *state;
    unsigned char hash[EVP_MAX_MD_SIZE], signature[1024];
    size_t length = sizeof(signature);
    unsigned hash_length = 0;

    assert_int_equal(EVP_Digest(message, sizeof(message), hash, &hash_length, key->digest, NULL),
                     1);
    assert_true(sign_hash(key, key->digest, signature, &length, hash, hash_length));
    assert_true(
        verify_message(key->public_key, key->digest, signature, length, message, sizeof(message)));
    assert_false(sign_hash(key, key->digest, signature, &length, hash, hash_length - 1));
    ERR_clear_error();
}

/* ECDSA takes the leftmost bits of a hash that is longer than the curve. */
static void every_sha2_digest(void **state)
{
    const struct signing_key *key = *state;
    const EVP_MD *const digests[] = { EVP_sha224(), EVP_sha256(), EVP_sha384(), EVP_sha512() };

    for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
        unsigned char signature[1024];
        size_t length = sizeof(signature);
        int signed_it = sign_message(key->pkey, digests[i], signature, &length);

        assert_int_equal(signed_it, !is_ed25519(key));
        if (signed_it)
            assert_true(verify_message(key->public_key, digests[i], signature, length, message,
                                       sizeof(message)));
    }
    ERR_clear_error();
}

static void unfit_digest_is_refused(void **state)
{
    const struct signing_key *key = *state;
    unsigned char signature[1024];
    size_t length = sizeof(signature);

    shim_forget(keys->shim);
    assert_false(sign_message(key->pkey, EVP_shake256(), signature, &length));
    assert_int_equal(shim_calls(keys->shim, "C_SignInit"), 0);
    ERR_clear_error();
}

static void parameters_are_those_of_the_software_key(void **state)
{
    const struct signing_key *key = *state;
    char ours[64] = "", theirs[64] = "";
    size_t length;

    assert_int_equal(EVP_PKEY_get_bits(key->pkey), EVP_PKEY_get_bits(key->public_key));
    assert_int_equal(EVP_PKEY_get_size(key->pkey), EVP_PKEY_get_size(key->public_key));
    assert_int_equal(EVP_PKEY_get_security_bits(key->pkey),
                     EVP_PKEY_get_security_bits(key->public_key));
    assert_int_equal(EVP_PKEY_get_base_id(key->pkey), EVP_PKEY_get_base_id(key->public_key));
    assert_int_equal(EVP_PKEY_get_group_name(key->pkey, ours, sizeof(ours), &length),
                     EVP_PKEY_get_group_name(key->public_key, theirs, sizeof(theirs), &length));
    assert_string_equal(ours, theirs);
    assert_int_equal(EVP_PKEY_get_default_digest_name(key->pkey, ours, sizeof(ours)),
                     EVP_PKEY_get_default_digest_name(key->public_key, theirs, sizeof(theirs)));
    assert_string_equal(ours, theirs);
}

/* --- every test with every key --- */

static int is_any(const struct signing_key *key)
{
    (void)key;
    return 1;
}

static int is_hashed(const struct signing_key *key)
{
    return !is_ed25519(key);
}

static int is_p256(const struct signing_key *key)
{
    return certenroll_key_get_type(key->key) == CERTENROLL_KEY_P256;
}

static const struct {
    const char *name;
    CMUnitTestFunction run;
    int (*fits)(const struct signing_key *key);
} each[] = {
#define EACH(test, fits)                                                                           \
    {                                                                                              \
#test, test, fits                                                                          \
    }
    EACH(request_verifies, is_any),
    EACH(certificate_verifies, is_any),
    EACH(cms_verifies, is_any),
    EACH(key_verifies_its_own_signature, is_any),
    EACH(small_buffer_is_refused, is_any),
    EACH(public_half_leaves_and_private_half_stays, is_any),
    EACH(comparing_leaves_no_error_behind, is_any),
    EACH(failed_token_fails_the_signature, is_any),
    EACH(message_in_parts, is_any),
    EACH(hash_of_the_callers_own, is_hashed),
    EACH(every_sha2_digest, is_any),
    EACH(unfit_digest_is_refused, is_any),
    EACH(parameters_are_those_of_the_software_key, is_any),
    EACH(failed_c_sign_makes_no_signature, is_p256),
    EACH(other_curves_are_unsupported, is_any),
};
#define EACH_COUNT (sizeof(each) / sizeof(each[0]))

static int tear_down(void **state)
{
    (void)state;
    signing_keys_free(keys);
    return 0;
}

int main(void)
{
    static struct CMUnitTest tests[EACH_COUNT * SIGNING_KEYS_MAX];
    static char names[EACH_COUNT * SIGNING_KEYS_MAX][80];
    size_t count = 0;

    keys = signing_keys_new(signing_key_types, 1);
    for (size_t i = 0; i < EACH_COUNT * keys->count; i++) {
        struct signing_key *key = &keys->key[i % keys->count];
        size_t test = i / keys->count;

        if (!each[test].fits(key))
            continue;
        snprintf(names[count], sizeof(names[count]), "%s/%s", each[test].name, key->name);
        tests[count] = (struct CMUnitTest){ .name = names[count],
                                            .test_func = each[test].run,
                                            .initial_state = key };
        count++;
    }
    return _cmocka_run_group_tests("provider", tests, count, NULL, tear_down);
}
