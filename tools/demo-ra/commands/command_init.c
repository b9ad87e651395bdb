/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostics.h"
#include "base/files.h"
#include "ca/certificate.h"
#include "ca/issuer.h"
#include "commands/command.h"
#include "common/message.h"
#include "common/secrets.h"
#include "store/store.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAY INT64_C(86400)
#define ROOT_DAYS (20 * 365)
#define ISSUING_DAYS (10 * 365)
#define SERVER_DAYS 825 /* browsers refuse longer ones */
#define ORGANIZATION "Demo Bank"

struct init {
    const char *directory;
    const char *token_uri;
    const char *module;
    const char *pin_source;
    struct ca_token ca;
    struct config config; /* borrows the strings above */
    EVP_PKEY *root_key, *issuing_key, *server_key;
    X509 *root, *issuing, *server;
};

/* --- keys --- */

static int generate(struct init *init, EVP_PKEY **out, unsigned char *id_out, const char *label)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;
    certenroll_error *error = NULL;
    const unsigned char *id;
    size_t length;
    int status;

    options.type = CERTENROLL_KEY_P256;
    options.label = label;
    status = certenroll_key_generate(&key, init->ca.token, &options, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_key_evp_pkey(out, key, &error);
    if (status != CERTENROLL_OK) {
        certenroll_key_free(key);
        return fail_library(error);
    }
    id = certenroll_key_get_id(key, &length);
    if (length == CA_KEY_ID_LENGTH)
        memcpy(id_out, id, length);
    certenroll_key_free(key);
    if (length != CA_KEY_ID_LENGTH)
        return fail(CERTENROLL_CLASS_TOKEN, _("the token gave the CA key an ID of its own"));
    return CERTENROLL_CLASS_OK;
}

static int make_keys(struct init *init)
{
    int result = generate(init, &init->root_key, init->config.root_key_id, "Demo Bank Root CA");

    if (!result)
        result =
            generate(init, &init->issuing_key, init->config.issuing_key_id, "Demo Bank Issuing CA");
    if (result)
        return result;
    init->server_key = EVP_EC_gen("P-256");
    if (!init->server_key)
        return fail_openssl(_("cannot generate the server's key"));
    return CERTENROLL_CLASS_OK;
}

/* --- certificates --- */

static int make_certificates(struct init *init)
{
    int64_t now = (int64_t)time(NULL);
    struct certificate_order order = {
        .kind = CERTIFICATE_ROOT,
        .organization = ORGANIZATION,
        .common_name = "Demo Bank Root CA",
        .key = init->root_key,
        .issuer_key = init->root_key,
        .not_before = now - DAY, /* clients whose clock is a little behind */
        .not_after = now + ROOT_DAYS * DAY,
    };
    int result = certificate_issue(&init->root, &order);

    if (result)
        return result;
    order.kind = CERTIFICATE_ISSUING_CA;
    order.common_name = "Demo Bank Issuing CA";
    order.key = init->issuing_key;
    order.issuer = init->root;
    order.not_after = now + ISSUING_DAYS * DAY;
    result = certificate_issue(&init->issuing, &order);
    if (result)
        return result;
    order.kind = CERTIFICATE_SERVER;
    order.common_name = "entry.localhost";
    order.key = init->server_key;
    order.issuer = init->issuing;
    order.issuer_key = init->issuing_key;
    order.not_after = now + SERVER_DAYS * DAY;
    return certificate_issue(&init->server, &order);
}

/* --- files --- */

static int save_certificate(const struct init *init, const char *name, X509 *first, X509 *second)
{
    char *path = file_path(init->directory, name);
    int result = path ? certificate_save(path, first, second)
                      : fail(CERTENROLL_CLASS_SYSTEM, _("out of memory"));

    free(path);
    return result;
}

static int save_server_key(const struct init *init)
{
    char *path = file_path(init->directory, SERVER_KEY_FILE);
    BIO *memory = BIO_new(BIO_s_secmem());
    char *pem = NULL;
    long length = 0;
    int result;

    if (memory && PEM_write_bio_PrivateKey(memory, init->server_key, NULL, NULL, 0, NULL, NULL))
        length = BIO_get_mem_data(memory, &pem);
    if (path && length > 0)
        result = whole_file_write(path, pem, (size_t)length, 0600);
    else
        result = fail_openssl(_("cannot encode the server's key"));
    BIO_free(memory);
    free(path);
    return result;
}

static int make_store(const struct init *init)
{
    struct store *store;
    int result = store_open(&store, init->directory, STORE_CREATE);

    if (!result && store_audit(store, "initialised", NULL, init->token_uri) != STORE_OK)
        result = CERTENROLL_CLASS_SYSTEM;
    store_close(store);
    return result;
}

static int save(const struct init *init)
{
    int result = save_certificate(init, ROOT_FILE, init->root, NULL);

    if (!result)
        result = save_certificate(init, ISSUING_FILE, init->issuing, NULL);
    if (!result)
        result = save_certificate(init, SERVER_FILE, init->server, init->issuing);
    if (!result)
        result = save_server_key(init);
    if (!result)
        result = make_store(init);
    if (!result)
        result = config_save(&init->config, init->directory);
    return result;
}

/* --- the whole --- */

static int refuse_second(const char *directory)
{
    char *path = file_path(directory, CONFIG_FILE);
    int there = path && access(path, F_OK) == 0;

    free(path);
    if (there)
        return fail(CERTENROLL_CLASS_ARGUMENT, _("%s is an RA already; nothing was changed"),
                    directory);
    return CERTENROLL_CLASS_OK;
}

static int open_token(struct init *init)
{
    struct secret *pin = NULL;
    int result = CERTENROLL_CLASS_OK;

    if (init->pin_source || !secrets_in_uri(init->token_uri))
        result = secret_read(&pin, init->pin_source, _("User PIN of the CA's token: "), 0);
    if (!result)
        result = ca_token_open(&init->ca, init->token_uri, init->module, pin);
    /* The token's keys may ask for the PIN again (CKA_ALWAYS_AUTHENTICATE), while they live. */
    if (!result)
        result = make_keys(init);
    if (!result)
        result = make_certificates(init);
    EVP_PKEY_free(init->root_key);
    EVP_PKEY_free(init->issuing_key);
    ca_token_close(&init->ca);
    secret_free(pin);
    return result;
}

static int run(struct init *init)
{
    int result = refuse_second(init->directory);

    if (!result)
        result = directory_make(init->directory);
    if (!result)
        result = open_token(init);
    if (!result)
        result = save(init);
    if (!result)
        printf(_("%s is a demo RA now; its trust anchor is %s/%s\n"), init->directory,
               init->directory, ROOT_FILE);
    EVP_PKEY_free(init->server_key);
    X509_free(init->root);
    X509_free(init->issuing);
    X509_free(init->server);
    return result;
}

int command_init(int count, char **arguments)
{
    static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
                                             { "ca-token", required_argument, NULL, 't' },
                                             { "module", required_argument, NULL, 'm' },
                                             { "pin-source", required_argument, NULL, 'p' },
                                             COMMAND_SECRET_OPTION("pin"),
                                             { NULL, 0, NULL, 0 } };
    struct init init = { 0 };
    int option;

    while ((option = getopt_long(count, arguments, ":", options, NULL)) != -1) {
        if (option == 'd')
            init.directory = optarg;
        else if (option == 't')
            init.token_uri = optarg;
        else if (option == 'm')
            init.module = optarg;
        else if (option == 'p')
            init.pin_source = optarg;
        else
            return command_refuse(arguments, option);
    }
    if (!init.directory || !init.token_uri || optind != count)
        return fail(CERTENROLL_CLASS_ARGUMENT, _("usage: demo-ra init --dir DIR --ca-token URI "
                                                 "[--module FILE] [--pin-source FILE]"));
    init.config.token_uri = (char *)(uintptr_t)init.token_uri;
    init.config.module = (char *)(uintptr_t)init.module;
    return run(&init);
}
