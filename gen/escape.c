#include "escape.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "slice.h"
#include "utf8.h"

/* Bytes that mean nothing to make and sh, anywhere in an argument: each is at its code, with spaces
 * for the others.  Not among them: `~` (a home directory, also after `=` or `:`), `#` (a comment),
 * `^` and `!` (syntax of older or other shells).  Listed, since what isalnum() takes for a letter
 * depends on the locale. */
static const char safe[256] = "                                "
                              "     %     +,-./0123456789:  =  "
                              "@ABCDEFGHIJKLMNOPQRSTUVWXYZ    _"
                              " abcdefghijklmnopqrstuvwxyz";

/* At the start of a line, these would end a `define` around the value, or begin another. */
static bool is_directive(struct slice word) {
    return slice_is(word, "endef") || slice_is(word, "define");
}

static bool is_safe_word(const char *text, size_t len) {
    if (is_directive((struct slice){text, len}))
        return false;
    size_t i = 0;
    while (i < len && safe[(unsigned char)text[i]] > ' ')
        i++;
    return i == len && len > 0;
}

void escape_make(struct buf *out, const char *text, size_t len) {
    if (is_safe_word(text, len)) {
        buf_add(out, text, len);
        return;
    }
    buf_add_char(out, '\'');
    for (size_t i = 0, same; i < len; i += same + 1) {
        same = i;
        while (same < len && text[same] != '\'' && text[same] != '$')
            same++;
        same -= i;
        buf_add(out, text + i, same);
        if (i + same < len)
            buf_add_str(out, text[i + same] == '$' ? "$$" : "'\\''");
    }
    buf_add_char(out, '\'');
}

void escape_html(struct buf *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '&')
            buf_add_str(out, "&amp;");
        else if (text[i] == '<')
            buf_add_str(out, "&lt;");
        else if (text[i] == '>')
            buf_add_str(out, "&gt;");
        else if (text[i] == '"')
            buf_add_str(out, "&quot;");
        else
            buf_add_char(out, text[i]);
    }
}

/* ---- Formats of UTF-8 text ---- */

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* A character of a text. */
struct character {
    struct slice text; /* all of it */
    size_t at;         /* where the character begins in it */
    size_t len;        /* how many bytes it has */
    uint32_t code;
};

/* Has ADD write every character of TEXT. */
static void escape_each(struct buf *out, const char *text, size_t len,
                        void (*add)(struct buf *out, const struct character *c)) {
    struct character c = {.text = {text, len}};
    for (; c.at < len; c.at += c.len) {
        c.len = utf8_decode(text + c.at, len - c.at, &c.code);
        if (c.len > 0) {
            add(out, &c);
        } else {
            buf_add_str(out, REPLACEMENT);
            c.len = 1;
        }
    }
}

static void add_unchanged(struct buf *out, const struct character *c) {
    buf_add(out, c->text.text + c->at, c->len);
}

static void add_backslashed(struct buf *out, const struct character *c) {
    buf_add_char(out, '\\');
    add_unchanged(out, c);
}

static bool is_one_of(uint32_t c, const char *set) {
    return c > 0 && c < 0x80 && strchr(set, (char)c) != NULL;
}

static bool is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* What every version of YAML, and XML, in which pictures are, take for a character of a line. */
static bool is_printable(uint32_t c) {
    return !is_control(c) && c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe &&
           c != 0xffff;
}

static void add_yaml(struct buf *out, const struct character *c) {
    if (is_one_of(c->code, "\"\\"))
        add_backslashed(out, c);
    else if (is_printable(c->code))
        add_unchanged(out, c);
    else
        buf_add_format(out, "\\u%04" PRIX32, c->code);
}

void escape_yaml(struct buf *out, const char *text, size_t len) {
    escape_each(out, text, len, add_yaml);
}

/* Whether a list, a rule, a line under a heading, a part of the template's own link or the like
 * could begin here: at the start of the text, or after digits only. */
static bool may_begin_block(const struct character *c) {
    if (c->at == 0)
        return is_one_of(c->code, "-+=:(");
    return is_one_of(c->code, ".)") && strspn(c->text.text, "0123456789") == c->at;
}

/* A space at either end would indent the line, or break it. */
static bool is_outer_space(const struct character *c) {
    return c->code == ' ' && (c->at == 0 || c->at + 1 == c->text.len);
}

static void add_markdown(struct buf *out, const struct character *c) {
    if (is_one_of(c->code, "<>&"))
        escape_html(out, c->text.text + c->at, c->len);
    else if (is_one_of(c->code, "\t\n") || is_outer_space(c))
        buf_add_format(out, "&#%" PRIu32 ";", c->code);
    else if (!is_printable(c->code))
        buf_add_str(out, REPLACEMENT);
    else if (is_one_of(c->code, "\\`*_[]|~#!$") || may_begin_block(c))
        add_backslashed(out, c);
    else
        add_unchanged(out, c);
}

void escape_markdown(struct buf *out, const char *text, size_t len) {
    escape_each(out, text, len, add_markdown);
}

static void add_dot(struct buf *out, const struct character *c) {
    if (is_one_of(c->code, "\"\\"))
        add_backslashed(out, c);
    else if (c->code == '&') /* of an entity, which labels may have */
        buf_add_str(out, "&amp;");
    else if (c->code == '\n')
        buf_add_str(out, "\\n");
    else if (is_printable(c->code) || c->code == '\t')
        add_unchanged(out, c);
    else
        buf_add_str(out, REPLACEMENT);
}

void escape_dot(struct buf *out, const char *text, size_t len) {
    escape_each(out, text, len, add_dot);
}

static void add_text(struct buf *out, const struct character *c) {
    if (is_printable(c->code) || c->code == '\t')
        add_unchanged(out, c);
    else
        buf_add_char(out, '?');
}

void escape_text(struct buf *out, const char *text, size_t len) {
    escape_each(out, text, len, add_text);
}

/* ---- The kinds of output ---- */

static const struct kind {
    const char *extension;
    escape_fn *escape;
} kinds[] = {
    {".dot", escape_dot}, {".html", escape_html}, {".json", escape_yaml}, {".md", escape_markdown},
    {".mk", escape_make}, {".txt", escape_text},  {".yml", escape_yaml},
};

enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

/* Cuts END off the end of *TEXT; false if TEXT does not end in it. */
static bool cut_end(struct slice *text, const char *end) {
    bool ends = slice_ends(*text, end);
    if (ends)
        text->len -= strlen(end);
    return ends;
}

escape_fn *escape_for_template(const char *name) {
    struct slice rest = slice_of(name);
    if (!cut_end(&rest, ".mustache"))
        return NULL;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (cut_end(&rest, kinds[i].extension))
            return kinds[i].escape;
    }
    return NULL;
}

const char *escape_extension(size_t index) {
    return index < KIND_COUNT ? kinds[index].extension : NULL;
}
