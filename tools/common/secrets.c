/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "common/secrets.h"

#include "base/platform.h"
#include "common/prompt.h"
#include "common/secret_line.h"
#include "common/secret_question.h"
#include "common/tool_message.h"

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

/* Which token or account asks; freed by free(). NULL: no memory. */
static char *owner_of(const certenroll_secret_request *request)
{
    char *owner = NULL;

    return asprintf(&owner, "%s\n%s", request->name, request->place) < 0 ? NULL : owner;
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

    if (held)
        *held = (struct held_secret){ secrets->held, use, strdup(source), strdup(owner), 0, line };
    if (held && held->source && held->owner) {
        secrets->held = held;
        return held;
    }
    if (held)
        free_held(held);
    else
        secret_line_free(line);
    return NULL;
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

/* Where the library wants the answer. */
struct answer {
    char *buffer;
    size_t capacity, *length;
};

static int give(const struct answer *answer, const struct secret_line *line)
{
    if (line->length > answer->capacity)
        return CERTENROLL_E_PIN_INVALID;
    memcpy(answer->buffer, line->bytes, line->length);
    *answer->length = line->length;
    return CERTENROLL_OK;
}

static int offer(struct secrets *secrets, struct held_secret *held, const struct answer *answer)
{
    secrets->offered = held;
    return give(answer, held->line);
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

static int answer_from_source(struct secrets *secrets, enum use use, const char *source,
                              const certenroll_secret_request *request, const struct answer *answer)
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
        snprintf(secrets->why, sizeof(secrets->why),
                 use == PASSWORD ? _("the password from %s was wrong and is not tried again")
                                 : _("the PIN from %s was wrong and is not tried again"),
                 source);
        status = CERTENROLL_E_CANCELLED;
    } else if (!held && !(line = secret_line_read(source))) {
        explain_unreadable(secrets, source);
        status = CERTENROLL_E_SYSTEM;
    } else if (!held && !(held = hold(secrets, use, source, owner, line))) {
        status = CERTENROLL_E_MEMORY;
    } else {
        status = offer(secrets, held, answer);
    }
    free(owner);
    return status;
}

/* --- from the person --- */

static int refuse(struct secrets *secrets, enum prompt_result result)
{
    snprintf(secrets->why, sizeof(secrets->why), "%s", prompt_why_not(result));
    return result == PROMPT_NO_MEMORY ? CERTENROLL_E_MEMORY : CERTENROLL_E_CANCELLED;
}

static int answer_from_terminal(struct secrets *secrets, const certenroll_secret_request *request,
                                const struct answer *answer)
{
    char question[SECRET_QUESTION_SIZE];
    enum prompt_result result;

    secret_question(question, request);
    result = prompt_secret(question, answer->buffer, answer->capacity, answer->length);
    return result == PROMPT_OK ? CERTENROLL_OK : refuse(secrets, result);
}

#define PAIRS_ASKED 3

/* For what is to be set: from a source it is asked for once, and not held. */
static int answer_new(struct secrets *secrets, const char *source,
                      const certenroll_secret_request *request, const struct answer *answer)
{
    char question[SECRET_QUESTION_SIZE];
    struct secret_line *line = source ? secret_line_read(source) : NULL;
    enum prompt_result result = PROMPT_DIFFERENT;

    if (source) {
        int status = line ? give(answer, line) : CERTENROLL_E_SYSTEM;

        if (!line)
            explain_unreadable(secrets, source);
        secret_line_free(line);
        return status;
    }
    secret_question(question, request);
    for (int i = 0; result == PROMPT_DIFFERENT && i < PAIRS_ASKED; i++) {
        result = prompt_new_secret(question, _("The same again: "), answer->buffer,
                                   answer->capacity, answer->length);
        if (result == PROMPT_DIFFERENT)
            prompt_tell(_("The two differ. Nothing was sent to the token."));
    }
    return result == PROMPT_OK ? CERTENROLL_OK : refuse(secrets, result);
}

/* A password that is typed is held, so that the next enrolment of the account need not ask again.
 * Without memory it does. */
static int answer_password(struct secrets *secrets, const certenroll_secret_request *request,
                           const struct answer *answer)
{
    char *owner = secrets->hold_typed_passwords ? owner_of(request) : NULL;
    struct held_secret *held = owner ? find_held(secrets, PASSWORD, "", owner) : NULL;
    struct secret_line *line;
    int status;

    if (held && !held->is_wrong) {
        status = offer(secrets, held, answer);
    } else {
        status = answer_from_terminal(secrets, request, answer);
        line = status == CERTENROLL_OK && owner && !held ? ce_locked_alloc(sizeof(*line)) : NULL;
        if (line && *answer->length <= sizeof(line->bytes)) {
            memcpy(line->bytes, answer->buffer, *answer->length);
            line->length = *answer->length;
            secrets->offered = hold(secrets, PASSWORD, "", owner, line);
        } else {
            secret_line_free(line);
        }
    }
    free(owner);
    return status;
}

int secrets_answer(void *user, const certenroll_secret_request *request, char *buffer,
                   size_t capacity, size_t *length)
{
    const struct answer answer = { buffer, capacity, length };
    struct secrets *secrets = user;
    const char *source = secrets->pin_source;
    enum use use = PIN;

    *length = 0;
    secrets->why[0] = '\0';
    secrets->offered = NULL;
    if (request->on_reader) {
        char text[SECRET_QUESTION_SIZE];

        secret_question_of_reader(text, request);
        prompt_tell(text);
        return CERTENROLL_OK;
    }
    switch (request->kind) {
    case CERTENROLL_SECRET_NEW_PIN:
        return answer_new(secrets, secrets->new_pin_source, request, &answer);
    case CERTENROLL_SECRET_NEW_SO_PIN:
        return answer_new(secrets, secrets->new_so_pin_source, request, &answer);
    case CERTENROLL_SECRET_SO_PIN:
        use = SO_PIN;
        source = secrets->so_pin_source;
        break;
    case CERTENROLL_SECRET_PASSWORD:
        use = PASSWORD;
        source = secrets->password_source;
        break;
    case CERTENROLL_SECRET_USER_PIN:
    case CERTENROLL_SECRET_CONTEXT_PIN:
        break;
    default:
        source = NULL;
        break;
    }
    if (source)
        return answer_from_source(secrets, use, source, request, &answer);
    return use == PASSWORD ? answer_password(secrets, request, &answer)
                           : answer_from_terminal(secrets, request, &answer);
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
