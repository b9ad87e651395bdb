/* SPDX-License-Identifier: Apache-2.0 */
/* One launch file, one enrolment: from the file to the confirmed certificate. */
#include "base/message.h"
#include "base/option_struct.h"
#include "base/platform.h"
#include "base/time.h"
#include "ra/collection.h"
#include "ra/configuration.h"
#include "ra/job_calls.h"
#include "ra/present.h"
#include "ra/view.h"

#define PIN_TRIES 3
#define POLL_SECONDS 2
#define WAIT_SECONDS 900     /* whatever the RA says */
#define EXECUTED_SECONDS 600 /* what the RA gives from there on */

struct launch {
    const certenroll_ra_config *config;
    const char *path;
    certenroll_ra_view view;
    struct launch_file file;
    struct redeemed *redeemed;
    certenroll_ra_job job; /* of it */
    certenroll_ra_collection what;
    certenroll_ra_result result;
    int was_wrong;               /* the PIN that was given last */
    certenroll_error *pin_error; /* why the last one was not given */
};

/* --- before anything is sent --- */

static int read_file(struct launch *launch, certenroll_error **error)
{
    int status = launch_file_read(&launch->file, launch->path, launch->config, error);

    if (status != CERTENROLL_OK)
        return status;
    launch->what.ra = launch->file.ra;
    view_log(&launch->view, _("The launch file is one of %s (%s)."),
             certenroll_ra_name(launch->what.ra), certenroll_ra_est(launch->what.ra));
    return CERTENROLL_OK;
}

static int give_pin(void *user, const certenroll_secret_request *request, char *buffer,
                    size_t capacity, size_t *length)
{
    struct launch *launch = user;
    int status = CERTENROLL_E_CANCELLED;

    *length = 0;
    if (request->kind != CERTENROLL_SECRET_USER_PIN &&
        request->kind != CERTENROLL_SECRET_CONTEXT_PIN)
        return status;
    certenroll_error_clear(&launch->pin_error);
    if (launch->view.pin)
        status = launch->view.pin(launch->view.user, request, launch->was_wrong, buffer, capacity,
                                  length, &launch->pin_error);
    return view_answered(status, &launch->pin_error);
}

static int open_chosen(struct launch *launch, const certenroll_token_options *options,
                       certenroll_error **error)
{
    const certenroll_ra_view *view = &launch->view;
    certenroll_token_list *list = NULL;
    const certenroll_token_info *info;
    size_t index = 0;
    int status = certenroll_token_list_new(&list, launch->what.context, launch->config->token,
                                           launch->config->module, error);

    if (status == CERTENROLL_OK)
        status = view_answered(view->choose_token(view->user, &index, list, error), error);
    info = status == CERTENROLL_OK ? certenroll_token_list_at(list, index) : NULL;
    if (info)
        status = certenroll_token_open(&launch->what.token, launch->what.context,
                                       certenroll_token_info_uri(info), options, error);
    else if (status == CERTENROLL_OK)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no token was given"));
    certenroll_token_list_free(list);
    return status;
}

static int open_token(struct launch *launch, certenroll_error **error)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    const certenroll_token_info *info;
    int status;

    options.module_path = launch->config->module;
    options.secret = give_pin;
    options.secret_user = launch;
    status = certenroll_token_open(&launch->what.token, launch->what.context, launch->config->token,
                                   &options, error);
    if (status == CERTENROLL_E_TOKEN_AMBIGUOUS && launch->view.choose_token) {
        certenroll_error_clear(error);
        status = open_chosen(launch, &options, error);
    }
    if (status != CERTENROLL_OK)
        return status;
    info = certenroll_token_get_info(launch->what.token);
    view_log(&launch->view, _("The token is %s, serial number %s."),
             certenroll_token_info_label(info), certenroll_token_info_serial(info));
    return CERTENROLL_OK;
}

/* --- the RA and the page --- */

static int redeem(struct launch *launch, certenroll_error **error)
{
    int status = job_redeem(&launch->redeemed, &launch->what, &launch->file, error);

    if (status != CERTENROLL_OK)
        return status;
    launch->job =
        (certenroll_ra_job){ launch->file.job, launch->redeemed->token, launch->redeemed->expires };
    launch->what.name = launch->result.name = launch->redeemed->name;
    if (launch->view.number)
        launch->view.number(launch->view.user, launch->redeemed->number);
    view_log(&launch->view, "%s", _("Now press \"Execute\" on the page."));
    return CERTENROLL_OK;
}

/* A network that fails is waited for, too. */
static int await_execute(struct launch *launch, certenroll_error **error)
{
    /* Half a minute past the RA's own end, so that it is the RA who says it. */
    int64_t left = launch->job.expires - ce_now() + 30;
    int64_t deadline = ce_uptime_ms() + 1000 * (left < 0              ? 0
                                                : left > WAIT_SECONDS ? WAIT_SECONDS
                                                                      : left);
    int was_told = 0;

    do {
        int status = job_ask_state(&launch->what, &launch->job, error);

        if (status == CERTENROLL_OK)
            launch->job.expires = ce_now() + EXECUTED_SECONDS;
        if (status != CERTENROLL_PENDING && status != CERTENROLL_E_NETWORK)
            return status;
        certenroll_error_clear(error);
        if (status == CERTENROLL_E_NETWORK && !was_told++)
            view_log(&launch->view, "%s", _("The RA cannot be reached; trying again."));
        status = view_wait(&launch->view, POLL_SECONDS, error);
        if (status < 0)
            return status;
    } while (ce_uptime_ms() <= deadline);
    return job_fail_expired(error);
}

static certenroll_ra_plan plan_of(const struct launch *launch)
{
    return (certenroll_ra_plan){
        .size = sizeof(certenroll_ra_plan),
        .ra = launch->what.ra,
        .name = launch->what.name,
        .token = certenroll_token_get_info(launch->what.token),
    };
}

static int consent(struct launch *launch, certenroll_error **error)
{
    const certenroll_ra_plan plan = plan_of(launch);
    const certenroll_ra_view *view = &launch->view;

    view_log(view,
             _("\"Execute\" was pressed: a certificate for \"%s\" is to be put on the token."),
             plan.name);
    return view_answered(
        view->consent ? view->consent(view->user, &plan, error) : CERTENROLL_E_CANCELLED, error);
}

/* --- the token --- */

static int log_in(struct launch *launch, certenroll_error **error)
{
    for (int tries = 1;; tries++) {
        int status = certenroll_token_login(launch->what.token, error);

        /* One of a length that the token does not take costs no try, and is as wrong. */
        launch->was_wrong =
            status == CERTENROLL_E_PIN_INCORRECT || status == CERTENROLL_E_PIN_INVALID;
        if (!launch->was_wrong || tries == PIN_TRIES)
            return status;
        certenroll_error_clear(error);
        view_log(&launch->view, "%s", _("That was not the PIN."));
    }
}

/* What was broken off: its job is over, so nothing can come of it. */
static int remove_leftover(struct launch *launch, certenroll_error **error)
{
    view_log(&launch->view, "%s",
             _("An earlier attempt was broken off: what it left on the token is removed."));
    return certenroll_ra_leftover_take_back(&launch->what, error);
}

/* A card that came from another computer needs no new certificate. */
static int offer_present(struct launch *launch, const struct present *present,
                         certenroll_error **error)
{
    const certenroll_ra_view *view = &launch->view;
    certenroll_ra_plan plan = plan_of(launch);
    char until[CE_TIME_LOCAL_SIZE];
    int status = CERTENROLL_OK;

    if (!present->is_there)
        return status;
    ce_time_local(until, present->not_after);
    switch (present->state) {
    case CERTENROLL_REVOCATION_REVOKED:
        view_log(view,
                 _("The token also holds a certificate of this name that was revoked (valid until "
                   "%s): in the browser choose the new one."),
                 until);
        return status;
    case CERTENROLL_REVOCATION_ON_HOLD:
        view_log(view,
                 _("The token also holds a certificate of this name that is on hold (valid until "
                   "%s): in the browser choose the new one."),
                 until);
        return status;
    case CERTENROLL_REVOCATION_GOOD:
    case CERTENROLL_REVOCATION_UNKNOWN:
    default:
        break;
    }
    view_log(view, _("The token already holds a certificate of this name that is valid until %s."),
             until);
    plan.not_after = present->not_after;
    plan.is_revocation_unknown = present->state == CERTENROLL_REVOCATION_UNKNOWN;
    launch->result.is_kept = !view->keep;
    if (view->keep)
        status =
            view_answered(view->keep(view->user, &launch->result.is_kept, &plan, error), error);
    if (status < 0)
        launch->result.is_kept = 0;
    if (launch->result.is_kept)
        launch->result.not_after = present->not_after;
    return status;
}

/* A pair of which the RA's confirmation was not heard: revoked, it goes, for what is not confirmed
 * is revoked for good; while nobody can say, its journal stays for a later run; else the RA has
 * confirmed it, and it is like any other. */
static int judge_unconfirmed(struct launch *launch, struct present *present,
                             certenroll_error **error)
{
    if (present->is_there && present->state == CERTENROLL_REVOCATION_UNKNOWN)
        return CERTENROLL_OK;
    if (present->is_there && present->state == CERTENROLL_REVOCATION_REVOKED) {
        present->is_there = 0;
        return remove_leftover(launch, error);
    }
    return certenroll_ra_leftover_settle(&launch->what, error);
}

static int look_at_token(struct launch *launch, certenroll_error **error)
{
    certenroll_ra_leftover left = CERTENROLL_RA_LEFT_NOTHING;
    struct present present;
    int status = certenroll_ra_leftover_find(&left, &launch->what, error);

    if (status == CERTENROLL_OK && left == CERTENROLL_RA_LEFT_UNFINISHED)
        status = remove_leftover(launch, error);
    if (status == CERTENROLL_OK)
        status = present_find(&present, &launch->what, error);
    if (status == CERTENROLL_OK && left == CERTENROLL_RA_LEFT_UNCONFIRMED)
        status = judge_unconfirmed(launch, &present, error);
    if (status == CERTENROLL_OK)
        status = offer_present(launch, &present, error);
    /* Who wants a new one keeps the old one until that is there: it may be good. */
    if (status == CERTENROLL_OK && left == CERTENROLL_RA_LEFT_UNCONFIRMED && present.is_there &&
        present.state == CERTENROLL_REVOCATION_UNKNOWN && !launch->result.is_kept)
        status = certenroll_ra_leftover_settle(&launch->what, error);
    return status;
}

/* --- the end --- */

static int collect(struct launch *launch, certenroll_error **error)
{
    certenroll_ra_collected collected = { .size = sizeof(collected) };
    char until[CE_TIME_LOCAL_SIZE];
    int status = certenroll_ra_collect(&collected, &launch->what, &launch->job, error);

    if (status != CERTENROLL_OK)
        return status;
    launch->result.not_after = collected.not_after;
    ce_time_local(until, collected.not_after);
    view_log(&launch->view,
             _("Done: the RA has confirmed the certificate \"%s\". It is valid until %s."),
             launch->what.name, until);
    view_log(&launch->view, "%s",
             _("Go on in the browser: log on, and choose this certificate by its name."));
    return CERTENROLL_OK;
}

/* From the redemption on the RA is told when nothing comes of it; certenroll_ra_collect() does so
 * itself. */
static int run(struct launch *launch, certenroll_error **error)
{
    static int (*const steps[])(struct launch *, certenroll_error **) = {
        read_file, open_token, redeem, await_execute, consent, log_in, look_at_token,
    };
    int status = CERTENROLL_OK;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && status == CERTENROLL_OK; i++) {
        status = view_goes_on(&launch->view, error);
        if (status == CERTENROLL_OK)
            status = steps[i](launch, error);
    }
    if (status == CERTENROLL_OK && !launch->result.is_kept)
        return collect(launch, error);
    if (launch->job.token)
        job_tell_failure(&launch->what, &launch->job, status < 0 ? status : CERTENROLL_E_CANCELLED);
    if (status == CERTENROLL_OK)
        view_log(
            &launch->view, "%s",
            _("The certificate that is there stays. No new one was made, and the bank was told."));
    return status;
}

/* Why no PIN was given says more than that none was. */
static void prefer_pin_error(struct launch *launch, certenroll_error **error)
{
    if (!launch->pin_error ||
        certenroll_error_status(launch->pin_error) != certenroll_error_status(*error))
        return;
    certenroll_error_free(*error);
    *error = launch->pin_error;
    launch->pin_error = NULL;
}

int certenroll_ra_launch(certenroll_context *context, const certenroll_ra_config *config,
                         const char *file, const char *journal_directory,
                         const certenroll_ra_view *view, certenroll_error **error)
{
    struct launch launch = {
        .config = config,
        .path = file,
        .view = CERTENROLL_RA_VIEW_INIT,
        .what = CERTENROLL_RA_COLLECTION_INIT,
        .result = { .size = sizeof(launch.result), .name = "" },
    };
    certenroll_error *failed = NULL;
    int status = ce_options_take(&launch.view, sizeof(launch.view), view, error);

    if (status != CERTENROLL_OK)
        return status;
    launch.what.context = context;
    launch.what.key_type = config->key_type;
    launch.what.journal_directory = journal_directory;
    launch.what.view = &launch.view;
    status = run(&launch, &failed);
    prefer_pin_error(&launch, &failed);
    if (launch.view.result)
        launch.view.result(launch.view.user, &launch.result, failed);
    certenroll_error_free(launch.pin_error);
    redeemed_free(launch.redeemed);
    certenroll_token_free(launch.what.token);
    ce_wipe(&launch.file, sizeof(launch.file));
    if (error)
        *error = failed;
    else
        certenroll_error_free(failed);
    return status;
}
