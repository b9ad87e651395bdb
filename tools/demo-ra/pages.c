/* SPDX-License-Identifier: Apache-2.0 */
#include "pages.h"

#include "diagnostics.h"
#include "login_page.h"

#include <string.h>
#include <strings.h>

static const char style[] = "body{font-family:sans-serif;line-height:1.6;margin:0;color:#1b1b1b}"
                            "header,main,footer{max-width:42rem;margin:0 auto;padding:1rem}"
                            "header{border-bottom:4px solid #0b5d4b;font-weight:bold}"
                            "footer{border-top:1px solid #767676;font-size:.9rem}"
                            "dt{font-weight:bold}dd{margin:0 0 .6rem;overflow-wrap:anywhere}"
                            "a:focus-visible{outline:3px solid #0b5d4b}\n";

/* --- language --- */

/* A qvalue (RFC 9110 §12.4.2) in thousandths; what is none counts as 0. */
static int thousandths(const char *text)
{
    int value;

    if (*text != '0' && *text != '1')
        return 0;
    value = (*text++ - '0') * 1000;
    if (*text == '.') {
        text++;
        for (int unit = 100; unit > 0 && *text >= '0' && *text <= '9'; unit /= 10)
            value += (*text++ - '0') * unit;
    }
    /* strchr finds the string's end, too. */
    return value <= 1000 && strchr(" \t;,", *text) ? value : 0;
}

/* The weight a language range gets, in thousandths; -1 for another language. */
static int weight_of(const char *item, size_t length, const char *tag)
{
    const char *q = memchr(item, ';', length);
    size_t range = q ? (size_t)(q - item) : length;

    while (range > 0 && item[range - 1] == ' ')
        range--;
    if (range < 2 || strncasecmp(item, tag, 2) != 0 || (range > 2 && item[2] != '-'))
        return -1;
    if (!q)
        return 1000;
    q += 1 + strspn(q + 1, " ");
    return strncasecmp(q, "q=", 2) == 0 ? thousandths(q + 2) : 1000;
}

static int best_weight(const char *accepted, const char *tag)
{
    int best = -1;

    while (accepted && *accepted) {
        size_t length;
        int weight;

        accepted += strspn(accepted, " ,\t");
        length = strcspn(accepted, ",");
        weight = weight_of(accepted, length, tag);
        best = weight > best ? weight : best;
        accepted += length;
    }
    return best;
}

enum language page_language(const struct request *request)
{
    if (request->language && strcmp(request->language, "ja") == 0)
        return LANGUAGE_JA;
    if (request->language && strcmp(request->language, "en") == 0)
        return LANGUAGE_EN;
    if (!request->accept_language)
        return operator_reads_japanese() ? LANGUAGE_JA : LANGUAGE_EN;
    return best_weight(request->accept_language, "ja") > best_weight(request->accept_language, "en")
               ? LANGUAGE_JA
               : LANGUAGE_EN;
}

/* --- the frame --- */

void page_open(struct reply *reply, enum language language, unsigned status, words title)
{
    static words tags = { "en", "ja" };
    static words bank = { "Demo Bank", "デモ銀行" };

    reply->status = status;
    reply->content_type = "text/html; charset=utf-8";
    reply_add_header(reply, "Content-Language", tags[language]);
    reply_add_header(reply, "Vary", "Accept-Language");
    text_addf(&reply->body,
              "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<title>%s - %s</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n"
              "<body>\n<header>%s</header>\n<main>\n<h1>%s</h1>\n",
              tags[language], title[language], bank[language], bank[language], title[language]);
}

void page_close(struct reply *reply, enum language language)
{
    static words other = {
        "<a href=\"?lang=ja\" hreflang=\"ja\" lang=\"ja\">日本語</a>",
        "<a href=\"?lang=en\" hreflang=\"en\" lang=\"en\">English</a>",
    };

    text_addf(&reply->body, "</main>\n<footer>%s</footer>\n</body>\n</html>\n", other[language]);
}

/* --- the pages --- */

static void entry_page(struct reply *reply, const struct request *request)
{
    static words title = { "Electronic certificates", "電子証明書のご案内" };
    static words intro = { "This is the entry to a demonstration. Nothing here is a real bank.",
                           "これはデモンストレーションの入口です。実在の銀行ではありません。" };
    static words logon = { "Log on with your certificate", "電子証明書でログオン" };
    static words logon_note = { "Your browser asks which certificate to use.",
                                "ブラウザーが使用する電子証明書を尋ねます。" };
    static words est = { "Address for the enrolment program", "証明書取得プログラムの接続先" };
    enum language language = page_language(request);

    page_open(reply, language, 200, title);
    text_addf(&reply->body,
              "<p>%s</p>\n<dl>\n<dt><a href=\"https://login.localhost:%u/\">%s</a></dt>\n"
              "<dd>%s</dd>\n<dt>%s</dt>\n<dd>https://est.localhost:%u</dd>\n</dl>\n",
              intro[language], (unsigned)request->port, logon[language], logon_note[language],
              est[language], (unsigned)request->port);
    page_close(reply, language);
}

static void style_sheet(struct reply *reply, const struct request *request)
{
    (void)request;
    reply->status = 200;
    reply->content_type = "text/css; charset=utf-8";
    text_add(&reply->body, style);
}

static void no_page(struct reply *reply, const struct request *request)
{
    static words title = { "There is no such page", "ページが見つかりません" };
    static words advice = { "<a href=\"/\">Go to the first page</a>",
                            "<a href=\"/\">最初のページへ</a>" };
    enum language language = page_language(request);

    page_open(reply, language, 404, title);
    text_addf(&reply->body, "<p>%s</p>\n", advice[language]);
    page_close(reply, language);
}

static void wrong_method(struct reply *reply)
{
    reply->status = 405;
    reply->content_type = "text/plain; charset=utf-8";
    reply_add_header(reply, "Allow", "GET, HEAD");
    text_add(&reply->body, "Pages are read with GET. / ページはGETで取得してください。\n");
}

static const struct page {
    enum host host;
    const char *path;
    void (*write)(struct reply *reply, const struct request *request);
} pages[] = {
    { HOST_ENTRY, "/", entry_page },
    { HOST_ENTRY, "/style.css", style_sheet },
    { HOST_LOGIN, "/", login_page },
    { HOST_LOGIN, "/style.css", style_sheet },
};

void pages_answer(struct reply *reply, const struct request *request)
{
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (pages[i].host != request->host || strcmp(pages[i].path, request->path) != 0)
            continue;
        if (strcmp(request->method, "GET") == 0)
            pages[i].write(reply, request);
        else
            wrong_method(reply);
        return;
    }
    no_page(reply, request);
}
