/* SPDX-License-Identifier: Apache-2.0 */
#include "pin_process.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *module, *uri, *directory, *key_id;

void give_up(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("pin_actions: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    _exit(1);
}

/* --- the answers --- */

static size_t read_file(const char *name, char *buffer, size_t capacity)
{
    char path[512];
    FILE *file;
    size_t length;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    file = fopen(path, "rbe");
    NEED(file != NULL, "cannot read %s", path);
    length = fread(buffer, 1, capacity, file);
    fclose(file);
    return length;
}

static int is_expected(char answer, certenroll_secret_kind kind)
{
    switch (kind) {
    case CERTENROLL_SECRET_USER_PIN:
        return strchr("rwce", answer) != NULL;
    case CERTENROLL_SECRET_CONTEXT_PIN:
        return strchr("RWc", answer) != NULL;
    case CERTENROLL_SECRET_SO_PIN:
        return strchr("oc", answer) != NULL;
    case CERTENROLL_SECRET_NEW_PIN:
        return strchr("nsc", answer) != NULL;
    default:
        return 0;
    }
}

static size_t answer_with(char answer, char *buffer, size_t capacity)
{
    switch (answer) {
    case 'r':
    case 'R':
        return read_file("pin", buffer, capacity);
    case 'o':
        return read_file("wrong-so-pin", buffer, capacity);
    case 'e':
        return 0;
    case 's':
        buffer[0] = '1';
        return 1;
    default: /* a new PIN is never set here: any of the right length does */
        return read_file("wrong-pin", buffer, capacity);
    }
}

static int give(void *user, const certenroll_secret_request *request, char *buffer, size_t capacity,
                size_t *length)
{
    struct plan *plan = user;
    char answer;

    pthread_mutex_lock(&plan->mutex);
    answer = plan->answers[plan->asked];
    NEED(answer != '\0', "asked more than %zu times", plan->asked);
    plan->asked++;
    pthread_mutex_unlock(&plan->mutex);
    NEED(is_expected(answer, request->kind), "asked for a secret of kind %d", (int)request->kind);
    if (plan->token != NULL) {
        int status = certenroll_token_login(plan->token, NULL);
        NEED(status == CERTENROLL_E_STATE, "used while it asks: %s",
             certenroll_status_name(status));
    }
    if (answer == 'c')
        return CERTENROLL_E_CANCELLED;
    *length = answer_with(answer, buffer, capacity);
    return CERTENROLL_OK;
}

void all_asked(const struct plan *plan)
{
    NEED(plan->answers[plan->asked] == '\0', "asked only %zu times", plan->asked);
}

/* --- the library --- */

static certenroll_context *context;

void process_begin(const char *module_file, const char *token_uri, const char *files,
                   const char *id)
{
    certenroll_error *error = NULL;

    module = module_file;
    uri = token_uri;
    directory = files;
    key_id = id;
    NEED(certenroll_context_new(&context, &error) == CERTENROLL_OK, "%s",
         certenroll_error_message(error));
}

void process_end(void)
{
    certenroll_context_free(context);
}

certenroll_token *open_token(struct plan *plan)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;

    options.module_path = *module ? module : NULL;
    options.secret = give;
    options.secret_user = plan;
    NEED(certenroll_token_open(&token, context, uri, &options, &error) == CERTENROLL_OK, "%s",
         certenroll_error_message(error));
    return token;
}

void ends(int status, int wanted, certenroll_error *error)
{
    NEED(status == wanted, "not %s but %s: %s", certenroll_status_name(wanted),
         certenroll_status_name(status), error ? certenroll_error_message(error) : "");
    certenroll_error_free(error);
}

void login_ends(certenroll_token *token, int wanted)
{
    certenroll_error *error = NULL;
    int status = certenroll_token_login(token, &error);

    ends(status, wanted, error);
}

certenroll_key *find_key(certenroll_token *token)
{
    unsigned char id[CERTENROLL_ID_MAX];
    size_t length = 0;
    certenroll_key *key = NULL;
    certenroll_error *error = NULL;
    int status;

    for (; key_id[2 * length] != '\0' && length < sizeof(id); length++)
        NEED(sscanf(key_id + 2 * length, "%2hhx", &id[length]) == 1, "%s is no ID", key_id);
    status = certenroll_key_find(&key, token, id, length, &error);
    ends(status, CERTENROLL_OK, error);
    return key;
}

int sign_once(certenroll_key *key, certenroll_error **error)
{
    certenroll_request_options options = CERTENROLL_REQUEST_OPTIONS_INIT;
    unsigned char *request = NULL;
    size_t length;
    int status;

    options.subject = "CN=0258366660019";
    status = certenroll_request_sign(&request, &length, CERTENROLL_DER, key, &options, error);
    certenroll_buffer_free(request);
    return status;
}

void sign_ends(certenroll_key *key, int wanted)
{
    certenroll_error *error = NULL;
    int status = sign_once(key, &error);

    ends(status, wanted, error);
}

/* --- another part of the process, which knows nothing of the library --- */

static int has_token(CK_FUNCTION_LIST *functions, CK_SLOT_ID *slot, P11KitUri *named)
{
    CK_SLOT_ID slots[64];
    CK_ULONG count = 64;
    CK_TOKEN_INFO info;

    if (functions->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
        return 0;
    for (CK_ULONG i = 0; i < count; i++) {
        *slot = slots[i];
        if (functions->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            p11_kit_uri_match_token_info(named, &info))
            return 1;
    }
    return 0;
}

static void load_other(struct other *other)
{
    if (*module == '\0') {
        other->all = p11_kit_modules_load_and_initialize(0);
        NEED(other->all != NULL, "no modules");
        return;
    }
    other->all = calloc(2, sizeof(*other->all));
    NEED(other->all != NULL, "out of memory");
    other->all[0] = p11_kit_module_load(module, 0);
    NEED(other->all[0] != NULL && p11_kit_module_initialize(other->all[0]) == CKR_OK,
         "cannot load %s", module);
}

struct other other_opens(void)
{
    struct other other = { NULL, NULL, 0 };
    P11KitUri *named = p11_kit_uri_new();
    CK_SLOT_ID slot;

    NEED(p11_kit_uri_parse(uri, P11_KIT_URI_FOR_TOKEN, named) == P11_KIT_URI_OK, "%s", uri);
    load_other(&other);
    for (size_t i = 0; other.all[i] != NULL && other.functions == NULL; i++)
        if (has_token(other.all[i], &slot, named))
            other.functions = other.all[i];
    p11_kit_uri_free(named);
    NEED(other.functions != NULL, "no token %s", uri);
    NEED(other.functions->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                        &other.session) == CKR_OK,
         "C_OpenSession");
    return other;
}

void other_ends(const struct other *other)
{
    for (size_t i = 0; other->all[i] != NULL; i++)
        p11_kit_module_finalize(other->all[i]);
}

void other_logs_in(const struct other *other)
{
    char pin[64];
    size_t length = read_file("pin", pin, sizeof(pin));

    NEED(other->functions->C_Login(other->session, CKU_USER, (unsigned char *)pin,
                                   (CK_ULONG)length) == CKR_OK,
         "C_Login of another part");
}

void other_logs_out(const struct other *other)
{
    NEED(other->functions->C_Logout(other->session) == CKR_OK, "C_Logout of another part");
}
