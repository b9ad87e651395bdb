/* SPDX-License-Identifier: Apache-2.0 */
/* A test's own directory, and files in it. What cannot be done fails the test there and then. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <stddef.h>

/* A new empty directory under $TMPDIR (or /tmp). Ends with scratch_remove(). */
char *scratch_new(void);

/* Removes the directory with all that is in it, and frees the name. */
void scratch_remove(char *dir);

/* Makes the directory `to` with copies of the files and directories in `from`. */
void scratch_copy(const char *from, const char *to);

/* Removes what is in the directory; it stays. */
void scratch_empty(const char *dir);

/* Removes what the library has written down, in the test's state directory, of IDs that were sent
 * to tokens in vain. They are looked for by each enrolment: a sweep over the calls of one, each
 * point of which may leave another, would never come to its end. */
void scratch_forget_sent_ids(void);

/* "DIR/NAME"; freed by the caller. */
char *scratch_path(const char *dir, const char *name);

/* Writes DIR/NAME (mode 0600) and returns its path, freed by the caller. */
char *scratch_write(const char *dir, const char *name, const void *data, size_t length);
char *scratch_write_text(const char *dir, const char *name, const char *text);

/* The file's contents with a NUL behind; NULL when it cannot be read. `length` may be NULL. Freed
 * by the caller. */
char *scratch_read(const char *path, size_t *length);

#endif
