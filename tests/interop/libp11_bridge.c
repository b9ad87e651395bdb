/* SPDX-License-Identifier: Apache-2.0 */
/* An application that is built on libp11 hands its token to libcertenroll and gets libp11's handles
 * back; each case is one such application.
 *
 *     libp11_bridge CASE MODULE SCRATCH EST-URL TRUST-ANCHOR ACCOUNT
 *
 * SCRATCH holds the files pin and password, and control, the shim's. */
#include <certenroll/certenroll.h>
#include <certenroll/libp11.h>
#include <certenroll/openssl.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *module, *scratch, *est, *anchor, *account;
static PKCS11_CTX *libp11;
static PKCS11_SLOT *slots;
static unsigned int slot_count;
static certenroll_context *context;
static certenroll_error *error;
static int asked; /* for PINs */

/* What certenroll_libp11_find() gave last. */
static PKCS11_KEY *key;
static PKCS11_CERT *certificate;

static void need(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "libp11_bridge: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

/* A call of ours ended with `status`; of a failure the error must say so, and is freed. */
static void ended(int status, int expected, const char *what)
{
    if (status != expected || certenroll_error_status(error) != (status < 0 ? status : 0)) {
        fprintf(stderr, "libp11_bridge: %s: %s instead of %s: %s\n", what,
                certenroll_status_name(status), certenroll_status_name(expected),
                error ? certenroll_error_message(error) : "no error");
        exit(1);
    }
    if (error)
        printf("%s: %s\n", what, certenroll_error_message(error));
    certenroll_error_free(error);
    error = NULL;
}

/* --- the application --- */

static size_t read_file(const char *name, char *buffer, size_t capacity)
{
    char path[512];
    size_t length;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", scratch, name);
    file = fopen(path, "rb");
    need(file != NULL, path);
    length = fread(buffer, 1, capacity, file);
    fclose(file);
    while (length > 0 && buffer[length - 1] == '\n')
        length--;
    return length;
}

static int answer(void *user, const certenroll_secret_request *request, char *buffer,
                  size_t capacity, size_t *length)
{
    int is_password = request->kind == CERTENROLL_SECRET_PASSWORD;

    (void)user;
    asked += !is_password;
    *length = read_file(is_password ? "password" : "pin", buffer, capacity);
    return CERTENROLL_OK;
}

static void load_libp11(void)
{
    libp11 = PKCS11_CTX_new();
    need(libp11 != NULL && PKCS11_CTX_load(libp11, module) == 0, "PKCS11_CTX_load");
    need(PKCS11_enumerate_slots(libp11, &slots, &slot_count) == 0, "PKCS11_enumerate_slots");
}

static void unload_libp11(void)
{
    if (!libp11)
        return;
    PKCS11_release_all_slots(libp11, slots, slot_count);
    PKCS11_CTX_unload(libp11);
    PKCS11_CTX_free(libp11);
    libp11 = NULL;
}

static PKCS11_SLOT *slot_of(const char *label)
{
    for (unsigned int i = 0; i < slot_count; i++) {
        if (slots[i].token && strcmp(slots[i].token->label, label) == 0)
            return &slots[i];
    }
    need(0, label);
    return NULL;
}

static void log_in(PKCS11_SLOT *slot)
{
    char pin[64];

    pin[read_file("pin", pin, sizeof(pin) - 1)] = '\0';
    need(PKCS11_login(slot, 0, pin) == 0, "PKCS11_login");
}

static void sign(EVP_PKEY *pkey, X509 *x509)
{
    static const unsigned char text[] = "a transfer";
    unsigned char signature[1024];
    size_t length = sizeof(signature);
    int is_ed25519 = EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519;
    const EVP_MD *hash = is_ed25519 ? NULL : EVP_sha256();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    need(ctx != NULL && EVP_DigestSignInit(ctx, NULL, hash, NULL, pkey) == 1 &&
             EVP_DigestSign(ctx, signature, &length, text, sizeof(text)) == 1,
         "the key does not sign");
    EVP_MD_CTX_free(ctx);
    ctx = EVP_MD_CTX_new();
    need(ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, hash, NULL, X509_get0_pubkey(x509)) == 1 &&
             EVP_DigestVerify(ctx, signature, length, text, sizeof(text)) == 1,
         "the signature does not verify under the certificate");
    EVP_MD_CTX_free(ctx);
}

static void sign_by_libp11(void)
{
    EVP_PKEY *pkey = PKCS11_get_private_key(key);

    need(pkey != NULL, "PKCS11_get_private_key");
    sign(pkey, certificate->x509);
    EVP_PKEY_free(pkey);
}

/* --- libcertenroll in it --- */

static certenroll_token *open_as(PKCS11_SLOT *slot, const char *module_path)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_token *token = NULL;

    options.secret = answer;
    options.module_path = module_path;
    ended(certenroll_libp11_token_open(&token, context, slot->token, &options, &error),
          CERTENROLL_OK, "certenroll_libp11_token_open");
    return token;
}

static certenroll_token *open_token(PKCS11_SLOT *slot)
{
    return open_as(slot, NULL);
}

static void run_enrolment(certenroll_token *token, certenroll_enrolment_options *options)
{
    certenroll_anchors *anchors = NULL;
    certenroll_enrolment *enrolment = NULL;

    ended(certenroll_anchors_load(&anchors, anchor, &error), CERTENROLL_OK, anchor);
    options->est_url = est;
    options->username = account;
    options->secret = answer;
    options->anchors = anchors;
    ended(certenroll_enrolment_new(&enrolment, token, options, &error), CERTENROLL_OK, "new");
    ended(certenroll_enrolment_run(enrolment, &error), CERTENROLL_OK, "run");
    certenroll_enrolment_free(enrolment);
    certenroll_anchors_free(anchors);
}

/* A pair of this type under the CKA_ID that is `name`. */
static void enrol(certenroll_token *token, certenroll_key_type type, const char *name)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options generated = CERTENROLL_KEY_OPTIONS_INIT;
    char subject[64];

    snprintf(subject, sizeof(subject), "CN=%s", account);
    request.subject = subject;
    options.another = CERTENROLL_ANOTHER_PAIR; /* one type beside the other */
    generated.type = type;
    generated.label = name;
    generated.id = (const unsigned char *)name;
    generated.id_length = strlen(name);
    options.request = &request;
    options.key = &generated;
    run_enrolment(token, &options);
}

static void follow(certenroll_token *token, certenroll_operation operation,
                   certenroll_retirement retirement, const char *name)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;

    options.operation = operation;
    options.retirement = retirement;
    options.present_id = (const unsigned char *)name;
    options.present_id_length = strlen(name);
    run_enrolment(token, &options);
}

static void find(PKCS11_SLOT *slot, certenroll_token *token, const char *name, int expected)
{
    PKCS11_KEY *no_key = (PKCS11_KEY *)&slots;
    PKCS11_CERT *no_certificate = (PKCS11_CERT *)&slots;

    key = no_key;
    certificate = no_certificate;
    ended(certenroll_libp11_find(&key, &certificate, slot->token, token,
                                 (const unsigned char *)name, strlen(name), &error),
          expected, name);
    need(ERR_peek_error() == 0, "something is left in OpenSSL's error queue");
    if (expected < 0)
        need(key == NULL && certificate == NULL, "handles are left after a failure");
    else
        need(key->isPrivate && key->id_len == strlen(name) &&
                 memcmp(key->id, name, key->id_len) == 0,
             "not the private key with this CKA_ID");
}

static void find_and_sign(PKCS11_SLOT *slot, certenroll_token *token, const char *name)
{
    find(slot, token, name, CERTENROLL_OK);
    sign_by_libp11();
}

/* Our own way to the same key, which needs nothing of libp11. */
static void sign_by_certenroll(certenroll_token *token, const char *name, X509 *x509)
{
    certenroll_key *own = NULL;
    EVP_PKEY *pkey = NULL;

    ended(certenroll_key_find(&own, token, (const unsigned char *)name, strlen(name), &error),
          CERTENROLL_OK, "certenroll_key_find");
    ended(certenroll_key_evp_pkey(&pkey, own, &error), CERTENROLL_OK, "certenroll_key_evp_pkey");
    certenroll_key_free(own);
    sign(pkey, x509);
    EVP_PKEY_free(pkey);
}

/* --- the cases --- */

/* The application has logged in: nobody is asked for a PIN, and its login stays. */
static void logged_in(void)
{
    PKCS11_SLOT *slot = slot_of("customer");
    certenroll_token *token;
    int is_in = 0;

    log_in(slot);
    token = open_token(slot);
    enrol(token, CERTENROLL_KEY_P256, "logged-in");
    find_and_sign(slot, token, "logged-in");
    certenroll_token_free(token);
    need(asked == 0, "a PIN was asked for");
    need(PKCS11_is_logged_in(slot, 0, &is_in) == 0 && is_in, "the application's login is gone");
    sign_by_libp11();
}

/* It has not: one PIN is asked for, and it does for libp11, too. */
static void logged_out(void)
{
    PKCS11_SLOT *slot = slot_of("customer");
    certenroll_token *token = open_token(slot);

    enrol(token, CERTENROLL_KEY_RSA_2048, "logged-out");
    find_and_sign(slot, token, "logged-out");
    need(asked == 1, "not one PIN was asked for");
    log_in(slot);
    sign_by_libp11();
    certenroll_token_free(token);
    sign_by_libp11();
}

/* libp11's logout is the process's: the token is opened anew, and asks for its PIN. */
static void logs_out(void)
{
    PKCS11_SLOT *slot = slot_of("customer");
    certenroll_token *token = open_token(slot);

    log_in(slot);
    enrol(token, CERTENROLL_KEY_P256, "logs-out");
    find_and_sign(slot, token, "logs-out");
    need(PKCS11_logout(slot) == 0, "PKCS11_logout");
    need(asked == 0, "a PIN was asked for");
    certenroll_token_free(token);
    token = open_token(slot);
    find_and_sign(slot, token, "logs-out");
    need(asked == 1, "not one PIN was asked for after the logout");
    certenroll_token_free(token);
}

/* libp11 has listed before; then there is more, other, and less. */
static void grows(void)
{
    static const char *const names[] = { "grows-1", "grows-2", "grows-3", "grows-4" };
    PKCS11_SLOT *slot = slot_of("customer");
    certenroll_token *token = open_token(slot);
    EVP_PKEY *first;
    X509 *old;

    log_in(slot);
    enrol(token, CERTENROLL_KEY_P256, "grows");
    find_and_sign(slot, token, "grows");
    first = PKCS11_get_private_key(key);
    old = X509_dup(certificate->x509);
    need(first != NULL && old != NULL, "PKCS11_get_private_key");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        enrol(token, i % 2 ? CERTENROLL_KEY_RSA_2048 : CERTENROLL_KEY_P384, names[i]);
        find_and_sign(slot, token, names[i]);
    }
    sign(first, old); /* libp11 has moved its lists meanwhile */

    follow(token, CERTENROLL_RENEW, CERTENROLL_RETIRE_DELETE, "grows");
    find_and_sign(slot, token, "grows");
    need(X509_cmp(old, certificate->x509) != 0, "the old certificate after a renewal");
    follow(token, CERTENROLL_REKEY, CERTENROLL_RETIRE_DELETE, "grows-1");
    find(slot, token, "grows-1", CERTENROLL_E_OBJECT_NOT_FOUND);
    find_and_sign(slot, token, "grows-2");

    /* Another key under the CKA_ID of one that is gone from the token, but not from the list. */
    follow(token, CERTENROLL_REKEY, CERTENROLL_RETIRE_DELETE, "grows-2");
    enrol(token, CERTENROLL_KEY_RSA_2048, "grows-2");
    find_and_sign(slot, token, "grows-2");
    EVP_PKEY_free(first);
    X509_free(old);
    certenroll_token_free(token);
}

/* Two certificates of one key: the one that is valid longer, wherever it is in the list. The RA
 * gives longer ones when it is run for the second time. */
static void renews(void)
{
    PKCS11_SLOT *slot = slot_of("customer");
    certenroll_token *token = open_token(slot);
    PKCS11_CERT *list = NULL;
    unsigned int count = 0, same = 0;

    log_in(slot);
    if (getenv("SECOND_TIME"))
        follow(token, CERTENROLL_RENEW, CERTENROLL_RETIRE_KEEP, "renews");
    else
        enrol(token, CERTENROLL_KEY_P256, "renews");
    find_and_sign(slot, token, "renews");
    need(PKCS11_enumerate_certs(slot->token, &list, &count) == 0, "PKCS11_enumerate_certs");
    for (unsigned int i = 0; i < count; i++) {
        if (EVP_PKEY_eq(X509_get0_pubkey(list[i].x509), X509_get0_pubkey(certificate->x509)) != 1)
            continue;
        same++;
        need(ASN1_TIME_compare(X509_get0_notAfter(list[i].x509),
                               X509_get0_notAfter(certificate->x509)) <= 0,
             "not the certificate that is valid longest");
    }
    need(same == (getenv("SECOND_TIME") ? 2 : 1), "not as many certificates as were issued");
    certenroll_token_free(token);
}

/* Each token opens as itself, however alike the labels are. */
static void similar(void)
{
    unsigned int count = 0;
    certenroll_token *token = NULL;
    PKCS11_TOKEN changed;
    char longer[512];

    for (unsigned int i = 0; i < slot_count; i++) {
        if (!slots[i].token || !slots[i].token->initialized)
            continue;
        token = open_token(&slots[i]);
        need(strcmp(certenroll_token_info_serial(certenroll_token_get_info(token)),
                    slots[i].token->serialnr) == 0,
             "another token was opened");
        certenroll_token_free(token);
        count++;
    }
    need(count == 8, "not all tokens are there");

    ended(certenroll_libp11_token_open(&token, context, NULL, NULL, &error), CERTENROLL_E_ARGUMENT,
          "an empty slot");
    changed = *slot_of("customer")->token;
    changed.label = (char *)"custom";
    ended(certenroll_libp11_token_open(&token, context, &changed, NULL, &error),
          CERTENROLL_E_TOKEN_NOT_FOUND, "a token that is not there any more");
    memset(longer, '%', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    changed.label = longer;
    ended(certenroll_libp11_token_open(&token, context, &changed, NULL, &error),
          CERTENROLL_E_ARGUMENT, "a label that is too long");
    need(token == NULL, "a token is left after a failure");
}

/* Two modules that show the same tokens: the caller has to name one. */
static void twice(void)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_token *token = NULL;

    ended(
        certenroll_libp11_token_open(&token, context, slot_of("customer")->token, &options, &error),
        CERTENROLL_E_TOKEN_AMBIGUOUS, "two modules");
    token = open_as(slot_of("customer"), getenv("SHIM_MODULE"));
    certenroll_token_free(token);
}

/* What is not there is not found, and what cannot be told apart is not guessed. */
static void wrong(void)
{
    PKCS11_SLOT *slot = slot_of("customer");
    certenroll_token *token = open_token(slot);

    log_in(slot);
    enrol(token, CERTENROLL_KEY_P256, "wrong");
    find(slot, token, "nothing", CERTENROLL_E_OBJECT_NOT_FOUND);
    find(slot_of("bank"), token, "wrong", CERTENROLL_E_OBJECT_NOT_FOUND);
    ended(certenroll_libp11_find(&key, &certificate, NULL, token, (const unsigned char *)"wrong", 5,
                                 &error),
          CERTENROLL_E_ARGUMENT, "no token of libp11's");
    ended(certenroll_libp11_find(&key, &certificate, slot->token, token, NULL, 0, &error),
          CERTENROLL_E_ARGUMENT, "no CKA_ID");
    find(slot, token, "doubled", CERTENROLL_E_ID_IN_USE);
    find_and_sign(slot, token, "wrong");
    certenroll_token_free(token);
}

/* Handles of either library outlive the other. */
static void order(void)
{
    PKCS11_SLOT *slot = slot_of("customer");
    certenroll_token *token = open_token(slot);
    X509 *x509;

    enrol(token, CERTENROLL_KEY_P256, "order");
    find_and_sign(slot, token, "order");
    x509 = X509_dup(certificate->x509);
    need(x509 != NULL, "X509_dup");
    unload_libp11();
    sign_by_certenroll(token, "order", x509);
    load_libp11();
    find_and_sign(slot_of("customer"), token, "order");
    certenroll_token_free(token);
    certenroll_context_free(context);
    context = NULL;
    sign_by_libp11();
    need(asked == 1, "not one PIN was asked for");
    X509_free(x509);
}

/* A key of a kind that libp11 may not know. */
static void ed25519(void)
{
    PKCS11_SLOT *slot = slot_of("mixed");
    certenroll_token *token = open_token(slot);
    unsigned int count = 0;
    EVP_PKEY *before;
    PKCS11_KEY *list;
    X509 *x509;
    int knows;

    log_in(slot);
    enrol(token, CERTENROLL_KEY_P256, "ordinary");
    find_and_sign(slot, token, "ordinary");
    before = PKCS11_get_private_key(key);
    x509 = X509_dup(certificate->x509);
    enrol(token, CERTENROLL_KEY_ED25519, "edwards");

    knows = PKCS11_enumerate_keys(slot->token, &list, &count) == 0;
    ERR_clear_error();
    printf("this libp11 %s the keys of a token with an Ed25519 key\n",
           knows ? "lists" : "does not list");
    find(slot, token, "ordinary", knows ? CERTENROLL_OK : CERTENROLL_E_UNSUPPORTED);
    if (knows)
        sign_by_libp11();
    find(slot, token, "edwards", knows ? CERTENROLL_OK : CERTENROLL_E_UNSUPPORTED);
    sign_by_certenroll(token, "ordinary", x509);
    sign(before, x509);
    EVP_PKEY_free(before);
    X509_free(x509);
    certenroll_token_free(token);
}

static void control(const char *line)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/control", scratch);
    file = fopen(path, "w");
    need(file != NULL && fputs(line, file) >= 0 && fclose(file) == 0, path);
}

/* The token is pulled: an answer at once, where libp11 would wait for ever. */
static void pulled(void)
{
    PKCS11_SLOT *slot = slot_of("customer");
    certenroll_token *token = open_token(slot);
    PKCS11_CERT *list = NULL;
    unsigned int count = 0;

    enrol(token, CERTENROLL_KEY_P256, "pulled");
    control("absent\n"); /* before libp11 has a session */
    find(slot, token, "pulled", CERTENROLL_E_TOKEN_REMOVED);
    control("");
    find_and_sign(slot, token, "pulled");
    control("absent\n"); /* it has one, which dies */
    find(slot, token, "pulled", CERTENROLL_E_TOKEN_REMOVED);
    control("");
    if (PKCS11_enumerate_certs(slot->token, &list, &count) != 0) {
        ERR_clear_error();
        find(slot, token, "pulled", CERTENROLL_E_TOKEN);
    }
    PKCS11_release_all_slots(libp11, slots, slot_count); /* libp11's sessions died with the pull */
    need(PKCS11_enumerate_slots(libp11, &slots, &slot_count) == 0, "PKCS11_enumerate_slots");
    slot = slot_of("customer");
    find_and_sign(slot, token, "pulled");
    need(asked == 3, "not one PIN was asked for each time it came back");
    certenroll_token_free(token);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = { { "logged-in", logged_in }, { "logged-out", logged_out }, { "logs-out", logs_out },
              { "grows", grows },         { "similar", similar },       { "twice", twice },
              { "renews", renews },       { "wrong", wrong },           { "order", order },
              { "ed25519", ed25519 },     { "pulled", pulled } };

int main(int argc, char **argv)
{
    size_t i = 0;

    need(argc == 7, "CASE MODULE SCRATCH EST-URL TRUST-ANCHOR ACCOUNT");
    module = argv[2], scratch = argv[3], est = argv[4], anchor = argv[5], account = argv[6];
    while (i < sizeof(cases) / sizeof(cases[0]) && strcmp(cases[i].name, argv[1]) != 0)
        i++;
    need(i < sizeof(cases) / sizeof(cases[0]), "no such case");
    ended(certenroll_context_new(&context, &error), CERTENROLL_OK, "certenroll_context_new");
    load_libp11();
    cases[i].run();
    unload_libp11();
    certenroll_context_free(context);
    return 0;
}
