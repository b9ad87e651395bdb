/* SPDX-License-Identifier: Apache-2.0 */
#include "base/openssl_error.h"
#include "base/platform.h"
#include "ca/certificate_issue.h"
#include "ca/issuer.h"
#include "commands/command.h"
#include "common/secrets.h"
#include "common/tool_message.h"
#include "ground/ra_directory.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY INT64_C(86400)
#define ROOT_DAYS (20 * 365)
#define ISSUING_DAYS (10 * 365)
#define SERVER_DAYS 825 /* browsers refuse longer ones */
#define ORGANIZATION "Demo Bank"

struct init {
    const char *directory;
    struct ca_token ca;
    struct ra_config config; /* borrows the line's strings */
    EVP_PKEY *root_key, *issuing_key, *server_key;
    X509 *root, *issuing, *server;
};

/* --- keys --- */

static int generate(EVP_PKEY **out, unsigned char id_out[CA_KEY_ID_LENGTH], certenroll_token *token,
                    const char *label, certenroll_error **error)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;
    const unsigned char *id;
    size_t length;
    int status;

    options.type = CERTENROLL_KEY_P256;
    options.label = label;
    status = certenroll_key_generate(&key, token, &options, error);
    if (!status)
        status = certenroll_key_evp_pkey(out, key, error);
    if (!status) {
        id = certenroll_key_get_id(key, &length);
        if (length == CA_KEY_ID_LENGTH)
            memcpy(id_out, id, length);
        else
            status = certenroll_error_set(error, CERTENROLL_E_TOKEN,
                                          _("the token gave the CA key an ID of its own"));
    }
    certenroll_key_free(key);
    return status;
}

static int make_keys(struct init *init, certenroll_error **error)
{
    int status = generate(&init->root_key, init->config.root_key_id, init->ca.token,
                          "Demo Bank Root CA", error);

    if (!status)
        status = generate(&init->issuing_key, init->config.issuing_key_id, init->ca.token,
                          "Demo Bank Issuing CA", error);
    if (status)
        return status;
    init->server_key = EVP_EC_gen("P-256");
    return init->server_key ? CERTENROLL_OK
                            : ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                                              _("cannot generate the server's key"));
}

/* --- certificates --- */

static int make_certificates(struct init *init, certenroll_error **error)
{
    int64_t now = ce_now();
    struct certificate_order order = {
        .kind = CERTIFICATE_ROOT,
        .organization = ORGANIZATION,
        .common_name = "Demo Bank Root CA",
        .key = init->root_key,
        .issuer_key = init->root_key,
        .not_before = now - DAY, /* clients whose clock is a little behind */
        .not_after = now + ROOT_DAYS * DAY,
    };
    int status = certificate_issue(&init->root, &order, error);

    if (status)
        return status;
    order.kind = CERTIFICATE_ISSUING_CA;
    order.common_name = "Demo Bank Issuing CA";
    order.key = init->issuing_key;
    order.issuer = init->root;
    order.not_after = now + ISSUING_DAYS * DAY;
    status = certificate_issue(&init->issuing, &order, error);
    if (status)
        return status;
    order.kind = CERTIFICATE_SERVER;
    order.common_name = "entry.localhost";
    order.key = init->server_key;
    order.issuer = init->issuing;
    order.issuer_key = init->issuing_key;
    order.not_after = now + SERVER_DAYS * DAY;
    return certificate_issue(&init->server, &order, error);
}

/* --- files --- */

static int save_server_key(const struct init *init, certenroll_error **error)
{
    BIO *memory = BIO_new(BIO_s_secmem());
    char *pem = NULL;
    struct ce_buffer contents = { NULL, 0 };
    int status;

    if (memory && PEM_write_bio_PrivateKey(memory, init->server_key, NULL, NULL, 0, NULL, NULL)) {
        contents.length = (size_t)BIO_get_mem_data(memory, &pem);
        contents.data = (unsigned char *)pem;
    }
    status =
        contents.length > 0
            ? ra_directory_write(init->directory, SERVER_KEY_FILE, &contents, 0600, error)
            : ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot encode the server's key"));
    BIO_free(memory);
    return status;
}

static int make_store(const struct init *init, certenroll_error **error)
{
    struct store *store;
    int status = store_open(&store, init->directory, STORE_CREATE, error);

    if (!status)
        status = store_status(
            store, store_audit(store, "initialised", NULL, init->config.token_uri), error);
    store_close(store);
    return status;
}

static int save(const struct init *init, certenroll_error **error)
{
    int status = certificate_save(init->directory, ROOT_FILE, init->root, NULL, error);

    if (!status)
        status = certificate_save(init->directory, ISSUING_FILE, init->issuing, NULL, error);
    if (!status)
        status = certificate_save(init->directory, SERVER_FILE, init->server, init->issuing, error);
    if (!status)
        status = save_server_key(init, error);
    if (!status)
        status = make_store(init, error);
    return status ? status : ra_config_save(&init->config, init->directory, error);
}

/* --- the whole --- */

static int check_directory(const char *directory, certenroll_error **error)
{
    char *path = ra_directory_path(directory, CONFIG_FILE);
    int there = path && access(path, F_OK) == 0;

    free(path);
    return there ? certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                        _("%s is an RA already; nothing was changed"), directory)
                 : ra_directory_make(directory, error);
}

static int use_token(struct init *init, const struct command_line *line, certenroll_error **error)
{
    struct secret *pin = NULL;
    int status = CERTENROLL_OK;

    if (line->pin_source || !secrets_in_uri(line->ca_token))
        status = secret_read(&pin, line->pin_source, _("User PIN of the CA's token: "), 0, error);
    if (!status)
        status = ca_token_open(&init->ca, line->ca_token, line->module, pin, error);
    /* The token's keys may ask for the PIN again (CKA_ALWAYS_AUTHENTICATE), while they live. */
    if (!status)
        status = make_keys(init, error);
    if (!status)
        status = make_certificates(init, error);
    EVP_PKEY_free(init->root_key);
    EVP_PKEY_free(init->issuing_key);
    ca_token_close(&init->ca);
    secret_free(pin);
    return status;
}

int command_init(const struct command_line *line, certenroll_error **error)
{
    struct init init = { .directory = line->directory };
    int status;

    if (!line->ca_token || line->count > 0)
        return command_usage(line, error);
    init.config.token_uri = (char *)(uintptr_t)line->ca_token;
    init.config.module = (char *)(uintptr_t)line->module;
    status = check_directory(init.directory, error);
    if (!status)
        status = use_token(&init, line, error);
    if (!status)
        status = save(&init, error);
    if (!status)
        printf(_("%s is a demo RA now; its trust anchor is %s/%s\n"), init.directory,
               init.directory, ROOT_FILE);
    EVP_PKEY_free(init.server_key);
    X509_free(init.root);
    X509_free(init.issuing);
    X509_free(init.server);
    return status;
}
