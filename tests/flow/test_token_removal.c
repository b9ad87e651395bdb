/* SPDX-License-Identifier: Apache-2.0 */
/* The token is pulled in the middle of an enrolment, and put back: the same object, or another one
 * from the journal, goes on. Another token in its place is noticed, and nothing is written to it.
 * (Another process that goes on: tests/crash.) */
#include "check.h"
#include "fault_world.h"
#include "scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define CALLS_MAX 2000

static int is_removal(int status)
{
    return status == CERTENROLL_E_TOKEN_REMOVED || status == CERTENROLL_E_TOKEN_NOT_FOUND;
}

/* Attempts it with the token pulled before a call; 0: there were fewer calls. */
static int pull(struct fault_world *world, const char *more, unsigned call)
{
    certenroll_error *error = NULL;
    char lines[128], *now;
    int status, pulled;

    snprintf(lines, sizeof(lines), "absent-in %06u\n%s", call, more);
    shim_control(world->shim, lines);
    status = fault_attempt(world, &error);
    now = shim_control_now(world->shim);
    pulled = strncmp(now, "absent-in 000000\n", 17) == 0;
    free(now);
    if (pulled ? status != CERTENROLL_OK && !is_removal(status) : status != CERTENROLL_OK)
        fault_complain(world, "pulled before call %u: %s: %s", call, certenroll_status_name(status),
                       certenroll_error_message(error));
    certenroll_error_free(error);
    return pulled;
}

static void sweep(struct fault_world *world, const char *name, certenroll_operation operation)
{
    int pulled = 1;

    fault_world_row(world, name, operation, CERTENROLL_KEY_P256);
    for (unsigned call = 1; pulled; call++) {
        check(call < CALLS_MAX, "the calls do not end");
        shim_control(world->shim, "");
        fault_begin(world);
        pulled = pull(world, "", call);
        shim_control(world->shim, "");
        fault_finish(world, call % 3 == 0);
    }
    fault_world_balance(world, 20);
}

static void pulled_and_put_back(void **state)
{
    sweep(*state, "the token is pulled while enrolling", CERTENROLL_ENROLL);
    sweep(*state, "the token is pulled while renewing", CERTENROLL_RENEW);
    sweep(*state, "the token is pulled while re-keying", CERTENROLL_REKEY);
}

/* --- another token in its place --- */

/* A token of SoftHSM: its directory, and its serial number, which is the end of the directory's
 * name, 8-4-4-4-12 digits, without the hyphen. */
struct token_files {
    char *dir;
    char serial[17];
};

static void find_token_files(struct token_files *out, const char *tokens,
                             const struct token_files *other)
{
    DIR *stream = opendir(tokens);
    struct dirent *entry;

    check(stream != NULL, "cannot read %s", tokens);
    out->dir = NULL;
    while ((entry = readdir(stream)) != NULL) {
        char *path = scratch_path(tokens, entry->d_name);

        if (strlen(entry->d_name) != 36 || (other != NULL && strcmp(path, other->dir) == 0)) {
            free(path);
            continue;
        }
        free(out->dir);
        out->dir = path;
        snprintf(out->serial, sizeof(out->serial), "%.4s%.12s", entry->d_name + 19,
                 entry->d_name + 24);
    }
    closedir(stream);
    check(out->dir != NULL, "there is no token in %s", tokens);
}

/* Names and contents of a token's files as one text; freed by the caller. */
static char *picture_of(const struct token_files *token)
{
    struct dirent **entries = NULL;
    int count = scandir(token->dir, &entries, NULL, alphasort);
    char *picture = NULL;
    size_t length;
    FILE *out = open_memstream(&picture, &length);

    check(count > 0 && out != NULL, "cannot read %s", token->dir);
    for (int i = 0; i < count; i++) {
        char *path = scratch_path(token->dir, entries[i]->d_name);
        size_t size = 0;
        char *data = entries[i]->d_name[0] == '.' ? NULL : scratch_read(path, &size);

        fprintf(out, "%s %zu ", entries[i]->d_name, size);
        for (size_t j = 0; j < size; j++)
            fprintf(out, "%02x", (unsigned char)data[j]);
        free(data);
        free(path);
        free(entries[i]);
    }
    free(entries);
    check(fclose(out) == 0, "out of memory");
    return picture;
}

struct exchange {
    struct fault_world *world;
    struct token_files ours, other;
    char hidden[32];    /* lines of the control file: the other is in no slot, */
    char exchanged[64]; /* the other is in ours' place */
};

/* SoftHSM's number of the token's slot. */
static unsigned long slot_of(const struct token_files *token)
{
    return strtoul(token->serial + 8, NULL, 16) & 0x7fffffff;
}

/* Both have the same label. Ours is the one in the first slot: who looks for the label without the
 * shim (fault_world) finds that. */
static void prepare(struct exchange *exchange, struct fault_world *world)
{
    char *tokens = scratch_path(softhsm_dir(world->hsm), "tokens");

    *exchange = (struct exchange){ .world = world };
    softhsm_add(world->hsm, "bank");
    find_token_files(&exchange->ours, tokens, NULL);
    find_token_files(&exchange->other, tokens, &exchange->ours);
    if (slot_of(&exchange->ours) > slot_of(&exchange->other)) {
        struct token_files first = exchange->other;

        exchange->other = exchange->ours;
        exchange->ours = first;
    }
    snprintf(exchange->hidden, sizeof(exchange->hidden), "absent %s\n", exchange->other.serial);
    snprintf(exchange->exchanged, sizeof(exchange->exchanged), "exchange %s %s\n",
             exchange->ours.serial, exchange->other.serial);
    free(tokens);
}

static void clear(struct exchange *exchange)
{
    free(exchange->ours.dir);
    free(exchange->other.dir);
}

/* The same object, and another one from the journal. */
static void refuse_other(struct fault_world *world)
{
    certenroll_error *error = NULL;
    int status;

    if (world->enrolment == NULL)
        return; /* pulled before there was one */
    status = certenroll_enrolment_run(world->enrolment, &error);
    if (!is_removal(status) &&
        certenroll_enrolment_state(world->enrolment) != CERTENROLL_STATE_CONFIRMED)
        fault_complain(world, "another token in its place: %s: %s", certenroll_status_name(status),
                       certenroll_error_message(error));
    certenroll_error_free(error);
}

static void refuse_other_by_journal(struct fault_world *world)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_token_options token_options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_journal_list *journals = NULL;
    certenroll_enrolment *enrolment = NULL;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;

    fault_let_go(world);
    options.journal_directory = world->journals;
    token_options.module_path = shim_module();
    token_options.secret = test_pin_answer;
    token_options.secret_user = &world->pin;
    assert_ok(
        certenroll_token_open(&token, world->context, "pkcs11:token=bank", &token_options, &error),
        error);
    assert_ok(certenroll_journal_list_new(&journals, world->context, world->journals, &error),
              error);
    if (certenroll_journal_list_count(journals) > 0)
        assert_fails(certenroll_enrolment_resume(
                         &enrolment, token,
                         certenroll_journal_name(certenroll_journal_list_at(journals, 0)), &options,
                         &error),
                     CERTENROLL_E_TOKEN_NOT_FOUND, error);
    assert_null(enrolment);
    certenroll_journal_list_free(journals);
    certenroll_token_free(token);
}

static int exchange_before(struct exchange *exchange, unsigned call)
{
    struct fault_world *world = exchange->world;
    char *before = picture_of(&exchange->other), *after;
    int pulled;

    shim_control(world->shim, exchange->hidden);
    fault_begin(world);
    pulled = pull(world, exchange->hidden, call);
    shim_control(world->shim, exchange->exchanged);
    if (pulled)
        refuse_other(world);
    if (pulled && call % 3 == 0)
        refuse_other_by_journal(world);
    after = picture_of(&exchange->other);
    if (strcmp(before, after) != 0)
        fault_complain(world, "the other token was written to");
    free(before);
    free(after);
    shim_control(world->shim, exchange->hidden);
    fault_finish(world, call % 3 == 0);
    return pulled;
}

static void another_in_its_place(void **state)
{
    struct exchange exchange;
    unsigned call = 1;

    prepare(&exchange, *state);
    fault_world_row(*state, "another token is put in its place", CERTENROLL_ENROLL,
                    CERTENROLL_KEY_P256);
    while (exchange_before(&exchange, call))
        check(++call < CALLS_MAX, "the calls do not end");
    fault_world_balance(*state, 20);
    clear(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pulled_and_put_back, fault_world_set_up,
                                        fault_world_tear_down),
        cmocka_unit_test_setup_teardown(another_in_its_place, fault_world_set_up,
                                        fault_world_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
