/* SPDX-License-Identifier: Apache-2.0 */
#include "renewal_world.h"

#include "scratch.h"

#include <stdlib.h>
#include <string.h>

certenroll_enrolment_options renewal_options(struct renewal_world *world,
                                             certenroll_operation operation)
{
    static const char *const alt_names[] = { "dns:pc.example.jp", "email:user@example.jp" };
    static certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;

    request.subject = HONEST_RA_SUBJECT;
    request.alt_names = alt_names;
    request.alt_names_count = 2;
    options.est_url = world->ra.endpoint.url;
    options.anchors = world->ra.endpoint.anchors;
    options.journal_directory = world->journals;
    options.operation = operation;
    if (operation == CERTENROLL_ENROLL) {
        options.request = &request;
        options.another =
            CERTENROLL_ANOTHER_ENROLMENT; /* the world begins with a pair for the subject */
    } else {
        options.present_id = world->present_id;
        options.present_id_length = world->present_id_length;
    }
    return options;
}

certenroll_enrolment *renewal_new(struct renewal_world *world,
                                  const certenroll_enrolment_options *options)
{
    certenroll_enrolment *enrolment = NULL;

    assert_ok(certenroll_enrolment_new(&enrolment, world->token, options, &world->error),
              world->error);
    return enrolment;
}

static certenroll_journal_list *journals_of(struct renewal_world *world)
{
    certenroll_journal_list *list = NULL;

    assert_ok(certenroll_journal_list_new(&list, world->context, world->journals, &world->error),
              world->error);
    return list;
}

void assert_renewal_journals(struct renewal_world *world, size_t count)
{
    certenroll_journal_list *list = journals_of(world);

    assert_int_equal(certenroll_journal_list_count(list), count);
    certenroll_journal_list_free(list);
}

static void name_of_journal(struct renewal_world *world, char name[CE_JOURNAL_NAME_MAX + 1])
{
    certenroll_journal_list *list = journals_of(world);

    assert_int_equal(certenroll_journal_list_count(list), 1);
    strcpy(name, certenroll_journal_name(certenroll_journal_list_at(list, 0)));
    certenroll_journal_list_free(list);
}

certenroll_enrolment *renewal_resume(struct renewal_world *world)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    char name[CE_JOURNAL_NAME_MAX + 1];

    name_of_journal(world, name);
    options.journal_directory = world->journals;
    assert_ok(certenroll_enrolment_resume(&enrolment, world->token, name, &options, &world->error),
              world->error);
    return enrolment;
}

void renewal_edit_journal(struct renewal_world *world,
                          void (*edit)(struct ce_record *record, void *user), void *user)
{
    struct ce_journal *journal = NULL;
    struct ce_record record = { 0 };
    char name[CE_JOURNAL_NAME_MAX + 1];

    name_of_journal(world, name);
    assert_ok(ce_journal_open(&journal, &record, world->journals, name, &world->error),
              world->error);
    edit(&record, user);
    assert_ok(ce_journal_write(journal, &record, &world->error), world->error);
    ce_journal_close(journal);
    ce_record_clear(&record);
}

/* --- the token --- */

static certenroll_inventory *look(struct renewal_world *world)
{
    certenroll_inventory *inventory = NULL;

    assert_ok(certenroll_inventory_new(&inventory, world->token, NULL, &world->error),
              world->error);
    return inventory;
}

static int same_id(const certenroll_entry *entry, const unsigned char *id, size_t length)
{
    size_t found_length = 0;
    const unsigned char *found = certenroll_entry_id(entry, &found_length);

    return found_length == length && memcmp(found, id, length) == 0;
}

/* A key with several certificates is several entries. */
static size_t count_keys(const certenroll_inventory *inventory)
{
    size_t count = 0;

    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        size_t length = 0, seen = 0;
        const unsigned char *id = certenroll_entry_id(entry, &length);

        for (size_t j = 0; j < i; j++)
            seen += certenroll_entry_has_key(certenroll_inventory_at(inventory, j)) &&
                    same_id(certenroll_inventory_at(inventory, j), id, length);
        count += certenroll_entry_has_key(entry) && seen == 0;
    }
    return count;
}

void assert_renewal_objects(struct renewal_world *world, size_t keys, size_t certificates)
{
    certenroll_inventory *inventory = look(world);
    size_t found = 0;

    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        found += certenroll_entry_has_certificate(entry) && !certenroll_entry_is_ca(entry);
    }
    assert_int_equal(count_keys(inventory), keys);
    assert_int_equal(found, certificates);
    certenroll_inventory_free(inventory);
}

int renewal_has_pair(struct renewal_world *world, const unsigned char *id, size_t length)
{
    certenroll_inventory *inventory = look(world);
    int has = 0;

    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        has |= certenroll_entry_has_key(entry) && certenroll_entry_has_certificate(entry) &&
               same_id(entry, id, length);
    }
    certenroll_inventory_free(inventory);
    return has;
}

/* --- the world --- */

static void enrol(struct renewal_world *world)
{
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_enrolment *enrolment = renewal_new(world, &options);
    const unsigned char *id, *der;
    size_t length;

    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    id = certenroll_key_get_id(certenroll_enrolment_key(enrolment), &world->present_id_length);
    memcpy(world->present_id, id, world->present_id_length);
    der = certenroll_enrolment_certificate(enrolment, &length);
    assert_int_equal(ce_buffer_set(&world->present_certificate, der, length, NULL), CERTENROLL_OK);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
}

int renewal_world_set_up(void **state)
{
    struct renewal_world *world = calloc(1, sizeof(*world));

    check(world != NULL, "out of memory");
    *state = world;
    world->pin = (struct test_pin)TEST_PIN;
    world->hsm = softhsm_new((const char *[]){ "card", "other", NULL });
    world->journals = scratch_new();
    honest_ra_start(&world->ra);
    world->context = world->ra.endpoint.context;
    world->token = softhsm_open(world->context, "card", &world->pin);
    enrol(world);
    return 0;
}

int renewal_world_tear_down(void **state)
{
    struct renewal_world *world = *state;

    certenroll_error_free(world->error);
    certenroll_token_free(world->token);
    honest_ra_stop(&world->ra);
    ce_buffer_clear(&world->present_certificate);
    scratch_remove(world->journals);
    softhsm_free(world->hsm);
    free(world);
    return 0;
}
