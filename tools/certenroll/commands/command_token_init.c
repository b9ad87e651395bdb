/* SPDX-License-Identifier: Apache-2.0 */
/* An empty token gets its label, SO PIN and first PIN; one in use too, when a person who was told
 * what is lost has agreed. */
#define _GNU_SOURCE /* asprintf */

#include "commands/commands.h"
#include "common/shown_text.h"
#include "common/tool_message.h"
#include "output/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct field fields[] = {
    { "label", N_("label"), 0 },
    { "serial", N_("serial number"), 0 },
    { "uri", N_("URI"), 0 },
    { "flags", N_("state"), 0 },
    FIELD_END,
};

/* --- which one --- */

/* The token of this run. */
struct target {
    struct tool *tool;
    certenroll_token_list *before; /* what was there: the token is found again by what is new */
    char *uri;
    int is_used; /* it is the only one, and initialised */
};

/* These attributes, and from --token where to look: its query names the module. */
static char *uri_like(const struct tool *tool, const char *path)
{
    const char *query = tool->options.token ? strchr(tool->options.token, '?') : NULL;
    char *uri = NULL;

    return asprintf(&uri, "%s%s", path, query ? query : "") < 0 ? NULL : uri;
}

static int is_initialized(const certenroll_token_info *info)
{
    return !!(certenroll_token_info_flags(info) & CERTENROLL_TOKEN_INITIALIZED);
}

/* The only one is named by all that it has, so that no other that is put in meanwhile is meant. Of
 * several the library chooses the empty one, or refuses. */
static int choose_token(struct target *target, certenroll_error **error)
{
    const struct options *options = &target->tool->options;
    const certenroll_token_info *first;
    int status = certenroll_token_list_new(&target->before, target->tool->context, options->token,
                                           options->module, error);

    if (status < 0)
        return status;
    if (certenroll_token_list_count(target->before) == 1) {
        first = certenroll_token_list_at(target->before, 0);
        target->uri = uri_like(target->tool, certenroll_token_info_uri(first));
        target->is_used = is_initialized(first);
    } else {
        target->uri = strdup(options->token ? options->token : "pkcs11:");
    }
    return target->uri ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

/* --- initialising --- */

static int initialize(const struct target *target, int erase, certenroll_error **error)
{
    certenroll_initialize_options options = CERTENROLL_INITIALIZE_OPTIONS_INIT;
    struct tool *tool = target->tool;

    options.label = tool->options.label;
    options.module_path = tool->options.module;
    options.secret = tool->secret;
    options.secret_user = tool->secret_user;
    options.erase = erase;
    options.allow_final_try = tool->options.allow_final_try;
    return certenroll_token_initialize(tool->context, target->uri, &options, error);
}

/* Of one that is in use: the library, asked not to erase it, tells what would be lost. */
static int ask_and_erase(const struct target *target, certenroll_error **error)
{
    struct tool *tool = target->tool;
    certenroll_error *refusal = NULL;
    int is_yes = 0, status = initialize(target, 0, &refusal);

    if (status != CERTENROLL_E_STATE) {
        *error = refusal;
        return status;
    }
    status = confirm(tool, &is_yes, error, _("%s;\n  %s.\nErase the token? [y/N] "),
                     shown(tool, certenroll_error_what(refusal)),
                     shown(tool, certenroll_error_why(refusal)));
    certenroll_error_free(refusal);
    if (status == CERTENROLL_OK && !is_yes)
        status = certenroll_error_set(error, CERTENROLL_E_CANCELLED,
                                      _("the token is left as it was: nobody said yes"));
    return status < 0 ? status : initialize(target, 1, error);
}

static int initialize_or_erase(const struct target *target, certenroll_error **error)
{
    int is_to_erase = target->tool->options.erase, status;

    if (target->is_used && is_to_erase)
        return ask_and_erase(target, error);
    /* Of several, --erase makes the choice ambiguous; and the library says so. */
    status = initialize(target, is_to_erase, error);
    if (status == CERTENROLL_E_STATE && !is_to_erase)
        certenroll_error_advise(error,
                                _("Name an empty token, or give --erase to have this one erased."));
    return status;
}

/* --- the result --- */

static int is_in(const certenroll_token_list *list, const certenroll_token_info *info)
{
    for (size_t i = 0; i < certenroll_token_list_count(list); i++) {
        const certenroll_token_info *other = certenroll_token_list_at(list, i);

        if (is_initialized(other) &&
            strcmp(certenroll_token_info_label(other), certenroll_token_info_label(info)) == 0 &&
            strcmp(certenroll_token_info_serial(other), certenroll_token_info_serial(info)) == 0)
            return 1;
    }
    return 0;
}

/* The one with the label: of several the one that was not there before. NULL: not told apart. */
static const certenroll_token_info *find_again(const certenroll_token_list *after,
                                               const certenroll_token_list *before,
                                               const char *label)
{
    const certenroll_token_info *found = NULL;
    size_t labelled = 0, fresh = 0;

    for (size_t i = 0; i < certenroll_token_list_count(after); i++) {
        const certenroll_token_info *info = certenroll_token_list_at(after, i);
        int is_fresh = !is_in(before, info);

        if (!is_initialized(info) || strcmp(certenroll_token_info_label(info), label) != 0)
            continue;
        labelled++;
        fresh += (size_t)is_fresh;
        if (is_fresh || !found)
            found = info;
    }
    return labelled == 1 || fresh == 1 ? found : NULL;
}

/* That it cannot be listed changes nothing: the token is initialised. */
static json_t *describe_result(const struct target *target)
{
    struct tool *tool = target->tool;
    const char *label = tool->options.label;
    certenroll_token_list *after = NULL;
    const certenroll_token_info *info = NULL;
    char *all = uri_like(tool, "pkcs11:");
    json_t *object;

    if (all && certenroll_token_list_new(&after, tool->context, all, tool->options.module, NULL) ==
                   CERTENROLL_OK)
        info = find_again(after, target->before, label);
    object = info ? describe_token(info) : json_pack("{s:o}", "label", text_json(label));
    json_object_set_new(object, "result", json_string("initialised"));
    certenroll_token_list_free(after);
    free(all);
    return object;
}

int command_token_init(struct tool *tool, certenroll_error **error)
{
    struct target target = { .tool = tool };
    int status = require(tool->options.label, "--label", error);

    if (status == CERTENROLL_OK)
        status = choose_token(&target, error);
    if (status == CERTENROLL_OK)
        status = initialize_or_erase(&target, error);
    if (status == CERTENROLL_OK)
        status = show_record(tool, describe_result(&target),
                             _("the token is initialised; SO PIN and PIN are set"), fields, error);
    certenroll_token_list_free(target.before);
    free(target.uri);
    return status;
}
