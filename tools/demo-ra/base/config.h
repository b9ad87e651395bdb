/* SPDX-License-Identifier: Apache-2.0 */
/* What "init" leaves in the RA's directory for "serve". */
#ifndef DEMO_RA_CONFIG_H
#define DEMO_RA_CONFIG_H

#include <stddef.h>

#define CONFIG_FILE "ra.json" /* written last: its presence means "initialised" */
#define ROOT_FILE "ca.pem"    /* the trust anchor to hand out */
#define ISSUING_FILE "issuing-ca.pem"
#define SERVER_KEY_FILE "server.key" /* the TLS key, in software */
#define SERVER_FILE "server.pem"     /* the TLS certificate, then the issuing CA's */
#define STORE_FILE "ra.sqlite"

#define CA_KEY_ID_LENGTH 20 /* what certenroll_key_generate chooses */

struct config {
    char *token_uri;
    char *module; /* NULL: by the URI or p11-kit's configuration */
    unsigned char root_key_id[CA_KEY_ID_LENGTH];
    unsigned char issuing_key_id[CA_KEY_ID_LENGTH];
};

int config_save(const struct config *config, const char *directory);
int config_load(struct config *config, const char *directory);
void config_clear(struct config *config);

#endif
