/* SPDX-License-Identifier: Apache-2.0 */
/* An application that is built on libp11: it logs in and signs by libp11 as ever, and libcertenroll
 * brings the certificate onto its token when there is none yet.
 *
 *     libp11 P11-KIT-PROXY TOKEN-LABEL EST-URL TRUST-ANCHOR ACCOUNT SUBJECT PIN-FILE PASSWORD-FILE
 *
 * P11-KIT-PROXY is what `pkg-config --variable=proxy_module p11-kit-1` says. Ends with the error's
 * class (certenroll_error(3)); 0 when the key has signed. */
#include <certenroll/certenroll.h>
#include <certenroll/libp11.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include <locale.h>
#include <stdio.h>
#include <string.h>

enum { MODULE = 1, LABEL, URL, ANCHOR, ACCOUNT, SUBJECT, PIN, PASSWORD, COUNT };

static int read_line(const char *path, char *buffer, size_t capacity, size_t *length)
{
    FILE *file = fopen(path, "rb");

    if (!file)
        return CERTENROLL_E_CANCELLED;
    setvbuf(file, NULL, _IONBF, 0); /* no second copy in stdio's memory */
    *length = fread(buffer, 1, capacity, file);
    fclose(file);
    while (*length > 0 && buffer[*length - 1] == '\n')
        --*length;
    return CERTENROLL_OK;
}

/* --- the application's own: its token, its login --- */

static PKCS11_SLOT *find_slot(PKCS11_CTX *ctx, PKCS11_SLOT *slots, unsigned int count,
                              const char *label)
{
    PKCS11_SLOT *slot = PKCS11_find_token(ctx, slots, count);

    while (slot && strcmp(slot->token->label, label) != 0)
        slot = PKCS11_find_next_token(ctx, slots, count, slot);
    return slot;
}

static int log_in(PKCS11_SLOT *slot, const char *pin_file)
{
    char pin[64];
    size_t length = 0;
    int ok = read_line(pin_file, pin, sizeof(pin) - 1, &length) == CERTENROLL_OK;

    pin[length] = '\0';
    ok = ok && PKCS11_login(slot, 0, pin) == 0;
    OPENSSL_cleanse(pin, sizeof(pin));
    return ok;
}

static int sign(PKCS11_KEY *key)
{
    static const unsigned char text[] = "a transfer";
    unsigned char signature[1024];
    size_t length = sizeof(signature);
    EVP_PKEY *pkey = PKCS11_get_private_key(key);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = pkey && ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
             EVP_DigestSign(ctx, signature, &length, text, sizeof(text)) == 1;

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return ok;
}

/* --- the enrolment --- */

/* Not asked for a PIN: the application has logged in. */
static int read_secret(void *user, const certenroll_secret_request *request, char *buffer,
                       size_t capacity, size_t *length)
{
    char **argv = user;

    return read_line(argv[request->kind == CERTENROLL_SECRET_PASSWORD ? PASSWORD : PIN], buffer,
                     capacity, length);
}

static int enrol(certenroll_token *token, char **argv, certenroll_error **error)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_anchors *anchors = NULL;
    certenroll_enrolment *enrolment = NULL;
    int status = certenroll_anchors_load(&anchors, argv[ANCHOR], error);

    options.est_url = argv[URL];
    options.username = argv[ACCOUNT];
    options.secret = read_secret;
    options.secret_user = argv;
    options.anchors = anchors;
    options.request = &request;
    request.subject = argv[SUBJECT];
    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_new(&enrolment, token, &options, error);
    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_run(enrolment, error);
    certenroll_enrolment_free(enrolment);
    certenroll_anchors_free(anchors);
    return status;
}

/* libp11's handles of the valid pair for the subject; OBJECT_NOT_FOUND while there is none. */
static int find_pair(PKCS11_KEY **key, PKCS11_CERT **certificate, PKCS11_TOKEN *libp11_token,
                     certenroll_token *token, const char *subject, certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    const unsigned char *id;
    size_t length = 0;
    int status = certenroll_inventory_new(&inventory, token, NULL, error);

    if (status == CERTENROLL_OK)
        status = certenroll_inventory_find_valid(&entry, inventory, subject, error);
    if (status == CERTENROLL_OK && !entry)
        status = CERTENROLL_E_OBJECT_NOT_FOUND;
    if (status == CERTENROLL_OK) {
        id = certenroll_entry_id(entry, &length);
        status = certenroll_libp11_find(key, certificate, libp11_token, token, id, length, error);
    }
    certenroll_inventory_free(inventory);
    return status;
}

static int work(PKCS11_SLOT *slot, char **argv, certenroll_error **error)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_context *context = NULL;
    certenroll_token *token = NULL;
    PKCS11_KEY *key = NULL;
    PKCS11_CERT *certificate = NULL;
    int status = certenroll_context_new(&context, error);

    options.secret = read_secret;
    options.secret_user = argv;
    if (status == CERTENROLL_OK)
        status = certenroll_libp11_token_open(&token, context, slot->token, &options, error);
    if (status == CERTENROLL_OK)
        status = find_pair(&key, &certificate, slot->token, token, argv[SUBJECT], error);
    if (status == CERTENROLL_E_OBJECT_NOT_FOUND) {
        certenroll_error_free(*error);
        *error = NULL;
        status = enrol(token, argv, error);
        if (status == CERTENROLL_OK)
            status = find_pair(&key, &certificate, slot->token, token, argv[SUBJECT], error);
    }
    if (status == CERTENROLL_OK && !sign(key)) {
        ERR_print_errors_fp(stderr);
        status = CERTENROLL_E_TOKEN;
    }
    if (status == CERTENROLL_OK) {
        X509_NAME_print_ex_fp(stdout, X509_get_subject_name(certificate->x509), 0, XN_FLAG_RFC2253);
        putchar('\n');
    }
    certenroll_token_free(token);
    certenroll_context_free(context);
    return status;
}

int main(int argc, char **argv)
{
    PKCS11_CTX *ctx;
    PKCS11_SLOT *slots = NULL, *slot = NULL;
    unsigned int count = 0;
    certenroll_error *error = NULL;
    int status = CERTENROLL_E_ARGUMENT;

    setlocale(LC_ALL, ""); /* the errors' language */
    if (argc != COUNT)
        return CERTENROLL_CLASS_ARGUMENT;
    ctx = PKCS11_CTX_new();
    if (!ctx || PKCS11_CTX_load(ctx, argv[MODULE]) != 0) {
        if (ctx)
            PKCS11_CTX_free(ctx);
        return CERTENROLL_CLASS_MODULE;
    }
    if (PKCS11_enumerate_slots(ctx, &slots, &count) == 0)
        slot = find_slot(ctx, slots, count, argv[LABEL]);
    if (!slot)
        status = CERTENROLL_E_TOKEN_NOT_FOUND;
    else if (!log_in(slot, argv[PIN]))
        status = CERTENROLL_E_PIN_INCORRECT;
    else
        status = work(slot, argv, &error);
    if (status < 0)
        fprintf(stderr, "%s\n",
                error ? certenroll_error_message(error) : certenroll_status_name(status));

    certenroll_error_free(error);
    if (slots)
        PKCS11_release_all_slots(ctx, slots, count);
    PKCS11_CTX_unload(ctx);
    PKCS11_CTX_free(ctx);
    return (int)certenroll_status_class(status);
}
