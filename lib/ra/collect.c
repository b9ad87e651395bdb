/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* nanosleep */

#include "common/ra_collect.h"

#include "common/message.h"
#include "common/ra_call.h"
#include "common/strict_json.h"
#include "common/text.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIES 3 /* where the network fails */
#define PAUSE_SECONDS 2

/* --- the journal's name --- */

#define DIGEST_BYTES 16 /* of 32: enough to tell a person's journals apart */

int ra_journal_name(char out[RA_JOURNAL_NAME_SIZE], const char *prefix,
                    const struct ra_place *place, const certenroll_token *token, const char *name,
                    struct failure *failure)
{
    const certenroll_token_info *info = certenroll_token_get_info(token);
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[1024], *hex;
    int length = snprintf(text, sizeof(text), "%s\n%s\n%s\n%s", place->est, name,
                          certenroll_token_info_label(info), certenroll_token_info_serial(info));

    if (length < 0 || (size_t)length >= sizeof(text))
        return failure_set(failure, CERTENROLL_E_ARGUMENT, "%s", _("the name is too long"));
    if (!EVP_Q_digest(NULL, "SHA256", NULL, text, (size_t)length, digest, NULL) ||
        !(hex = text_hex(digest, DIGEST_BYTES)))
        return failure_memory(failure);
    snprintf(out, RA_JOURNAL_NAME_SIZE, "%s-%s", prefix, hex);
    free(hex);
    return CERTENROLL_OK;
}

static int journal_name(char out[RA_JOURNAL_NAME_SIZE], const struct ra_collection *what,
                        struct failure *failure)
{
    return ra_journal_name(out, "collect", what->place, what->token, what->name, failure);
}

/* --- what an earlier one has left --- */

/* The pair's ID, too. */
static int look_at(enum ra_leftover *out, struct ra_collected *pair,
                   const certenroll_journal *journal, struct failure *failure)
{
    const certenroll_error *problem = certenroll_journal_problem(journal);

    if (!problem) {
        const unsigned char *id = certenroll_journal_id(journal, &pair->id_length);

        memcpy(pair->id, id, pair->id_length);
        *out = certenroll_journal_state(journal) == CERTENROLL_STATE_CONFIRMED ? RA_LEFT_UNCONFIRMED
                                                                               : RA_LEFT_UNFINISHED;
        return CERTENROLL_OK;
    }
    failure_set(failure, certenroll_error_status(problem), "%s", certenroll_error_what(problem));
    failure_because(failure, "%s", certenroll_error_why(problem));
    failure_advise(failure, "%s", certenroll_error_advice(problem));
    return failure->status;
}

static int find(enum ra_leftover *out, struct ra_collected *pair, const struct ra_collection *what,
                struct failure *failure)
{
    char name[RA_JOURNAL_NAME_SIZE];
    certenroll_journal_list *list = NULL;
    certenroll_error *error = NULL;
    int status = journal_name(name, what, failure);

    *out = RA_LEFT_NOTHING;
    if (status < 0)
        return status;
    if (certenroll_journal_list_new(&list, what->context, what->journal_directory, &error) < 0)
        return failure_take(failure, error);
    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_journal_list_count(list); i++) {
        const certenroll_journal *journal = certenroll_journal_list_at(list, i);

        if (strcmp(certenroll_journal_name(journal), name) == 0)
            status = look_at(out, pair, journal, failure);
    }
    certenroll_journal_list_free(list);
    return status;
}

int ra_collect_find(enum ra_leftover *out, const struct ra_collection *what,
                    struct failure *failure)
{
    struct ra_collected pair;

    return find(out, &pair, what, failure);
}

int ra_collect_take_back(const struct ra_collection *what, struct failure *failure)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    char name[RA_JOURNAL_NAME_SIZE];
    certenroll_error *error = NULL;
    int status = journal_name(name, what, failure);

    options.journal_directory = what->journal_directory;
    if (status == CERTENROLL_OK &&
        (certenroll_enrolment_resume(&enrolment, what->token, name, &options, &error) < 0 ||
         certenroll_enrolment_abandon(enrolment, &error) < 0))
        status = failure_take(failure, error);
    certenroll_enrolment_free(enrolment);
    return status;
}

int ra_collect_settle(const struct ra_collection *what, struct failure *failure)
{
    char name[RA_JOURNAL_NAME_SIZE];
    certenroll_error *error = NULL;
    int status = journal_name(name, what, failure);

    if (status == CERTENROLL_OK &&
        certenroll_journal_remove(what->context, what->journal_directory, name, 0, &error) < 0)
        status = failure_take(failure, error);
    return status;
}

/* --- asking again --- */

static void sleep_until(int64_t when)
{
    struct timespec target = { .tv_sec = (time_t)when };

    while (time(NULL) < (time_t)when)
        (void)clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &target, NULL);
}

/* Non-zero, after a pause, while another try makes sense: the job runs out. */
static int may_try_again(int tries, const struct ra_job *job)
{
    int64_t next = (int64_t)time(NULL) + PAUSE_SECONDS;

    if (tries >= TRIES || next >= job->expires)
        return 0;
    sleep_until(next);
    return 1;
}

/* --- the enrolment --- */

static int give_token(void *user, const certenroll_secret_request *request, char *buffer,
                      size_t capacity, size_t *length)
{
    const struct ra_job *job = user;
    size_t size = strlen(job->token);

    *length = 0;
    if (request->kind != CERTENROLL_SECRET_PASSWORD || size > capacity)
        return CERTENROLL_E_CANCELLED;
    memcpy(buffer, job->token, size);
    *length = size;
    return CERTENROLL_OK;
}

/* "CN=" and the name, escaped by RFC 4514 §2.4. Freed by free(). */
static char *subject_of(const char *name)
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

static int begin(certenroll_enrolment **out, const struct ra_collection *what,
                 const struct ra_job *job, const char *subject, struct failure *failure)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    char name[RA_JOURNAL_NAME_SIZE];
    certenroll_error *error = NULL;
    int status = journal_name(name, what, failure);

    if (status < 0)
        return status;
    request.subject = subject;
    key.type = what->key_type;
    key.label = what->name;
    options.est_url = what->place->est;
    options.anchors = what->place->anchors;
    options.username = job->id;
    options.secret = give_token;
    options.secret_user = (void *)job;
    options.request = &request;
    options.key = &key;
    options.journal_directory = what->journal_directory;
    options.journal_name = name;
    options.keep_journal = 1; /* until the RA has confirmed */
    options.progress = what->progress;
    options.progress_user = what->progress_user;
    if (certenroll_enrolment_new(out, what->token, &options, &error) < 0)
        return failure_take(failure, error);
    return CERTENROLL_OK;
}

static int run(certenroll_enrolment *enrolment, const struct ra_job *job, struct failure *failure)
{
    for (int tries = 1;; tries++) {
        certenroll_error *error = NULL;
        int status = certenroll_enrolment_run(enrolment, &error);
        int64_t retry_at = certenroll_enrolment_retry_at(enrolment);

        if (status == CERTENROLL_PENDING && retry_at && retry_at < job->expires) {
            sleep_until(retry_at);
            tries = 0;
            continue;
        }
        if (status == CERTENROLL_PENDING)
            return failure_set(failure, CERTENROLL_E_SERVER, "%s",
                               _("the RA wants more time than it gives for this"));
        if (status == CERTENROLL_OK)
            return status;
        if (status != CERTENROLL_E_NETWORK || !may_try_again(tries, job))
            return failure_take(failure, error);
        certenroll_error_free(error);
    }
}

/* --- what the RA is told --- */

static int call_job(json_t **answer, const struct ra_collection *what, const struct ra_job *job,
                    const char *path, json_t *body, const struct ra_collected *pair,
                    struct failure *failure)
{
    struct ra_call call = { .context = what->context,
                            .place = what->place,
                            .origin = what->place->est,
                            .path = path,
                            .bearer = job->token,
                            .body = body };

    if (pair) {
        call.token = what->token;
        call.id = pair->id;
        call.id_length = pair->id_length;
    }
    return ra_call(answer, &call, NULL, failure);
}

/* So that the job's page says so, too. That it could not be told changes nothing. */
static void tell_failure(const struct ra_collection *what, const struct ra_job *job, int status)
{
    struct failure untold = { 0 };
    json_t *answer = NULL;

    (void)call_job(&answer, what, job, "/.well-known/certenroll/job/fail",
                   json_pack("{s:s}", "reason", certenroll_status_name(status)), NULL, &untold);
    strict_json_free(answer);
}

static int confirm(struct ra_collected *out, const struct ra_collection *what,
                   const struct ra_job *job, struct failure *failure)
{
    for (int tries = 1;; tries++) {
        struct failure last = { 0 };
        json_t *answer = NULL;
        int status = call_job(&answer, what, job, "/.well-known/certenroll/job/confirm",
                              json_object(), out, &last);

        if (status == CERTENROLL_OK)
            out->not_after = json_integer_value(json_object_get(answer, "not_after"));
        strict_json_free(answer);
        if (status == CERTENROLL_OK)
            return status;
        if (status != CERTENROLL_E_NETWORK || !may_try_again(tries, job)) {
            *failure = last;
            return status;
        }
    }
}

/* --- all --- */

int ra_is_final(int status)
{
    return status == CERTENROLL_E_AUTHENTICATION || status == CERTENROLL_E_REJECTED ||
           status == CERTENROLL_E_OBJECT_NOT_FOUND;
}

static int finish(struct ra_collected *out, const struct ra_collection *what,
                  const struct ra_job *job, struct failure *failure)
{
    int status = confirm(out, what, job, failure);

    if (status == CERTENROLL_OK)
        return ra_collect_settle(what, failure);
    if (ra_is_final(status)) {
        struct failure also = { 0 };

        (void)ra_collect_take_back(what, &also);
    } else {
        failure_advise(failure, "%s",
                       _("The certificate is on the token, but the bank has not confirmed it and "
                         "revokes it in ten minutes. Begin again: what is left is looked after."));
    }
    return status;
}

static void take_id(struct ra_collected *out, const certenroll_enrolment *enrolment)
{
    const unsigned char *id =
        certenroll_key_get_id(certenroll_enrolment_key(enrolment), &out->id_length);

    memcpy(out->id, id, out->id_length);
}

/* That it failed is not told: the first failure is, and the journal stays for the next run. */
static void abandon(certenroll_enrolment *enrolment)
{
    certenroll_error *error = NULL;

    if (enrolment && certenroll_enrolment_abandon(enrolment, &error) < 0)
        certenroll_error_free(error);
}

static int collect(struct ra_collected *out, const struct ra_collection *what,
                   const struct ra_job *job, struct failure *failure)
{
    certenroll_enrolment *enrolment = NULL;
    char *subject = subject_of(what->name);
    int status = subject ? begin(&enrolment, what, job, subject, failure) : failure_memory(failure);

    if (status == CERTENROLL_OK)
        status = run(enrolment, job, failure);
    if (status == CERTENROLL_OK) {
        take_id(out, enrolment);
    } else {
        tell_failure(what, job, status);
        abandon(enrolment);
    }
    certenroll_enrolment_free(enrolment);
    free(subject);
    return status == CERTENROLL_OK ? finish(out, what, job, failure) : status;
}

int ra_collect(struct ra_collected *out, const struct ra_collection *what, const struct ra_job *job,
               struct failure *failure)
{
    enum ra_leftover leftover = RA_LEFT_NOTHING;
    struct failure former = { 0 };
    int status;

    memset(out, 0, sizeof(*out));
    status = find(&leftover, out, what, failure);
    if (status < 0 || leftover == RA_LEFT_NOTHING)
        return status < 0 ? status : collect(out, what, job, failure);
    status =
        leftover == RA_LEFT_UNCONFIRMED ? confirm(out, what, job, &former) : CERTENROLL_E_REJECTED;
    if (status == CERTENROLL_OK)
        return ra_collect_settle(what, failure);
    if (!ra_is_final(status)) {
        *failure = former;
        return status;
    }
    status = ra_collect_take_back(what, failure);
    return status == CERTENROLL_OK ? collect(out, what, job, failure) : status;
}
