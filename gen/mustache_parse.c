#include "mustache_parse.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

static const size_t NO_SECTION = (size_t)-1;

struct parser {
    struct tokens *tokens;
    struct diag *diag;
    const char *at;    /* the text from here on is not parsed yet */
    const char *end;   /* after the whole text */
    size_t line;       /* the line of `at` */
    bool line_start;   /* nothing of that line is parsed yet */
    struct slice open; /* the delimiters in force */
    struct slice close;
    size_t section; /* the innermost open section; its `end` is the one around it until it closes */
};

/* A tag, as written in the template. */
struct tag {
    char sigil;           /* one of SIGILS, or NUL for a plain {{name}} */
    struct slice content; /* without surrounding whitespace */
    const char *start;
    const char *end; /* after the closing delimiter */
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

static bool starts_with(const char *at, const char *end, struct slice s) {
    return (size_t)(end - at) >= s.len && memcmp(at, s.text, s.len) == 0;
}

/* The first S between AT and END; NULL if there is none.  S is not empty. */
static const char *find(const char *at, const char *end, struct slice s) {
    while (at < end && (at = memchr(at, s.text[0], (size_t)(end - at))) != NULL) {
        if (starts_with(at, end, s))
            return at;
        at++;
    }
    return NULL;
}

/* The start of the line that TO is on, or FROM if that is on the same line. */
static const char *find_line(const char *from, const char *to) {
    while (to > from && to[-1] != '\n')
        to--;
    return to;
}

static const char *skip_blanks(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

/* The start of the next line if only spaces and tabs precede it after AT; otherwise NULL. */
static const char *skip_blank_line(const char *at, const char *end) {
    at = skip_blanks(at, end);
    if (at == end)
        return at;
    if (*at == '\r' && end - at > 1)
        at++;
    return *at == '\n' ? at + 1 : NULL;
}

static size_t count_lines(const char *from, const char *to) {
    size_t count = 0;
    while (from < to && (from = memchr(from, '\n', (size_t)(to - from))) != NULL) {
        count++;
        from++;
    }
    return count;
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

/* Adds the text before STOP, which has no tags. */
static bool add_text(struct parser *p, const char *stop) {
    while (p->at < stop) {
        const char *newline = memchr(p->at, '\n', (size_t)(stop - p->at));
        const char *next = newline != NULL ? newline + 1 : stop;
        if (!start_line(p) || add_token(p, TOKEN_TEXT, slice_between(p->at, next)) == NULL)
            return false;
        p->at = next;
        if (newline != NULL) {
            p->line_start = true;
            p->line++;
        }
    }
    return true;
}

/* Finds the end of TAG, whose content starts at FROM and must end in LAST (if that is not NUL) and
 * the closing delimiter.  Returns false if it does not.  Of the three braces that close {{{name}}},
 * the delimiter found first is the first two, hence the second condition. */
static bool find_tag_end(const struct parser *p, struct tag *tag, const char *from, char last) {
    const char *close = find(from, p->end, p->close);
    if (close == NULL)
        return false;
    const char *stop = close;
    if (last != '\0' && close > from && close[-1] == last)
        stop = close - 1;
    else if (last != '\0' && *close == last && starts_with(close + 1, p->end, p->close))
        close++;
    else if (last != '\0')
        return false;
    tag->content = slice_trim(slice_between(from, stop));
    tag->end = close + p->close.len;
    return true;
}

static bool read_tag(const struct parser *p, struct tag *tag) {
    const char *from = tag->start + p->open.len;
    if (from < p->end && memchr(SIGILS, *from, sizeof SIGILS - 1) != NULL)
        tag->sigil = *from++;
    const char *last = tag->sigil == '{' ? "}" : tag->sigil == '=' ? "=" : "";
    if (find_tag_end(p, tag, from, last[0]))
        return true;
    struct slice shown = first_word(slice_between(tag->start, p->end));
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

/* Where parsing continues after TAG if it is standalone: alone on its line, which then is not part
 * of the output.  Otherwise NULL.  The text before it on the line is still to be parsed. */
static const char *find_next_line(const struct parser *p, const struct tag *tag) {
    bool prints = tag->sigil == '\0' || tag->sigil == '{' || tag->sigil == '&';
    if (prints || !p->line_start || skip_blanks(p->at, tag->start) != tag->start)
        return NULL;
    return skip_blank_line(tag->end, p->end);
}

/* Parses the tag at START, and the text before it on its line. */
static bool parse_tag(struct parser *p, const char *start) {
    struct tag tag = {.start = start};
    if (!read_tag(p, &tag))
        return false;
    struct slice before = slice_between(p->at, start);
    const char *next = find_next_line(p, &tag);
    bool standalone = next != NULL;
    if (!standalone && (!start_line(p) || !add_text(p, start)))
        return false;
    if (!add_tag(p, &tag, standalone, before))
        return false;
    p->at = standalone ? next : tag.end;
    p->line += count_lines(start, p->at);
    p->line_start = standalone;
    return true;
}

static bool parse_end(struct parser *p) {
    if (!add_text(p, p->end))
        return false;
    if (p->section == NO_SECTION)
        return true;
    const struct token *section = &p->tokens->items[p->section];
    return diag_error(p->diag, p->tokens->file, section->line,
                      "the section '%.*s' is never closed; add a tag with '/' and its name",
                      name_shown(section->text), section->text.text);
}

static bool parse_all(struct parser *p) {
    const char *tag;
    while ((tag = find(p->at, p->end, p->open)) != NULL) {
        if (!add_text(p, find_line(p->at, tag)) || !parse_tag(p, tag))
            return false;
    }
    return parse_end(p);
}

bool tokens_parse(struct tokens *t, const struct mustache_source *source, struct diag *diag) {
    struct parser p = {
        .tokens = t,
        .diag = diag,
        .at = source->text.text,
        .end = source->text.text + source->text.len,
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
