/* SPDX-License-Identifier: Apache-2.0 */
#include "options_table.h"

#include "common/message.h"
#include "options.h"

#define AT(member) offsetof(struct options, member)

const struct option_row option_rows[] = {
    { "json", FLAG, OPTIONS_GENERAL, AT(json), NULL, N_("print JSON, for programs") },
    { "log", TEXT, OPTIONS_GENERAL, AT(log), "LEVEL",
      N_("log to stderr: error, warning, info, debug or trace") },
    { "help", FLAG, OPTIONS_GENERAL, AT(help), NULL, N_("print this and exit") },
    { "version", FLAG, OPTIONS_GENERAL, AT(version), NULL, N_("print the version and exit") },

    { "token", TEXT, OPTIONS_TOKEN | OPTIONS_INIT, AT(token), "URI",
      N_("the token, as a PKCS#11 URI; default: the only one present") },
    { "module", TEXT, OPTIONS_TOKEN | OPTIONS_INIT, AT(module), "FILE",
      N_("the PKCS#11 module; default: by the URI or p11-kit's configuration") },
    { "pin-source", TEXT, OPTIONS_TOKEN, AT(pin_source), "FILE|fd:N",
      N_("take the PIN from this file's first line; default: ask on the terminal") },
    { "so-pin-source", TEXT, OPTIONS_TOKEN | OPTIONS_INIT, AT(so_pin_source), "FILE|fd:N",
      N_("the same for the SO PIN, or management key, where one is wanted") },
    { "allow-final-try", FLAG, OPTIONS_TOKEN | OPTIONS_INIT, AT(allow_final_try), NULL,
      N_("spend the last PIN try; a wrong PIN then locks the token") },
    { "wait-token", TEXT, OPTIONS_INSERT, AT(wait_token), "SECONDS",
      N_("wait for the token to be put in; default: 60 at a terminal, else 0") },

    { "label", TEXT, OPTIONS_INIT, AT(label), "TEXT",
      N_("the label that the token is to have, of at most 32 bytes") },
    { "new-pin-source", TEXT, OPTIONS_INIT | OPTIONS_PIN, AT(new_pin_source), "FILE|fd:N",
      N_("take the new PIN from this file's first line; default: ask twice on the terminal") },
    { "new-so-pin-source", TEXT, OPTIONS_INIT, AT(new_so_pin_source), "FILE|fd:N",
      N_("the same for the new SO PIN") },
    { "erase", FLAG, OPTIONS_INIT, AT(erase), NULL,
      N_("initialise a token that is in use: all that is on it is lost") },
    { "unblock", FLAG, OPTIONS_PIN, AT(unblock), NULL,
      N_("set a PIN with the SO PIN: the old one is locked or forgotten, or there is none") },

    { "id", TEXT, OPTIONS_SELECT, AT(id), "HEX", N_("the key's CKA_ID") },
    { "label", TEXT, OPTIONS_SELECT, AT(label), "TEXT", N_("the label of key or certificate") },
    { "key-type", TEXT, OPTIONS_KEY, AT(key_type), "TYPE",
      N_("generate a key: rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519") },

    { "subject", TEXT, OPTIONS_REQUEST, AT(subject), "DN",
      N_("the subject (RFC 4514), e.g. \"CN=0258366660019,O=Example,C=JP\"") },
    { "alt-name", LIST, OPTIONS_REQUEST, AT(alt_names), "TYPE:NAME",
      N_("a name of type dns, email, ip, uri or upn; may be repeated") },
    { "key-usage", TEXT, OPTIONS_REQUEST | OPTIONS_USAGE, AT(key_usage), "LIST",
      N_("key usages, or none; default: digitalSignature") },
    { "eku", TEXT, OPTIONS_REQUEST | OPTIONS_USAGE, AT(eku), "LIST",
      N_("extended key usages, or none; default: clientAuth") },

    { "trust-anchor", TEXT, OPTIONS_ANCHOR, AT(trust_anchor), "FILE",
      N_("CA certificates (PEM) that the new certificate must chain to") },
    { "url", TEXT, OPTIONS_RA, AT(url), "URL", N_("the EST server") },
    { "tls-anchor", TEXT, OPTIONS_RA, AT(tls_anchor), "FILE",
      N_("CA certificates (PEM) of the server; default: those of --trust-anchor") },
    { "user", TEXT, OPTIONS_RA, AT(user), "NAME", N_("the account at the RA") },
    { "password-source", TEXT, OPTIONS_RA | OPTIONS_PASSWORD, AT(password_source), "FILE|fd:N",
      N_("take the account's password from this file's first line; default: ask on the terminal") },
    { "ca-names", FLAG, OPTIONS_CA_NAMES, AT(ca_names), NULL,
      N_("take the subject and names that the CA decides on") },

    { "offline", FLAG, OPTIONS_OFFLINE, AT(offline), NULL,
      N_("no RA: the request goes to standard output, the certificate comes on standard input") },
    { "out", TEXT, OPTIONS_OUT | OPTIONS_OFFLINE, AT(out), "FILE",
      N_("write there instead of to standard output") },
    { "out", TEXT, OPTIONS_RESUME, AT(out), "FILE",
      N_("write the request of the offline enrolment --name there once more") },
    { "der", FLAG, OPTIONS_OUT, AT(der), NULL, N_("write DER instead of PEM") },
    { "pem", FLAG, OPTIONS_PEM, AT(pem), NULL, N_("print the certificate in PEM") },

    { "journal", TEXT, OPTIONS_JOURNAL, AT(journal), "DIR",
      N_("where enrolments are written down; default: certenroll in the user's state directory") },
    { "no-wait", FLAG, OPTIONS_WAIT, AT(no_wait), NULL,
      N_("do not wait for the RA's decision; \"certenroll resume\" goes on later") },
    { "retire", TEXT, OPTIONS_RETIRE, AT(retire), "WHEN",
      N_("remove what is replaced: delete (at once, the default), at-expiry, or keep it") },
    { "name", TEXT, OPTIONS_RESUME, AT(name), "NAME",
      N_("only the enrolment with this name; default: every unfinished one") },
    { "certificate", TEXT, OPTIONS_RESUME, AT(certificate), "FILE|-",
      N_("the certificate that the offline enrolment --name waits for") },

    { "old-token", TEXT, OPTIONS_REPLACE, AT(old_token), "URI",
      N_("the token that is replaced; its certificates are to be revoked") },
    { "old-module", TEXT, OPTIONS_REPLACE, AT(old_module), "FILE",
      N_("its PKCS#11 module; default: as for --token") },
    { "old-certificate", TEXT, OPTIONS_REPLACE, AT(old_certificate), "FILE",
      N_("a certificate that is to be revoked, where its token is lost") },
    { "anew", FLAG, OPTIONS_REPLACE, AT(anew), NULL,
      N_("enrol also when a valid certificate is on the token") },
    { "revoke", FLAG, OPTIONS_REPLACE, AT(revoke), NULL,
      N_("have the RA revoke the former certificates at once") },
    { "certificate", TEXT, OPTIONS_REVOKE, AT(certificate), "FILE|-",
      N_("the certificate to revoke; default: that of --id or --label") },
    { "reason", TEXT, OPTIONS_REVOKE, AT(reason), "NAME",
      N_("unspecified (the default), keyCompromise, affiliationChanged, superseded, "
         "cessationOfOperation or privilegeWithdrawn") },
    { "days", TEXT, OPTIONS_DAYS, AT(days), "N",
      N_("a certificate is due when it ends within so many days; default: 30") },
    { "yes", FLAG, OPTIONS_YES, AT(yes), NULL, N_("do it without asking") },
    { "forget", TEXT, OPTIONS_FORGET, AT(forget), "NAME",
      N_("remove this enrolment's journal alone: its token is lost, or was initialised") },

    { "journal", TEXT, OPTIONS_BATCH, AT(journal), "DIR",
      N_("where it is written down what is done; a directory of this list's own") },
    { "no-wait", FLAG, OPTIONS_BATCH, AT(no_wait), NULL,
      N_("leave what the RA has not decided on to another run") },
    { "report", TEXT, OPTIONS_BATCH, AT(report), "FILE",
      N_("write there, in JSON, what became of each row") },

    /* getopt_long completes names: without these, "--pin 1234" would be taken for --pin-source
     * and the PIN for a file name. */
    { "pin", SECRET, ~0, 0, "--pin-source FILE|fd:N", NULL },
    { "so-pin", SECRET, ~0, 0, "--so-pin-source FILE|fd:N", NULL },
    { "new-pin", SECRET, ~0, 0, "--new-pin-source FILE|fd:N", NULL },
    { "new-so-pin", SECRET, ~0, 0, "--new-so-pin-source FILE|fd:N", NULL },
    { "password", SECRET, ~0, 0, "--password-source FILE|fd:N", NULL },
    { NULL, FLAG, 0, 0, NULL, NULL },
};
const size_t option_rows_count = sizeof(option_rows) / sizeof(option_rows[0]) - 1;
