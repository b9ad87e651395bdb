/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of an RA: what "init" leaves there for "serve". */
#ifndef DEMO_RA_RA_DIRECTORY_H
#define DEMO_RA_RA_DIRECTORY_H

#include "base/buffer.h"

#define CONFIG_FILE "ra.json" /* written last: its presence means "initialised" */
#define ROOT_FILE "ca.pem"    /* the trust anchor to hand out */
#define ISSUING_FILE "issuing-ca.pem"
#define SERVER_KEY_FILE "server.key" /* the TLS key, in software */
#define SERVER_FILE "server.pem"     /* the TLS certificate, then the issuing CA's */
#define STORE_FILE "ra.sqlite"

/* "directory/name", freed by the caller; NULL without memory. */
char *ra_directory_path(const char *directory, const char *name);
/* Makes the directory, for its owner only, unless it is there and can be written in. */
int ra_directory_make(const char *directory, certenroll_error **error);

/* Its small files, whole: a reader sees the old one or the new one, never a part. `*out` is cleared
 * by the caller, whatever comes of it. */
int ra_directory_read(struct ce_buffer *out, const char *directory, const char *name,
                      certenroll_error **error);
int ra_directory_write(const char *directory, const char *name, const struct ce_buffer *contents,
                       unsigned mode, certenroll_error **error);

#define CA_KEY_ID_LENGTH 20 /* what certenroll_key_generate chooses */

/* CONFIG_FILE. */
struct ra_config {
    char *token_uri;
    char *module; /* NULL: by the URI or p11-kit's configuration */
    unsigned char root_key_id[CA_KEY_ID_LENGTH];
    unsigned char issuing_key_id[CA_KEY_ID_LENGTH];
};

int ra_config_save(const struct ra_config *config, const char *directory, certenroll_error **error);
/* ra_config_clear() is due whatever comes of it. */
int ra_config_load(struct ra_config *config, const char *directory, certenroll_error **error);
void ra_config_clear(struct ra_config *config);

#endif
