#include "escape.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* Bytes that neither make nor sh sees anything in, wherever they stand in an argument.  Not among
 * them: `~` (a home directory, also after `=` or `:`), `#` (a comment), `^` and `!` (syntax of
 * older or other shells).  Listed, since what isalnum() takes for a letter depends on the locale.
 */
static const bool safe[256] = {
    ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true,
    ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true, ['k'] = true, ['l'] = true,
    ['m'] = true, ['n'] = true, ['o'] = true, ['p'] = true, ['q'] = true, ['r'] = true,
    ['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true,
    ['y'] = true, ['z'] = true, ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true,
    ['E'] = true, ['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true,
    ['K'] = true, ['L'] = true, ['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true,
    ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true, ['U'] = true, ['V'] = true,
    ['W'] = true, ['X'] = true, ['Y'] = true, ['Z'] = true, ['0'] = true, ['1'] = true,
    ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true,
    ['8'] = true, ['9'] = true, ['_'] = true, ['.'] = true, ['/'] = true, [':'] = true,
    ['='] = true, ['@'] = true, ['%'] = true, ['+'] = true, [','] = true, ['-'] = true,
};

/* At the start of a line, these would end a `define` that the value stands in, or begin another. */
static bool is_directive(const char *text, size_t len) {
    return (len == 5 && memcmp(text, "endef", 5) == 0) ||
           (len == 6 && memcmp(text, "define", 6) == 0);
}

static bool is_safe_word(const char *text, size_t len) {
    if (is_directive(text, len))
        return false;
    size_t i = 0;
    while (i < len && safe[(unsigned char)text[i]])
        i++;
    return i == len && len > 0;
}

void escape_make(struct buf *out, const char *text, size_t len) {
    if (is_safe_word(text, len)) {
        buf_add(out, text, len);
        return;
    }
    buf_add_char(out, '\'');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'')
            buf_add_str(out, "'\\''");
        else if (text[i] == '$')
            buf_add_str(out, "$$");
        else
            buf_add_char(out, text[i]);
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

/* A character of a text, at its place there. */
struct place {
    const char *text; /* the whole text */
    size_t len;
    size_t at;    /* where the character begins */
    size_t bytes; /* how many it has */
    uint32_t c;
};

/* Has PUT write every character of TEXT. */
static void escape_each(struct buf *out, const char *text, size_t len,
                        void (*put)(struct buf *out, const struct place *p)) {
    struct place p = {.text = text, .len = len};
    for (; p.at < len; p.at += p.bytes) {
        p.bytes = utf8_decode(text + p.at, len - p.at, &p.c);
        if (p.bytes > 0) {
            put(out, &p);
        } else {
            buf_add_str(out, REPLACEMENT);
            p.bytes = 1;
        }
    }
}

static void put_unchanged(struct buf *out, const struct place *p) {
    buf_add(out, p->text + p->at, p->bytes);
}

static void put_backslashed(struct buf *out, const struct place *p) {
    buf_add_char(out, '\\');
    put_unchanged(out, p);
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

static void put_yaml(struct buf *out, const struct place *p) {
    char code[16];
    if (is_one_of(p->c, "\"\\")) {
        put_backslashed(out, p);
    } else if (is_printable(p->c)) {
        put_unchanged(out, p);
    } else {
        snprintf(code, sizeof code, "\\u%04" PRIX32, p->c);
        buf_add_str(out, code);
    }
}

void escape_yaml(struct buf *out, const char *text, size_t len) {
    escape_each(out, text, len, put_yaml);
}

/* Whether a list, a rule, a line under a heading, a part of the template's own link or the like
 * could begin here: at the start of the text, or after digits only. */
static bool may_begin_block(const struct place *p) {
    if (p->at == 0)
        return is_one_of(p->c, "-+=:(");
    return is_one_of(p->c, ".)") && strspn(p->text, "0123456789") == p->at;
}

/* A space at either end would indent the line, or break it. */
static bool is_outer_blank(const struct place *p) {
    return p->c == ' ' && (p->at == 0 || p->at + 1 == p->len);
}

static void put_markdown(struct buf *out, const struct place *p) {
    char code[16];
    if (is_one_of(p->c, "<>&")) {
        escape_html(out, p->text + p->at, p->bytes);
    } else if (is_one_of(p->c, "\t\n") || is_outer_blank(p)) {
        snprintf(code, sizeof code, "&#%" PRIu32 ";", p->c);
        buf_add_str(out, code);
    } else if (!is_printable(p->c)) {
        buf_add_str(out, REPLACEMENT);
    } else if (is_one_of(p->c, "\\`*_[]|~#!$") || may_begin_block(p)) {
        put_backslashed(out, p);
    } else {
        put_unchanged(out, p);
    }
}

void escape_markdown(struct buf *out, const char *text, size_t len) {
    escape_each(out, text, len, put_markdown);
}

static void put_dot(struct buf *out, const struct place *p) {
    if (is_one_of(p->c, "\"\\"))
        put_backslashed(out, p);
    else if (p->c == '&') /* of an entity, which labels may have */
        buf_add_str(out, "&amp;");
    else if (p->c == '\n')
        buf_add_str(out, "\\n");
    else if (is_printable(p->c) || p->c == '\t')
        put_unchanged(out, p);
    else
        buf_add_str(out, REPLACEMENT);
}

void escape_dot(struct buf *out, const char *text, size_t len) {
    escape_each(out, text, len, put_dot);
}

static void put_text(struct buf *out, const struct place *p) {
    if (is_printable(p->c) || p->c == '\t')
        put_unchanged(out, p);
    else
        buf_add_char(out, '?');
}

void escape_text(struct buf *out, const char *text, size_t len) {
    escape_each(out, text, len, put_text);
}

/* ---- The kinds of output ---- */

static const struct kind {
    const char *ending;
    escape_fn *escape;
} kinds[] = {
    {".dot", escape_dot}, {".html", escape_html}, {".json", escape_yaml}, {".md", escape_markdown},
    {".mk", escape_make}, {".txt", escape_text},  {".yml", escape_yaml},
};

enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

static bool ends_with(const char *text, size_t len, const char *ending) {
    size_t n = strlen(ending);
    return len >= n && memcmp(text + len - n, ending, n) == 0;
}

escape_fn *escape_for_template(const char *name) {
    static const char last[] = ".mustache";
    size_t len = strlen(name);
    if (!ends_with(name, len, last))
        return NULL;
    len -= sizeof last - 1;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (ends_with(name, len, kinds[i].ending))
            return kinds[i].escape;
    }
    return NULL;
}

const char *escape_ending(size_t index) {
    return index < KIND_COUNT ? kinds[index].ending : NULL;
}
