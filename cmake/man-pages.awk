# SPDX-License-Identifier: Apache-2.0
# Manual pages (mdoc, section 3) out of the public headers' docstrings, so that what a function does
# is written once, beside its prototype.
#
#   awk -v outdir=DIR -v version=0.1.0 -v date="November 22, 2026" -f man-pages.awk HEADER...
#
# Every header becomes certenroll_<topic>.3 (certenroll.h: certenroll.3, the overview) and every
# function a one-line page that sources its header's. What the headers may hold:
#
#   /** @file ... */         the page's description; its first sentence is the page's title line
#   /** ... */               a docstring: belongs to the declarations under it up to a blank line
#   /**< ... */              the docstring of the member or constant before it
#   /* ... */                inside an enum: a heading for the constants under it
#   `name`, certenroll_x(), CERTENROLL_X, "- " lists, and blocks indented by four spaces
#
# A declaration without a docstring is an error. POSIX awk; nothing of gawk's.

# --- reading the headers -------------------------------------------------------------------------

FNR == 1 {
    topic = FILENAME
    gsub(/.*\/|\.h$/, "", topic)
    page = topic == "certenroll" ? "certenroll" : "certenroll_" topic
    pages[++page_count] = page
    header[page] = topic ".h"
    state = "top"
    group = 0
}

state == "skip" { if (!/\\$/) state = "top"; next }
state == "comment" { if (/\*\//) state = "top"; next }
state == "doc" { doc_line($0); next }
state == "enum" || state == "struct" { member_line($0); next }
state == "declaration" { declaration_line($0); next }

/^[ \t]*$/ { group = 0; next }
/^\/\*\*/ { start_doc($0, "top"); next }
/^\/\*/ { if (!/\*\//) state = "comment"; next }
/^#include <certenroll\// {
    other = $2
    gsub(/^<certenroll\/|\.h>$/, "", other)
    if (page != "certenroll")
        see_also[page] = see_also[page] " certenroll_" other
    next
}
/^#define/ {
    if (group && $2 !~ /_INIT$/)
        add_item("constant", $2, $3)
    if (/\\$/)
        state = "skip"
    next
}
/^(#|extern|})/ { next }
/^typedef (enum|struct) [a-z_0-9]+ \{/ { add_item($2, $3, ""); state = $2; next }
{ declaration = ""; declaration_line($0) }

END {
    if (!failed)
        for (p = 1; p <= page_count && !failed; p++)
            write_page(pages[p])
    exit failed
}

function undocumented(name) {
    print FILENAME ":" FNR ": " name " has no docstring" | "cat 1>&2"
    failed = 1
}

function trim(text) {
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    return text
}

function start_doc(line, where) {
    doc_where = where
    doc = ""
    state = "doc"
    sub(/^[ \t]*\/\*/, "", line)
    doc_line(line)
}

function doc_line(line,    last) {
    last = sub(/[ \t]*\*\/[ \t]*$/, "", line)
    sub(/^[ \t]*\*/, "", line)
    if (line ~ /^ @file/)
        doc_where = "file"
    else if (doc_where == "file")
        sub(/^ /, "", line)
    else
        sub(/^  ?/, "", line)
    doc = doc line "\n"
    if (last)
        end_doc()
}

function end_doc() {
    state = doc_where == "file" ? "top" : doc_where
    if (doc_where == "file") {
        sub(/^\n* *@file[^\n]*\n/, "", doc)
        description[page] = doc
    } else if (doc_where == "top") {
        group = ++group_count
        group_page[group] = page
        group_text[group] = doc
        may_be_pending[page] = may_be_pending[page] + (doc ~ /CERTENROLL_PENDING/)
    } else {
        member_doc = doc
    }
}

function add_item(kind, name, text) {
    if (!group) {
        undocumented(name)
        return
    }
    item = ++items[group]
    item_kind[group, item] = kind
    item_name[group, item] = name
    item_text[group, item] = text
    member_doc = ""
}

# A line inside `typedef enum X {` or `typedef struct X {`. What goes on in the next one is put before
# that.
function member_line(line,    text, code) {
    line = trim(begun " " trim(line))
    begun = ""
    code = line
    sub(/ *\/\*\*<.*/, "", code)
    if ((line ~ /\/\*\*</ && line !~ /\*\/$/) ||
        (line ~ /^[A-Za-z]/ && code ~ (state == "enum" ? "=$" : "[^;]$"))) {
        begun = line
        return
    }
    if (line ~ /^}/) {
        state = "top"
    } else if (line ~ /^\/\*\*/) {
        start_doc(line, state)
    } else if (line ~ /^\/\*/) {
        gsub(/^\/\* *| *\*\/$/, "", line)
        add_member("heading", line, "")
    } else if (line != "") {
        text = member_doc
        if (match(line, /\/\*\*<.*\*\//)) {
            text = trim(substr(line, RSTART + 4, RLENGTH - 6))
            line = trim(substr(line, 1, RSTART - 1))
        }
        sub(/[,;]$/, "", line)
        add_member(state, line, text)
        member_doc = ""
    }
}

function add_member(kind, name, text,    member) {
    member = ++members[group, item]
    member_kind[group, item, member] = kind
    member_name[group, item, member] = name
    member_text[group, item, member] = text
}

function declaration_line(line) {
    state = "declaration"
    declaration = trim(declaration " " trim(line))
    if (declaration !~ /;$/)
        return
    state = "top"
    sub(/;$/, "", declaration)
    if (declaration ~ /^typedef/)
        take_typedef(declaration)
    else
        take_prototype(declaration)
}

function take_typedef(text,    name) {
    name = text
    if (text ~ /\(/)
        gsub(/^[^(]*\(\*|\).*/, "", name)
    else
        sub(/.* /, "", name)
    add_item(text ~ /\(/ ? "callback" : "opaque", name, text)
}

function take_prototype(text,    name, fails) {
    fails = sub(/^CERTENROLL_MUST_USE /, "", text)
    name = text
    sub(/\(.*/, "", name)
    sub(/.*[ *]/, "", name)
    add_item("function", name, text)
    is_function[name] = 1
    function_of[page, ++functions[page]] = name
    if (fails)
        call_of[page, ++calls[page]] = name
}

# --- writing text --------------------------------------------------------------------------------

function put(line) { print line > out }

function escape(text) {
    gsub(/\\/, "\\e", text)
    gsub(/§/, "\\(sc", text)
    return text
}

function flush_line() {
    if (filled != "")
        put((filled ~ /^[.']/ ? "\\&" : "") escape(filled))
    filled = ""
}

# Sentences begin on new lines, as mdoc wants it.
function fill(word) {
    if (length(filled) + length(word) > 76)
        flush_line()
    filled = filled (filled == "" ? "" : " ") word
    if (word ~ /[.!?][")]*$/ && word !~ /(e\.g|i\.e|\.\.)\.$/)
        flush_line()
}

function markup(core) {
    if (core ~ /^`.* .*`$/)
        return "Vt \"" substr(core, 2, length(core) - 2) "\""
    if (core ~ /^`/)
        return "Fa " substr(core, 2, length(core) - 2)
    if (core ~ /^</)
        return "In " substr(core, 2, length(core) - 2)
    if (core ~ /^C/)
        return "Dv " core
    if (sub(/\(\)$/, "", core) || core in is_function)
        return "Fn " core
    return "Vt " core
}

# One word, with a name that mdoc has a macro for or without. \001 stands for a space in it.
function say_word(word,    before, core, after, i, line) {
    gsub(/\001/, " ", word)
    if (!match(word, /`[^`]*`|certenroll_[a-z0-9_]+|[a-z0-9_]+\(\)|<certenroll\/[a-z]+\.h>|(CERTENROLL|CK[A-Z]*)_[A-Z0-9_]+\*?/)) {
        fill(word)
        return
    }
    before = substr(word, 1, RSTART - 1)
    core = substr(word, RSTART, RLENGTH)
    after = substr(word, RSTART + RLENGTH)
    if (before !~ /^\(?$/ || after !~ /^([.,:;?!)]*|['a-z-]+[.,;]?)$/) {
        fill(word)
        return
    }
    flush_line()
    line = (before == "" ? "." : ".Pf ( ") markup(core)
    if (after ~ /[a-z]/)
        line = line " Ns " after
    else
        for (i = 1; i <= length(after); i++)
            line = line " " substr(after, i, 1)
    put(escape(line))
}

function say(text,    parts, words, count, i, joined) {
    gsub(/\n/, " ", text) # some awks split at it whatever the separator
    count = split(text, parts, "`")
    for (i = 1; i <= count; i++) {
        if (i % 2 == 0)
            gsub(/ /, "\001", parts[i])
        joined = joined (i > 1 ? "`" : "") parts[i]
    }
    count = split(joined, words, / +/)
    for (i = 1; i <= count; i++)
        if (words[i] != "")
            say_word(words[i])
    flush_line()
}

function say_literal(block) {
    gsub(/\n    /, "\n", block)
    sub(/^    /, "", block)
    put(".Bd -literal -offset indent\n" escape(block) "\n.Ed")
}

function say_list(block,    entries, count, i) {
    count = split("\n" block, entries, "\n- ")
    put(".Bl -bullet")
    for (i = 2; i <= count; i++) {
        put(".It")
        say(entries[i])
    }
    put(".El")
}

# A docstring: blocks between blank lines. `fresh`: the first paragraph needs no .Pp before it.
function say_doc(text, fresh,    blocks, count, i) {
    sub(/^\n+/, "", text)
    sub(/\n+$/, "", text)
    count = split(text, blocks, /\n\n+/)
    for (i = 1; i <= count; i++) {
        if (blocks[i] ~ /^    /) {
            say_literal(blocks[i])
        } else if (blocks[i] ~ /^- /) {
            say_list(blocks[i])
        } else {
            if (!fresh || i > 1)
                put(".Pp")
            say(blocks[i])
        }
    }
}

# --- writing pages -------------------------------------------------------------------------------

# The first sentence without its full stop.
function title(name,    text) {
    text = description[name]
    gsub(/\n/, " ", text)
    sub(/\. .*/, "", text)
    sub(/\.$/, "", text)
    text = trim(text)
    return substr(text, 2, 1) ~ /[a-z ]/ ? tolower(substr(text, 1, 1)) substr(text, 2) : text
}

function say_call(type, name, arguments,    list, count, i) {
    put(".Ft \"" type "\"")
    put(".Fo \"" name "\"")
    count = split(arguments, list, /, */)
    for (i = 1; i <= count; i++)
        put(".Fa \"" list[i] "\"")
    put(".Fc")
}

function say_prototype(text, name,    at) {
    at = index(text, name "(")
    say_call(trim(substr(text, 1, at - 1)), name,
             substr(text, at + length(name) + 1, length(text) - at - length(name) - 1))
}

function say_callback(text, name,    at) {
    name = "(*" name ")"
    at = index(text, name)
    say_call(trim(substr(text, 1, at - 1)), name,
             substr(text, at + length(name) + 1, length(text) - at - length(name) - 1))
}

function say_members(g, i,    m, listed) {
    for (m = 1; m <= members[g, i]; m++) {
        if (member_kind[g, i, m] == "heading") {
            if (listed)
                put(".El")
            listed = 0
            put(".Pp")
            say(member_name[g, i, m] ":")
            continue
        }
        if (!listed)
            put(".Bl -tag -width Ds -compact")
        listed = 1
        put(".It " (member_kind[g, i, m] == "enum" ? "Dv " : "Fa \"") member_name[g, i, m] \
            (member_kind[g, i, m] == "enum" ? "" : "\""))
        if (member_text[g, i, m] != "")
            say_doc(member_text[g, i, m], 1)
    }
    if (listed)
        put(".El")
}

function say_tag(g,    i, kind) {
    put(".It Xo")
    for (i = 1; i <= items[g]; i++) {
        kind = item_kind[g, i]
        if (kind == "constant")
            put(".Dv " item_name[g, i] " No = " item_text[g, i])
        else
            put((kind == "function" ? ".Fn " : ".Vt ") item_name[g, i] (i < items[g] ? " ," : ""))
    }
    put(".Xc")
}

function say_group(g,    i) {
    say_tag(g)
    for (i = 1; i <= items[g]; i++)
        if (item_kind[g, i] == "callback")
            say_callback(item_text[g, i], item_name[g, i])
    if (items[g] == 1 && item_kind[g, 1] == "callback")
        put(".Pp")
    say_doc(group_text[g], 1)
    for (i = 1; i <= items[g]; i++)
        say_members(g, i)
}

# The components are libraries of their own.
function library(name) {
    return name == "certenroll_libp11" ? "certenroll\\-libp11" : \
        name ~ /^certenroll_ra/ ? "certenroll\\-ra" : "certenroll"
}

function write_head(name,    i) {
    put(".\\\" SPDX-License-Identifier: Apache-2.0")
    put(".\\\" Generated from include/certenroll/" header[name] "; change that.")
    put(".Dd " date "\n.Dt " toupper(name) " 3\n.Os certenroll " version "\n.Sh NAME")
    if (functions[name] == 0)
        put(".Nm " name)
    for (i = 1; i <= functions[name]; i++)
        put(".Nm " function_of[name, i] (i < functions[name] ? " ," : ""))
    put(".Nd " title(name))
    put(".Sh LIBRARY\nlib" library(name) " (lib" library(name) ", \\-l" library(name) ")")
}

function write_synopsis(name,    g, i) {
    put(".Sh SYNOPSIS\n.In certenroll/" header[name])
    for (g = 1; g <= group_count; g++)
        for (i = 1; group_page[g] == name && i <= items[g]; i++)
            if (item_kind[g, i] == "function")
                say_prototype(item_text[g, i], item_name[g, i])
}

function write_description(name,    g, listed) {
    put(".Sh DESCRIPTION")
    say_doc(description[name], 1)
    for (g = 1; g <= group_count; g++)
        if (group_page[g] == name && items[g] > 0) {
            if (!listed)
                put(".Bl -tag -width Ds")
            listed = 1
            say_group(g)
        }
    if (listed)
        put(".El")
}

function write_topics(    p) {
    put(".Pp\nThe functions by topic:\n.Bl -tag -width Ds -compact")
    for (p = 1; p <= page_count; p++)
        if (pages[p] != "certenroll") {
            put(".It Xr " pages[p] " 3")
            say(title(pages[p]))
        }
    put(".El")
}

function write_return_values(name,    i) {
    if (functions[name] == 0)
        return
    put(".Sh RETURN VALUES")
    for (i = 1; i <= calls[name]; i++)
        put(".Fn " call_of[name, i] (i < calls[name] - 1 ? " ," : i == calls[name] - 1 ? "\nand" : ""))
    if (calls[name] > 0)
        say((calls[name] == 1 ? "returns" : "return") " CERTENROLL_OK, " \
            (may_be_pending[name] ? "CERTENROLL_PENDING where the description says so, " : "") \
            "or a negative status. With that, `*error` receives an error to be freed by " \
            "certenroll_error_free(), unless `error` is NULL.")
    if (functions[name] > calls[name])
        say("What " (calls[name] ? "the others return" : "each function returns") " is said above.")
}

function write_see_also(name,    list, count, i) {
    count = split(see_also[name], list, " ")
    put(".Sh SEE ALSO")
    if (name == "certenroll")
        put(".Xr certenroll 1")
    else
        put(".Xr certenroll 3" (count ? " ," : ""))
    for (i = 1; i <= count; i++)
        put(".Xr " list[i] " 3" (i < count ? " ," : ""))
}

function write_page(name,    i) {
    out = outdir "/" name ".3"
    write_head(name)
    write_synopsis(name)
    write_description(name)
    if (name == "certenroll")
        write_topics()
    write_return_values(name)
    write_see_also(name)
    close(out)
    for (i = 1; i <= functions[name]; i++) {
        out = outdir "/" function_of[name, i] ".3"
        put(".so man3/" name ".3")
        close(out)
    }
}
