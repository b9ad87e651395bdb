/* SPDX-License-Identifier: Apache-2.0 */
/* The independent second reader: libp11 finds the key and the certificate of one CKA_ID, signs with
 * the key, and the signature verifies under the certificate.
 *
 *     libp11_reader MODULE TOKEN-LABEL PIN-FILE HEX-ID */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <libp11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "libp11_reader: %s\n", what);
    exit(1);
}

static PKCS11_SLOT *find_token(PKCS11_SLOT *slots, unsigned int count, const char *label)
{
    for (unsigned int i = 0; i < count; i++) {
        if (slots[i].token != NULL && strcmp(slots[i].token->label, label) == 0)
            return &slots[i];
    }
    need(0, "no such token");
    return NULL;
}

static void log_in(PKCS11_SLOT *slot, const char *path)
{
    FILE *file = fopen(path, "r");
    char pin[64];

    need(file != NULL && fgets(pin, sizeof(pin), file) != NULL, "the PIN's file cannot be read");
    fclose(file);
    pin[strcspn(pin, "\n")] = '\0';
    need(PKCS11_login(slot, 0, pin) == 0, "PKCS11_login");
}

static int has_id(const unsigned char *id, size_t length, const char *hex)
{
    char text[2 * 64 + 1] = "";

    for (size_t i = 0; i < length && i < 64; i++)
        snprintf(text + 2 * i, 3, "%02x", id[i]);
    return strcmp(text, hex) == 0;
}

static PKCS11_KEY *find_key(PKCS11_TOKEN *token, const char *hex)
{
    PKCS11_KEY *keys = NULL, *found = NULL;
    unsigned int count = 0, hits = 0;

    need(PKCS11_enumerate_keys(token, &keys, &count) == 0, "PKCS11_enumerate_keys");
    for (unsigned int i = 0; i < count; i++) {
        if (has_id(keys[i].id, keys[i].id_len, hex)) {
            found = &keys[i];
            hits++;
        }
    }
    need(hits == 1, "there is not exactly one key with this ID");
    return found;
}

static PKCS11_CERT *find_certificate(PKCS11_TOKEN *token, const char *hex)
{
    PKCS11_CERT *certificates = NULL, *found = NULL;
    unsigned int count = 0, hits = 0;

    need(PKCS11_enumerate_certs(token, &certificates, &count) == 0, "PKCS11_enumerate_certs");
    for (unsigned int i = 0; i < count; i++) {
        if (has_id(certificates[i].id, certificates[i].id_len, hex)) {
            found = &certificates[i];
            hits++;
        }
    }
    need(hits == 1, "there is not exactly one certificate with this ID");
    return found;
}

static void sign_and_verify(EVP_PKEY *private, X509 *certificate)
{
    static const unsigned char text[] = "signed by a key that libcertenroll has made";
    unsigned char signature[1024];
    size_t length = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    need(ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, private) == 1 &&
             EVP_DigestSign(ctx, signature, &length, text, sizeof(text)) == 1,
         "the key does not sign");
    EVP_MD_CTX_free(ctx);
    ctx = EVP_MD_CTX_new();
    need(ctx != NULL &&
             EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, X509_get0_pubkey(certificate)) ==
                 1 &&
             EVP_DigestVerify(ctx, signature, length, text, sizeof(text)) == 1,
         "the signature does not verify under the certificate");
    EVP_MD_CTX_free(ctx);
}

int main(int argc, char **argv)
{
    PKCS11_CTX *ctx = PKCS11_CTX_new();
    PKCS11_SLOT *slots = NULL, *slot;
    unsigned int count = 0;
    EVP_PKEY *private;

    need(argc == 5, "MODULE TOKEN-LABEL PIN-FILE HEX-ID");
    need(ctx != NULL && PKCS11_CTX_load(ctx, argv[1]) == 0, "PKCS11_CTX_load");
    need(PKCS11_enumerate_slots(ctx, &slots, &count) == 0, "PKCS11_enumerate_slots");
    slot = find_token(slots, count, argv[2]);
    log_in(slot, argv[3]);

    private = PKCS11_get_private_key(find_key(slot->token, argv[4]));
    need(private != NULL, "PKCS11_get_private_key");
    sign_and_verify(private, find_certificate(slot->token, argv[4])->x509);

    EVP_PKEY_free(private);
    PKCS11_release_all_slots(ctx, slots, count);
    PKCS11_CTX_unload(ctx);
    PKCS11_CTX_free(ctx);
    return 0;
}
