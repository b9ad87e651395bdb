/* SPDX-License-Identifier: Apache-2.0 */
/* A host application that is logged in to a token by software of its own (GnuTLS, libp11, or bare
 * PKCS#11) and signs with its key all the while a plug-in enrols on the same token through
 * libcertenroll and is unloaded. Not one of its signatures may fail, then or later.
 *
 *     host_application gnutls|libp11|pkcs11 MODULE TOKEN-LABEL PIN-FILE PLUGIN
 *
 * The token holds a P-256 key with the label "host". */
#include "host_plugin.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs11.h>
#include <openssl/evp.h>
#include <p11-kit/pkcs11.h>

#include <dlfcn.h>
#include <libp11.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *module, *label;
static char pin[64];

static void need(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "host: %s failed\n", what);
    exit(1);
}

/* --- bare PKCS#11 --- */

static CK_FUNCTION_LIST *calls;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE pkcs11_key;

static CK_SLOT_ID find_slot(void)
{
    CK_SLOT_ID slots[16];
    CK_ULONG count = 16;

    need(calls->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK, "C_GetSlotList");
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;

        need(calls->C_GetTokenInfo(slots[i], &info) == CKR_OK, "C_GetTokenInfo");
        if (memcmp(info.label, label, strlen(label)) == 0)
            return slots[i];
    }
    need(0, "finding the token");
    return 0;
}

static void pkcs11_login(void)
{
    CK_C_INITIALIZE_ARGS arguments = { .flags = CKF_OS_LOCKING_OK };
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof(class) },
                                { CKA_LABEL, (void *)"host", 4 } };
    CK_C_GetFunctionList get_list;
    CK_ULONG found = 0;
    void *library = dlopen(module, RTLD_NOW);

    need(library != NULL, "dlopen");
    *(void **)&get_list = dlsym(library, "C_GetFunctionList");
    need(get_list(&calls) == CKR_OK && calls->C_Initialize(&arguments) == CKR_OK, "C_Initialize");
    need(calls->C_OpenSession(find_slot(), CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                              &session) == CKR_OK,
         "C_OpenSession");
    need(calls->C_Login(session, CKU_USER, (CK_UTF8CHAR *)pin, (CK_ULONG)strlen(pin)) == CKR_OK,
         "C_Login");
    need(calls->C_FindObjectsInit(session, template, 2) == CKR_OK &&
             calls->C_FindObjects(session, &pkcs11_key, 1, &found) == CKR_OK &&
             calls->C_FindObjectsFinal(session) == CKR_OK && found == 1,
         "C_FindObjects");
}

static int pkcs11_sign(void)
{
    CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
    CK_BYTE hash[32] = "thirty-two bytes of something..", signature[64];
    CK_ULONG length = sizeof(signature);
    CK_SESSION_INFO info;

    return calls->C_GetSessionInfo(session, &info) == CKR_OK &&
           info.state == CKS_RW_USER_FUNCTIONS &&
           calls->C_SignInit(session, &mechanism, pkcs11_key) == CKR_OK &&
           calls->C_Sign(session, hash, sizeof(hash), signature, &length) == CKR_OK;
}

/* --- GnuTLS --- */

static gnutls_privkey_t gnutls_key;

static int answer_gnutls(void *user, int attempt, const char *url, const char *token_label,
                         unsigned flags, char *buffer, size_t size)
{
    (void)user, (void)attempt, (void)url, (void)token_label, (void)flags;
    snprintf(buffer, size, "%s", pin);
    return 0;
}

static void gnutls_login(void)
{
    char url[256];

    snprintf(url, sizeof(url), "pkcs11:token=%s;object=host;type=private", label);
    need(gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_MANUAL, NULL) == 0 &&
             gnutls_pkcs11_add_provider(module, NULL) == 0,
         "gnutls_pkcs11_add_provider");
    gnutls_pkcs11_set_pin_function(answer_gnutls, NULL);
    need(gnutls_privkey_init(&gnutls_key) == 0 &&
             gnutls_privkey_import_url(gnutls_key, url, 0) == 0,
         "gnutls_privkey_import_url");
}

static int gnutls_sign(void)
{
    gnutls_datum_t data = { (unsigned char *)"data", 4 }, signature = { NULL, 0 };
    int result = gnutls_privkey_sign_data(gnutls_key, GNUTLS_DIG_SHA256, 0, &data, &signature);

    gnutls_free(signature.data);
    return result == 0;
}

/* --- libp11 --- */

static EVP_PKEY *libp11_key;

static void libp11_login(void)
{
    PKCS11_CTX *context = PKCS11_CTX_new();
    PKCS11_SLOT *slots = NULL, *slot;
    PKCS11_KEY *keys = NULL;
    unsigned slot_count = 0, key_count = 0;

    need(context && PKCS11_CTX_load(context, module) == 0, "PKCS11_CTX_load");
    need(PKCS11_enumerate_slots(context, &slots, &slot_count) == 0, "PKCS11_enumerate_slots");
    slot = PKCS11_find_token(context, slots, slot_count);
    while (slot && strcmp(slot->token->label, label) != 0)
        slot = PKCS11_find_next_token(context, slots, slot_count, slot);
    need(slot && PKCS11_login(slot, 0, pin) == 0, "PKCS11_login");
    need(PKCS11_enumerate_keys(slot->token, &keys, &key_count) == 0, "PKCS11_enumerate_keys");
    for (unsigned i = 0; i < key_count && !libp11_key; i++)
        if (strcmp(keys[i].label, "host") == 0)
            libp11_key = PKCS11_get_private_key(&keys[i]);
    need(libp11_key != NULL, "PKCS11_get_private_key");
}

static int libp11_sign(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char signature[256];
    size_t length = sizeof(signature);
    int good = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, libp11_key) == 1 &&
               EVP_DigestSign(context, signature, &length, (const unsigned char *)"data", 4) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

/* --- the course of events --- */

struct way {
    const char *name;
    void (*login)(void);
    int (*sign)(void);
};

static const struct way ways[] = {
    { "pkcs11", pkcs11_login, pkcs11_sign },
    { "gnutls", gnutls_login, gnutls_sign },
    { "libp11", libp11_login, libp11_sign },
};

static atomic_int stop;
static atomic_uint signatures, failures;

static void *keep_signing(void *argument)
{
    const struct way *way = argument;

    do {
        if (way->sign())
            signatures++;
        else
            failures++;
    } while (!stop);
    return NULL;
}

/* What a host does with a plug-in: load it, use it, let it go. */
static void use_plugin(const char *file)
{
    char uri[512];
    int (*enrol)(const char *, const char *);
    void *plugin = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    need(plugin != NULL, "loading the plug-in");
    *(void **)&enrol = dlsym(plugin, "plugin_enrol");
    snprintf(uri, sizeof(uri), "pkcs11:token=%s", label);
    need(enrol(module, uri) == 0, "the enrolment (which needs no PIN: the host is logged in)");
    dlclose(plugin);
}

static void read_pin(const char *path)
{
    FILE *file = fopen(path, "r");

    need(file && fgets(pin, sizeof(pin), file), "reading the PIN");
    pin[strcspn(pin, "\r\n")] = '\0';
    fclose(file);
}

static void run(const struct way *way, const char *plugin)
{
    pthread_t thread;

    way->login();
    need(way->sign(), "the first signature");
    need(pthread_create(&thread, NULL, keep_signing, (void *)way) == 0, "pthread_create");
    for (int i = 0; i < 3; i++)
        use_plugin(plugin);
    stop = 1;
    pthread_join(thread, NULL);
    need(failures == 0, "a signature during the enrolments");
    need(way->sign(), "the signature afterwards");
    printf("%s: %u signatures beside 3 enrolments, 0 failures\n", way->name, signatures);
}

int main(int argc, char **argv)
{
    need(argc == 6, "reading the command line");
    module = argv[2];
    label = argv[3];
    read_pin(argv[4]);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (strcmp(ways[i].name, argv[1]) == 0) {
            run(&ways[i], argv[5]);
            return 0;
        }
    }
    need(0, "choosing a way");
    return 1;
}
