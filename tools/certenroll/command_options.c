/* SPDX-License-Identifier: Apache-2.0 */
#include "command_options.h"

#include "common/tool_message.h"

#define AT(member) offsetof(struct options, member)

static const struct option_row list[] = {
    { "json", OPTION_FLAG, OPTIONS_GENERAL, AT(json), NULL, N_("print JSON, for programs") },
    { "log", OPTION_TEXT, OPTIONS_GENERAL, AT(log), "LEVEL",
      N_("log to stderr: error, warning, info, debug or trace") },
    { "help", OPTION_FLAG, OPTIONS_GENERAL, AT(help), NULL, N_("print this and exit") },
    { "version", OPTION_FLAG, OPTIONS_GENERAL, AT(version), NULL,
      N_("print the version and exit") },

    { "token", OPTION_TEXT, OPTIONS_TOKEN | OPTIONS_INIT, AT(token), "URI",
      N_("the token, as a PKCS#11 URI; default: the only one present") },
    { "module", OPTION_TEXT, OPTIONS_TOKEN | OPTIONS_INIT, AT(module), "FILE",
      N_("the PKCS#11 module; default: by the URI or p11-kit's configuration") },
    { "pin-source", OPTION_TEXT, OPTIONS_TOKEN, AT(pin_source), "FILE|fd:N",
      N_("take the PIN from this file's first line; default: ask on the terminal") },
    { "so-pin-source", OPTION_TEXT, OPTIONS_TOKEN | OPTIONS_INIT, AT(so_pin_source), "FILE|fd:N",
      N_("the same for the SO PIN, or management key, where one is wanted") },
    { "allow-final-try", OPTION_FLAG, OPTIONS_TOKEN | OPTIONS_INIT, AT(allow_final_try), NULL,
      N_("spend the last PIN try; a wrong PIN then locks the token") },
    { "wait-token", OPTION_TEXT, OPTIONS_INSERT, AT(wait_token), "SECONDS",
      N_("wait for the token to be put in; default: 60 at a terminal, else 0") },

    { "label", OPTION_TEXT, OPTIONS_INIT, AT(label), "TEXT",
      N_("the label that the token is to have, of at most 32 bytes") },
    { "new-pin-source", OPTION_TEXT, OPTIONS_INIT | OPTIONS_PIN, AT(new_pin_source), "FILE|fd:N",
      N_("take the new PIN from this file's first line; default: ask twice on the terminal") },
    { "new-so-pin-source", OPTION_TEXT, OPTIONS_INIT, AT(new_so_pin_source), "FILE|fd:N",
      N_("the same for the new SO PIN") },
    { "erase", OPTION_FLAG, OPTIONS_INIT, AT(erase), NULL,
      N_("initialise a token that is in use: all that is on it is lost") },
    { "unblock", OPTION_FLAG, OPTIONS_PIN, AT(unblock), NULL,
      N_("set a PIN with the SO PIN: the old one is locked or forgotten, or there is none") },

    { "id", OPTION_TEXT, OPTIONS_SELECT | OPTIONS_ID, AT(id), "HEX", N_("the key's CKA_ID") },
    { "label", OPTION_TEXT, OPTIONS_SELECT, AT(label), "TEXT",
      N_("the label of key or certificate") },
    { "key-type", OPTION_TEXT, OPTIONS_KEY, AT(key_type), "TYPE",
      N_("generate a key: rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519") },

    { "subject", OPTION_TEXT, OPTIONS_REQUEST, AT(subject), "DN",
      N_("the subject (RFC 4514), e.g. \"CN=0258366660019,O=Example,C=JP\"") },
    { "alt-name", OPTION_LIST, OPTIONS_REQUEST, AT(alt_names), "TYPE:NAME",
      N_("a name of type dns, email, ip, uri or upn; may be repeated") },
    { "key-usage", OPTION_TEXT, OPTIONS_REQUEST | OPTIONS_USAGE, AT(key_usage), "LIST",
      N_("key usages, or none; default: digitalSignature") },
    { "eku", OPTION_TEXT, OPTIONS_REQUEST | OPTIONS_USAGE, AT(eku), "LIST",
      N_("extended key usages, or none; default: clientAuth") },

    { "trust-anchor", OPTION_TEXT, OPTIONS_ANCHOR, AT(trust_anchor), "FILE",
      N_("CA certificates (PEM) that the new certificate must chain to") },
    { "url", OPTION_TEXT, OPTIONS_RA, AT(url), "URL", N_("the EST server") },
    { "tls-anchor", OPTION_TEXT, OPTIONS_RA, AT(tls_anchor), "FILE",
      N_("CA certificates (PEM) of the server; default: those of --trust-anchor") },
    { "user", OPTION_TEXT, OPTIONS_RA, AT(user), "NAME", N_("the account at the RA") },
    { "password-source", OPTION_TEXT, OPTIONS_RA | OPTIONS_PASSWORD, AT(password_source),
      "FILE|fd:N",
      N_("take the account's password from this file's first line; default: ask on the terminal") },
    { "ca-names", OPTION_FLAG, OPTIONS_CA_NAMES, AT(ca_names), NULL,
      N_("take the subject and names that the CA decides on") },

    { "offline", OPTION_FLAG, OPTIONS_OFFLINE, AT(offline), NULL,
      N_("no RA: the request goes to standard output, the certificate comes on standard input") },
    { "out", OPTION_TEXT, OPTIONS_OUT | OPTIONS_OFFLINE, AT(out), "FILE",
      N_("write there instead of to standard output") },
    { "out", OPTION_TEXT, OPTIONS_RESUME, AT(out), "FILE",
      N_("write the request of the offline enrolment --name there once more") },
    { "der", OPTION_FLAG, OPTIONS_OUT, AT(der), NULL, N_("write DER instead of PEM") },
    { "pem", OPTION_FLAG, OPTIONS_PEM, AT(pem), NULL, N_("print the certificate in PEM") },

    { "journal", OPTION_TEXT, OPTIONS_JOURNAL, AT(journal), "DIR",
      N_("where enrolments are written down; default: certenroll in the user's state directory") },
    { "no-wait", OPTION_FLAG, OPTIONS_WAIT, AT(no_wait), NULL,
      N_("do not wait for the RA's decision; \"certenroll resume\" goes on later") },
    { "another", OPTION_FLAG, OPTIONS_ANOTHER, AT(another), NULL,
      N_("beside a valid pair or an unfinished enrolment for the same subject, on purpose") },
    { "retire", OPTION_TEXT, OPTIONS_RETIRE, AT(retire), "WHEN",
      N_("remove what is replaced: delete (at once, the default), at-expiry, or keep it") },
    { "revoke", OPTION_FLAG, OPTIONS_RETIRE, AT(revoke), NULL,
      N_("have the RA revoke the certificate that is replaced, before it is removed") },
    { "name", OPTION_TEXT, OPTIONS_RESUME | OPTIONS_FORGET, AT(name), "NAME",
      N_("only the enrolment with this name; default: every unfinished one") },
    { "certificate", OPTION_TEXT, OPTIONS_RESUME, AT(certificate), "FILE|-",
      N_("the certificate that the offline enrolment --name waits for") },

    { "old-token", OPTION_TEXT, OPTIONS_REPLACE, AT(old_token), "URI",
      N_("the token that is replaced; its certificates are to be revoked") },
    { "old-module", OPTION_TEXT, OPTIONS_REPLACE, AT(old_module), "FILE",
      N_("its PKCS#11 module; default: as for --token") },
    { "old-certificate", OPTION_TEXT, OPTIONS_REPLACE, AT(old_certificate), "FILE",
      N_("a certificate that is to be revoked, where its token is lost") },
    { "anew", OPTION_FLAG, OPTIONS_REPLACE, AT(anew), NULL,
      N_("enrol also when a valid certificate is on the token") },
    { "revoke", OPTION_FLAG, OPTIONS_REPLACE, AT(revoke), NULL,
      N_("have the RA revoke the former certificates once the new one is proven") },
    { "certificate", OPTION_TEXT, OPTIONS_REVOKE, AT(certificate), "FILE|-",
      N_("the certificate to revoke; default: that of --id or --label") },
    { "reason", OPTION_TEXT, OPTIONS_REVOKE, AT(reason), "NAME",
      N_("unspecified (the default), keyCompromise, affiliationChanged, superseded, "
         "cessationOfOperation or privilegeWithdrawn") },
    { "days", OPTION_TEXT, OPTIONS_DAYS, AT(days), "N",
      N_("a certificate is due when it ends within so many days; default: 30") },
    { "yes", OPTION_FLAG, OPTIONS_YES, AT(yes), NULL, N_("do it without asking") },
    { "revoke", OPTION_FLAG, OPTIONS_FORGET, AT(revoke), NULL,
      N_("have the RA revoke what it has issued for them; default: ask") },
    { "forget", OPTION_TEXT, OPTIONS_FORGET, AT(forget), "NAME",
      N_("remove this enrolment's journal alone: its token is lost, or was initialised") },

    { "journal", OPTION_TEXT, OPTIONS_BATCH, AT(journal), "DIR",
      N_("where it is written down what is done; a directory of this list's own") },
    { "no-wait", OPTION_FLAG, OPTIONS_BATCH, AT(no_wait), NULL,
      N_("leave what the RA has not decided on to another run") },
    { "report", OPTION_TEXT, OPTIONS_BATCH, AT(report), "FILE",
      N_("write there, in JSON, what became of each row") },

    /* getopt_long completes names: without these, "--pin 1234" would be taken for --pin-source
     * and the PIN for a file name. */
    { "pin", OPTION_SECRET, ~0, 0, "--pin-source FILE|fd:N", NULL },
    { "so-pin", OPTION_SECRET, ~0, 0, "--so-pin-source FILE|fd:N", NULL },
    { "new-pin", OPTION_SECRET, ~0, 0, "--new-pin-source FILE|fd:N", NULL },
    { "new-so-pin", OPTION_SECRET, ~0, 0, "--new-so-pin-source FILE|fd:N", NULL },
    { "password", OPTION_SECRET, ~0, 0, "--password-source FILE|fd:N", NULL },
};
enum { ROWS = sizeof(list) / sizeof(list[0]) };
_Static_assert(ROWS <= OPTION_ROWS_MAX, "too many rows of options");

static const struct option_rows rows = { list, ROWS };

int options_read_general(struct options *options, struct argument_line *line,
                         certenroll_error **error)
{
    return option_rows_read_leading(options, &rows, OPTIONS_GENERAL, line, error);
}

int options_read_command(struct options *options, int groups, struct argument_line *line,
                         certenroll_error **error)
{
    const char *missing = groups & OPTIONS_OPERAND ? _("the FILE is missing") : NULL;
    int status = option_rows_read(options, &rows, groups | OPTIONS_GENERAL, line, error);

    if (status < 0 || options->help || options->version)
        return status;
    return option_rows_operand(&options->operand, missing, line, error);
}

void options_clear(struct options *options)
{
    option_list_clear(&options->alt_names);
}

void options_describe(int groups, FILE *stream)
{
    option_rows_describe(&rows, groups, stream);
}
