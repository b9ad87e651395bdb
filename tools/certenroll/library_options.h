/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to what the library takes. */
#ifndef CERTENROLL_TOOL_LIBRARY_OPTIONS_H
#define CERTENROLL_TOOL_LIBRARY_OPTIONS_H

#include "tool.h"

/* A file of trust anchors; NULL leaves *out NULL. */
int load_anchors(certenroll_anchors **out, const char *path, certenroll_error **error);

/* What --key-usage and --eku ask for. */
int usage_options(const struct options *options, certenroll_request_options *out,
                  certenroll_error **error);

/* What --subject, --alt-name, --key-usage and --eku ask for. Borrows from the options. */
int request_options(const struct options *options, certenroll_request_options *out,
                    certenroll_error **error);

/* --key-type, which must be there. */
int key_type(const struct options *options, certenroll_key_type *out, certenroll_error **error);

/* What --key-type, --label and --id ask for; `id` is where the ID's bytes go. */
int key_options(const struct options *options, certenroll_key_options *out,
                unsigned char id[CERTENROLL_ID_MAX], certenroll_error **error);

/* The bytes of --id; *length is 0 without it. */
int read_id(const struct options *options, unsigned char id[CERTENROLL_ID_MAX], size_t *length,
            certenroll_error **error);

/* --days, or 30. */
int read_days(const struct options *options, int *days, certenroll_error **error);

#endif
