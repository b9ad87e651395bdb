/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll-piv-card: a PIV card made of software, in a virtual reader of pcscd. Killing it pulls
 * the card, starting it again with the same state puts it back. For tests only: its keys lie in a
 * plain file. */
#include "trace.h"
#include "vpcd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct vpcd vpcd;
    const char *state;
    uint32_t serial;
    size_t memory;
};

static const struct option names[] = {
    { "port", required_argument, NULL, 'p' },
    { "state", required_argument, NULL, 's' },
    { "serial", required_argument, NULL, 'n' },
    { "memory", required_argument, NULL, 'm' },
    { "apdu-log", required_argument, NULL, 'l' },
    { "count-file", required_argument, NULL, 'c' },
    { "ready-file", required_argument, NULL, 'r' },
    { "pull-after", required_argument, NULL, 'a' },
    { "pull-with", required_argument, NULL, 'w' },
    { "pull-before", required_argument, NULL, 'b' },
    { 0 },
};

static void usage(void)
{
    fputs(
        "usage: certenroll-piv-card --state FILE [option]...\n"
        "  --state FILE       what the card keeps; a new card when the file is not there\n"
        "  --port N           where vpcd listens on the loopback (35963)\n"
        "  --serial N         of a new card (1000001)\n"
        "  --memory N         bytes that a new card has for data objects (51200)\n"
        "  --apdu-log FILE    a line for each command: INS P1P2 status word\n"
        "  --count-file FILE  the number of commands so far\n"
        "  --ready-file FILE  made when pcscd has the card\n"
        "  --pull-after N     ends by SIGKILL with the Nth command carried out and not answered\n",
        stderr);
}

static bool number(unsigned long *out, const char *text, unsigned long most)
{
    char *end;
    *out = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == 0 && *out <= most;
}

static bool set_number(struct options *options, int name, const char *text)
{
    unsigned long value;
    if (!number(&value, text, name == 'p' ? 0xffff : 0xffffffff))
        return false;
    if (name == 'p')
        options->vpcd.port = (unsigned)value;
    else if (name == 'n')
        options->serial = (uint32_t)value;
    else if (name == 'a')
        options->vpcd.pull.number = value;
    else
        options->memory = value;
    return true;
}

/* Two digits, as in the log. */
static bool set_instruction(unsigned *out, const char *text)
{
    *out = 0;
    return strlen(text) == 2 && strspn(text, "0123456789abcdef") == 2 &&
           sscanf(text, "%x", out) == 1;
}

static bool set_option(struct options *options, int name, const char *text)
{
    switch (name) {
    case 's':
        options->state = text;
        return true;
    case 'r':
        options->vpcd.ready_path = text;
        return true;
    case 'l':
        return (options->vpcd.log = trace_open_log(text)) >= 0;
    case 'c':
        return (options->vpcd.count = trace_open_count(text)) >= 0;
    case 'w':
        return set_instruction(&options->vpcd.pull.with, text);
    case 'b':
        return set_instruction(&options->vpcd.pull.before, text);
    case 'p':
    case 'n':
    case 'm':
    case 'a':
        return set_number(options, name, text);
    default:
        return false;
    }
}

static bool read_options(struct options *options, int argc, char **argv)
{
    int name;
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
        if (!set_option(options, name, optarg))
            return false;
    return optind == argc && options->state;
}

int main(int argc, char **argv)
{
    static struct card card;
    struct options options = { { 35963, NULL, -1, -1, { 0 } }, NULL, 1000001, 51200 };
    if (!read_options(&options, argc, argv)) {
        usage();
        return 2;
    }
    card.state_path = options.state;
    card.state.serial = options.serial;
    card.state.memory = options.memory;
    int status = state_load(&card.state, options.state) ? vpcd_serve(&options.vpcd, &card) : -1;
    state_clear(&card.state);
    return status == 0 ? 0 : 1;
}
