/* SPDX-License-Identifier: Apache-2.0 */
/* canned_ra DIR: an RA that says what the test wants. It writes its CA to DIR/ca.pem and its port
 * to DIR/port; the last part of a request's path names the file in DIR/answers that is sent as it
 * is, bytes of HTTP. A file of the name with ".stall" makes it wait for ever instead. Each request
 * is written to DIR/requests. Ends by a signal. */
#include "https_server.h"
#include "test_ca.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *directory;

static char *path_of(const char *name)
{
    char *path = NULL;
    size_t size = strlen(directory) + strlen(name) + 2;

    path = malloc(size);
    if (!path)
        abort();
    snprintf(path, size, "%s/%s", directory, name);
    return path;
}

static FILE *open_file(const char *name, const char *mode)
{
    char *path = path_of(name);
    FILE *file = fopen(path, mode);

    free(path);
    return file;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = open_file(name, "wb");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

static int send_file(struct https_answer *answer, const char *name)
{
    FILE *file = open_file(name, "rb");
    char piece[4096];
    size_t length;

    if (!file)
        return -1;
    while ((length = fread(piece, 1, sizeof(piece), file)) > 0)
        https_answer_append(answer, piece, length);
    fclose(file);
    return 0;
}

/* One write a request: they come on threads. */
static void note(const struct https_seen *request)
{
    FILE *file = open_file("requests", "ab");

    if (!file)
        abort();
    fprintf(file, "%.*s %.*s\n", (int)strcspn(request->head, "\r"), request->head,
            (int)request->body_length, (const char *)request->body);
    fclose(file);
}

static void answer(void *user, struct https_answer *answer, const struct https_seen *request,
                   size_t number)
{
    char path[128] = "", name[192];
    const char *last;

    (void)user;
    (void)number;
    note(request);
    if (sscanf(request->head, "%*s %127s", path) != 1)
        abort();
    last = strrchr(path, '/');
    snprintf(name, sizeof(name), "answers/%s.stall", last ? last + 1 : path);
    if (send_file(answer, name) == 0)
        for (;;)
            pause();
    snprintf(name, sizeof(name), "answers/%s", last ? last + 1 : path);
    if (send_file(answer, name) < 0)
        https_answer_whole(answer, "404 Not Found", "", "", 0);
    answer->ending = HTTPS_CLOSE;
}

static struct https_server *start(const struct test_ca *ca)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    struct https_server_options options = { .answer = answer };

    details.key = options.key = test_key_new("P-256");
    details.subject = "CN=canned RA,O=Test";
    details.alt_names = "DNS:est.localhost,DNS:entry.localhost";
    details.ext_key_usage = "serverAuth";
    options.certificate = test_ca_issue(ca, &details);
    return https_server_start(&options);
}

int main(int argc, char **argv)
{
    struct test_ca ca;
    struct https_server *server;
    char port[16], *pem;
    size_t length;

    if (argc != 2)
        return 2;
    directory = argv[1];
    signal(SIGPIPE, SIG_IGN);
    test_ca_new(&ca, "CN=Canned CA,O=Test", NULL);
    pem = test_pem(&length, &ca.certificate, 1);
    write_file("ca.pem", pem);
    free(pem);
    server = start(&ca);
    snprintf(port, sizeof(port), "%u\n", https_server_port(server));
    write_file("port.new", port);
    {
        char *made = path_of("port.new"), *seen = path_of("port");

        if (rename(made, seen) != 0)
            abort();
        free(made);
        free(seen);
    }
    for (;;)
        pause();
}
