/* SPDX-License-Identifier: Apache-2.0 */
#include "common/secrets.h"

#include "base/platform.h"
#include "common/message.h"
#include "common/prompt.h"
#include "common/secret_line.h"
#include "common/secret_question.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what is held --- */

/* The user PIN and the PIN for one signature are the same secret. */
enum use { PIN, SO_PIN, PASSWORD };

struct held_secret {
    struct held_secret *next;
    enum use use;
    char *source; /* "" when it was typed */
    char *owner;  /* the token or account that it is for */
    int is_wrong;
    struct secret_line *line;
};

static void free_held(struct held_secret *held)
{
    secret_line_free(held->line);
    free(held->source);
    free(held->owner);
    free(held);
}

/* Which token or account asks; freed by free(). */
static char *owner_of(const certenroll_secret_request *request)
{
    size_t size = strlen(request->name) + strlen(request->place) + sizeof("\n");
    char *owner = malloc(size);

    if (owner)
        snprintf(owner, size, "%s\n%s", request->name, request->place);
    return owner;
}

static struct held_secret *find_held(struct secrets *secrets, enum use use, const char *source,
                                     const char *owner)
{
    struct held_secret *held = secrets->held;

    while (held && (held->use != use || strcmp(held->source, source) != 0 ||
                    strcmp(held->owner, owner) != 0))
        held = held->next;
    return held;
}

/* Takes the line over, also when there is no memory: then NULL. */
static struct held_secret *hold(struct secrets *secrets, enum use use, const char *source,
                                const char *owner, struct secret_line *line)
{
    struct held_secret *held = calloc(1, sizeof(*held));

    if (!held) {
        secret_line_free(line);
        return NULL;
    }
    held->use = use;
    held->line = line;
    held->source = strdup(source);
    held->owner = strdup(owner);
    if (!held->source || !held->owner) {
        free_held(held);
        return NULL;
    }
    held->next = secrets->held;
    secrets->held = held;
    return held;
}

void secrets_forget(struct secrets *secrets, const char *source)
{
    struct held_secret **link = &secrets->held;

    secrets->offered = NULL;
    while (*link) {
        struct held_secret *held = *link;

        if (source && strcmp(held->source, source) != 0) {
            link = &held->next;
            continue;
        }
        *link = held->next;
        free_held(held);
    }
}

void secrets_clear(struct secrets *secrets)
{
    secrets_forget(secrets, NULL);
}

void secrets_reject(struct secrets *secrets)
{
    if (secrets->offered)
        secrets->offered->is_wrong = 1;
}

static int offer(struct secrets *secrets, struct held_secret *held, char *buffer, size_t capacity,
                 size_t *length)
{
    secrets->offered = held;
    if (held->line->length > capacity)
        return CERTENROLL_E_PIN_INVALID;
    memcpy(buffer, held->line->bytes, held->line->length);
    *length = held->line->length;
    return CERTENROLL_OK;
}

/* --- from a file or descriptor --- */

static void explain_unreadable(struct secrets *secrets, const char *source)
{
    if (errno == ENODATA)
        snprintf(secrets->why, sizeof(secrets->why), _("the first line of %s is empty"), source);
    else if (errno == EFBIG)
        snprintf(secrets->why, sizeof(secrets->why), _("the first line of %s is too long"), source);
    else
        snprintf(secrets->why, sizeof(secrets->why), _("cannot read %s: %s"), source,
                 strerror(errno));
}

/* A descriptor's next line is another secret; a file's first line is always the same. */
static int is_known_wrong(const struct secrets *secrets, enum use use, const char *source,
                          const char *owner)
{
    int is_file = strncmp(source, "fd:", strlen("fd:")) != 0;

    for (const struct held_secret *held = secrets->held; held; held = held->next)
        if (held->is_wrong && held->use == use && strcmp(held->source, source) == 0 &&
            (is_file || strcmp(held->owner, owner) == 0))
            return 1;
    return 0;
}

static int refuse_wrong(struct secrets *secrets, enum use use, const char *source)
{
    snprintf(secrets->why, sizeof(secrets->why),
             use == PASSWORD ? _("the password from %s was wrong and is not tried again")
                             : _("the PIN from %s was wrong and is not tried again"),
             source);
    return CERTENROLL_E_CANCELLED;
}

static int answer_from_source(struct secrets *secrets, enum use use, const char *source,
                              const certenroll_secret_request *request, char *buffer,
                              size_t capacity, size_t *length)
{
    char *owner = owner_of(request);
    struct held_secret *held = owner ? find_held(secrets, use, source, owner) : NULL;
    struct secret_line *line = NULL;
    int status;

    /* Asked for once more while the token counts a wrong PIN: it was ours. */
    if (held && request->kind == CERTENROLL_SECRET_USER_PIN && request->count_low)
        held->is_wrong = 1;
    if (!owner) {
        status = CERTENROLL_E_MEMORY;
    } else if (is_known_wrong(secrets, use, source, owner)) {
        status = refuse_wrong(secrets, use, source);
    } else if (!held && !(line = secret_line_read(source))) {
        explain_unreadable(secrets, source);
        status = CERTENROLL_E_SYSTEM;
    } else if (!held && !(held = hold(secrets, use, source, owner, line))) {
        status = CERTENROLL_E_MEMORY;
    } else {
        status = offer(secrets, held, buffer, capacity, length);
    }
    free(owner);
    return status;
}

/* For what is to be set: it is asked for once. */
static int answer_new_from_source(struct secrets *secrets, const char *source, char *buffer,
                                  size_t capacity, size_t *length)
{
    struct secret_line *line = secret_line_read(source);
    int status = CERTENROLL_OK;

    if (!line) {
        explain_unreadable(secrets, source);
        return CERTENROLL_E_SYSTEM;
    }
    if (line->length > capacity) {
        status = CERTENROLL_E_PIN_INVALID;
    } else {
        memcpy(buffer, line->bytes, line->length);
        *length = line->length;
    }
    secret_line_free(line);
    return status;
}

/* --- from the person --- */

static int ask_person(struct secrets *secrets, const char *question, char *buffer, size_t capacity,
                      size_t *length)
{
    const char *why = "";

    switch (prompt_secret(question, buffer, capacity, length)) {
    case PROMPT_OK:
        return CERTENROLL_OK;
    case PROMPT_NO_TERMINAL:
        why = _("there is no terminal to ask on, and no file was named to read it from");
        break;
    case PROMPT_NOTHING:
        why = _("nothing was typed");
        break;
    case PROMPT_TOO_LONG:
        why = _("what was typed is too long");
        break;
    }
    snprintf(secrets->why, sizeof(secrets->why), "%s", why);
    return CERTENROLL_E_CANCELLED;
}

static int answer_from_terminal(struct secrets *secrets, const certenroll_secret_request *request,
                                char *buffer, size_t capacity, size_t *length)
{
    char question[SECRET_QUESTION_SIZE];

    secret_question(question, request);
    return ask_person(secrets, question, buffer, capacity, length);
}

/* Nobody sees what is typed: a slip in a new PIN would lock its owner out. */
#define PAIRS_ASKED 3

static int is_typed_again(struct secrets *secrets, const char *typed, size_t length, int *status)
{
    struct secret_line *again = ce_locked_alloc(sizeof(*again));
    int is_same = 0;

    *status = again ? ask_person(secrets, _("The same again: "), again->bytes, sizeof(again->bytes),
                                 &again->length)
                    : CERTENROLL_E_MEMORY;
    if (*status == CERTENROLL_OK)
        is_same = again->length == length && memcmp(again->bytes, typed, length) == 0;
    secret_line_free(again);
    return is_same;
}

static int answer_new_from_terminal(struct secrets *secrets,
                                    const certenroll_secret_request *request, char *buffer,
                                    size_t capacity, size_t *length)
{
    for (int i = 0; i < PAIRS_ASKED; i++) {
        int status = answer_from_terminal(secrets, request, buffer, capacity, length);

        if (status < 0 || is_typed_again(secrets, buffer, *length, &status))
            return status;
        ce_wipe(buffer, capacity);
        *length = 0;
        if (status < 0)
            return status;
        prompt_tell(_("The two differ. Nothing was sent to the token."));
    }
    snprintf(secrets->why, sizeof(secrets->why), "%s",
             _("what was typed the second time differed from the first"));
    return CERTENROLL_E_CANCELLED;
}

static int answer_new(struct secrets *secrets, const char *source,
                      const certenroll_secret_request *request, char *buffer, size_t capacity,
                      size_t *length)
{
    if (source)
        return answer_new_from_source(secrets, source, buffer, capacity, length);
    return answer_new_from_terminal(secrets, request, buffer, capacity, length);
}

static int tell_of_reader(const certenroll_secret_request *request, size_t *length)
{
    char text[SECRET_QUESTION_SIZE];

    secret_question_of_reader(text, request);
    prompt_tell(text);
    *length = 0;
    return CERTENROLL_OK;
}

/* So that the next enrolment of the account need not ask again. Without memory it does. */
static void hold_typed(struct secrets *secrets, const char *owner, const char *typed, size_t length)
{
    struct secret_line *line = ce_locked_alloc(sizeof(*line));

    if (!line || length > sizeof(line->bytes)) {
        secret_line_free(line);
        return;
    }
    memcpy(line->bytes, typed, length);
    line->length = length;
    secrets->offered = hold(secrets, PASSWORD, "", owner, line);
}

static int answer_password(struct secrets *secrets, const certenroll_secret_request *request,
                           char *buffer, size_t capacity, size_t *length)
{
    char *owner = secrets->hold_typed_passwords ? owner_of(request) : NULL;
    struct held_secret *held = owner ? find_held(secrets, PASSWORD, "", owner) : NULL;
    int status;

    if (held && !held->is_wrong) {
        status = offer(secrets, held, buffer, capacity, length);
    } else {
        status = answer_from_terminal(secrets, request, buffer, capacity, length);
        if (status == CERTENROLL_OK && owner && !held)
            hold_typed(secrets, owner, buffer, *length);
    }
    free(owner);
    return status;
}

int secrets_answer(void *user, const certenroll_secret_request *request, char *buffer,
                   size_t capacity, size_t *length)
{
    struct secrets *secrets = user;

    *length = 0;
    secrets->why[0] = '\0';
    secrets->offered = NULL;
    if (request->on_reader)
        return tell_of_reader(request, length);
    switch (request->kind) {
    case CERTENROLL_SECRET_SO_PIN:
        if (secrets->so_pin_source)
            return answer_from_source(secrets, SO_PIN, secrets->so_pin_source, request, buffer,
                                      capacity, length);
        break;
    case CERTENROLL_SECRET_USER_PIN:
    case CERTENROLL_SECRET_CONTEXT_PIN:
        if (secrets->pin_source)
            return answer_from_source(secrets, PIN, secrets->pin_source, request, buffer, capacity,
                                      length);
        break;
    case CERTENROLL_SECRET_PASSWORD:
        if (secrets->password_source)
            return answer_from_source(secrets, PASSWORD, secrets->password_source, request, buffer,
                                      capacity, length);
        return answer_password(secrets, request, buffer, capacity, length);
    case CERTENROLL_SECRET_NEW_PIN:
        return answer_new(secrets, secrets->new_pin_source, request, buffer, capacity, length);
    case CERTENROLL_SECRET_NEW_SO_PIN:
        return answer_new(secrets, secrets->new_so_pin_source, request, buffer, capacity, length);
    default:
        break;
    }
    return answer_from_terminal(secrets, request, buffer, capacity, length);
}

int secrets_in_uri(const char *uri)
{
    const char *query = strchr(uri, '?');

    while (query) {
        if (strncmp(query + 1, "pin-source=", strlen("pin-source=")) == 0)
            return 1;
        query = strchr(query + 1, '&');
    }
    return 0;
}
