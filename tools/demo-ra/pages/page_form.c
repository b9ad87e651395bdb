/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/page.h"
#include "rules/credentials.h"

#include <string.h>

void page_open_form(struct page *page, const char *path, const char *class_name)
{
    text_addf(page->body, "<form method=\"post\" action=\"%s", path);
    if (page->request->query_id && strcmp(path, page->path) == 0) {
        text_add(page->body, "?id=");
        text_add_encoded(page->body, page->request->query_id);
    }
    /* novalidate: what is wrong is told by the page, in the page's language. */
    text_addf(page->body,
              "\" class=\"%s\" novalidate>\n"
              "<input type=\"hidden\" name=\"csrf\" value=\"%s\">\n",
              class_name, page->session.csrf);
}

void page_close_form(struct page *page)
{
    text_add(page->body, "</form>\n");
}

void page_add_button(struct page *page, const char *id, words text)
{
    text_addf(page->body, "<button type=\"submit\" id=\"%s\">%s</button>\n", id,
              text[page->language]);
}

static const char *field_error(const struct page *page, const struct field *field)
{
    static words empty = { "Fill in this field.", "入力してください。" };
    static words id = {
        "1 to 31 letters and digits (also - _ .), half-width, without spaces.",
        "半角の英数字と記号（- _ .）1～31文字で、空白を入れずに入力してください。"
    };
    static words fresh = { "8 to 64 characters; the password and the confirmation password differ.",
                           "8～64文字で入力してください。暗証番号と確認暗証番号は異なるものにして"
                           "ください。" };

    if (page->problem != PROBLEM_FIELD)
        return problem_text(page->problem)->title[page->language];
    if (field->kind == FIELD_TEXT)
        return id[page->language];
    return field->kind == FIELD_NEW_PASSWORD ? fresh[page->language] : empty[page->language];
}

static void add_input(struct page *page, const struct field *field, int is_wrong)
{
    static const char *const attributes[] = {
        [FIELD_TEXT] = ("type=\"text\" autocomplete=\"username\" maxlength=\"31\" "
                        "autocapitalize=\"none\" spellcheck=\"false\""),
        [FIELD_PASSWORD] = "type=\"password\" autocomplete=\"current-password\" maxlength=\"256\"",
        [FIELD_NEW_PASSWORD] = "type=\"password\" autocomplete=\"new-password\" maxlength=\"64\"",
        [FIELD_CONFIRMATION] = "type=\"password\" autocomplete=\"off\" maxlength=\"256\"",
    };
    const char *name = field->name;
    int has_hint = field->hint[page->language] != NULL;

    text_addf(page->body, "<input %s id=\"%s\" name=\"%s\" required%s", attributes[field->kind],
              name, name, is_wrong ? " aria-invalid=\"true\"" : "");
    if (has_hint || is_wrong)
        text_addf(page->body, " aria-describedby=\"%s%s%s%s%s\"", has_hint ? name : "",
                  has_hint ? "-hint" : "", has_hint && is_wrong ? " " : "", is_wrong ? name : "",
                  is_wrong ? "-error" : "");
    if (field->kind == FIELD_TEXT) {
        text_add(page->body, " value=\"");
        text_add_escaped(page->body, form_text(&page->form, name));
        text_add(page->body, "\"");
    }
    text_add(page->body, ">\n");
}

void page_add_field(struct page *page, const struct field *field)
{
    int is_wrong = page->problem && page->field && strcmp(page->field, field->name) == 0;

    text_addf(page->body, "<div class=\"field\">\n<label for=\"%s\">%s</label>\n", field->name,
              field->label[page->language]);
    if (field->hint[page->language])
        text_addf(page->body, "<p class=\"hint\" id=\"%s-hint\">%s</p>\n", field->name,
                  field->hint[page->language]);
    if (is_wrong) {
        text_addf(page->body, "<p class=\"error\" id=\"%s-error\">", field->name);
        text_add_escaped(page->body, field_error(page, field));
        text_add(page->body, "</p>\n");
    }
    add_input(page, field, is_wrong);
    text_add(page->body, "</div>\n");
}

void page_add_lock_notice(struct page *page)
{
    static words notice = { "After 5 wrong passwords in a row the ID is locked.",
                            "暗証番号を続けて5回間違えると、そのIDはロックされます。" };

    page_say_as(page, "notice", notice);
}

static enum problem check_field(struct page *page, const char *name, int is_right)
{
    if (!is_right)
        page->field = name;
    return is_right ? PROBLEM_NONE : PROBLEM_FIELD;
}

enum problem page_check_id(struct page *page, const char *name)
{
    return check_field(page, name, account_id_is_sound(form_text(&page->form, name)));
}

enum problem page_check_filled(struct page *page, const char *name)
{
    return check_field(page, name, form_text(&page->form, name)[0] != '\0');
}
