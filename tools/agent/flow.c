/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"

#include "activity.h"
#include "ask.h"
#include "common/log.h"
#include "common/message.h"
#include "common/ra_collect.h"
#include "date.h"
#include "environment.h"
#include "job.h"
#include "launch.h"
#include "present.h"

#include <string.h>

#define PIN_TRIES 3

struct flow {
    struct ra_config config;
    struct launch launch;
    const struct ra_place *place;
    certenroll_context *context;
    certenroll_token *token;
    struct job *job;
    struct asking asking;
    struct plan plan;
    int is_kept; /* the person keeps the certificate that is there */
};

/* --- before anything is sent --- */

static int refuse_origin(const struct launch *launch, struct failure *failure)
{
    failure_set(failure, CERTENROLL_E_ARGUMENT,
                _("the launch file is for %s, which is not in the configuration"), launch->origin);
    failure_advise(failure, "%s",
                   _("Do not trust the page that it came from, unless your system's administrator "
                     "adds that bank."));
    return failure->status;
}

static int read_files(struct flow *flow, const struct order *order, struct failure *failure)
{
    int status = ra_config_load(&flow->config, order->config, failure);

    if (status == CERTENROLL_OK)
        status = launch_read(&flow->launch, order->file, failure);
    if (status != CERTENROLL_OK)
        return status;
    flow->place = ra_config_find(&flow->config, flow->launch.origin);
    if (!flow->place)
        return refuse_origin(&flow->launch, failure);
    activity(_("The launch file is one of %s (%s)."), flow->place->name, flow->place->est);
    return CERTENROLL_OK;
}

static int open_token(struct flow *flow, const struct order *order, struct failure *failure)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    const certenroll_token_info *info;
    certenroll_error *error = NULL;

    flow->asking.pinentry = flow->config.pinentry;
    options.module_path = flow->config.module;
    options.secret = ask_pin;
    options.secret_user = &flow->asking;
    if (certenroll_context_new(&flow->context, &error) < 0)
        return failure_take(failure, error);
    if (order->log_level)
        certenroll_context_set_log(flow->context, (certenroll_log_level)order->log_level,
                                   log_to_stderr, NULL);
    if (certenroll_token_open(&flow->token, flow->context, flow->config.token, &options, &error) <
        0)
        return failure_take(failure, error);
    info = certenroll_token_get_info(flow->token);
    activity(_("The token is %s, serial number %s."), certenroll_token_info_label(info),
             certenroll_token_info_serial(info));
    return CERTENROLL_OK;
}

/* --- the RA and the page --- */

static int redeem(struct flow *flow, struct failure *failure)
{
    int status = job_redeem(&flow->job, flow->context, flow->place, &flow->launch, failure);

    if (status != CERTENROLL_OK)
        return status;
    activity(_("Accepting requests. The number on the page must be this one: %s"),
             flow->job->number);
    activity(_("Now press \"Execute\" on the page."));
    return job_wait(flow->job, failure);
}

static const char *host_of(const struct ra_place *place)
{
    return place->est + strlen("https://");
}

static int consent(struct flow *flow, struct failure *failure)
{
    flow->plan = (struct plan){
        .ra = flow->place->name,
        .host = host_of(flow->place),
        .name = flow->job->name,
        .token = certenroll_token_get_info(flow->token),
    };
    activity(_("\"Execute\" was pressed: a certificate for \"%s\" is to be put on the token."),
             flow->job->name);
    return ask_consent(&flow->asking, &flow->plan, failure);
}

/* --- the token --- */

/* Why no PIN was given says more than that none was. */
static int take_pin_failure(struct flow *flow, certenroll_error *error, struct failure *failure)
{
    if (certenroll_error_status(error) != flow->asking.failure.status)
        return failure_take(failure, error);
    certenroll_error_free(error);
    *failure = flow->asking.failure;
    return failure->status;
}

/* One of a length that the token does not take costs no try, and is as wrong. */
static int is_wrong_pin(int status)
{
    return status == CERTENROLL_E_PIN_INCORRECT || status == CERTENROLL_E_PIN_INVALID;
}

static int log_in(struct flow *flow, struct failure *failure)
{
    for (int tries = 1;; tries++) {
        certenroll_error *error = NULL;
        int status = certenroll_token_login(flow->token, &error);

        if (status == CERTENROLL_OK)
            return status;
        if (!is_wrong_pin(status) || tries == PIN_TRIES)
            return take_pin_failure(flow, error, failure);
        certenroll_error_free(error);
        flow->asking.was_wrong = 1;
        activity(_("That was not the PIN."));
    }
}

static void show_step(void *user, certenroll_state state)
{
    (void)user;
    switch (state) {
    case CERTENROLL_STATE_KEY_READY:
        activity(_("The key was made in the token."));
        break;
    case CERTENROLL_STATE_SUBMITTED:
        activity(_("The request goes to the RA."));
        break;
    case CERTENROLL_STATE_ISSUED:
        activity(_("The certificate came and passed every check."));
        break;
    case CERTENROLL_STATE_INSTALLED:
        activity(_("The certificate is on the token."));
        break;
    default:
        break;
    }
}

static struct ra_collection collection_of(const struct flow *flow)
{
    return (struct ra_collection){
        .context = flow->context,
        .place = flow->place,
        .token = flow->token,
        .key_type = flow->config.key_type,
        .name = flow->job->name,
        .progress = show_step,
    };
}

/* What an agent has left that was ended in the middle: its job is over, so nothing can come of it.
 */
static int remove_leftovers(const struct flow *flow, struct failure *failure)
{
    const struct ra_collection what = collection_of(flow);

    activity(_("An earlier attempt was broken off: what it left on the token is removed."));
    return ra_collect_take_back(&what, failure);
}

/* A card that came from another computer needs no new certificate. */
static int offer_present(struct flow *flow, const struct present *present, struct failure *failure)
{
    char until[DATE_SIZE];

    date_text(until, present->not_after);
    if (present->standing == STANDING_NONE)
        return CERTENROLL_OK;
    if (present->standing == STANDING_REVOKED) {
        activity(_("The token also holds a certificate of this name that was revoked (valid until "
                   "%s): in the browser choose the new one."),
                 until);
        return CERTENROLL_OK;
    }
    activity(_("The token already holds a certificate of this name that is valid until %s."),
             until);
    return ask_keep(&flow->asking, &flow->is_kept, &flow->plan, present->not_after,
                    present->standing == STANDING_VALID, failure);
}

/* A pair of which the RA's confirmation was not heard: revoked, it goes; else it is like any other.
 */
static int judge_unconfirmed(const struct flow *flow, struct present *present,
                             struct failure *failure)
{
    const struct ra_collection what = collection_of(flow);

    if (present->standing != STANDING_REVOKED)
        return ra_collect_settle(&what, failure);
    present->standing = STANDING_NONE;
    return remove_leftovers(flow, failure);
}

static int look_at_token(struct flow *flow, struct failure *failure)
{
    const struct ra_collection what = collection_of(flow);
    enum ra_leftover left = RA_LEFT_NOTHING;
    struct present present;
    int status = ra_collect_find(&left, &what, failure);

    if (status == CERTENROLL_OK && left == RA_LEFT_UNFINISHED)
        status = remove_leftovers(flow, failure);
    if (status == CERTENROLL_OK)
        status = present_find(&present, flow->context, flow->token, flow->place, flow->job->name,
                              failure);
    if (status == CERTENROLL_OK && left == RA_LEFT_UNCONFIRMED)
        status = judge_unconfirmed(flow, &present, failure);
    return status == CERTENROLL_OK ? offer_present(flow, &present, failure) : status;
}

static int prepare_token(struct flow *flow, struct failure *failure)
{
    int status = log_in(flow, failure);

    return status == CERTENROLL_OK ? look_at_token(flow, failure) : status;
}

static int collect(struct flow *flow, struct failure *failure)
{
    const struct ra_collection what = collection_of(flow);
    const struct ra_job job = { flow->job->id, flow->job->token, flow->job->expires };
    struct ra_collected collected;
    int status = ra_collect(&collected, &what, &job, failure);
    char until[DATE_SIZE];

    if (status != CERTENROLL_OK)
        return status;
    date_text(until, collected.not_after);
    activity(_("Done: the RA has confirmed the certificate \"%s\". It is valid until %s."),
             flow->job->name, until);
    activity(_("Go on in the browser: log on, and choose this certificate by its name."));
    return CERTENROLL_OK;
}

/* --- the whole --- */

/* From the redemption on the RA is told when nothing comes of it; ra_collect() does so itself. */
static int run_job(struct flow *flow, struct failure *failure)
{
    int status = redeem(flow, failure);

    if (status == CERTENROLL_OK)
        status = consent(flow, failure);
    if (status == CERTENROLL_OK)
        status = prepare_token(flow, failure);
    if (status < 0 && flow->job)
        job_fail(flow->job, status);
    if (status != CERTENROLL_OK)
        return status;
    if (!flow->is_kept)
        return collect(flow, failure);
    job_fail(flow->job, CERTENROLL_E_CANCELLED);
    activity(_("The certificate that is there stays. No new one was made, and the bank was told."));
    return CERTENROLL_OK;
}

static void clear(struct flow *flow)
{
    job_free(flow->job);
    certenroll_token_free(flow->token);
    certenroll_context_free(flow->context);
    launch_clear(&flow->launch);
    ra_config_clear(&flow->config);
}

int flow_run(const struct order *order, struct failure *failure)
{
    struct flow flow;
    int status;

    memset(&flow, 0, sizeof(flow));
    status = read_files(&flow, order, failure);
    if (status == CERTENROLL_OK)
        status = open_token(&flow, order, failure);
    if (status == CERTENROLL_OK)
        status = run_job(&flow, failure);
    clear(&flow);
    return status;
}
