#include "mustache_parse.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

static const size_t NO_SECTION = (size_t)-1;

struct parser {
    struct tokens *tokens;
    struct diag *diag;
    struct slice rest; /* of the text, which is not parsed yet */
    size_t line;       /* where that begins */
    bool line_start;   /* nothing of that line is parsed yet */
    struct slice open; /* the delimiters in force */
    struct slice close;
    size_t section; /* the innermost open section; its `end` is the one around it until it closes */
};

/* A tag, as written in the template. */
struct tag {
    char sigil;           /* one of SIGILS, or NUL for a plain {{name}} */
    struct slice content; /* without surrounding whitespace */
    struct slice after;   /* the text behind it */
};

#define SIGILS "!=#^/>{&"

int name_shown(struct slice name) {
    enum { SHOWN_MAX = 80 };
    return name.len < SHOWN_MAX ? (int)name.len : SHOWN_MAX;
}

/* The first word of S, which begins with it unless it is empty. */
static struct slice first_word(struct slice s) {
    struct slice word;
    slice_cut_word(&s, &word);
    return word;
}

static bool starts_with(struct slice text, struct slice s) {
    return text.len >= s.len && slice_equals((struct slice){text.text, s.len}, s);
}

/* Cuts the text before the first S, and S, off the front of *REST and stores the text into *FRONT;
 * false if there is none.  S is not empty. */
static bool cut_at(struct slice *rest, struct slice s, struct slice *front) {
    struct slice after = *rest;
    while (slice_cut(&after, *s.text, front)) {
        if (!starts_with(after, slice_skip(s, 1)))
            continue;
        *front = (struct slice){rest->text, rest->len - after.len - 1};
        *rest = slice_skip(after, s.len - 1);
        return true;
    }
    return false;
}

static bool is_blank(struct slice s) {
    while (s.len > 0 && (*s.text == ' ' || *s.text == '\t'))
        s = slice_skip(s, 1);
    return s.len == 0;
}

/* The new token; NULL without memory. */
static struct token *add_token(struct parser *p, enum token_kind kind, struct slice text) {
    struct tokens *t = p->tokens;
    struct token *items = array_grow(t->items, t->count, &t->cap, sizeof *items);
    if (items == NULL) {
        diag_no_memory(p->diag);
        return NULL;
    }
    t->items = items;
    items[t->count] = (struct token){.kind = kind, .line = p->line, .text = text};
    return &items[t->count++];
}

/* The new token of a tag with NAME; NULL without memory. */
static struct token *add_named(struct parser *p, enum token_kind kind, struct slice name) {
    struct token *token = add_token(p, kind, name);
    if (token == NULL)
        return NULL;
    token->rest = name;
    if (!slice_cut(&token->rest, '.', &token->first.text))
        token->rest.text = NULL;
    return token;
}

static bool start_line(struct parser *p) {
    if (!p->line_start)
        return true;
    p->line_start = false;
    return add_token(p, TOKEN_LINE, (struct slice){0}) != NULL;
}

/* Adds the first LEN bytes of the rest, which have no tags. */
static bool add_text(struct parser *p, size_t len) {
    for (struct slice line, text = {p->rest.text, len}; text.len > 0;) {
        bool ends = slice_cut(&text, '\n', &line);
        line.len += ends;
        if (!start_line(p) || add_token(p, TOKEN_TEXT, line) == NULL)
            return false;
        p->line_start = ends;
        p->line += ends;
    }
    p->rest = slice_skip(p->rest, len);
    return true;
}

/* Finds the end of TAG, with whose content FROM begins, and which must end in LAST and the closing
 * delimiter. Returns false if it does not.  Of the three braces that close {{{name}}}, the
 * delimiter found first is the first two, hence the second condition. */
static bool find_tag_end(const struct parser *p, struct tag *tag, struct slice from,
                         const char *last) {
    tag->after = from;
    if (!cut_at(&tag->after, p->close, &tag->content))
        return false;
    size_t len = tag->content.len;
    if (slice_ends(tag->content, last))
        tag->content.len -= strlen(last);
    else if (*p->close.text == *last && starts_with(slice_skip(from, len + 1), p->close))
        tag->after = slice_skip(tag->after, 1);
    else
        return false;
    tag->content = slice_trim(tag->content);
    return true;
}

/* Reads the tag whose text after the opening delimiter is in FROM. */
static bool read_tag(const struct parser *p, struct tag *tag, struct slice from) {
    struct slice start = {from.text - p->open.len, from.len + p->open.len};
    if (from.len > 0 && memchr(SIGILS, *from.text, sizeof SIGILS - 1) != NULL) {
        tag->sigil = *from.text;
        from = slice_skip(from, 1);
    }
    const char *last = tag->sigil == '{' ? "}" : tag->sigil == '=' ? "=" : "";
    if (find_tag_end(p, tag, from, last))
        return true;
    struct slice shown = first_word(start);
    return diag_error(p->diag, p->tokens->file, p->line,
                      "the tag '%.*s' is not closed; end it with '%s%.*s'", name_shown(shown),
                      shown.text, last, name_shown(p->close), p->close.text);
}

static bool check_name(const struct parser *p, struct slice name) {
    const char *file = p->tokens->file;
    struct slice word = first_word(name);
    if (name.len == 0)
        diag_error(p->diag, file, p->line, "empty tag; add a name, or remove the tag");
    else if (word.len < name.len)
        diag_error(p->diag, file, p->line,
                   "the tag of '%.*s' has whitespace in its name; remove it, or close the tag",
                   name_shown(word), word.text);
    else if (slice_has(name, '\0'))
        diag_error(p->diag, file, p->line, "NUL byte in a tag's name; remove it");
    else
        return true;
    return false;
}

static bool set_delimiters(struct parser *p, struct slice content) {
    struct slice open = first_word(content);
    struct slice close = slice_trim(slice_skip(content, open.len));
    bool two_words = close.len > 0 && first_word(close).len == close.len;
    if (!two_words || slice_has(content, '='))
        return diag_error(
            p->diag, p->tokens->file, p->line,
            "a set delimiter tag needs two delimiters without '=', as in {{=<%% %%>=}}");
    p->open = open;
    p->close = close;
    return true;
}

static bool open_section(struct parser *p, enum token_kind kind, struct slice name) {
    struct token *token = add_named(p, kind, name);
    if (token == NULL)
        return false;
    token->end = p->section;
    p->section = p->tokens->count - 1;
    return true;
}

static bool close_section(struct parser *p, struct slice name) {
    const char *file = p->tokens->file;
    if (p->section == NO_SECTION)
        return diag_error(p->diag, file, p->line, "'%.*s' is closed but not open; remove the tag",
                          name_shown(name), name.text);
    struct token *section = &p->tokens->items[p->section];
    if (!slice_equals(section->text, name))
        return diag_error(p->diag, file, p->line,
                          "'%.*s' is closed while '%.*s' of line %zu is open; close that first",
                          name_shown(name), name.text, name_shown(section->text),
                          section->text.text, section->line);
    p->section = section->end;
    section->end = p->tokens->count;
    return true;
}

static bool add_partial(struct parser *p, struct slice name, bool standalone, struct slice indent) {
    struct token *token = add_token(p, TOKEN_PARTIAL, name);
    if (token == NULL)
        return false;
    token->standalone = standalone;
    token->indent = indent;
    return true;
}

static bool add_tag(struct parser *p, const struct tag *tag, bool standalone, struct slice indent) {
    if (tag->sigil == '!')
        return true;
    if (tag->sigil == '=')
        return set_delimiters(p, tag->content);
    if (!check_name(p, tag->content))
        return false;
    switch (tag->sigil) {
    case '#':
        return open_section(p, TOKEN_SECTION, tag->content);
    case '^':
        return open_section(p, TOKEN_INVERTED, tag->content);
    case '/':
        return close_section(p, tag->content);
    case '>':
        return add_partial(p, tag->content, standalone, indent);
    case '{':
    case '&':
        return add_named(p, TOKEN_UNESCAPED, tag->content) != NULL;
    default:
        return add_named(p, TOKEN_ESCAPED, tag->content) != NULL;
    }
}

/* Whether TAG, with BEFORE in front of it, is alone on its line, which then is not part of the
 * output; *NEXT is the text from the next line on. */
static bool is_standalone(const struct parser *p, const struct tag *tag, struct slice before,
                          struct slice *next) {
    struct slice line;
    if (tag->sigil == '\0' || tag->sigil == '{' || tag->sigil == '&')
        return false;
    *next = tag->after;
    if (slice_cut(next, '\n', &line) && slice_ends(line, "\r"))
        line.len--;
    return p->line_start && is_blank(before) && is_blank(line);
}

/* Parses the tag after BEFORE, with which the rest begins; FROM is behind the opening delimiter. */
static bool parse_tag(struct parser *p, struct slice before, struct slice from) {
    struct tag tag = {.sigil = '\0'};
    struct slice next, line;
    size_t lines = before.len;
    while (lines > 0 && before.text[lines - 1] != '\n')
        lines--;
    before = slice_skip(before, lines);
    if (!add_text(p, lines) || !read_tag(p, &tag, from))
        return false;
    bool standalone = is_standalone(p, &tag, before, &next);
    if (!standalone) {
        next = tag.after;
        if (!start_line(p) || !add_text(p, before.len))
            return false;
    }
    if (!add_tag(p, &tag, standalone, before))
        return false;
    struct slice parsed = {p->rest.text, p->rest.len - next.len};
    while (slice_cut(&parsed, '\n', &line))
        p->line++;
    p->rest = next;
    p->line_start = standalone;
    return true;
}

static bool parse_all(struct parser *p) {
    struct slice before, from = p->rest;
    while (cut_at(&from, p->open, &before)) {
        if (!parse_tag(p, before, from))
            return false;
        from = p->rest;
    }
    if (!add_text(p, p->rest.len))
        return false;
    if (p->section == NO_SECTION)
        return true;
    const struct token *section = &p->tokens->items[p->section];
    return diag_error(p->diag, p->tokens->file, section->line,
                      "the section '%.*s' is never closed; add a tag with '/' and its name",
                      name_shown(section->text), section->text.text);
}

bool tokens_parse(struct tokens *t, const struct mustache_source *source, struct diag *diag) {
    struct parser p = {
        .tokens = t,
        .diag = diag,
        .rest = source->text,
        .line = 1,
        .line_start = true,
        .open = {.text = "{{", .len = 2},
        .close = {.text = "}}", .len = 2},
        .section = NO_SECTION,
    };
    *t = (struct tokens){.file = source->file};
    if (parse_all(&p))
        return true;
    tokens_release(t);
    return false;
}

void tokens_release(struct tokens *t) {
    free(t->items);
    *t = (struct tokens){0};
}
