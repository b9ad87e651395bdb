/* SPDX-License-Identifier: Apache-2.0 */
/* The launch file that the RA's page gives out (docs/ra.md, "The launch file"). */
#ifndef CE_RA_LAUNCH_FILE_H
#define CE_RA_LAUNCH_FILE_H

#include <certenroll/ra.h>

#define LAUNCH_DIGITS 32

/* Wiped by whoever has it. */
struct launch_file {
    const certenroll_ra *ra;
    char job[LAUNCH_DIGITS + 1];
    char code[LAUNCH_DIGITS + 1];
    int64_t expires;
};

/* Everything about the file is checked, its time and its RA too. */
int launch_file_read(struct launch_file *out, const char *path, const certenroll_ra_config *config,
                     certenroll_error **error);

#endif
