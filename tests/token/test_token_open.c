/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and opening exactly one token. */
#include "check.h"
#include "scratch.h"
#include "shim.h"
#include "softhsm.h"
#include "token/key.h"
#include "token/token.h"

#include <certenroll/certenroll.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct softhsm *hsm;
    struct shim *shim;
    certenroll_context *context;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    certenroll_error *error = NULL;

    assert_non_null(f);
    f->hsm = softhsm_new((const char *[]){ "bank", "user", NULL });
    f->shim = shim_new(softhsm_dir(f->hsm));
    assert_ok(certenroll_context_new(&f->context, &error), error);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    certenroll_context_free(f->context);
    shim_free(f->shim);
    softhsm_free(f->hsm);
    free(f);
    return 0;
}

static int open_token(certenroll_token **out, struct fixture *f, const char *uri,
                      const char *module, certenroll_error **error)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;

    options.module_path = module;
    return certenroll_token_open(out, f->context, uri, &options, error);
}

static void refused(struct fixture *f, const char *uri, const char *module, int status)
{
    certenroll_token *token = (certenroll_token *)f;
    certenroll_error *error = NULL;

    assert_fails(open_token(&token, f, uri, module, &error), status, error);
    assert_null(token);
}

static void one_token_opens_and_describes_itself(void **state)
{
    struct fixture *f = *state;
    certenroll_token *token = softhsm_open(f->context, "bank", NULL);
    const certenroll_token_info *info = certenroll_token_get_info(token);
    uint32_t flags = certenroll_token_info_flags(info);

    assert_string_equal(certenroll_token_info_label(info), "bank");
    assert_int_equal(strlen(certenroll_token_info_serial(info)), 16);
    assert_string_equal(certenroll_token_info_manufacturer(info), "SoftHSM project");
    assert_string_equal(certenroll_token_info_model(info), "SoftHSM v2");
    assert_non_null(strstr(certenroll_token_info_module(info), "softhsm"));
    assert_true(flags & CERTENROLL_TOKEN_INITIALIZED);
    assert_true(flags & CERTENROLL_TOKEN_USER_PIN_SET);
    assert_true(flags & CERTENROLL_TOKEN_LOGIN_REQUIRED);
    assert_false(flags & CERTENROLL_TOKEN_PIN_LOCKED);
    certenroll_token_free(token);
}

static void opening_costs_three_kinds_of_calls(void **state)
{
    struct fixture *f = *state;
    certenroll_token *token = softhsm_open_by(shim_module(), f->context, "bank", NULL);

    assert_int_equal(shim_calls(f->shim, "C_Initialize"), 1);
    assert_int_equal(shim_calls(f->shim, "C_GetSlotList"), 1);
    assert_int_equal(shim_calls(f->shim, "C_GetTokenInfo"), 3); /* two tokens and a free slot */
    assert_int_equal(shim_calls(f->shim, NULL), 5);
    certenroll_token_free(token);
    assert_int_equal(shim_calls(f->shim, "C_Finalize"), 1);
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 0);
}

static void a_listed_uri_names_its_token_alone(void **state)
{
    struct fixture *f = *state;
    certenroll_token_list *list = NULL;
    certenroll_error *error = NULL;

    softhsm_add(f->hsm, "bank");
    assert_ok(certenroll_token_list_new(&list, f->context, NULL, softhsm_module(), &error), error);
    assert_int_equal(certenroll_token_list_count(list), 4); /* with the free slot */
    for (size_t i = 0; i < 4; i++) {
        const certenroll_token_info *info = certenroll_token_list_at(list, i);
        certenroll_token *token = NULL;

        if (!(certenroll_token_info_flags(info) & CERTENROLL_TOKEN_INITIALIZED))
            continue;
        assert_ok(open_token(&token, f, certenroll_token_info_uri(info), softhsm_module(), &error),
                  error);
        assert_string_equal(certenroll_token_info_serial(info),
                            certenroll_token_info_serial(certenroll_token_get_info(token)));
        certenroll_token_free(token);
    }
    assert_null(certenroll_token_list_at(list, 4));
    certenroll_token_list_free(list);
}

static void two_that_match_are_refused_and_named(void **state)
{
    struct fixture *f = *state;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;

    assert_int_equal(open_token(&token, f, "pkcs11:", shim_module(), &error),
                     CERTENROLL_E_TOKEN_AMBIGUOUS);
    assert_null(token);
    assert_non_null(strstr(certenroll_error_why(error), "token=bank"));
    assert_non_null(strstr(certenroll_error_why(error), "token=user"));
    assert_int_equal(shim_calls(f->shim, "C_OpenSession"), 0);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 0);
    certenroll_error_free(error);
}

static void none_that_matches_is_not_found(void **state)
{
    struct fixture *f = *state;

    refused(f, "pkcs11:token=nobody", softhsm_module(), CERTENROLL_E_TOKEN_NOT_FOUND);
    refused(f, "pkcs11:token=bank;serial=0", softhsm_module(), CERTENROLL_E_TOKEN_NOT_FOUND);
    refused(f, "pkcs11:token=bank;slot-id=3", softhsm_module(), CERTENROLL_E_TOKEN_NOT_FOUND);
    refused(f, "pkcs11:token=bank;slot-manufacturer=nobody", softhsm_module(),
            CERTENROLL_E_TOKEN_NOT_FOUND);
    refused(f, "pkcs11:token=bank;library-manufacturer=nobody", softhsm_module(),
            CERTENROLL_E_TOKEN_NOT_FOUND);
}

static void a_slot_that_awaits_initialization_is_no_choice(void **state)
{
    struct fixture *f = *state;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    char uri[160];

    /* SoftHSM always has one such slot, and its label is blank. */
    token = softhsm_open(f->context, "bank", NULL);
    snprintf(uri, sizeof(uri), "pkcs11:manufacturer=SoftHSM%%20project;serial=%s",
             certenroll_token_info_serial(certenroll_token_get_info(token)));
    certenroll_token_free(token);
    assert_ok(open_token(&token, f, uri, softhsm_module(), &error), error);
    certenroll_token_free(token);
    refused(f, "pkcs11:token=", softhsm_module(), CERTENROLL_E_TOKEN_READ_ONLY);
}

static void uris_that_make_no_sense_are_refused(void **state)
{
    struct fixture *f = *state;

    refused(f, "bank", softhsm_module(), CERTENROLL_E_ARGUMENT);
    refused(f, "", softhsm_module(), CERTENROLL_E_ARGUMENT);
    refused(f, "pkcs11:token", softhsm_module(), CERTENROLL_E_ARGUMENT);
    refused(f, "pkcs11:token=%zz", softhsm_module(), CERTENROLL_E_ARGUMENT);
    refused(f, "pkcs11:token=bank;colour=red", softhsm_module(), CERTENROLL_E_ARGUMENT);
}

static void a_pin_in_the_uri_is_refused_and_not_repeated(void **state)
{
    struct fixture *f = *state;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;

    assert_int_equal(
        open_token(&token, f, "pkcs11:token=bank?pin-value=97531", softhsm_module(), &error),
        CERTENROLL_E_ARGUMENT);
    assert_null(strstr(certenroll_error_message(error), "97531"));
    certenroll_error_free(error);
}

static void a_module_that_does_not_load_says_why(void **state)
{
    struct fixture *f = *state;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;

    assert_int_equal(open_token(&token, f, "pkcs11:", "/nowhere/none.so", &error),
                     CERTENROLL_E_MODULE);
    assert_non_null(strstr(certenroll_error_what(error), "/nowhere/none.so"));
    assert_non_null(strstr(certenroll_error_why(error), "No such file"));
    certenroll_error_free(error);
    refused(f, "pkcs11:?module-name=no-such-module", NULL, CERTENROLL_E_MODULE);
    refused(f, "pkcs11:?module-path=/nowhere/none.so", NULL, CERTENROLL_E_MODULE);
    shim_control(f->shim, "fail C_Initialize 0x30\n");
    refused(f, "pkcs11:", shim_module(), CERTENROLL_E_MODULE);
}

static void the_option_goes_before_the_uris_module(void **state)
{
    struct fixture *f = *state;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    char uri[512];

    assert_ok(open_token(&token, f, "pkcs11:token=bank?module-path=/nowhere/none.so",
                         softhsm_module(), &error),
              error);
    certenroll_token_free(token);
    snprintf(uri, sizeof(uri), "pkcs11:token=bank?module-path=%s", softhsm_module());
    assert_ok(open_token(&token, f, uri, NULL, &error), error);
    certenroll_token_free(token);
}

/* Whether this system's p11-kit knows SoftHSM as Debian configures it. (p11-kit reads no
 * configuration but the system's when it runs as root, so a test cannot bring its own.) */
static int is_configured(void)
{
    CK_FUNCTION_LIST **modules = p11_kit_modules_load(NULL, 0);
    int known = modules && p11_kit_module_for_name(modules, "softhsm2") != NULL;

    if (modules)
        p11_kit_modules_release(modules);
    return known;
}

static void modules_come_from_the_configuration(void **state)
{
    struct fixture *f = *state;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    const char *sanitizers = getenv("SANITIZE");

    /* A module that is unloaded again leaves leaks behind that bear no name (tpm2-pkcs11 without a
     * TPM does): lsan.supp cannot tell them from ours. */
    if (sanitizers && sanitizers[0]) {
        print_message("skipped: modules by configuration: others' modules under the sanitizers\n");
        skip();
    }
    refused(f, "pkcs11:token=nobody", NULL, CERTENROLL_E_TOKEN_NOT_FOUND);
    if (!is_configured()) {
        print_message("skipped: modules by configuration: SoftHSM is not in p11-kit's here\n");
        skip();
    }
    assert_ok(open_token(&token, f, "pkcs11:token=bank", NULL, &error), error);
    assert_non_null(
        strstr(certenroll_token_info_module(certenroll_token_get_info(token)), "softhsm"));
    assert_string_equal(ce_token_module_path(token), "");
    certenroll_token_free(token);
    assert_ok(open_token(&token, f, "pkcs11:token=bank?module-name=softhsm2", NULL, &error), error);
    assert_non_null(strstr(ce_token_module_path(token), "softhsm"));
    certenroll_token_free(token);
}

static void login_by_pin_source(struct fixture *f, const char *query, const char *path, int status)
{
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    char uri[512];

    snprintf(uri, sizeof(uri), "pkcs11:token=bank%s%s", query, path);
    assert_ok(open_token(&token, f, uri, softhsm_module(), &error), error);
    if (status == CERTENROLL_OK)
        assert_ok(certenroll_token_login(token, &error), error);
    else
        assert_fails(certenroll_token_login(token, &error), status, error);
    certenroll_token_free(token);
}

static void the_pin_source_is_a_path_or_a_file_uri(void **state)
{
    struct fixture *f = *state;
    char *path = scratch_write_text(softhsm_dir(f->hsm), "pin", SOFTHSM_PIN "\n");

    login_by_pin_source(f, "?pin-source=", path, CERTENROLL_OK);
    login_by_pin_source(f, "?pin-source=file:", path, CERTENROLL_OK);
    login_by_pin_source(f, "?pin-source=file://", path, CERTENROLL_OK);
    login_by_pin_source(f, "?pin-source=/nowhere", path, CERTENROLL_E_SYSTEM);
    login_by_pin_source(f, "", "", CERTENROLL_E_CANCELLED);
    free(path);
}

static void options_of_an_impossible_size_are_refused(void **state)
{
    struct fixture *f = *state;
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;

    options.size = 3;
    assert_fails(certenroll_token_open(&token, f->context, "pkcs11:", &options, &error),
                 CERTENROLL_E_ARGUMENT, error);
}

/* Opens a token, closes all of it, module and all, and opens it again by what it said of itself. */
static void reopen(struct fixture *f, const char *uri, const char *module)
{
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    char *label, *serial, *own_uri, *path;

    assert_ok(open_token(&token, f, uri, module, &error), error);
    label = strdup(certenroll_token_info_label(certenroll_token_get_info(token)));
    serial = strdup(certenroll_token_info_serial(certenroll_token_get_info(token)));
    own_uri = strdup(certenroll_token_info_uri(certenroll_token_get_info(token)));
    path = strdup(ce_token_module_path(token));
    certenroll_token_free(token);

    assert_null(strstr(own_uri, "slot"));
    softhsm_add(f->hsm, "later"); /* slots move */
    softhsm_add(f->hsm, label);   /* and there is another with the name */
    assert_ok(open_token(&token, f, own_uri, path, &error), error);
    assert_true(ce_token_is(token, label, serial));
    assert_false(ce_token_is(token, label, ""));
    assert_false(ce_token_is(token, "later", serial));
    assert_string_equal(ce_token_module_path(token), path);
    certenroll_token_free(token);
    free(path);
    free(own_uri);
    free(serial);
    free(label);
}

static void a_token_is_found_again_by_its_own_uri(void **state)
{
    struct fixture *f = *state;
    char uri[512];

    reopen(f, "pkcs11:token=bank", softhsm_module());
    assert_true((size_t)snprintf(uri, sizeof(uri), "pkcs11:token=user?module-path=%s",
                                 softhsm_module()) < sizeof(uri));
    reopen(f, uri, NULL);
    softhsm_add(f->hsm, "A; b?&=%2f/ \xe9\x88\xb4\xe6\x9c\xa8 #1");
    reopen(f, "pkcs11:token=A%3B%20b%3F%26%3D%252f%2F%20%E9%88%B4%E6%9C%A8%20%231",
           softhsm_module());
}

/* --- a module that others have started --- */

/* The host called C_Initialize by itself, without p11-kit: the module refuses a second one, works
 * all the same, and is not ended under the host. */
static void a_module_that_the_host_started_stays_its_own(void **state)
{
    struct fixture *f = *state;
    void *library = dlopen(softhsm_module(), RTLD_NOW);
    struct test_pin pin = TEST_PIN;
    CK_C_GetFunctionList get_functions = NULL;
    CK_FUNCTION_LIST *functions = NULL;
    certenroll_error *error = NULL;
    certenroll_token *token;
    certenroll_key *key = NULL;
    CK_INFO info;

    assert_non_null(library);
    *(void **)&get_functions = dlsym(library, "C_GetFunctionList");
    assert_non_null(get_functions);
    assert_int_equal(get_functions(&functions), CKR_OK);
    assert_int_equal(functions->C_Initialize(NULL), CKR_OK);
    assert_int_equal(functions->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    token = softhsm_open_by(softhsm_module(), f->context, "bank", &pin);
    assert_ok(certenroll_key_generate(&key, token, NULL, &error), error);
    certenroll_key_free(key);
    certenroll_token_free(token);
    assert_int_equal(functions->C_GetInfo(&info), CKR_OK);
    assert_int_equal(functions->C_Finalize(NULL), CKR_OK);
    dlclose(library);
}

/* --- a token that nobody may write to --- */

static void no_pin_is_asked_for_what_a_write_protected_token_refuses(void **state)
{
    struct fixture *f = *state;
    struct test_pin pin = TEST_PIN;
    unsigned char bytes[] = { 1, 2, 3 };
    struct ce_buffer id = { bytes, sizeof(bytes) };
    certenroll_error *error = NULL;
    certenroll_key *key = NULL;
    certenroll_token *token;

    shim_control(f->shim, "flags +WRITE_PROTECTED\n");
    token = softhsm_open_by(shim_module(), f->context, "bank", &pin);
    assert_fails(certenroll_key_generate(&key, token, NULL, &error), CERTENROLL_E_TOKEN_READ_ONLY,
                 error);
    assert_null(key);
    assert_fails(ce_key_destroy(token, &id, NULL, &error), CERTENROLL_E_TOKEN_READ_ONLY, error);
    assert_fails(ce_certificate_destroy(token, &id, NULL, &error), CERTENROLL_E_TOKEN_READ_ONLY,
                 error);
    assert_int_equal(pin.asked, 0);
    assert_ok(certenroll_token_login(token, &error), error); /* to sign, for one */
    certenroll_token_free(token);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_token_opens_and_describes_itself),
        TEST(opening_costs_three_kinds_of_calls),
        TEST(a_listed_uri_names_its_token_alone),
        TEST(a_token_is_found_again_by_its_own_uri),
        TEST(two_that_match_are_refused_and_named),
        TEST(none_that_matches_is_not_found),
        TEST(a_slot_that_awaits_initialization_is_no_choice),
        TEST(uris_that_make_no_sense_are_refused),
        TEST(a_pin_in_the_uri_is_refused_and_not_repeated),
        TEST(a_module_that_does_not_load_says_why),
        TEST(the_option_goes_before_the_uris_module),
        TEST(modules_come_from_the_configuration),
        TEST(the_pin_source_is_a_path_or_a_file_uri),
        TEST(options_of_an_impossible_size_are_refused),
        TEST(a_module_that_the_host_started_stays_its_own),
        TEST(no_pin_is_asked_for_what_a_write_protected_token_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
