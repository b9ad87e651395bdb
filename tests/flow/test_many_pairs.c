/* SPDX-License-Identifier: Apache-2.0 */
/* A renewal by the tool, of one pair among many: what is asked of the token does not grow with what
 * else is on it. Counted in calls, for time is the token's own. $FULL: a thousand others. And the
 * inventory of a token with thousands of objects, which takes no more time for each of them. */
#include "furnished_token.h"
#include "provider/provider.h"
#include "raw_token.h"
#include "renewal_world.h"
#include "run.h"
#include "scratch.h"
#include "shim.h"
#include "token/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* --- the others --- */

static void write_certificate(struct renewal_world *world, EVP_PKEY *key, const char *name)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    struct ce_certificate_object object = { 0 };
    char subject[64];
    X509 *certificate;

    snprintf(subject, sizeof(subject), "CN=%s,O=Test", name);
    details.key = key;
    details.subject = subject;
    certificate = test_ca_issue(&world->ra.issuing, &details);
    object.value.data = test_der(&object.value.length, certificate);
    object.id = (struct ce_buffer){ (unsigned char *)(uintptr_t)name, strlen(name) };
    object.label = object.id;
    assert_ok(ce_certificate_write(world->token, &object, &world->error), world->error);
    free(object.value.data);
    X509_free(certificate);
}

static void write_pair(struct renewal_world *world, unsigned number)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;
    EVP_PKEY *public_key = NULL;
    char name[32];

    snprintf(name, sizeof(name), "other %u", number);
    options.label = name;
    options.id = (const unsigned char *)name;
    options.id_length = strlen(name);
    assert_ok(certenroll_key_generate(&key, world->token, &options, &world->error), world->error);
    assert_ok(ce_provider_public_key(&public_key, key, &world->error), world->error);
    write_certificate(world, public_key, name);
    EVP_PKEY_free(public_key);
    certenroll_key_free(key);
}

/* --- the renewal --- */

static const char *hex_of(const unsigned char *id, size_t length)
{
    static char hex[2 * CERTENROLL_ID_MAX + 1];

    for (size_t i = 0; i < length; i++)
        sprintf(hex + 2 * i, "%02x", id[i]);
    return hex;
}

/* The PKCS#11 calls of `certenroll renew` of the pair that is selected so. */
static unsigned calls_of_renewal(struct renewal_world *world, const struct shim *shim,
                                 const char *option, const char *value)
{
    const char *dir = softhsm_dir(world->hsm);
    char *tool = run_built("tools/certenroll/certenroll"), *pem, *anchor, *pin;
    size_t length;
    struct run run;

    pem = test_pem(&length, &world->ra.endpoint.ca.certificate, 1);
    anchor = scratch_write(dir, "anchor.pem", pem, length);
    pin = scratch_write_text(dir, "pin", SOFTHSM_PIN "\n");
    shim_forget(shim);
    run = run_program(dir, (const char *[]){ tool, "--log", "error", "renew",
                                             "--token=pkcs11:token=card", "--module", shim_module(),
                                             "--pin-source", pin, option, value, "--url",
                                             world->ra.endpoint.url, "--trust-anchor", anchor,
                                             "--journal", world->journals, NULL });
    check(run.status == 0, "renew: %d, %s", run.status, run.err);
    run_clear(&run);
    free(pem);
    free(anchor);
    free(pin);
    free(tool);
    return shim_calls(shim, NULL);
}

static void a_renewal_costs_the_same_among_many(void **state)
{
    const unsigned others = getenv("FULL") ? 1000 : 60;
    struct renewal_world *world = *state;
    struct shim *shim = shim_new(softhsm_dir(world->hsm));
    const char *id = hex_of(world->present_id, world->present_id_length);
    const unsigned alone = calls_of_renewal(world, shim, "--id", id);
    const unsigned alone_by_label = calls_of_renewal(world, shim, "--label", HONEST_RA_USER);
    unsigned among, among_by_label;

    for (unsigned number = 1; number <= others; number++)
        write_pair(world, number);
    among = calls_of_renewal(world, shim, "--id", id);
    among_by_label = calls_of_renewal(world, shim, "--label", HONEST_RA_USER);
    print_message("calls to the token for a renewal: by ID %u alone, %u with %u other pairs; by "
                  "label %u and %u\n",
                  alone, among, others, alone_by_label, among_by_label);
    assert_renewal_objects(world, others + 1, others + 1);
    assert_true(5 * among <= 6 * alone);
    assert_true(5 * among_by_label <= 6 * alone_by_label);
    shim_free(shim);
}

/* --- the inventory --- */

/* A module that gives each object so many times, under handles of their own. */
static unsigned times = 1;
static CK_OBJECT_HANDLE found[8];
static CK_ULONG found_count, given;

#define REPEATED 16 /* bits of a handle, above those of the object's own */

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_RV rv = module_replaced->C_FindObjectsInit(session, template, count);

    given = 0;
    return rv == CKR_OK ? module_replaced->C_FindObjects(session, found, 8, &found_count) : rv;
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG most,
                  CK_ULONG *count)
{
    (void)session;
    for (*count = 0; *count < most && given < found_count * times; given++)
        objects[(*count)++] = found[given % found_count] | (given / found_count + 1) << REPEATED;
    return CKR_OK;
}

static CK_RV get_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *list,
                       CK_ULONG count)
{
    return module_replaced->C_GetAttributeValue(session, object & ((1UL << REPEATED) - 1), list,
                                                count);
}

/* Processor time, for the machine has other things to do. */
static double seconds_of_inventory(struct furnished_token *f, unsigned repeated)
{
    certenroll_inventory *inventory;
    clock_t begun;

    times = repeated;
    begun = clock();
    inventory = furnished_look(f, NULL);
    assert_int_equal(certenroll_inventory_count(inventory), 2 * repeated - 1);
    certenroll_inventory_free(inventory);
    return (double)(clock() - begun) / CLOCKS_PER_SEC;
}

static void like_objects_cost_the_same_each(void **state)
{
    struct furnished_token *f = *state;
    EVP_PKEY *key = furnish_key_of(f, CERTENROLL_KEY_RSA_2048, "1");
    CK_FUNCTION_LIST *functions;
    double thousand, thousands;

    furnish_issued(f, key, "1", "CN=many", (struct span){ -1, 365 });
    functions = module_replace(&f->shimmed);
    functions->C_FindObjectsInit = find_init;
    functions->C_FindObjects = find;
    functions->C_GetAttributeValue = get_value;
    thousand = seconds_of_inventory(f, 1024);
    thousands = seconds_of_inventory(f, 4096);
    print_message("an inventory of 1024 like pairs: %.2f s, of 4096: %.2f s\n", thousand,
                  thousands);
    assert_true(thousands < 8 * thousand);
    module_restore(&f->shimmed);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(like_objects_cost_the_same_each, furnished_token_set_up,
                                        furnished_token_tear_down),
        RENEWAL_TEST(a_renewal_costs_the_same_among_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
