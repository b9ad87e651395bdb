/* SPDX-License-Identifier: Apache-2.0 */
/* RSASSA-PSS by a token's key, verified by OpenSSL's own software key. */
#include "check.h"
#include "signing_keys.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static const unsigned char message[] = "to be signed";

static int set_pss(EVP_PKEY_CTX *context, int salt, const EVP_MD *mgf1)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1 &&
           (!mgf1 || EVP_PKEY_CTX_set_rsa_mgf1_md(context, mgf1) == 1);
}

/* Signs, and verifies demanding exactly `length` bytes of salt. */
static void pss_round(const struct signing_key *key, const EVP_MD *digest, int salt, int length,
                      const EVP_MD *mgf1)
{
    unsigned char signature[1024];
    size_t signature_length = sizeof(signature);
    EVP_MD_CTX *signing = EVP_MD_CTX_new(), *verifying = EVP_MD_CTX_new();
    EVP_PKEY_CTX *context = NULL;

    assert_int_equal(EVP_DigestSignInit(signing, &context, digest, NULL, key->pkey), 1);
    assert_true(set_pss(context, salt, mgf1));
    assert_int_equal(
        EVP_DigestSign(signing, signature, &signature_length, message, sizeof(message)), 1);
    assert_int_equal(EVP_DigestVerifyInit(verifying, &context, digest, NULL, key->public_key), 1);
    assert_true(set_pss(context, length, mgf1));
    assert_int_equal(
        EVP_DigestVerify(verifying, signature, signature_length, message, sizeof(message)), 1);
    EVP_MD_CTX_free(signing);
    EVP_MD_CTX_free(verifying);
}

static void pss_with_every_salt(void **state)
{
    const struct signing_keys *keys = *state;
    const struct signing_key *key = &keys->key[0];

    pss_round(key, EVP_sha256(), RSA_PSS_SALTLEN_DIGEST, 32, NULL);
    pss_round(key, EVP_sha384(), RSA_PSS_SALTLEN_DIGEST, 48, NULL);
    pss_round(key, EVP_sha512(), RSA_PSS_SALTLEN_DIGEST, 64, NULL);
    pss_round(key, EVP_sha256(), RSA_PSS_SALTLEN_AUTO, 256 - 32 - 2, NULL);
    pss_round(key, EVP_sha256(), RSA_PSS_SALTLEN_MAX, 256 - 32 - 2, NULL);
    pss_round(key, EVP_sha256(), 20, 20, NULL);
    pss_round(key, EVP_sha256(), 0, 0, NULL);
    pss_round(key, EVP_sha256(), 32, 32, EVP_sha256());
}

static X509 *pss_certificate(const struct signing_key *key, int salt)
{
    X509 *certificate = signing_key_certificate(key);
    EVP_MD_CTX *signing = EVP_MD_CTX_new();
    EVP_PKEY_CTX *context = NULL;

    assert_int_equal(EVP_DigestSignInit(signing, &context, key->digest, NULL, key->pkey), 1);
    assert_true(set_pss(context, salt, NULL));
    assert_true(X509_sign_ctx(certificate, signing) > 0);
    EVP_MD_CTX_free(signing);
    return certificate;
}

/* The certificate names PSS, the hash and the salt's length; the verifier has them from there. */
static void pss_certificate_verifies(void **state)
{
    const struct signing_keys *keys = *state;
    const struct signing_key *key = &keys->key[0];
    const int salts[] = { RSA_PSS_SALTLEN_DIGEST, 20, RSA_PSS_SALTLEN_MAX };

    for (size_t i = 0; i < sizeof(salts) / sizeof(salts[0]); i++) {
        X509 *certificate = pss_certificate(key, salts[i]);

        assert_int_equal(X509_get_signature_nid(certificate), NID_rsassaPss);
        assert_int_equal(X509_verify(certificate, key->public_key), 1);
        X509_free(certificate);
    }
}

static void pss_cms_verifies(void **state)
{
    const struct signing_keys *keys = *state;
    const struct signing_key *key = &keys->key[0];
    BIO *content = BIO_new_mem_buf(message, sizeof(message));
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL);
    CMS_SignerInfo *signer;
    X509 *certificate;

    certificate = signing_key_certificate(key);
    signer = CMS_add1_signer(cms, certificate, key->pkey, EVP_sha256(), CMS_BINARY | CMS_KEY_PARAM);
    assert_non_null(signer);
    assert_true(set_pss(CMS_SignerInfo_get0_pkey_ctx(signer), RSA_PSS_SALTLEN_DIGEST, NULL));
    assert_int_equal(CMS_final(cms, content, NULL, CMS_BINARY), 1);
    assert_int_equal(CMS_verify(cms, NULL, NULL, NULL, NULL, CMS_NO_SIGNER_CERT_VERIFY), 1);
    CMS_ContentInfo_free(cms);
    X509_free(certificate);
    BIO_free(content);
}

static void pss_settings_are_read_back_and_checked(void **state)
{
    const struct signing_keys *keys = *state;
    const struct signing_key *key = &keys->key[0];
    EVP_MD_CTX *signing = EVP_MD_CTX_new();
    EVP_PKEY_CTX *context = NULL;
    const EVP_MD *digest = NULL;
    int padding = 0, salt = 0;

    assert_int_equal(EVP_DigestSignInit(signing, &context, EVP_sha256(), NULL, key->pkey), 1);
    assert_int_not_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 20), 1); /* not PSS yet */
    assert_int_not_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
    assert_int_not_equal(EVP_PKEY_CTX_set_signature_md(context, EVP_sha512()), 1);
    assert_int_equal(EVP_PKEY_CTX_ctrl_str(context, "rsa_padding_mode", "pss"), 1);
    assert_int_equal(EVP_PKEY_CTX_ctrl_str(context, "rsa_pss_saltlen", "max"), 1);
    assert_true(EVP_PKEY_CTX_get_rsa_pss_saltlen(context, &salt) > 0);
    assert_int_equal(salt, RSA_PSS_SALTLEN_MAX);
    assert_int_equal(EVP_PKEY_CTX_ctrl_str(context, "rsa_pss_saltlen", "20"), 1);
    assert_int_not_equal(EVP_PKEY_CTX_ctrl_str(context, "rsa_pss_saltlen", "20x"), 1);
    assert_true(EVP_PKEY_CTX_get_rsa_padding(context, &padding) > 0);
    assert_int_equal(padding, RSA_PKCS1_PSS_PADDING);
    assert_true(EVP_PKEY_CTX_get_rsa_pss_saltlen(context, &salt) > 0);
    assert_int_equal(salt, 20);
    assert_int_equal(EVP_PKEY_CTX_get_signature_md(context, &digest), 1);
    assert_int_equal(EVP_MD_get_type(digest), NID_sha256);
    EVP_MD_CTX_free(signing);
    ERR_clear_error();
}

static int set_up(void **state)
{
    const certenroll_key_type types[] = { CERTENROLL_KEY_RSA_2048, 0 };

    *state = signing_keys_new(types, 0);
    return 0;
}

static int tear_down(void **state)
{
    signing_keys_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pss_with_every_salt),
        cmocka_unit_test(pss_certificate_verifies),
        cmocka_unit_test(pss_cms_verifies),
        cmocka_unit_test(pss_settings_are_read_back_and_checked),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
