/* SPDX-License-Identifier: Apache-2.0 */
/* One enrolment by whole programs: ours, and what people put together without it. Each program is
 * timed from its start to its end; the CA's part between them is not. */
#define _GNU_SOURCE /* pipe2 */

#include "bench.h"

#include <openssl/pem.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* Arguments that are made at run time. */
struct strings {
    char text[16][512];
    unsigned used;
};

__attribute__((format(printf, 2, 3))) static const char *string(struct strings *strings,
                                                                const char *format, ...)
{
    char *text = strings->text[strings->used++];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(strings->text[0]), format, arguments);
    va_end(arguments);
    return text;
}

static void run(const struct bench *bench, struct stopwatch *watch, const char *const *argv)
{
    char log[1024];
    posix_spawn_file_actions_t files;
    pid_t pid;
    int status = 0;

    snprintf(log, sizeof(log), "%s/program.log", bench->directory);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    stopwatch_start(watch);
    need(posix_spawnp(&pid, argv[0], &files, NULL, (char *const *)(uintptr_t)argv, environ) == 0,
         argv[0]);
    need(waitpid(pid, &status, 0) == pid, "waitpid");
    stopwatch_halt(watch);
    posix_spawn_file_actions_destroy(&files);
    if (status != 0) {
        fprintf(stderr, "bench: %s failed, see %s\n", argv[0], log);
        exit(1);
    }
}

/* request.pem -> certificate.pem and certificate.der */
static void answer(const struct bench *bench)
{
    char path[1024];
    X509_REQ *request;
    X509 *certificate;
    FILE *file;

    snprintf(path, sizeof(path), "%s/request.pem", bench->directory);
    file = fopen(path, "r");
    need(file != NULL, "reading the request");
    request = PEM_read_X509_REQ(file, NULL, NULL, NULL);
    fclose(file);
    need(request != NULL, "parsing the request");
    certificate = bench_issue(bench, request);
    snprintf(path, sizeof(path), "%s/certificate.pem", bench->directory);
    file = fopen(path, "w");
    need(file && PEM_write_X509(file, certificate) == 1 && fclose(file) == 0, "writing PEM");
    snprintf(path, sizeof(path), "%s/certificate.der", bench->directory);
    file = fopen(path, "wb");
    need(file && i2d_X509_fp(file, certificate) == 1 && fclose(file) == 0, "writing DER");
    X509_free(certificate);
    X509_REQ_free(request);
}

/* --- ours: one process, the request and the certificate through pipes --- */

static X509_REQ *read_request(int fd)
{
    static char pem[8192];
    size_t length = 0;
    ssize_t got = 1;
    BIO *bio;
    X509_REQ *request;

    while (got > 0 && length < sizeof(pem) - 1 && !strstr(pem, "-----END CERTIFICATE REQUEST")) {
        got = read(fd, pem + length, sizeof(pem) - 1 - length);
        length += got > 0 ? (size_t)got : 0;
        pem[length] = '\0';
    }
    bio = BIO_new_mem_buf(pem, (int)length);
    request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
    need(request != NULL, "reading certenroll's request");
    BIO_free(bio);
    memset(pem, 0, sizeof(pem));
    return request;
}

static void answer_through(const struct bench *bench, struct stopwatch *watch, int in, int out)
{
    X509_REQ *request = read_request(out);
    X509 *certificate;
    FILE *stream = fdopen(in, "w");

    stopwatch_halt(watch);
    certificate = bench_issue(bench, request);
    stopwatch_start(watch);
    need(stream && PEM_write_X509(stream, certificate) == 1 && fclose(stream) == 0,
         "writing the certificate");
    X509_free(certificate);
    X509_REQ_free(request);
}

double enrol_certenroll(struct bench *bench)
{
    struct strings s = { .used = 0 };
    struct stopwatch watch = { 0 };
    const char *const argv[] = { bench->certenroll,
                                 "enroll",
                                 "--offline",
                                 "--token",
                                 "pkcs11:token=certenroll",
                                 "--module",
                                 bench->module,
                                 "--pin-source",
                                 string(&s, "%s/pin", bench->directory),
                                 "--key-type",
                                 "p-256",
                                 "--label",
                                 string(&s, "bench-%u", bench->round),
                                 "--subject",
                                 BENCH_SUBJECT,
                                 "--trust-anchor",
                                 string(&s, "%s/ca.pem", bench->directory),
                                 NULL };
    posix_spawn_file_actions_t files;
    int in[2], out[2], status = 0;
    char rest[4096];
    pid_t pid;

    use_token(bench, "certenroll");
    need(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "pipe");
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    stopwatch_start(&watch);
    need(posix_spawn(&pid, argv[0], &files, NULL, (char *const *)(uintptr_t)argv, environ) == 0,
         argv[0]);
    close(in[0]);
    close(out[1]);
    answer_through(bench, &watch, in[1], out[0]);
    while (read(out[0], rest, sizeof(rest)) > 0)
        ;
    need(waitpid(pid, &status, 0) == pid && status == 0, "certenroll enroll --offline");
    stopwatch_halt(&watch);
    close(out[0]);
    posix_spawn_file_actions_destroy(&files);
    return watch.total;
}

/* --- other people's --- */

double enrol_pkcs11_tool(struct bench *bench)
{
    struct strings s = { .used = 0 };
    struct stopwatch watch = { 0 };
    const char *id = string(&s, "%04x", bench->round + 1);
    const char *label = string(&s, "bench-%u", bench->round);
    const char *request = string(&s, "%s/request.pem", bench->directory);
    const char *certificate = string(&s, "%s/certificate.der", bench->directory);
    char key[512];

    snprintf(key, sizeof(key), "pkcs11:token=opensc;object=%s;type=private?pin-source=file:%s/pin",
             label, bench->directory);
    use_token(bench, "opensc");
    run(bench, &watch,
        (const char *[]){ "pkcs11-tool", "--module", bench->module, "--token-label", "opensc",
                          "--login", "--pin", bench->pin, "--keypairgen", "--key-type",
                          "EC:prime256v1", "--id", id, "--label", label, NULL });
    run(bench, &watch,
        (const char *[]){ "openssl", "req", "-new", "-engine", "pkcs11", "-keyform", "engine",
                          "-key", key, "-subj", "/O=Test/CN=bench", "-out", request, NULL });
    answer(bench);
    run(bench, &watch,
        (const char *[]){ "pkcs11-tool", "--module", bench->module, "--token-label", "opensc",
                          "--login", "--pin", bench->pin, "--write-object", certificate, "--type",
                          "cert", "--id", id, "--label", label, NULL });
    return watch.total;
}

double enrol_p11tool(struct bench *bench)
{
    struct strings s = { .used = 0 };
    struct stopwatch watch = { 0 };
    const char *id = string(&s, "%04x", bench->round + 1);
    const char *label = string(&s, "bench-%u", bench->round);
    const char *key = string(&s, "pkcs11:token=gnutls;object=bench-%u;type=private", bench->round);
    const char *request = string(&s, "%s/request.pem", bench->directory);
    const char *template = string(&s, "%s/certtool.cfg", bench->directory);
    const char *certificate = string(&s, "%s/certificate.pem", bench->directory);

    use_token(bench, "gnutls");
    run(bench, &watch,
        (const char *[]){ "p11tool", "--provider", bench->module, "--login", "--batch",
                          "--generate-privkey=ecdsa", "--curve=secp256r1", "--label", label, "--id",
                          id, "pkcs11:token=gnutls", NULL });
    run(bench, &watch,
        (const char *[]){ "certtool", "--provider", bench->module, "--generate-request",
                          "--load-privkey", key, "--template", template, "--outfile", request,
                          NULL });
    answer(bench);
    run(bench, &watch,
        (const char *[]){ "p11tool", "--provider", bench->module, "--login", "--batch", "--write",
                          "--load-certificate", certificate, "--label", label, "--id", id,
                          "pkcs11:token=gnutls", NULL });
    return watch.total;
}
