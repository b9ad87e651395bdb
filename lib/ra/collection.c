/* SPDX-License-Identifier: Apache-2.0 */
#include "ra/collection.h"

#include "base/message.h"
#include "base/openssl_error.h"
#include "base/option_struct.h"
#include "base/text.h"

#include <certenroll/enrolment.h>

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- taking one over --- */

#define DIGEST_BYTES 16 /* of 32: enough to tell a person's journals apart */

static int take(certenroll_ra_collection *own, const certenroll_ra_collection *what,
                certenroll_error **error)
{
    int status = ce_options_take(own, sizeof(*own), what, error);

    if (status == CERTENROLL_OK && !(own->context && own->ra && own->token && own->name))
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("a collection needs a context, an RA, a token and a name"));
    return status;
}

int certenroll_ra_journal_name(char out[CERTENROLL_RA_JOURNAL_NAME_SIZE], const char *prefix,
                               const certenroll_ra_collection *what, certenroll_error **error)
{
    certenroll_ra_collection own = CERTENROLL_RA_COLLECTION_INIT;
    const certenroll_token_info *info;
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[1024], hex[2 * DIGEST_BYTES + 1];
    int length, status = take(&own, what, error);

    if (status != CERTENROLL_OK)
        return status;
    info = certenroll_token_get_info(own.token);
    length = snprintf(text, sizeof(text), "%s\n%s\n%s\n%s", certenroll_ra_est(own.ra), own.name,
                      certenroll_token_info_label(info), certenroll_token_info_serial(info));
    if (length < 0 || (size_t)length >= sizeof(text))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the name is too long"));
    if (!EVP_Q_digest(NULL, "SHA256", NULL, text, (size_t)length, digest, NULL))
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot make a digest"));
    ce_hex(hex, sizeof(hex), digest, DIGEST_BYTES);
    if (snprintf(out, CERTENROLL_RA_JOURNAL_NAME_SIZE, "%s-%s", prefix, hex) >=
        CERTENROLL_RA_JOURNAL_NAME_SIZE)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the name is too long"));
    return CERTENROLL_OK;
}

int collection_take(struct collection *out, const certenroll_ra_collection *what,
                    certenroll_error **error)
{
    int status;

    out->what = (certenroll_ra_collection)CERTENROLL_RA_COLLECTION_INIT;
    status = take(&out->what, what, error);
    return status == CERTENROLL_OK
               ? certenroll_ra_journal_name(out->journal, "collect", &out->what, error)
               : status;
}

char *subject_of(const char *name)
{
    size_t used = strlen("CN="), length = strlen(name);
    char *subject = malloc(used + 2 * length + 1);

    if (!subject)
        return NULL;
    memcpy(subject, "CN=", used);
    for (size_t i = 0; i < length; i++) {
        int at_an_end = i == 0 || i + 1 == length;

        if (strchr(",+\"\\<>;=#", name[i]) || (name[i] == ' ' && at_an_end))
            subject[used++] = '\\';
        subject[used++] = name[i];
    }
    subject[used] = '\0';
    return subject;
}

/* --- what an earlier one has left --- */

static int look_at(certenroll_ra_leftover *out, certenroll_ra_collected *pair,
                   const certenroll_journal *journal, certenroll_error **error)
{
    const certenroll_error *problem = certenroll_journal_problem(journal);
    const unsigned char *id;

    if (problem) {
        if (error)
            *error = certenroll_error_copy(problem);
        return certenroll_error_status(problem);
    }
    id = certenroll_journal_id(journal, &pair->id_length);
    memcpy(pair->id, id, pair->id_length);
    *out = certenroll_journal_state(journal) == CERTENROLL_STATE_CONFIRMED
               ? CERTENROLL_RA_LEFT_UNCONFIRMED
               : CERTENROLL_RA_LEFT_UNFINISHED;
    return CERTENROLL_OK;
}

int leftover_find(certenroll_ra_leftover *out, certenroll_ra_collected *pair,
                  const struct collection *collection, certenroll_error **error)
{
    certenroll_journal_list *list = NULL;
    int status = certenroll_journal_list_new(&list, collection->what.context,
                                             collection->what.journal_directory, error);

    *out = CERTENROLL_RA_LEFT_NOTHING;
    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_journal_list_count(list); i++) {
        const certenroll_journal *journal = certenroll_journal_list_at(list, i);

        if (strcmp(certenroll_journal_name(journal), collection->journal) == 0)
            status = look_at(out, pair, journal, error);
    }
    certenroll_journal_list_free(list);
    return status;
}

int leftover_take_back(const struct collection *collection, certenroll_error **error)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    int status;

    options.journal_directory = collection->what.journal_directory;
    status = certenroll_enrolment_resume(&enrolment, collection->what.token, collection->journal,
                                         &options, error);
    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_abandon(enrolment, NULL, error);
    certenroll_enrolment_free(enrolment);
    return status;
}

int leftover_settle(const struct collection *collection, certenroll_error **error)
{
    return certenroll_journal_remove(collection->what.context, collection->what.journal_directory,
                                     collection->journal, 0, error);
}

int certenroll_ra_leftover_find(certenroll_ra_leftover *out, const certenroll_ra_collection *what,
                                certenroll_error **error)
{
    struct collection collection;
    certenroll_ra_collected pair;
    int status = collection_take(&collection, what, error);

    *out = CERTENROLL_RA_LEFT_NOTHING;
    return status == CERTENROLL_OK ? leftover_find(out, &pair, &collection, error) : status;
}

int certenroll_ra_leftover_take_back(const certenroll_ra_collection *what, certenroll_error **error)
{
    struct collection collection;
    int status = collection_take(&collection, what, error);

    return status == CERTENROLL_OK ? leftover_take_back(&collection, error) : status;
}

int certenroll_ra_leftover_settle(const certenroll_ra_collection *what, certenroll_error **error)
{
    struct collection collection;
    int status = collection_take(&collection, what, error);

    return status == CERTENROLL_OK ? leftover_settle(&collection, error) : status;
}
