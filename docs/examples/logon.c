/* SPDX-License-Identifier: Apache-2.0 */
/* A logon by mutual TLS with a token's key, in the application's own SSL_CTX.
 *
 *     logon TOKEN-URI LABEL TRUST-ANCHOR HOST PORT [ADDRESS]
 *
 * TOKEN-URI may name the PIN's file: "pkcs11:token=Bank?pin-source=file:/home/me/pin". LABEL is
 * that of the key pair; ADDRESS is where HOST is, if its name does not tell. Prints the server's
 * answer. */
#include <certenroll/certenroll.h>
#include <certenroll/openssl.h>

#include <openssl/err.h>

#include <stdio.h>
#include <string.h>

/* The CKA_ID of the key pair with this label that has a certificate; NULL: there is none. */
static const unsigned char *find_id(const certenroll_inventory *inventory, const char *label,
                                    size_t *length)
{
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        if (certenroll_entry_has_key(entry) && certenroll_entry_has_certificate(entry) &&
            strcmp(certenroll_entry_label(entry), label) == 0)
            return certenroll_entry_id(entry, length);
    }
    return NULL;
}

/* Puts that key and its certificate into `ctx`. */
static int use_labelled(SSL_CTX *ctx, certenroll_token *token, const char *label,
                        certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    const unsigned char *id;
    size_t length = 0;
    int status = certenroll_inventory_new(&inventory, token, NULL, error);

    if (status != CERTENROLL_OK)
        return status;
    id = find_id(inventory, label, &length);
    if (id != NULL)
        status = certenroll_ssl_ctx_use(ctx, token, id, length, error);
    else
        status = CERTENROLL_E_OBJECT_NOT_FOUND;
    certenroll_inventory_free(inventory);
    return status;
}

/* From here on it is OpenSSL as everywhere. */
static int get_page(SSL_CTX *ctx, const char *host, const char *port, const char *address)
{
    BIO *bio = BIO_new_ssl_connect(ctx);
    char block[4096];
    SSL *ssl = NULL;
    int answered = 0;
    int got;

    if (bio == NULL)
        return 0;
    BIO_get_ssl(bio, &ssl);
    BIO_set_conn_hostname(bio, address);
    BIO_set_conn_port(bio, port);
    if (SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1 &&
        BIO_do_connect(bio) == 1) {
        BIO_printf(bio, "GET / HTTP/1.0\r\nHost: %s:%s\r\n\r\n", host, port);
        while ((got = BIO_read(bio, block, sizeof(block))) > 0)
            answered = fwrite(block, 1, (size_t)got, stdout) == (size_t)got;
    }
    BIO_free_all(bio);
    return answered;
}

int main(int argc, char **argv)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    certenroll_context *context = NULL;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    int status;

    if (argc < 6 || ctx == NULL || SSL_CTX_load_verify_file(ctx, argv[3]) != 1)
        return CERTENROLL_CLASS_ARGUMENT;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);

    status = certenroll_context_new(&context, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_token_open(&token, context, argv[1], NULL, &error);
    if (status == CERTENROLL_OK)
        status = use_labelled(ctx, token, argv[2], &error);
    if (status != CERTENROLL_OK) {
        fprintf(stderr, "%s: %s\n", certenroll_status_name(status),
                error != NULL ? certenroll_error_message(error) : argv[2]);
    } else if (!get_page(ctx, argv[4], argv[5], argv[argc > 6 ? 6 : 4])) {
        ERR_print_errors_fp(stderr);
        status = CERTENROLL_E_NETWORK;
    }

    certenroll_token_free(token);
    certenroll_context_free(context);
    certenroll_error_free(error);
    SSL_CTX_free(ctx);
    return (int)certenroll_status_class(status);
}
