/* SPDX-License-Identifier: Apache-2.0 */
/* The three steps from the program to the certificate. What changes with the job's state is in
 * elements with "data-part", which script.js exchanges for those of a fresh copy of the page. */
#include "pages/page_handlers.h"
#include "rules/ra_job.h"

#include <stdio.h>

struct stage {
    words status;
    int step; /* the one at which the person is: 1 to 3; 0: none */
    int may_launch;
    int may_cancel;
};

static const struct stage not_begun = {
    { "Not begun: get the program, then download the launch file.",
      "未開始です。プログラムを用意し、起動ファイルをダウンロードしてください。" },
    1,
    1,
    0
};

static const struct stage stages[] = {
    [JOB_CREATED] = { { "Waiting for the program: open the downloaded launch file.",
                        "プログラムを待っています。ダウンロードした起動ファイルを開いてください"
                        "。" },
                      2,
                      1,
                      1 },
    [JOB_REDEEMED] = { { "The program is ready: compare the numbers, then press Execute.",
                         "プログラムの準備ができました。番号を照合し、「実行」を押してください。" },
                       3,
                       0,
                       1 },
    [JOB_EXECUTED] = { { "The program is at work: answer what its window asks, such as the PIN.",
                         "プログラムが処理中です。プログラムの画面の指示（PINの入力など）に従って"
                         "ください。" },
                       0,
                       0,
                       1 },
    [JOB_ISSUED] = { { "The certificate was issued; the program is checking it in the token.",
                       "電子証明書を発行しました。プログラムがトークンへの格納を確認しています。" },
                     0,
                     0,
                     0 },
    [JOB_CONFIRMED] = { { "The certificate is in the token.",
                          "電子証明書がトークンに格納されました。" },
                        0,
                        0,
                        0 },
    [JOB_CANCELLED] = { { "Cancelled. You can begin again with a new launch file.",
                          "中止しました。新しい起動ファイルでやり直すことができます。" },
                        2,
                        1,
                        0 },
    [JOB_EXPIRED] = { { "The time is over. Begin again with a new launch file.",
                        "時間切れになりました。新しい起動ファイルでやり直してください。" },
                      2,
                      1,
                      0 },
    [JOB_FAILED] = { { "The program has given up; its window says why. Begin again with a new "
                       "launch file.",
                       "プログラムが処理を中断しました。理由はプログラムの画面に表示されています。"
                       "新しい起動ファイルでやり直してください。" },
                     2,
                     1,
                     0 },
    [JOB_REVOKED] = { { "The program did not confirm the certificate in time: it was revoked. "
                        "Begin "
                        "again with a new launch file.",
                        "時間内に格納を確認できなかったため、発行した電子証明書は失効しました。"
                        "新しい起動ファイルでやり直してください。" },
                      2,
                      1,
                      0 },
};

/* --- the steps --- */

static void open_step(struct page *page, const struct stage *stage, int step, words title)
{
    text_addf(page->body, "<li data-step=\"%d\"%s>\n<h2>%s</h2>\n", step,
              stage->step == step ? " aria-current=\"step\"" : "", title[page->language]);
}

static void add_program(struct page *page, const struct stage *stage)
{
    static words title = { "Get the program", "プログラムを用意する" };
    static words advice = {
        "The program <code>certenroll-agent</code> has to be on this PC. Whoever looks after your "
        "PCs installs it, with this bank's settings. Is it there already? Then go on.",
        "このパソコンにプログラム <code>certenroll-agent</code> "
        "が必要です。パソコンの管理担当者が、"
        "当行の設定とともにインストールします。導入済みの場合は次へ進んでください。"
    };

    open_step(page, stage, 1, title);
    page_say(page, advice);
    text_add(page->body, "</li>\n");
}

static void add_start(struct page *page, const struct stage *stage)
{
    static words title = { "Start it", "プログラムを起動する" };
    static words advice = {
        "Insert the card or token. Download the launch file and open it: the program starts. The "
        "file works once, and for 10 minutes. Do not pass it on.",
        "カードまたはトークンを挿入し、起動ファイルをダウンロードして開くと、プログラムが起動します"
        "。"
        "起動ファイルは1回限り、10分間有効です。他の人に渡さないでください。"
    };
    static words launch = { "Download the launch file", "起動ファイルをダウンロード" };

    open_step(page, stage, 2, title);
    page_say(page, advice);
    page_open_form(page, "/enrol/launch", "inline");
    text_addf(page->body, "<button type=\"submit\" id=\"launch\"%s>%s</button>\n",
              stage->may_launch ? "" : " disabled", launch[page->language]);
    page_close_form(page);
    text_add(page->body, "</li>\n");
}

/* Not once the job is over: there is nothing to compare any more. */
static int shows_number(const struct job *job)
{
    return job->number[0] && !job_is_over(job->state);
}

static void add_number(struct page *page, const struct job *job)
{
    static words label = { "Number", "照合番号" };
    static words none = { "(shown when the program is ready)",
                          "（プログラムの準備ができると表示されます）" };
    int known = shows_number(job);

    text_addf(page->body, "<p class=\"number\">%s: <output id=\"number\"%s>%s</output></p>\n",
              label[page->language], known ? " class=\"digits\"" : "",
              known ? job->number : none[page->language]);
}

/* The number goes along, so that a page that has been overtaken executes nothing. */
static void add_execute(struct page *page, const struct stage *stage, const struct job *job)
{
    static words title = { "Execute", "実行する" };
    static words advice = {
        "The program shows six digits. Press <em>Execute</em> only if they are the same as here; "
        "if they differ, press <em>Cancel</em> and ask your branch.",
        "プログラムに6桁の番号が表示されます。下の番号と同じ場合に限り「実行」を押してください。"
        "異なる場合は「中止」を押し、営業店にお問い合わせください。"
    };
    static words execute = { "Execute", "実行" };

    open_step(page, stage, 3, title);
    page_say(page, advice);
    add_number(page, job);
    page_open_form(page, "/enrol/execute", "inline");
    text_addf(page->body, "<input type=\"hidden\" name=\"number\" value=\"%s\">\n",
              shows_number(job) ? job->number : "");
    text_addf(page->body, "<button type=\"submit\" id=\"execute\" class=\"main\"%s>%s</button>\n",
              job->state == JOB_REDEEMED ? "" : " disabled", execute[page->language]);
    page_close_form(page);
    text_add(page->body, "</li>\n");
}

/* --- around them --- */

static void add_status(struct page *page, const struct stage *stage, const struct job *job)
{
    static words until = { "Until", "期限" };
    static words reason = { "Reason", "理由" };

    text_addf(page->body,
              "<div id=\"status\" role=\"status\" aria-live=\"polite\" data-part>\n"
              "<div class=\"status%s\">\n<p>%s</p>\n",
              job->id[0] && job_is_over(job->state) && job->state != JOB_CONFIRMED ? " ended" : "",
              stage->status[page->language]);
    if (job->id[0] && !job_is_over(job->state)) {
        text_addf(page->body, "<p>%s: ", until[page->language]);
        page_add_time(page, job->expires_at);
        text_add(page->body, "</p>\n");
    }
    if (job->reason[0]) {
        text_addf(page->body, "<p>%s: <code>", reason[page->language]);
        text_add_escaped(page->body, job->reason);
        text_add(page->body, "</code></p>\n");
    }
    text_add(page->body, "</div>\n</div>\n");
}

static void add_ways_out(struct page *page, const struct stage *stage)
{
    static words cancel = { "Cancel", "中止" };
    static words refresh = { "Refresh this page", "画面を更新" };

    text_add(page->body, "<div id=\"ways-out\" class=\"actions\" data-part>\n");
    if (stage->may_cancel) {
        page_open_form(page, "/enrol/cancel", "inline");
        page_add_button(page, "cancel", cancel);
        page_close_form(page);
    }
    text_addf(page->body, "<a id=\"refresh\" href=\"/enrol\">%s</a>\n</div>\n",
              refresh[page->language]);
}

static void write_steps(struct page *page, const struct stage *stage, const struct job *job)
{
    static words title = { "Collect the certificate", "電子証明書の取得" };
    static words name = { "Certificate's name", "電子証明書の名称" };
    char attribute[32 + 32];

    snprintf(attribute, sizeof(attribute), "data-state=\"%s\"",
             job->id[0] ? job_state_name(job->state) : "none");
    page_open(page, title, attribute);
    text_add(page->body, "<dl>\n");
    page_add_row(page, name, page->account.name);
    text_add(page->body, "</dl>\n");
    add_status(page, stage, job);
    text_add(page->body, "<ol id=\"steps\" class=\"steps\" data-part>\n");
    add_program(page, stage);
    add_start(page, stage);
    add_execute(page, stage, job);
    text_add(page->body, "</ol>\n");
    add_ways_out(page, stage);
    page_close(page);
}

void enrol_show(struct page *page)
{
    struct job job = { 0 };
    enum store_result found = job_of_session(&job, page->request->ra, page->session.id);

    if (found == STORE_FAILED) {
        page_refuse(page, PROBLEM_FAILED);
        return;
    }
    if (found == STORE_NONE)
        job = (struct job){ 0 };
    if (found == STORE_OK && job.state == JOB_CONFIRMED && !page->problem)
        page_go(page, "/done");
    else
        write_steps(page, found == STORE_OK ? &stages[job.state] : &not_begun, &job);
}
