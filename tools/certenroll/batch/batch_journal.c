/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/batch_journal.h"

#include "common/file.h"

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
    return add_number(digest, length) && EVP_DigestUpdate(digest, bytes, length);
}

static int add_text(EVP_MD_CTX *digest, const char *text)
{
    return add_part(digest, text ? text : "", text ? strlen(text) : 0);
}

static EVP_MD_CTX *begin(void)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();

    if (digest && !EVP_DigestInit_ex(digest, EVP_sha256(), NULL)) {
        EVP_MD_CTX_free(digest);
        return NULL;
    }
    return digest;
}

/* The first `digits` of the digest in hexadecimal; frees the context. 0 on failure. */
static int finish(EVP_MD_CTX *digest, int ok, char *out, size_t digits)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    static const char hex[] = "0123456789abcdef";

    ok = ok && EVP_DigestFinal_ex(digest, bytes, NULL);
    for (size_t i = 0; ok && i < digits; i++)
        out[i] = hex[i % 2 ? bytes[i / 2] & 0xf : bytes[i / 2] >> 4];
    out[digits] = '\0';
    EVP_MD_CTX_free(digest);
    return ok;
}

/* The file's bytes, of whatever the library has made anchors already. */
static int add_file(EVP_MD_CTX *digest, const char *path)
{
    unsigned char *bytes = NULL;
    struct failure failure = { 0 };
    size_t length = 0;
    int ok;

    if (path)
        (void)file_read(&bytes, &length, path, ANCHORS_MAX, &failure);
    ok = add_part(digest, bytes ? (const char *)bytes : "", bytes ? length : 0);
    free(bytes);
    return ok;
}

static int digest_settings(struct batch_journals *journals, const struct options *options,
                           const struct setup *setup)
{
    EVP_MD_CTX *digest = begin();
    int ok = digest && add_text(digest, options->url) && add_file(digest, options->trust_anchor) &&
             add_file(digest, options->tls_anchor) &&
             add_text(digest, options->ca_names ? "ca-names" : "") &&
             add_text(digest, setup->request.extended_key_usage) &&
             add_number(digest, setup->request.key_usage);

    return finish(digest, ok, journals->settings, sizeof(journals->settings) - 1);
}

int batch_journal_name(char out[CERTENROLL_TOOL_NAME_SIZE], const struct batch_journals *journals,
                       const struct batch_row *row, const char *token_identity)
{
    EVP_MD_CTX *digest = begin();
    int ok = digest && add_text(digest, row->fields[BATCH_SUBJECT]) &&
             add_text(digest, token_identity) && add_text(digest, row->fields[BATCH_LABEL]) &&
             add_text(digest, certenroll_key_type_name(row->key_type));

    for (size_t i = 0; ok && i < row->alt_names_count; i++)
        ok = add_text(digest, row->alt_names[i]);
    ok = finish(digest, ok, out, BATCH_ROW_DIGITS);
    out[BATCH_ROW_DIGITS] = '-';
    digest = ok ? begin() : NULL;
    ok =
        digest && add_text(digest, journals->settings) && add_text(digest, row->fields[BATCH_USER]);
    ok = finish(digest, ok, out + BATCH_ROW_DIGITS + 1, BATCH_SETTINGS_DIGITS);
    return ok ? CERTENROLL_OK : CERTENROLL_E_MEMORY;
}

/* --- what is there --- */

static int compare_names(const void *one, const void *other)
{
    return strcmp(certenroll_journal_name(*(const certenroll_journal *const *)one),
                  certenroll_journal_name(*(const certenroll_journal *const *)other));
}

static int sort(struct batch_journals *journals)
{
    journals->count = certenroll_journal_list_count(journals->list);
    journals->by_name = calloc(journals->count + 1, sizeof(*journals->by_name));
    if (!journals->by_name)
        return CERTENROLL_E_MEMORY;
    for (size_t i = 0; i < journals->count; i++)
        journals->by_name[i] = certenroll_journal_list_at(journals->list, i);
    qsort(journals->by_name, journals->count, sizeof(*journals->by_name), compare_names);
    return CERTENROLL_OK;
}

int batch_journals_start(struct batch_journals *journals, struct tool *tool,
                         const struct setup *setup)
{
    certenroll_error *error = NULL;

    if (certenroll_journal_list_new(&journals->list, tool->context, tool->options.journal, &error) <
        0)
        return failure_take(&tool->failure, error);
    if (sort(journals) < 0 || !digest_settings(journals, &tool->options, setup))
        return failure_memory(&tool->failure);
    return CERTENROLL_OK;
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
