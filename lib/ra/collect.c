/* SPDX-License-Identifier: Apache-2.0 */
/* One certificate collected under a job of the RA (docs/ra.md, "The job"). */
#include "base/message.h"
#include "base/option_struct.h"
#include "base/platform.h"
#include "ra/collection.h"
#include "ra/job_calls.h"
#include "ra/view.h"

#include <certenroll/enrolment.h>

#include <stdlib.h>
#include <string.h>

#define TRIES 3 /* where the network fails */
#define PAUSE_SECONDS 2

struct collecting {
    struct collection collection;
    certenroll_ra_view view;
    const certenroll_ra_job *job;
};

/* --- asking again --- */

/* Non-zero, after a pause and with the error cleared, while another try makes sense: the job runs
 * out. Who ends it meanwhile is told so. */
static int may_try_again(const struct collecting *c, int tries, int *status,
                         certenroll_error **error)
{
    if (tries >= TRIES || ce_now() + PAUSE_SECONDS >= c->job->expires)
        return 0;
    certenroll_error_clear(error);
    *status = view_wait(&c->view, PAUSE_SECONDS, error);
    return *status == CERTENROLL_OK;
}

/* --- the enrolment --- */

static int give_token(void *user, const certenroll_secret_request *request, char *buffer,
                      size_t capacity, size_t *length)
{
    const struct collecting *c = user;
    size_t size = strlen(c->job->token);

    *length = 0;
    if (request->kind != CERTENROLL_SECRET_PASSWORD || size > capacity)
        return CERTENROLL_E_CANCELLED;
    memcpy(buffer, c->job->token, size);
    *length = size;
    return CERTENROLL_OK;
}

static void show_step(void *user, certenroll_state state)
{
    const struct collecting *c = user;

    switch (state) {
    case CERTENROLL_STATE_KEY_READY:
        view_log(&c->view, "%s", _("The key was made in the token."));
        break;
    case CERTENROLL_STATE_SUBMITTED:
        view_log(&c->view, "%s", _("The request goes to the RA."));
        break;
    case CERTENROLL_STATE_ISSUED:
        view_log(&c->view, "%s", _("The certificate came and passed every check."));
        break;
    case CERTENROLL_STATE_INSTALLED:
        view_log(&c->view, "%s", _("The certificate is on the token."));
        break;
    default:
        break;
    }
    if (c->view.progress)
        c->view.progress(c->view.user, state);
}

static int begin(certenroll_enrolment **out, struct collecting *c, certenroll_error **error)
{
    const certenroll_ra_collection *what = &c->collection.what;
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    char *subject = subject_of(what->name);
    int status;

    if (!subject)
        return certenroll_error_set_memory(error);
    request.subject = subject;
    key.type = what->key_type;
    key.label = what->name;
    options.est_url = certenroll_ra_est(what->ra);
    options.anchors = certenroll_ra_anchors(what->ra);
    options.username = c->job->id;
    options.secret = give_token;
    options.secret_user = c;
    options.request = &request;
    options.key = &key;
    options.journal_directory = what->journal_directory;
    options.journal_name = c->collection.journal;
    options.keep_journal = 1; /* until the RA has confirmed */
    /* Whoever ordered it knows of the pair that is there: launch.c has told it. */
    options.another = CERTENROLL_ANOTHER_PAIR;
    options.progress = show_step;
    options.progress_user = c;
    status = certenroll_enrolment_new(out, what->token, &options, error);
    free(subject);
    return status;
}

static int run(certenroll_enrolment *enrolment, const struct collecting *c,
               certenroll_error **error)
{
    for (int tries = 1;; tries++) {
        int status = certenroll_enrolment_run(enrolment, error);
        int64_t now = ce_now(), retry_at = certenroll_enrolment_retry_at(enrolment);

        if (status == CERTENROLL_PENDING && retry_at && retry_at < c->job->expires) {
            status = view_wait(&c->view, retry_at > now ? (int)(retry_at - now) : 1, error);
            if (status < 0)
                return status;
            tries = 0;
            continue;
        }
        if (status == CERTENROLL_PENDING)
            return certenroll_error_set(error, CERTENROLL_E_SERVER,
                                        _("the RA wants more time than it gives for this"));
        if (status != CERTENROLL_E_NETWORK || !may_try_again(c, tries, &status, error))
            return status;
    }
}

/* --- the confirmation --- */

int certenroll_ra_is_final(int status)
{
    return status == CERTENROLL_E_AUTHENTICATION || status == CERTENROLL_E_REJECTED ||
           status == CERTENROLL_E_OBJECT_NOT_FOUND;
}

static int confirm(certenroll_ra_collected *pair, const struct collecting *c,
                   certenroll_error **error)
{
    for (int tries = 1;; tries++) {
        int status = job_confirm(pair, &c->collection.what, c->job, error);

        if (status != CERTENROLL_E_NETWORK || !may_try_again(c, tries, &status, error))
            return status;
    }
}

static int finish(certenroll_ra_collected *pair, const struct collecting *c,
                  certenroll_error **error)
{
    int status = confirm(pair, c, error);

    if (status == CERTENROLL_OK)
        return leftover_settle(&c->collection, error);
    if (certenroll_ra_is_final(status))
        (void)leftover_take_back(&c->collection, NULL);
    else
        certenroll_error_advise(
            error, _("The certificate is on the token, but the bank has not confirmed it and "
                     "revokes it in ten minutes. Begin again: what is left is looked after."));
    return status;
}

/* --- all --- */

static int collect(certenroll_ra_collected *pair, struct collecting *c, certenroll_error **error)
{
    certenroll_enrolment *enrolment = NULL;
    int status = begin(&enrolment, c, error);

    if (status == CERTENROLL_OK)
        status = run(enrolment, c, error);
    if (status == CERTENROLL_OK) {
        const unsigned char *id =
            certenroll_key_get_id(certenroll_enrolment_key(enrolment), &pair->id_length);

        memcpy(pair->id, id, pair->id_length);
    } else {
        job_tell_failure(&c->collection.what, c->job, status);
        /* That this fails, too, is not told: the journal stays for the next run. */
        if (enrolment)
            (void)!certenroll_enrolment_abandon(enrolment, NULL, NULL);
    }
    certenroll_enrolment_free(enrolment);
    return status == CERTENROLL_OK ? finish(pair, c, error) : status;
}

int certenroll_ra_collect(certenroll_ra_collected *out, const certenroll_ra_collection *what,
                          const certenroll_ra_job *job, certenroll_error **error)
{
    struct collecting c = { .view = CERTENROLL_RA_VIEW_INIT, .job = job };
    certenroll_ra_leftover leftover = CERTENROLL_RA_LEFT_NOTHING;
    int status = collection_take(&c.collection, what, error);

    if (status == CERTENROLL_OK && out->size < sizeof(*out))
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("an option struct has the size %zu, not %zu"), out->size,
                                      sizeof(*out));
    if (status == CERTENROLL_OK)
        status = ce_options_take(&c.view, sizeof(c.view), c.collection.what.view, error);
    if (status != CERTENROLL_OK)
        return status;
    *out = (certenroll_ra_collected){ .size = out->size };
    status = leftover_find(&leftover, out, &c.collection, error);
    if (status < 0 || leftover == CERTENROLL_RA_LEFT_NOTHING)
        return status < 0 ? status : collect(out, &c, error);
    if (leftover == CERTENROLL_RA_LEFT_UNCONFIRMED) {
        status = confirm(out, &c, error);
        if (status == CERTENROLL_OK)
            return leftover_settle(&c.collection, error);
        if (!certenroll_ra_is_final(status))
            return status;
        certenroll_error_clear(error);
    }
    status = leftover_take_back(&c.collection, error);
    return status == CERTENROLL_OK ? collect(out, &c, error) : status;
}
