/* SPDX-License-Identifier: Apache-2.0 */
/* A module whose other half is another process (p11-kit's remoting), and that process killed: every
 * write to it raises SIGPIPE in ours, which has the default disposition and must live on. */
#include "check.h"
#include "run.h"
#include "scratch.h"
#include "softhsm.h"

#include <certenroll/certenroll.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLIENT "p11-kit-client.so" /* in p11-kit's own module directory */

struct fixture {
    struct softhsm *hsm;
    char *socket;
    pid_t server;
    certenroll_context *context;
    struct test_pin pin;
    certenroll_token *token;
    certenroll_key *key;
    certenroll_error *error;
};

/* The server makes its socket when it is ready. It has a child for each client, so it gets a
 * process group. */
/* Between bind() and listen() the socket is there, and nobody answers. */
static int is_listening(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), result;

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    result = connect(fd, (const struct sockaddr *)&address, sizeof(address));
    close(fd);
    return result == 0;
}

static void start_server(struct fixture *f)
{
    unlink(f->socket);
    f->server = run_start(softhsm_dir(f->hsm), "server",
                          (const char *[]){ "setsid", "p11-kit", "server", "-f", "-n", f->socket,
                                            "--provider", softhsm_module(), "pkcs11:", NULL });
    for (unsigned tries = 0; !is_listening(f->socket); tries++) {
        check(tries < 3000, "p11-kit server does not start");
        usleep(10000);
    }
}

/* With the child that holds our connection. */
static void kill_server(struct fixture *f)
{
    assert_int_equal(kill(-f->server, SIGKILL), 0);
    waitpid(f->server, NULL, 0);
    f->server = 0;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    char address[512];

    assert_non_null(f);
    f->hsm = softhsm_new((const char *[]){ "bank", NULL });
    f->socket = scratch_path(softhsm_dir(f->hsm), "p11");
    f->pin = (struct test_pin)TEST_PIN;
    snprintf(address, sizeof(address), "unix:path=%s", f->socket);
    setenv("P11_KIT_SERVER_ADDRESS", address, 1);
    start_server(f);
    assert_ok(certenroll_context_new(&f->context, &f->error), f->error);
    f->token = softhsm_open_by(CLIENT, f->context, "bank", &f->pin);
    assert_ok(certenroll_key_generate(&f->key, f->token, NULL, &f->error), f->error);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    certenroll_key_free(f->key);
    certenroll_token_free(f->token);
    certenroll_context_free(f->context);
    if (f->server > 0)
        kill_server(f);
    unsetenv("P11_KIT_SERVER_ADDRESS");
    free(f->socket);
    softhsm_free(f->hsm);
    free(f);
    return 0;
}

static int find_key(struct fixture *f)
{
    size_t length;
    const unsigned char *id = certenroll_key_get_id(f->key, &length);
    certenroll_key *found = NULL;
    int status = certenroll_key_find(&found, f->token, id, length, &f->error);

    certenroll_key_free(found);
    return status;
}

static void assert_is_dead(int status, struct fixture *f)
{
    if (status != CERTENROLL_E_TOKEN_REMOVED && status != CERTENROLL_E_TOKEN)
        print_error("%s: %s\n", certenroll_status_name(status), certenroll_error_message(f->error));
    assert_true(status == CERTENROLL_E_TOKEN_REMOVED || status == CERTENROLL_E_TOKEN);
    certenroll_error_free(f->error);
    f->error = NULL;
}

/* Nothing of ours is left in the thread's signals. */
static void assert_signals_are_untouched(void)
{
    struct sigaction action;
    sigset_t set;

    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_ptr_equal(action.sa_handler, SIG_DFL);
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &set), 0);
    assert_false(sigismember(&set, SIGPIPE));
    assert_int_equal(sigpending(&set), 0);
    assert_false(sigismember(&set, SIGPIPE));
}

static void every_call_outlives_the_server(void **state)
{
    struct fixture *f = *state;
    certenroll_token_list *list = NULL;
    certenroll_key *key = NULL;

    assert_ok(find_key(f), f->error);
    kill_server(f);
    assert_is_dead(find_key(f), f);
    assert_is_dead(find_key(f), f);
    assert_is_dead(certenroll_key_generate(&key, f->token, NULL, &f->error), f);
    assert_is_dead(certenroll_token_login(f->token, &f->error), f);
    assert_is_dead(certenroll_token_change_pin(f->token, &f->error), f);
    assert_signals_are_untouched();
    if (certenroll_token_list_new(&list, f->context, NULL, CLIENT, &f->error) < 0) {
        certenroll_error_free(f->error);
        f->error = NULL;
    }
    certenroll_token_list_free(list);
    assert_signals_are_untouched();
}

static void closing_outlives_the_server(void **state)
{
    struct fixture *f = *state;

    kill_server(f);
    certenroll_key_free(f->key);
    certenroll_token_free(f->token);
    f->key = NULL;
    f->token = NULL;
    assert_signals_are_untouched();
}

static void a_new_server_works_after_reopening(void **state)
{
    struct fixture *f = *state;
    size_t length;
    unsigned char id[20];

    memcpy(id, certenroll_key_get_id(f->key, &length), sizeof(id));
    assert_int_equal(length, sizeof(id));
    kill_server(f);
    assert_is_dead(find_key(f), f);
    certenroll_key_free(f->key);
    certenroll_token_free(f->token);
    f->key = NULL;
    start_server(f);
    f->token = softhsm_open_by(CLIENT, f->context, "bank", &f->pin);
    assert_ok(certenroll_key_find(&f->key, f->token, id, sizeof(id), &f->error), f->error);
    assert_signals_are_untouched();
}

/* --- the host's own SIGPIPEs --- */

static void a_host_that_blocks_it_keeps_its_own(void **state)
{
    struct fixture *f = *state;
    sigset_t set, before;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    assert_int_equal(sigprocmask(SIG_BLOCK, &set, &before), 0);
    raise(SIGPIPE); /* pending, and for the host to take */
    kill_server(f);
    assert_is_dead(find_key(f), f);
    assert_int_equal(sigpending(&set), 0);
    assert_true(sigismember(&set, SIGPIPE));
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    assert_int_equal(sigwaitinfo(&set, NULL), SIGPIPE);
    assert_is_dead(find_key(f), f);
    assert_int_equal(sigpending(&set), 0);
    assert_false(sigismember(&set, SIGPIPE)); /* ours were taken away */
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

/* What the callback finds its thread to be. */
static int look_at_the_mask(void *user, const certenroll_secret_request *request, char *buffer,
                            size_t capacity, size_t *length)
{
    sigset_t set;

    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &set), 0);
    assert_false(sigismember(&set, SIGPIPE));
    return test_pin_answer(user, request, buffer, capacity, length);
}

static void callbacks_see_the_threads_own_mask(void **state)
{
    struct fixture *f = *state;
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;

    certenroll_key_free(f->key);
    certenroll_token_free(f->token);
    f->key = NULL;
    options.module_path = CLIENT;
    options.secret = look_at_the_mask;
    options.secret_user = &f->pin;
    f->pin.asked = 0;
    assert_ok(
        certenroll_token_open(&f->token, f->context, "pkcs11:token=bank", &options, &f->error),
        f->error);
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_int_equal(f->pin.asked, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_call_outlives_the_server),     TEST(closing_outlives_the_server),
        TEST(a_new_server_works_after_reopening), TEST(a_host_that_blocks_it_keeps_its_own),
        TEST(callbacks_see_the_threads_own_mask),
    };

    /* CTest and shells may ignore it, and children inherit that. */
    signal(SIGPIPE, SIG_DFL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
