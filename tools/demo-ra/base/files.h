/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: written so that a reader sees the old one or the new one, never a part. */
#ifndef DEMO_RA_FILES_H
#define DEMO_RA_FILES_H

#include <stddef.h>

/* Returns a class; the line is written. */
int whole_file_write(const char *path, const void *data, size_t length, unsigned mode);
/* Reads at most `limit` bytes into `*out`, NUL-terminated, freed by the caller. */
int whole_file_read(char **out, size_t *length, const char *path, size_t limit);
/* "directory/name", freed by the caller; NULL without memory. */
char *file_path(const char *directory, const char *name);
/* Makes the directory, for its owner only, unless it is there and can be written in. */
int directory_make(const char *path);

#endif
