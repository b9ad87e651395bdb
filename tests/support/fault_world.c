/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_world.h"

#include "check.h"
#include "object_dump.h"
#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOKEN "bank"

/* What a token holds, counted by pairs. */
struct holding {
    unsigned pairs;   /* key and its newest certificate */
    unsigned orphans; /* keys or end entities' certificates alone, or not the RA's newest */
    unsigned doubled; /* CKA_IDs in use by more than one key */
};

/* --- the world --- */

/* Thousands of journals are written and nobody cuts the power: waiting for the disk would be most
 * of the time. The programs are linked with --wrap=fsync; weak, for a test of the disk has its own.
 */
int __wrap_fsync(int fd);

__attribute__((weak)) int __wrap_fsync(int fd)
{
    (void)fd;
    return 0;
}

void fault_world_open(struct fault_world *world)
{
    certenroll_error *error = NULL;

    memset(world, 0, sizeof(*world));
    world->pin = (struct test_pin)TEST_PIN;
    world->hsm = softhsm_new((const char *[]){ TOKEN, NULL });
    world->shim = shim_new(softhsm_dir(world->hsm));
    honest_ra_start(&world->ra);
    world->ra.wants_password = 1;
    snprintf(world->url, sizeof(world->url), "%s", world->ra.endpoint.url);
    world->journals = scratch_path(softhsm_dir(world->hsm), "journals");
    assert_ok(certenroll_context_new(&world->context, &error), error);
}

void fault_world_close(struct fault_world *world)
{
    fault_let_go(world);
    certenroll_context_free(world->context);
    honest_ra_stop(&world->ra);
    free(world->journals);
    shim_free(world->shim);
    softhsm_free(world->hsm);
}

int fault_world_set_up(void **state)
{
    struct fault_world *world = malloc(sizeof(*world));

    check(world != NULL, "out of memory");
    fault_world_open(world);
    *state = world;
    return 0;
}

int fault_world_tear_down(void **state)
{
    fault_world_close(*state);
    free(*state);
    return 0;
}

int fault_world_is_full(void)
{
    const char *sanitize = getenv("SANITIZE");

    return getenv("FULL") != NULL && (sanitize == NULL || sanitize[0] == '\0');
}

void fault_world_row(struct fault_world *world, const char *name, certenroll_operation operation,
                     certenroll_key_type type)
{
    fault_let_go(world);
    world->is_in_order = 0;
    world->name = name;
    world->operation = operation;
    world->type = type;
    world->points = world->failed = world->converged = world->lost = world->orphaned = 0;
    world->wrong = 0;
}

void fault_complain(struct fault_world *world, const char *format, ...)
{
    char text[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    print_error("%s, point %u: %s\n", world->name, world->points, text);
    world->wrong++;
}

void fault_world_balance(const struct fault_world *world, unsigned least)
{
    print_message("%s: points tried %u (%u of them failed the run), converged %u, lost %u, "
                  "orphaned %u\n",
                  world->name, world->points, world->failed, world->converged, world->lost,
                  world->orphaned);
    assert_int_equal(world->wrong, 0);
    assert_int_equal(world->lost, 0);
    assert_int_equal(world->orphaned, 0);
    assert_int_equal(world->converged, world->points);
    assert_true(world->points >= least);
    assert_true(world->failed > 0);
}

/* --- the library's side --- */

static int open_token(struct fault_world *world, certenroll_error **error)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;

    options.module_path = shim_module();
    options.secret = test_pin_answer;
    options.secret_user = &world->pin;
    return certenroll_token_open(&world->token, world->context, "pkcs11:token=" TOKEN, &options,
                                 error);
}

static int new_enrolment(struct fault_world *world, certenroll_operation operation,
                         certenroll_error **error)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    static const char *const alt_names[] = { "dns:pc.example.jp", "email:user@example.jp" };

    options.est_url = world->url;
    options.anchors = world->ra.endpoint.anchors;
    options.username = HONEST_RA_USER;
    options.secret = world->ra.endpoint.endpoint.secret.callback;
    options.secret_user = world->ra.endpoint.endpoint.secret.user;
    options.operation = operation;
    options.journal_directory = world->journals;
    options.cancel = world->cancel;
    options.progress = world->progress;
    options.progress_user = world->progress_user;
    options.run_limit_ms = world->run_limit_ms;
    options.exchange_limit_ms = world->exchange_limit_ms;
    request.subject = HONEST_RA_SUBJECT; /* and HONEST_RA_ALT_NAMES */
    request.alt_names = alt_names;
    request.alt_names_count = 2;
    key.type = world->type;
    if (operation == CERTENROLL_ENROLL)
        options.request = &request;
    if (operation != CERTENROLL_RENEW)
        options.key = &key;
    if (operation != CERTENROLL_ENROLL) {
        options.present_id = world->present_id;
        options.present_id_length = world->present_id_length;
    }
    return certenroll_enrolment_new(&world->enrolment, world->token, &options, error);
}

void fault_let_go(struct fault_world *world)
{
    certenroll_enrolment_free(world->enrolment);
    world->enrolment = NULL;
    certenroll_token_free(world->token);
    world->token = NULL;
}

int fault_attempt(struct fault_world *world, certenroll_error **error)
{
    int status = open_token(world, error);

    if (status == CERTENROLL_OK)
        status = new_enrolment(world, world->operation, error);
    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_run(world->enrolment, error);
    world->points++;
    world->failed += status != CERTENROLL_OK;
    world->is_done = status == CERTENROLL_OK;
    return status;
}

/* --- journals --- */

static certenroll_journal_list *journals_of(struct fault_world *world)
{
    certenroll_journal_list *list = NULL;
    certenroll_error *error = NULL;

    assert_ok(certenroll_journal_list_new(&list, world->context, world->journals, &error), error);
    return list;
}

int fault_journal(struct fault_world *world, certenroll_state *state)
{
    certenroll_journal_list *list = journals_of(world);
    const certenroll_journal *journal = certenroll_journal_list_at(list, 0);
    int found = journal != NULL;

    if (certenroll_journal_list_count(list) > 1)
        fault_complain(world, "%zu journals", certenroll_journal_list_count(list));
    if (found && certenroll_journal_problem(journal) != NULL)
        fault_complain(world, "the journal cannot be used: %s",
                       certenroll_error_message(certenroll_journal_problem(journal)));
    if (found)
        *state = certenroll_journal_state(journal);
    certenroll_journal_list_free(list);
    return found;
}

/* A journal that the disk would not let go says itself that it is finished, and goes now. */
static void remove_finished(struct fault_world *world)
{
    certenroll_journal_list *list = journals_of(world);
    const certenroll_journal *journal = certenroll_journal_list_at(list, 0);
    certenroll_error *error = NULL;

    if (journal != NULL && certenroll_journal_is_finished(journal))
        assert_ok(certenroll_journal_remove(world->context, world->journals,
                                            certenroll_journal_name(journal), 0, &error),
                  error);
    certenroll_journal_list_free(list);
}

/* Takes up what the journal names; without one there is nothing to go on with. */
static void resume_or_begin(struct fault_world *world)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_journal_list *list = journals_of(world);
    const certenroll_journal *journal = certenroll_journal_list_at(list, 0);
    certenroll_error *error = NULL;

    options.journal_directory = world->journals;
    options.secret = world->ra.endpoint.endpoint.secret.callback;
    options.secret_user = world->ra.endpoint.endpoint.secret.user;
    if (journal == NULL)
        assert_ok(new_enrolment(world, world->operation, &error), error);
    else
        assert_ok(certenroll_enrolment_resume(&world->enrolment, world->token,
                                              certenroll_journal_name(journal), &options, &error),
                  error);
    certenroll_journal_list_free(list);
}

/* --- the token's side --- */

static int is_paired(struct fault_world *world, const certenroll_entry *entry)
{
    size_t length = 0;
    const unsigned char *der = certenroll_entry_certificate(entry, &length);

    return certenroll_entry_has_key(entry) && der != NULL &&
           honest_ra_knows(&world->ra, der, length);
}

static struct holding look(struct fault_world *world, certenroll_inventory *inventory)
{
    struct holding holding = { 0, 0, 0 };

    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        if (certenroll_entry_is_ca(entry))
            continue;
        if (is_paired(world, entry))
            holding.pairs++;
        else
            holding.orphans++;
        holding.doubled += certenroll_entry_has_duplicate_id(entry) != 0;
    }
    return holding;
}

/* The pair that a renewal or re-key begins with. */
static void remember_present(struct fault_world *world, certenroll_inventory *inventory)
{
    world->present_id_length = 0;
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        size_t length;
        const unsigned char *id = certenroll_entry_id(entry, &length);

        if (!is_paired(world, entry))
            continue;
        memcpy(world->present_id, id, length);
        world->present_id_length = length;
    }
    assert_true(world->present_id_length > 0);
}

static struct holding take_stock(struct fault_world *world, int for_present)
{
    certenroll_inventory *inventory = NULL;
    certenroll_error *error = NULL;
    struct holding holding;

    assert_ok(certenroll_inventory_new(&inventory, world->token, NULL, &error), error);
    holding = look(world, inventory);
    if (for_present)
        remember_present(world, inventory);
    certenroll_inventory_free(inventory);
    return holding;
}

/* --- a point --- */

static void enrol_once(struct fault_world *world)
{
    certenroll_error *error = NULL;

    assert_ok(new_enrolment(world, CERTENROLL_ENROLL, &error), error);
    assert_ok(certenroll_enrolment_run(world->enrolment, &error), error);
    certenroll_enrolment_free(world->enrolment);
    world->enrolment = NULL;
}

static void clean_slate(struct fault_world *world)
{
    objects_destroy(TOKEN);
    honest_ra_forget(&world->ra);
    if (access(world->journals, F_OK) == 0)
        scratch_remove(strdup(world->journals));
    world->is_in_order = 0;
}

/* Where the last point has ended in order, its pair is the next one's beginning. */
static void begin_with_a_pair(struct fault_world *world)
{
    certenroll_error *error = NULL;

    if (!world->is_in_order)
        clean_slate(world);
    assert_ok(open_token(world, &error), error);
    if (!world->is_in_order)
        enrol_once(world);
    take_stock(world, 1);
    fault_let_go(world);
}

void fault_begin(struct fault_world *world)
{
    fault_let_go(world);
    scratch_forget_sent_ids();
    if (world->operation == CERTENROLL_ENROLL)
        clean_slate(world);
    else
        begin_with_a_pair(world);
    world->issued_before = honest_ra_issued(&world->ra);
    world->pin.asked = 0;
    shim_forget(world->shim);
}

/* Exactly one pair with its two keys, certificate and the CA's; one certificate issued; no journal
 * left. */
static void close_the_books(struct fault_world *world)
{
    struct holding holding = take_stock(world, 0);
    char *dump = object_dump(TOKEN, NULL, 0);
    size_t objects = object_dump_count(dump);
    size_t issued = honest_ra_issued(&world->ra) - world->issued_before;
    certenroll_state state = CERTENROLL_STATE_NEW;
    int journal = fault_journal(world, &state);

    free(dump);
    if (holding.pairs == 0)
        world->lost++;
    if (holding.orphans > 0 || holding.doubled > 0 || holding.pairs > 1 || objects != 4 || journal)
        world->orphaned++;
    world->is_in_order = holding.pairs == 1 && holding.orphans == 0 && holding.doubled == 0 &&
                         objects == 4 && issued == 1 && !journal;
    if (world->is_in_order)
        world->converged++;
    else
        fault_complain(world, "%u pairs, %u orphans, %u doubled IDs, %zu objects, %zu issued, %s",
                       holding.pairs, holding.orphans, holding.doubled, objects, issued,
                       journal ? certenroll_state_name(state) : "no journal");
}

static void go_on(struct fault_world *world, int resume)
{
    certenroll_error *error = NULL;
    int status;

    if (world->is_done)
        return;
    if (resume || world->enrolment == NULL) {
        fault_let_go(world);
        assert_ok(open_token(world, &error), error);
        resume_or_begin(world);
    }
    status = certenroll_enrolment_run(world->enrolment, &error);
    if (status != CERTENROLL_OK)
        fault_complain(world, "%s by %s: %s", certenroll_status_name(status),
                       resume ? "resume" : "running again", certenroll_error_message(error));
    certenroll_error_free(error);
}

/* Between the failure and its mending the old pair, where there was one, must still be good. */
static void keep_one_pair(struct fault_world *world)
{
    char *dump = object_dump(TOKEN, NULL, 0);

    if (world->operation != CERTENROLL_ENROLL && !object_dump_has_pair(dump)) {
        fault_complain(world, "no working pair in between");
        world->lost++;
    }
    free(dump);
}

void fault_finish(struct fault_world *world, int resume)
{
    certenroll_error *error = NULL;

    keep_one_pair(world);
    go_on(world, resume);
    /* By a token of its own: what the attempt's one knows is not to be relied on. */
    fault_let_go(world);
    assert_ok(open_token(world, &error), error);
    remove_finished(world);
    close_the_books(world);
    fault_let_go(world);
}
