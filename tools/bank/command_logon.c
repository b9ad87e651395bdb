/* SPDX-License-Identifier: Apache-2.0 */
#include "common/message.h"
#include "common/strict_json.h"
#include "common/text.h"
#include "show.h"
#include "talk.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define SERIAL_SIZE 65

/* The bank speaks of the account that we are: anything else is not what was asked for. */
static int check(struct bank *bank, const json_t *answer)
{
    const char *name = ra_answer_text(answer, "name");

    if (name && strcmp(name, bank->name) == 0)
        return CERTENROLL_OK;
    return failure_set(&bank->failure, CERTENROLL_E_SERVER, "%s",
                       _("the bank's answer is about somebody else"));
}

/* As the token's certificates are shown; "" where the bank has told none. */
static void read_serial(char out[SERIAL_SIZE], const json_t *certificate)
{
    const char *text = ra_answer_text(certificate, "serial");
    size_t length = text && strlen(text) < SERIAL_SIZE ? strlen(text) : 0;

    for (size_t i = 0; i < length; i++)
        out[i] = (char)tolower((unsigned char)text[i]);
    out[length] = '\0';
}

/* The bank takes it now, and revokes it soon. */
static int tell_unconfirmed(struct bank *bank)
{
    enum ra_leftover leftover = RA_LEFT_NOTHING;
    int status = bank_find_leftover(bank, &leftover);

    if (leftover != RA_LEFT_NOTHING)
        printf(_("A collection was interrupted; begin it again: %s get\n"), bank->program->name);
    return status;
}

static int show(struct bank *bank, const json_t *answer)
{
    const json_t *certificate = json_object_get(answer, "certificate");
    int64_t until = json_integer_value(json_object_get(certificate, "not_after"));
    const char *state = ra_answer_text(certificate, "state");
    char when[SHOW_TIME_SIZE], stamp[TEXT_TIME_SIZE], serial[SERIAL_SIZE];
    const struct show_line lines[] = {
        { _("state"), state ? show_state(state) : NULL },
        { _("valid until"), when },
        { _("serial number"), serial },
    };

    text_time(stamp, until);
    read_serial(serial, certificate);
    if (bank->options.json)
        return show_json(bank, json_pack("{s:s, s:s*, s:s, s:s}", "name", bank->name, "state",
                                         state, "serial", serial, "not_after", stamp));
    show_time(when, until);
    printf(_("logged on at %s as %s\n"), bank->place->name, bank->name);
    show_lines(lines, sizeof(lines) / sizeof(lines[0]));
    if (state && strcmp(state, "due") == 0)
        printf(_("The certificate ends soon: %s renew\n"), bank->program->name);
    return tell_unconfirmed(bank);
}

int command_logon(struct bank *bank)
{
    struct talk talk = { 0 };
    json_t *answer = NULL;
    int status = talk_begin(&talk, bank);

    if (status == CERTENROLL_OK)
        status = talk_call(&answer, &talk, bank, "/api/logon", json_object());
    if (status == CERTENROLL_OK)
        status = check(bank, answer);
    if (status == CERTENROLL_OK)
        status = show(bank, answer);
    strict_json_free(answer);
    talk_end(&talk);
    return status;
}
