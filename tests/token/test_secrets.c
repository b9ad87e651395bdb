/* SPDX-License-Identifier: Apache-2.0 */
/* No PIN stays behind: after a login, a key pair and a request, a process of its own searches what
 * would go into its core file - memory, stack with argv and environment, and its log at the highest
 * level - for the PIN. The searcher knows the PIN only inverted, so that it does not find itself.
 */
#include "check.h"
#include "run.h"
#include "scratch.h"
#include "softhsm.h"

#include <certenroll/request.h>

#include <sys/mman.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FOUND = 3, NOT_FOUND = 4 };

/* --- searching this process --- */

static unsigned char inverted_pin[64];
static size_t pin_length;

static int is_pin(const unsigned char *at)
{
    for (size_t i = 0; i < pin_length; i++)
        if ((unsigned char)~at[i] != inverted_pin[i])
            return 0;
    return 1;
}

/* Reads a mapping page by page through /proc/self/mem, for some pages may not be read directly. */
static int mapping_holds_pin(int memory, unsigned long start, unsigned long end)
{
    static unsigned char page[4096 + sizeof(inverted_pin)];
    int found = 0;

    for (unsigned long at = start; at < end && !found; at += 4096) {
        ssize_t got = pread(memory, page, sizeof(page), (off_t)at);

        for (ssize_t i = 0; i + (ssize_t)pin_length <= got && !found; i++)
            found = is_pin(page + i);
    }
    memset(page, 0, sizeof(page));
    return found;
}

/* What the kernel leaves out of a core file: mappings marked MADV_DONTDUMP ("dd"), and what is only
 * a file's unchanged contents (not writable). */
static int core_would_hold_pin(void)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    int memory = open("/proc/self/mem", O_RDONLY);
    unsigned long start = 0, end = 0, next_start, next_end;
    int writable = 0, found = 0;
    char line[512], mode[5];

    check(maps != NULL && memory >= 0, "cannot read /proc/self");
    while (fgets(line, sizeof(line), maps) != NULL) {
        if (sscanf(line, "%lx-%lx %4s", &next_start, &next_end, mode) == 3) {
            start = next_start;
            end = next_end;
            writable = mode[1] == 'w';
        } else if (strncmp(line, "VmFlags:", 8) == 0 && writable && strstr(line, " dd") == NULL) {
            if (mapping_holds_pin(memory, start, end)) {
                printf("found in %lx-%lx\n", start, end);
                found = 1;
            }
        }
    }
    close(memory);
    fclose(maps);
    return found;
}

/* --- the process that is searched --- */

static void append_to_log(void *user, certenroll_log_level level, const char *message)
{
    (void)level;
    strncat(user, message, 256);
}

static int work(certenroll_context *context, const char *uri, const char *module)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_key_options key_options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_request_options request_options = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_token *token = NULL;
    certenroll_key *key = NULL;
    certenroll_error *error = NULL;
    unsigned char *request = NULL;
    size_t length;
    int status;

    options.module_path = module;
    request_options.subject = "CN=secrets";
    status = certenroll_token_open(&token, context, uri, &options, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_token_login(token, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_key_generate(&key, token, &key_options, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_request_sign(&request, &length, CERTENROLL_PEM, key, &request_options,
                                         &error);
    printf("%s\n", certenroll_error_message(error));
    certenroll_error_free(error);
    certenroll_buffer_free(request);
    certenroll_key_free(key);
    certenroll_token_free(token);
    return status;
}

/* argv: probe MODE URI MODULE INVERTED-PIN-IN-HEX */
static int probe(char **argv)
{
    static char log[1024 * 1024];
    certenroll_context *context = NULL;
    static unsigned char *volatile planted; /* static: what it points to is no leak */

    for (pin_length = 0; sscanf(argv[5] + 2 * pin_length, "%2hhx", &inverted_pin[pin_length]) == 1;)
        pin_length++;
    if (certenroll_context_new(&context, NULL) != CERTENROLL_OK)
        return 1;
    certenroll_context_set_log(context, CERTENROLL_LOG_TRACE, append_to_log, log);
    if (work(context, argv[3], argv[4]) != CERTENROLL_OK || log[0] == '\0')
        return 1;
    certenroll_context_free(context);
    if (strcmp(argv[2], "planted") == 0) {
        planted = malloc(pin_length);
        for (size_t i = 0; i < pin_length; i++)
            planted[i] = (unsigned char)~inverted_pin[i];
    }
    return core_would_hold_pin() ? FOUND : NOT_FOUND;
}

/* --- the tests --- */

static void run_probe(const char *mode, int expected)
{
    struct softhsm *hsm = softhsm_new((const char *[]){ "secrets", NULL });
    char *pin_file = scratch_write_text(softhsm_dir(hsm), "pin", SOFTHSM_PIN "\n");
    char uri[1024], hex[2 * sizeof(SOFTHSM_PIN)] = "";
    char *self = run_built("tests/token/token-secrets");
    struct run run;

    for (size_t i = 0; i < strlen(SOFTHSM_PIN); i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)~(unsigned char)SOFTHSM_PIN[i]);
    snprintf(uri, sizeof(uri), "pkcs11:token=secrets?pin-source=%s", pin_file);
    run = run_program(softhsm_dir(hsm),
                      (const char *[]){ self, "probe", mode, uri, softhsm_module(), hex, NULL });
    if (run.status != expected)
        print_error("status %d: %s%s\n", run.status, run.out, run.err);
    assert_int_equal(run.status, expected);
    run_clear(&run);
    free(self);
    free(pin_file);
    softhsm_free(hsm);
}

static void test_no_pin_is_left_behind(void **state)
{
    (void)state;
    run_probe("clean", NOT_FOUND);
}

static void test_the_search_finds_a_pin_that_is_there(void **state)
{
    (void)state;
    run_probe("planted", FOUND);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_pin_is_left_behind),
        cmocka_unit_test(test_the_search_finds_a_pin_that_is_there),
    };

    if (argc == 6 && strcmp(argv[1], "probe") == 0)
        return probe(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
