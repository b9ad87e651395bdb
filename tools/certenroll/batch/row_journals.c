/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/row_journals.h"

#include "base/text.h"

#include <openssl/evp.h>

#include <stdlib.h>
#include <string.h>

#define ANCHORS_MAX ((size_t)1024 * 1024)

/* --- digests --- */

static int add_number(EVP_MD_CTX *digest, uint64_t number)
{
    unsigned char bytes[8]; /* most significant first, on every machine */

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(number >> (8 * (sizeof(bytes) - 1 - i)));
    return EVP_DigestUpdate(digest, bytes, sizeof(bytes));
}

/* One more part; with its length, so that no two lists of parts are the same to the digest. */
static int add_part(EVP_MD_CTX *digest, const void *bytes, size_t length)
{
    return add_number(digest, length) && EVP_DigestUpdate(digest, bytes ? bytes : "", length);
}

static int add_text(EVP_MD_CTX *digest, const char *text)
{
    return add_part(digest, text, text ? strlen(text) : 0);
}

/* The file's bytes, of whatever the library has made anchors already. */
static int add_file(EVP_MD_CTX *digest, const char *path)
{
    struct ce_buffer file = { 0 };
    int ok;

    if (path && file_read(&file, path, ANCHORS_MAX, NULL) < 0)
        file = (struct ce_buffer){ 0 };
    ok = add_part(digest, file.data, file.length);
    ce_buffer_clear(&file);
    return ok;
}

static int begin_digest(EVP_MD_CTX *digest)
{
    return digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
}

/* The first `digits` of the digest in hexadecimal, unless something went wrong before. */
static int end_digest(EVP_MD_CTX *digest, int ok, char *out, size_t digits)
{
    unsigned char bytes[EVP_MAX_MD_SIZE] = { 0 };

    ok = ok && EVP_DigestFinal_ex(digest, bytes, NULL);
    ce_hex(out, digits + 1, bytes, digits / 2);
    return ok;
}

int batch_journal_name(char out[CERTENROLL_TOOL_NAME_SIZE], const struct batch_journals *journals,
                       const struct batch_row *row, const char *token_identity,
                       certenroll_error **error)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int ok = begin_digest(digest) && add_text(digest, row->fields[BATCH_SUBJECT]) &&
             add_text(digest, token_identity) && add_text(digest, row->fields[BATCH_LABEL]) &&
             add_text(digest, certenroll_key_type_name(row->key_type));

    for (size_t i = 0; ok && i < row->alt_names_count; i++)
        ok = add_text(digest, row->alt_names[i]);
    ok = end_digest(digest, ok, out, BATCH_ROW_DIGITS);
    out[BATCH_ROW_DIGITS] = '-';
    ok = ok && begin_digest(digest) && add_text(digest, journals->settings) &&
         add_text(digest, row->fields[BATCH_USER]);
    ok = end_digest(digest, ok, out + BATCH_ROW_DIGITS + 1, BATCH_SETTINGS_DIGITS);
    EVP_MD_CTX_free(digest);
    return ok ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

/* --- what is there --- */

static int compare_names(const void *one, const void *other)
{
    return strcmp(certenroll_journal_name(*(const certenroll_journal *const *)one),
                  certenroll_journal_name(*(const certenroll_journal *const *)other));
}

int batch_journals_start(struct batch_journals *journals, struct tool *tool,
                         const struct setup *setup, certenroll_error **error)
{
    const struct options *options = &tool->options;
    int ok, status = certenroll_journal_list_new(&journals->list, tool->context, options->journal,
                                                 error);
    EVP_MD_CTX *digest;

    if (status < 0)
        return status;
    journals->count = certenroll_journal_list_count(journals->list);
    journals->by_name = calloc(journals->count + 1, sizeof(*journals->by_name));
    if (!journals->by_name)
        return certenroll_error_set_memory(error);
    for (size_t i = 0; i < journals->count; i++)
        journals->by_name[i] = certenroll_journal_list_at(journals->list, i);
    qsort(journals->by_name, journals->count, sizeof(*journals->by_name), compare_names);

    digest = EVP_MD_CTX_new();
    ok = begin_digest(digest) && add_text(digest, options->url) &&
         add_file(digest, options->trust_anchor) && add_file(digest, options->tls_anchor) &&
         add_text(digest, options->ca_names ? "ca-names" : "") &&
         add_text(digest, setup->request.extended_key_usage) &&
         add_number(digest, setup->request.key_usage);
    ok = end_digest(digest, ok, journals->settings, sizeof(journals->settings) - 1);
    EVP_MD_CTX_free(digest);
    return ok ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

void batch_journals_clear(struct batch_journals *journals)
{
    free(journals->by_name);
    certenroll_journal_list_free(journals->list);
}

/* The first one whose name is not before that of the row. */
static size_t first_of(const struct batch_journals *journals, const char *name)
{
    size_t low = 0, high = journals->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strncmp(certenroll_journal_name(journals->by_name[middle]), name, BATCH_ROW_DIGITS) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const certenroll_journal *batch_journal_find(const struct batch_journals *journals,
                                             const char *name)
{
    const certenroll_journal *found = NULL;

    for (size_t i = first_of(journals, name); i < journals->count; i++) {
        const certenroll_journal *journal = journals->by_name[i];
        const char *its_name = certenroll_journal_name(journal);

        if (strncmp(its_name, name, BATCH_ROW_DIGITS) != 0)
            break;
        if (!certenroll_journal_problem(journal) && certenroll_journal_is_finished(journal))
            return journal;
        if (!found || strcmp(its_name, name) == 0)
            found = journal;
    }
    return found;
}
